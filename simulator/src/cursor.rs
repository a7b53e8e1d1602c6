//! Where a listing goes on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// What a listing does on its following pages, once a fault has begun it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Trap {
    Same,
    Empty,
}

/// Where a listing goes on. As text it is standard base64, with `=` at its end and often with
/// `+` or `/` inside, which is what clients stumble over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// The last row before it.
    pub(crate) id: String,
    /// Only there for its bytes, which become `+` and `/`.
    #[serde(rename = "contentOrder")]
    order: String,
    /// Candidates that are done.
    #[serde(rename = "p")]
    pub(crate) position: u64,
    /// The query that it belongs to.
    #[serde(rename = "q")]
    pub(crate) query: String,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<u64>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(crate) trap: Option<Trap>,
}

impl Cursor {
    pub(crate) fn new(id: String, position: u64, query: String) -> Self {
        // `>` and `?` become `+` and `/` when they end a group of three bytes; three in a row do.
        let order = match position % 4 {
            0 => "id",
            1 => "id>>>",
            2 => "id???",
            _ => "id>>>???",
        };
        Self {
            id,
            order: order.to_owned(),
            position,
            query,
            nonce: None,
            trap: None,
        }
    }

    pub(crate) fn encode(&self) -> String {
        let mut json = serde_json::to_vec(self).unwrap_or_default();
        // JSON may end in a space: so that the base64 always ends in `=`.
        if json.len().is_multiple_of(3) {
            json.push(b' ');
        }
        STANDARD.encode(json)
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn cursors_hold_every_character_that_is_awkward_in_a_query() {
        let texts: Vec<String> = (0..16)
            .map(|position| Cursor::new(format!("{position}"), position, "f".repeat(16)).encode())
            .collect();
        assert!(texts.iter().all(|text| text.ends_with('=')));
        assert!(texts.iter().any(|text| text.contains('+')));
        assert!(texts.iter().any(|text| text.contains('/')));
    }

    #[test]
    fn a_text_that_is_no_cursor_is_none() {
        let good = Cursor::new("5".to_owned(), 7, "q".to_owned());
        assert_eq!(Cursor::decode(&good.encode()), Some(good.clone()));
        let cut = good.encode().trim_end_matches('=').to_owned();
        for text in [
            "",
            "x",
            "e30=",
            "/wiki/api/v2/pages?cursor=abc",
            cut.as_str(),
        ] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }
}
