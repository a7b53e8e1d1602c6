//! Fields of a value that were asked for, as JSON of the shape that the complete value has.

use std::io::{self, Write};

use host_runner::{Val, camel_case, write_json};

use super::columns::same;

/// A tree of field names, in the order in which they were asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection(Vec<(String, Self)>);

impl Selection {
    /// Of dotted names, such as `version.number`. Without names, everything.
    pub(crate) fn of(names: &[String]) -> Self {
        let mut root = Self::default();
        for name in names {
            root.insert(name.split('.'));
        }
        root
    }

    /// Whether nothing was chosen, which is everything.
    pub(super) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    fn insert<'a>(&mut self, mut path: impl Iterator<Item = &'a str>) {
        let Some(name) = path.next() else {
            return;
        };
        let at = match self.0.iter().position(|(there, _)| same(there, name)) {
            Some(at) => at,
            None => {
                self.0.push((name.to_owned(), Self::default()));
                self.0.len() - 1
            }
        };
        if let Some((_, child)) = self.0.get_mut(at) {
            child.insert(path);
        }
    }

    /// Writes the chosen fields of a record, of each record of a list, or else the value.
    pub(super) fn write(&self, value: &Val, out: &mut dyn Write) -> io::Result<()> {
        match value {
            _ if self.is_all() => write_json(value, out),
            Val::Option(Some(value)) => self.write(value, out),
            Val::List(items) => {
                out.write_all(b"[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.write_all(b",")?;
                    }
                    self.write(item, out)?;
                }
                out.write_all(b"]")
            }
            Val::Record(fields) => {
                let mut before = "{";
                for (name, child) in &self.0 {
                    let Some((there, value)) = fields.iter().find(|(there, _)| same(there, name))
                    else {
                        continue;
                    };
                    write!(out, "{before}\"{}\":", camel_case(there))?;
                    before = ",";
                    child.write(value, out)?;
                }
                out.write_all(if before == "{" { b"{}" } else { b"}" })
            }
            value => write_json(value, out),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use host_runner::Val;

    use super::Selection;

    fn text(value: &str) -> Val {
        Val::String(value.to_owned())
    }

    fn json(names: &[&str], value: &Val) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut out = Vec::new();
        Selection::of(&names).write(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn chosen_fields_keep_their_place_in_the_value() {
        let version = Val::Record(vec![
            ("number".to_owned(), Val::U64(7)),
            ("author-id".to_owned(), text("me")),
        ]);
        let page = Val::Record(vec![
            ("id".to_owned(), text("1")),
            ("space-id".to_owned(), Val::Option(None)),
            ("version".to_owned(), Val::Option(Some(Box::new(version)))),
            ("labels".to_owned(), Val::List(vec![text("a")])),
        ]);
        assert_eq!(json(&["id"], &page), r#"{"id":"1"}"#);
        assert_eq!(
            json(
                &["version.number", "spaceId", "labels", "version.authorId"],
                &page
            ),
            r#"{"version":{"number":7,"authorId":"me"},"spaceId":null,"labels":["a"]}"#
        );
        assert_eq!(
            json(&["version"], &page),
            r#"{"version":{"number":7,"authorId":"me"}}"#
        );
        assert_eq!(json(&["id"], &Val::List(vec![page])), r#"[{"id":"1"}]"#);
        assert_eq!(json(&["id"], &text("alone")), r#""alone""#);
    }
}
