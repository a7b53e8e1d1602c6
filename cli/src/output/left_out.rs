//! What a table does not show of an answer, so that nothing is missing without a word.

use super::table::CELL_CHARS;

/// The names of what is not shown, or not whole.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    columns: Vec<String>,
    counted: Vec<String>,
    cut: Vec<String>,
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

    /// What to tell a person, where there is something to tell.
    pub(crate) fn note(&self) -> Option<String> {
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
