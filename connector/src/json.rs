//! Decoding that puts up with what the live service sends.
//!
//! Confluence's own description calls fields text that arrive as null, leaves others out and
//! omits values that arrive all the same. So a field of another type is converted or absent, an
//! unknown one is skipped, and a key that stands twice counts once; half a character, as a title
//! cut in the middle of one has, becomes U+FFFD; none of it fails a row. What is no JSON fails as a
//! whole, also where it would be skipped.
//!
//! The text is read once, by one reader for all records: `serde`'s derive compiles a parser for
//! each, and its visitors, with the checks of depth and the copies of raw rows beside them, read
//! an answer two to four times.

pub(crate) mod depth;
mod keys;
mod number;
mod reader;
mod scan;
mod string;

pub(crate) use keys::{Found, Keys};
pub(crate) use reader::Value;

/// Something that is a JSON object upstream, read field by field.
pub(crate) trait Fields {
    /// Takes the value of the field `name`: at most one value, and what is not taken is skipped.
    ///
    /// With one parameter more, one would be passed in memory, and waited for there: two hundredths of
    /// the time that the guest takes for a list.
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken>;

    /// Reads an object of a list on its own, and says whether it is one. None: it is read field by
    /// field.
    fn read_object(&mut self, _value: &mut Value<'_>) -> Option<Result<bool, Broken>> {
        None
    }
}

/// Something that is a JSON list upstream.
pub(crate) trait Elements {
    /// The place for the next element.
    fn next(&mut self) -> Option<&mut dyn Fields>;

    /// The element was read, and stood there as `text`; when it was no object, its place stayed
    /// empty.
    fn read(&mut self, was_object: bool, text: &str);

    /// There is no next element: its place stays empty.
    fn end(&mut self) {}

    /// There was an element but no place for it.
    fn left_out(&mut self) {}
}

/// The JSON cannot be read on: it is none, or nests deeper than [`depth::MOST`].
#[derive(Debug)]
pub(crate) struct Broken;

/// Decodes a whole text into `fields`. False when it is another thing than an object.
///
/// `wanted` is the body format that was asked for, or empty.
pub(crate) fn object(text: &str, fields: &mut dyn Fields, wanted: &str) -> Result<bool, Broken> {
    let mut value = Value::of(text, wanted);
    let was_object = value.object(fields)?;
    value.end()?;
    Ok(was_object)
}

/// A whole text as a string. None for anything else.
pub(crate) fn string(text: &str) -> Option<String> {
    Value::of(text, "").words().ok().flatten()
}

/// Decodes a whole text into `elements`. False when it is another thing than a list.
pub(crate) fn list(text: &str, elements: &mut dyn Elements) -> Result<bool, Broken> {
    let mut value = Value::of(text, "");
    let was_list = value.list(elements)?;
    value.end()?;
    Ok(was_list)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::{Broken, Elements, Fields, Value, object};

    /// Every text, number, flag and list of an object, at whatever depth.
    #[derive(Default)]
    struct All {
        fields: BTreeMap<String, Option<String>>,
        lists: Vec<All>,
        rows: Vec<String>,
    }

    impl Fields for All {
        fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
            match name.chars().next() {
                Some('l') => {
                    value.list(self)?;
                }
                Some('s') => {}
                _ => {
                    let text = value.text()?;
                    self.fields.insert(name.to_owned(), text);
                }
            }
            Ok(())
        }
    }

    impl Elements for All {
        fn next(&mut self) -> Option<&mut dyn Fields> {
            self.lists.push(All::default());
            self.lists.last_mut().map(|all| all as &mut dyn Fields)
        }

        fn read(&mut self, _was_object: bool, text: &str) {
            self.rows.push(text.to_owned());
        }

        fn end(&mut self) {
            self.lists.pop();
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            // Quarters, which serde_json reads back as they were.
            any::<i32>().prop_map(|number| (f64::from(number) / 4.0).into()),
            ".{0,24}".prop_map(Into::into),
            "[\\x00-\\x7f]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[lsx\"\\\\é]{0,3}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_json_and_what_is_not_is_what_serde_json_says(
            value in json(),
            pretty in any::<bool>(),
            at in any::<prop::sample::Index>(),
            change in prop_oneof![
                Just(None),
                "[\\]\\[{}\":,\\\\0-9eE.+\\-tfnu \\x00-\\x20é]{0,2}".prop_map(Some),
            ],
            cut in 0_usize..2,
        ) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let mut characters: Vec<char> = text.unwrap().chars().collect();
            if let Some(change) = change {
                let at = at.index(characters.len());
                let end = (at + cut).min(characters.len());
                characters.splice(at..end, change.chars());
            }
            let text: String = characters.into_iter().collect();
            let theirs = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(object(&text, &mut All::default(), "").is_ok(), theirs, "{}", text);
        }

        #[test]
        fn what_fields_say_is_what_serde_json_says(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let mut all = All::default();
            let was_object = object(&text.unwrap(), &mut all, "").unwrap();
            prop_assert_eq!(was_object, value.is_object());
            let Some(map) = value.as_object() else { return Ok(()) };
            for (name, value) in map {
                match name.chars().next() {
                    Some('s') => continue,
                    Some('l') => {
                        let rows: Vec<serde_json::Value> =
                            all.rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
                        let sent = map.iter().filter(|(name, _)| name.starts_with('l'));
                        let sent: Vec<_> = sent.filter_map(|(_, value)| value.as_array()).flatten().cloned().collect();
                        prop_assert_eq!(rows, sent);
                        continue;
                    }
                    _ => {}
                }
                let said = match value {
                    serde_json::Value::String(text) => Some(text.clone()),
                    serde_json::Value::Number(number) if !number.is_f64() => Some(number.to_string()),
                    serde_json::Value::Number(number) => {
                        let number = number.as_f64().unwrap();
                        (number.trunc() == number).then(|| format!("{number:.0}").replace("-0", "0"))
                    }
                    _ => None,
                };
                prop_assert_eq!(all.fields.get(name), Some(&said), "{}", name);
            }
        }
    }

    #[test]
    fn sixty_four_levels_are_read_and_no_more() {
        for (levels, is_read) in [(64, true), (65, false), (100_000, false)] {
            let text = format!(
                r#"{{"s":{}{}}}"#,
                "[".repeat(levels - 1),
                "]".repeat(levels - 1)
            );
            let read = object(&text, &mut All::default(), "");
            assert_eq!(read.is_ok(), is_read, "{levels}");
        }
        // One after the other they are one level.
        let text = format!(r#"{{"s":[{}[]]}}"#, "{},[],".repeat(100));
        assert!(object(&text, &mut All::default(), "").unwrap());
    }

    #[test]
    fn a_string_that_is_taken_ends_with_a_quote_or_breaks_the_text() {
        let read = |text: &str| object(text, &mut All::default(), "").is_ok();
        for said in ["", "x", r"\n", r"x\u00e9 and more than sixteen bytes"] {
            assert!(read(&format!("{{\"a\":\"{said}\"}}")), "{said}");
            for end in ["", "\n", "\u{1}", "\u{1}\"}", "\n\"}", "\n}"] {
                assert!(!read(&format!("{{\"a\":\"{said}{end}")), "{said}{end:?}");
            }
        }
    }

    #[test]
    fn a_key_that_stands_twice_counts_once() {
        let mut all = All::default();
        object(r#"{"x":1,"x":"two"}"#, &mut all, "").unwrap();
        assert_eq!(all.fields.get("x"), Some(&Some("two".to_owned())));
    }
}
