//! What is not printed of an answer, so that nothing is missing without a word.

use super::table::CELL_CHARS;

/// The names of what is not shown, or not whole.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    columns: Vec<String>,
    counted: Vec<String>,
    cut: Vec<String>,
    has_nul: bool,
    notices: u64,
}

impl LeftOut {
    /// A column that has no place.
    pub(super) fn column(&mut self, name: &str) {
        add(&mut self.columns, name);
    }

    /// A list of which the table says how long it is.
    pub(super) fn counted(&mut self, name: &str) {
        add(&mut self.counted, name);
    }

    /// A text of which the table has the beginning.
    pub(super) fn cut(&mut self, name: &str) {
        add(&mut self.cut, name);
    }

    /// A U+0000 that the format cannot hold.
    pub(super) fn nul(&mut self) {
        self.has_nul = true;
    }

    /// Notices for which the document has no room.
    pub(super) fn notices(&mut self, notices: u64) {
        self.notices = notices;
    }

    /// What to tell a person, where there is something to tell.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.table_note().into_iter().collect();
        if self.has_nul {
            notes.push(
                "U+0000 was removed from texts, since CSV cannot hold it; `--output json` has it"
                    .to_owned(),
            );
        }
        if self.notices > 0 {
            notes.push(format!(
                "the document omits {} notices, since they take more than 1 MiB together",
                self.notices
            ));
        }
        notes
    }

    fn table_note(&self) -> Option<String> {
        let parts: Vec<String> = [
            ("omits", &self.columns, String::new()),
            ("only counts", &self.counted, String::new()),
            (
                "truncates",
                &self.cut,
                format!(" after {CELL_CHARS} characters"),
            ),
        ]
        .into_iter()
        .filter(|(_, names, _)| !names.is_empty())
        .map(|(what, names, how)| format!("{what} `{}`{how}", names.join("`, `")))
        .collect();
        if parts.is_empty() {
            return None;
        }
        Some(format!(
            "the table {}; `--output json` shows everything",
            parts.join(" and ")
        ))
    }
}

fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|there| there == name) {
        names.push(name.to_owned());
    }
}
