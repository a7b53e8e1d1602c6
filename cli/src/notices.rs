//! Notices of a command that reads for long: the first of each kind as notes, then how many more
//! there were.
//!
//! The component sums up what repeats within one call, and a copy of a site takes thousands of
//! calls.

use std::collections::BTreeMap;

use indicatif::ProgressBar;

use crate::report;

/// Notices of one kind that are shown.
const SHOWN: u64 = 20;

#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// How many came, by what they are about and their code.
    counts: BTreeMap<(String, String), u64>,
}

impl Notices {
    /// Shows a notice. `about` is what precedes it, such as a stream; it can be empty.
    pub(crate) fn tell(&mut self, progress: &ProgressBar, about: &str, code: &str, message: &str) {
        let kind = (about.to_owned(), code.to_owned());
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= SHOWN {
            progress.suspend(|| report::note(&line(about, message)));
        }
    }

    /// Tells how many were not shown.
    pub(crate) fn end(self, progress: &ProgressBar) {
        for ((about, code), count) in self.counts {
            if let Some(more @ 1..) = count.checked_sub(SHOWN) {
                let text = format!("`{more}` more notices `{code}` are not shown");
                progress.suspend(|| report::note(&line(&about, &text)));
            }
        }
    }
}

fn line(about: &str, text: &str) -> String {
    if about.is_empty() {
        return text.to_owned();
    }
    format!("{about}: {text}")
}
