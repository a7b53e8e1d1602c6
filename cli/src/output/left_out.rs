//! What is not printed of an answer, so that nothing is missing without a word.

use super::has_one_line_per_row;
use super::table::CELL_CHARS;

/// The names of what is not shown, or not whole.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    columns: Vec<String>,
    counted: Vec<String>,
    cut: Vec<String>,
    /// Columns that a terminal has no room for in full.
    shortened: Vec<String>,
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

    /// A column whose texts are cut so that a row is one line.
    pub(super) fn shortened(&mut self, name: &str) {
        add(&mut self.shortened, name);
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
        if has_one_line_per_row() {
            return self.line_note();
        }
        let parts: Vec<String> = [
            ("omits", &self.columns, String::new()),
            ("only counts", &self.counted, String::new()),
            (
                "truncates",
                &self.cut,
                format!(" after {CELL_CHARS} characters"),
            ),
            ("shortens", &self.shortened, String::new()),
        ]
        .into_iter()
        .filter(|(_, names, _)| !names.is_empty())
        .map(|(what, names, how)| format!("{what} `{}`{how}", names.join("`, `")))
        .collect();
        if parts.is_empty() {
            return None;
        }
        let wide = if self.columns.is_empty() && self.shortened.is_empty() {
            ""
        } else {
            "`--output wide` shows all columns, `--columns` chooses, "
        };
        Some(format!(
            "the table {}; {wide}`--output json` shows everything",
            parts.join(" and ")
        ))
    }
}

impl LeftOut {
    /// For a terminal, where a list of all fields would be longer than the table.
    fn line_note(&self) -> Option<String> {
        let mut parts = Vec::new();
        match self.columns.len() {
            0 => {}
            1 => parts.push("omits 1 column".to_owned()),
            more => parts.push(format!("omits {more} columns")),
        }
        let shortened: Vec<&str> = self
            .shortened
            .iter()
            .chain(&self.cut)
            .map(String::as_str)
            .collect();
        if !shortened.is_empty() {
            parts.push(format!("shortens `{}`", shortened.join("`, `")));
        }
        if !self.counted.is_empty() {
            parts.push(format!("only counts `{}`", self.counted.join("`, `")));
        }
        let is_wide_enough = self.cut.is_empty() && self.counted.is_empty();
        let option = if is_wide_enough { "wide" } else { "json" };
        (!parts.is_empty()).then(|| {
            format!(
                "the table {}; `--output {option}` shows everything",
                parts.join(" and ")
            )
        })
    }
}

fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|there| there == name) {
        names.push(name.to_owned());
    }
}
