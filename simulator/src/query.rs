//! The query of a request, read as the service reads it.

use percent_encoding::percent_decode_str;

/// The parameters of a query, in their order.
#[derive(Debug, Default, Clone)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Form decoding: `+` is a space, and percent escapes are undone once.
    ///
    /// Cursors keep their `+`: the service's own links have it raw, and following such a link as
    /// it stands has to work. A `%20` in its place is wrong, here as there.
    pub(crate) fn parse(raw: &str) -> Self {
        let parts = raw.split('&').filter(|part| !part.is_empty());
        let pairs = parts.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(&name.replace('+', " "));
            let value = if name == "cursor" {
                decode(value)
            } else {
                decode(&value.replace('+', " "))
            };
            (name, value)
        });
        Self {
            pairs: pairs.collect(),
        }
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Every value of a repeated parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that is no list: the last one given.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Appends `text` as a form writes it: letters, digits and `-._~*` stand, a space is `+`, all
/// other bytes are escaped.
pub(crate) fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' => {
                out.push(char::from(byte))
            }
            b' ' => out.push('+'),
            other => {
                out.push('%');
                for digit in [other >> 4, other & 15] {
                    out.push(HEX.get(usize::from(digit)).copied().map_or('0', char::from));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, encode};

    #[test]
    fn a_query_is_decoded_once_and_the_last_scalar_wins() {
        let query =
            Query::parse("id=1&title=a+b%2520%26&id=2&title=last%2B&&flag&cursor=a+b%2Bc%3D=");
        assert_eq!(query.all("id").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.all("title").collect::<Vec<_>>(), ["a b%20&", "last+"]);
        assert_eq!(query.last("title"), Some("last+"));
        assert_eq!(query.last("flag"), Some(""));
        assert_eq!(query.last("cursor"), Some("a+b+c=="));
        assert_eq!(query.last("absent"), None);
    }

    #[test]
    fn what_is_encoded_is_decoded_again() {
        let odd = "a b+c&d=e/%20?漢字 ~712020\\\"";
        let mut text = String::from("title=");
        encode(odd, &mut text);
        assert_eq!(Query::parse(&text).last("title"), Some(odd));
    }
}
