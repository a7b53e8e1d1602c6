//! Bounds for what is shown of types.
//!
//! A type is written once in a component and used as often as other types name it: 200 KB can
//! describe a record with a million fields. What is shown of types is therefore bounded by how many
//! of them are looked at, and by the length of the text.

use host_levels::text::camel_case;

/// Maximum number of columns of a list. The connector's largest has 40.
const MAX_COLUMNS: usize = 1_000;

/// Maximum number of fields within each other of a column. The connector has three.
const MAX_COLUMN_DEPTH: usize = 8;

/// Maximum length of a column's name, in bytes. The connector's longest has 40.
const MAX_COLUMN_BYTES: usize = 200;

/// Maximum number of types that are looked at for the columns of a list or for the text of a type.
/// The connector needs 100.
const MAX_LOOKS: usize = 10_000;

/// Maximum length of the text of a type, in bytes. The connector's longest has 300.
pub(super) const MAX_TYPE_BYTES: usize = 2_000;

/// Maximum length of a function's signature, in bytes. The connector's longest has 800.
pub(super) const MAX_TEXT_BYTES: usize = 8_000;

/// What stands for the rest of a text that is cut.
const ELLIPSIS: &str = "…";

/// The columns of a list, while they are collected.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    path: String,
    depth: usize,
    looks: usize,
    is_cut: bool,
}

impl Columns {
    /// Whether one more type may be looked at.
    pub(super) fn look(&mut self) -> bool {
        let may = self.looks < MAX_LOOKS && self.names.len() < MAX_COLUMNS;
        self.looks += 1;
        self.is_cut |= !may;
        may
    }

    /// Whether no other type may be looked at.
    pub(super) fn is_full(&self) -> bool {
        self.looks > MAX_LOOKS || self.names.len() >= MAX_COLUMNS
    }

    /// Looks at a field of the record that is being looked at.
    pub(super) fn field(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        let outer = self.path.len();
        // A name in camelCase is no longer than in WIT.
        let is_too_long = outer + 1 + name.len() > MAX_COLUMN_BYTES;
        if is_too_long || self.depth == MAX_COLUMN_DEPTH {
            self.looks += 1;
            self.is_cut = true;
            return;
        }
        if outer > 0 {
            self.path.push('.');
        }
        self.path.push_str(&camel_case(name));
        self.depth += 1;
        look(self);
        self.depth -= 1;
        self.path.truncate(outer);
    }

    /// The field that is being looked at is a column.
    pub(super) fn add(&mut self) {
        self.names.push(self.path.clone());
    }

    /// The columns, and whether there are more.
    pub(super) fn end(self) -> (Vec<String>, bool) {
        (self.names, self.is_cut)
    }
}

/// The text of a type, or of several, while it is written.
#[derive(Debug)]
pub(super) struct TypeText {
    text: String,
    max_bytes: usize,
    looks: usize,
    is_cut: bool,
}

impl TypeText {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            text: String::new(),
            max_bytes,
            looks: 0,
            is_cut: false,
        }
    }

    /// Whether one more type may be looked at.
    pub(super) fn look(&mut self) -> bool {
        self.looks += 1;
        if self.looks > MAX_LOOKS {
            self.cut();
        }
        !self.is_cut
    }

    /// Whether the text is cut, so that nothing can be added.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) fn push(&mut self, text: &str) {
        if self.is_cut {
            return;
        }
        if self.text.len() + text.len() <= self.max_bytes {
            self.text.push_str(text);
            return;
        }
        let left = self.max_bytes.saturating_sub(self.text.len());
        self.text.push_str(start(text, left));
        self.cut();
    }

    fn cut(&mut self) {
        if !self.is_cut {
            self.text.push_str(ELLIPSIS);
            self.is_cut = true;
        }
    }

    /// Names with something between them.
    pub(super) fn join<'a>(&mut self, names: impl Iterator<Item = &'a str>, between: &str) {
        for (index, name) in names.enumerate() {
            if self.is_cut {
                return;
            }
            if index > 0 {
                self.push(between);
            }
            self.push(name);
        }
    }

    /// Names in camelCase with commas between them.
    pub(super) fn fields<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for (index, name) in names.enumerate() {
            if self.is_cut {
                return;
            }
            if index > 0 {
                self.push(", ");
            }
            self.push(&camel_case(name));
        }
    }

    pub(super) fn end(self) -> String {
        self.text
    }
}

/// The first bytes of a text, without a part of a character.
pub(super) fn start(text: &str, max_bytes: usize) -> &str {
    let mut end = max_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Columns, MAX_COLUMN_DEPTH, MAX_COLUMNS, MAX_LOOKS, TypeText, start};

    #[test]
    fn columns_end_at_a_number_a_depth_and_a_length() {
        let mut columns = Columns::default();
        let mut looks = 0;
        while columns.look() {
            columns.field("a-name", Columns::add);
            looks += 1;
        }
        assert!(columns.is_full());
        let (names, is_cut) = columns.end();
        assert_eq!(
            (names.len(), looks, is_cut),
            (MAX_COLUMNS, MAX_COLUMNS, true)
        );
        assert!(names.iter().all(|name| name == "aName"));

        fn nest(columns: &mut Columns, levels: usize) {
            match levels {
                0 => columns.add(),
                _ => columns.field("a", |columns| nest(columns, levels - 1)),
            }
        }
        for (levels, is_there) in [(MAX_COLUMN_DEPTH, true), (MAX_COLUMN_DEPTH + 1, false)] {
            let mut columns = Columns::default();
            nest(&mut columns, levels);
            assert_eq!(columns.end().0.len(), usize::from(is_there));
        }

        let mut columns = Columns::default();
        columns.field(&"a".repeat(1_000_000), Columns::add);
        assert_eq!(columns.end(), (Vec::new(), true));
    }

    #[test]
    fn types_without_a_column_are_not_looked_at_without_end() {
        let mut columns = Columns::default();
        for _ in 0..MAX_LOOKS {
            assert!(columns.look());
        }
        assert!(!columns.look());
        let mut text = TypeText::new(100);
        for _ in 0..MAX_LOOKS {
            assert!(text.look());
        }
        assert!(!text.look());
        assert_eq!(text.end(), "…");
    }

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        let mut text = TypeText::new(5);
        text.push("éé");
        assert!(!text.is_cut());
        text.push("éé");
        text.push("x");
        assert_eq!(text.end(), "éé…");
        assert_eq!(start("aé", 2), "a");
        assert_eq!(start("aé", 3), "aé");
    }
}
