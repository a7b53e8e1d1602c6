//! Lines, each behind what it lies in.

/// Written lines. None ends with a blank.
#[derive(Debug, Default)]
pub(super) struct Lines {
    written: String,
    /// What every line begins with now.
    prefix: String,
    /// The current line has its beginning already: a marker was written.
    begun: bool,
}

impl Lines {
    pub(super) fn finish(self) -> String {
        self.written
    }

    /// One line.
    pub(super) fn line(&mut self, text: &str) {
        if !self.begun {
            self.written.push_str(&self.prefix);
        }
        self.begun = false;
        self.written.push_str(text);
        let length = self.written.trim_end_matches([' ', '\t']).len();
        self.written.truncate(length);
        self.written.push('\n');
    }

    /// Every line of `text`.
    pub(super) fn all(&mut self, text: &str) {
        for line in text.split('\n') {
            self.line(line);
        }
    }

    /// A blank line, unless a marker waits for its text.
    pub(super) fn blank(&mut self) {
        if !self.begun {
            self.line("");
        }
    }

    /// Begins what has `first` before its first line and `rest` before all others. Answers what
    /// to leave it with.
    pub(super) fn enter(&mut self, first: &str, rest: &str) -> usize {
        if !self.begun {
            self.written.push_str(&self.prefix);
        }
        self.begun = true;
        self.written.push_str(first);
        let before = self.prefix.len();
        self.prefix.push_str(rest);
        before
    }

    pub(super) fn leave(&mut self, before: usize) {
        self.prefix.truncate(before);
    }
}
