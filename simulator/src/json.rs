//! JSON, written straight into bytes.
//!
//! A listing of 250 rows is some 200 kB; built as a tree of values it costs ten times the time.

/// A growing JSON text. Commas are set by looking at the last byte, so that the writing code
/// reads like the document.
#[derive(Debug, Default)]
pub(crate) struct Json {
    bytes: Vec<u8>,
}

impl Json {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Text that is JSON already.
    pub(crate) fn raw(&mut self, json: &str) -> &mut Self {
        self.bytes.extend_from_slice(json.as_bytes());
        self
    }

    pub(crate) fn raw_bytes(&mut self, json: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(json);
        self
    }

    /// Opens an object or an array as the next value.
    pub(crate) fn open(&mut self, bracket: char) -> &mut Self {
        self.bytes.push(bracket as u8);
        self
    }

    pub(crate) fn close(&mut self, bracket: char) -> &mut Self {
        self.bytes.push(bracket as u8);
        self
    }

    /// Begins the next element of an array.
    pub(crate) fn element(&mut self) -> &mut Self {
        if self.bytes.last().is_some_and(|&last| last != b'[') {
            self.bytes.push(b',');
        }
        self
    }

    /// Begins the next member of an object. `name` is one that needs no escape.
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        if self.bytes.last() != Some(&b'{') {
            self.bytes.push(b',');
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        self
    }

    /// A string, quoted and escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes.push(b'"');
        self.escaped(text);
        self.bytes.push(b'"');
        self
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let Some(at) = first_special(rest) {
            let (clean, after) = rest.split_at(at);
            self.bytes.extend_from_slice(clean);
            let Some((&byte, behind)) = after.split_first() else {
                return;
            };
            match byte {
                b'"' => self.bytes.extend_from_slice(b"\\\""),
                b'\\' => self.bytes.extend_from_slice(b"\\\\"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                b'\r' => self.bytes.extend_from_slice(b"\\r"),
                b'\t' => self.bytes.extend_from_slice(b"\\t"),
                other => self
                    .bytes
                    .extend_from_slice(format!("\\u{other:04x}").as_bytes()),
            }
            rest = behind;
        }
        self.bytes.extend_from_slice(rest);
    }

    pub(crate) fn text_at(&mut self, name: &str, text: &str) -> &mut Self {
        self.key(name).text(text)
    }

    pub(crate) fn text_or_null_at(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.key(name).text(text),
            None => self.null_at(name),
        }
    }

    pub(crate) fn null_at(&mut self, name: &str) -> &mut Self {
        self.key(name).raw("null")
    }

    pub(crate) fn number_at(&mut self, name: &str, number: u64) -> &mut Self {
        self.key(name).number(number)
    }

    pub(crate) fn number(&mut self, mut number: u64) -> &mut Self {
        let mut digits = [b'0'; 20];
        let mut length = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            length += 1;
            if number == 0 {
                break;
            }
        }
        let (_, written) = digits.split_at(digits.len() - length);
        self.bytes.extend_from_slice(written);
        self
    }

    /// A number between quotes, as Confluence writes ids.
    pub(crate) fn id_at(&mut self, name: &str, id: u64) -> &mut Self {
        self.key(name).raw("\"").number(id).raw("\"")
    }

    pub(crate) fn flag_at(&mut self, name: &str, flag: bool) -> &mut Self {
        self.key(name).raw(if flag { "true" } else { "false" })
    }
}

/// The first byte that may not stand in a string as it is.
fn first_special(bytes: &[u8]) -> Option<usize> {
    let special = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    let mut clean = 0;
    // Without an early end inside, 32 bytes are looked at in a few instructions.
    for chunk in bytes.chunks(32) {
        if chunk
            .iter()
            .fold(false, |found, &byte| found | special(byte))
        {
            return chunk
                .iter()
                .position(|&byte| special(byte))
                .map(|at| clean + at);
        }
        clean += chunk.len();
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing unwrap fails the test")]
    use super::Json;

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let odd = "quote \" backslash \\ newline \n tab \t bell \u{7} 漢字 \u{301} \u{202e}";
        let mut json = Json::default();
        json.open('{')
            .text_at("a", odd)
            .id_at("b", u64::MAX)
            .number_at("c", 0)
            .null_at("d");
        json.key("e")
            .open('[')
            .element()
            .text("")
            .element()
            .number(10)
            .close(']')
            .close('}');
        let value: serde_json::Value = serde_json::from_slice(json.as_bytes()).unwrap();
        let expected = serde_json::json!({
            "a": odd, "b": u64::MAX.to_string(), "c": 0, "d": null, "e": ["", 10]
        });
        assert_eq!(value, expected);
    }
}
