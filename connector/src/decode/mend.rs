//! The second attempt at a row that is JSON but cannot be decoded: a title cut in the middle of
//! a pair of surrogates, or a number that no type holds.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::lenient::{self, Broken, Fields, Key, Value, nothing};

/// The row without the fields that cannot be decoded, and with U+FFFD for half characters.
pub(super) fn mended(row: &str) -> Option<String> {
    let row = with_whole_characters(row);
    let mut sound = SoundFields(String::with_capacity(row.len()));
    sound.0.push('{');
    lenient::object(&row, &mut sound, "").ok()?.then_some(())?;
    sound.0.push('}');
    Some(sound.0)
}

/// The fields that can be decoded, as they are written. One text, since a row may have more fields
/// than there is memory for a text each.
struct SoundFields(String);

impl Fields for SoundFields {
    fn read(&mut self, name: &str, value: &mut dyn Value, _wanted: &str) -> Result<(), Broken> {
        let json = value.json()?;
        // All names that records know are letters; others need not be written again.
        let known = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if known && serde_json::from_str::<Sound>(&json).is_ok() {
            if self.0.len() > 1 {
                self.0.push(',');
            }
            self.0.push('"');
            self.0.push_str(name);
            self.0.push_str("\":");
            self.0.push_str(&json);
        }
        Ok(())
    }
}

/// Replaces escapes of half a surrogate pair.
fn with_whole_characters(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let unit = |text: &str| {
            text.strip_prefix('u')
                .and_then(|text| text.get(..4))
                .and_then(|digits| u16::from_str_radix(digits, 16).ok())
        };
        let behind = escape.get(5..).unwrap_or_default();
        let taken = match unit(escape) {
            Some(0xd800..=0xdbff) => match behind.strip_prefix('\\').and_then(unit) {
                Some(0xdc00..=0xdfff) => 11,
                _ => 0,
            },
            Some(0xdc00..=0xdfff) => 0,
            _ => escape.chars().next().map_or(0, char::len_utf8),
        };
        if taken == 0 && !escape.is_empty() {
            out.push('\u{fffd}');
            rest = behind;
        } else {
            out.push('\\');
            out.push_str(escape.get(..taken).unwrap_or_default());
            rest = escape.get(taken..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// Any JSON that can be decoded.
#[derive(Default)]
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Sound)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Sound;
    nothing!(unit scalar);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sound, A::Error> {
        while list.next_element::<Sound>()?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sound, A::Error> {
        while map.next_entry::<Key<'de>, Sound>()?.is_some() {}
        Ok(Sound)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn half_characters_are_replaced_and_whole_ones_stay() {
        let cases = [
            (r#"{"a":"x\ud83d"}"#, "{\"a\":\"x\u{fffd}\"}"),
            (r#"{"a":"\ude00\n"}"#, "{\"a\":\"\u{fffd}\\n\"}"),
            (r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\ud83d\ude00"}"#),
            (r#"{"a":"\\ud83d"}"#, r#"{"a":"\\ud83d"}"#),
            (
                r#"{"a":"\ud83d\ud83d\ude00"}"#,
                "{\"a\":\"\u{fffd}\\ud83d\\ude00\"}",
            ),
        ];
        for (given, wanted) in cases {
            assert_eq!(mended(given).unwrap(), wanted);
        }
    }

    #[test]
    fn a_number_that_no_type_holds_leaves_the_other_fields() {
        assert_eq!(
            mended(r#"{"position":1e999,"id":"1","list":[1e999]}"#).unwrap(),
            r#"{"id":"1"}"#
        );
    }
}
