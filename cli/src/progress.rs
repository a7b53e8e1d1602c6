//! Progress of long work.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// What counts on standard error, where that is a terminal. `{rate}` of the template is how many in a
/// second.
pub(crate) fn counter(template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let progress = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(template) {
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        progress.set_style(style.with_key("rate", rate));
    }
    progress.enable_steady_tick(std::time::Duration::from_millis(100));
    progress
}
