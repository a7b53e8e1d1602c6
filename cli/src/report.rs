//! What people are told on standard error.

mod json;

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::builder::styling::{AnsiColor, Style};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde_json::Value;

use crate::duration::duration;
use crate::exit::Failure;
use crate::formats::{Format, MessageFormat};
use crate::remedy;
use crate::visible;
use host_runner::{CallError, Receipt};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const LABEL: Style = Style::new().bold();

/// Whether programs read standard error. One for the process, which has one standard error.
static FOR_PROGRAMS: AtomicBool = AtomicBool::new(false);

/// Tells everything from now on in this format.
pub(crate) fn speak(format: MessageFormat) {
    FOR_PROGRAMS.store(format == MessageFormat::Json, Ordering::Relaxed);
}

fn is_for_programs() -> bool {
    FOR_PROGRAMS.load(Ordering::Relaxed)
}

/// Tells of a failure: what, why, what to do, and where the wrong value came from.
pub(crate) fn failure(failure: &Failure) {
    if is_for_programs() {
        object(&json::failure(failure));
        return;
    }
    let mut message = failure.to_string();
    if let Some(CallError::Component { error, .. }) = failure.call_error()
        && let Some(status) = error.status
        && !message.contains(&status.to_string())
    {
        message.push_str(&format!(" (HTTP status {status})"));
    }
    let problems = failure.problems();
    if problems.is_empty() {
        line(ERROR, "error", &message);
    }
    for problem in problems {
        line(ERROR, "error", &problem.to_string());
        if let Some(excerpt) = problem.excerpt() {
            let _ = writeln!(anstream::stderr(), "{}", visible::text(&excerpt));
        }
        if let Some(fix) = remedy::fix(problem) {
            line(LABEL, "  fix", &fix);
        }
    }
    let (cause, resolution) = failure.reason();
    if let Some(cause) = cause {
        line(LABEL, "  cause", cause);
    }
    if let Some(resolution) = resolution {
        line(LABEL, "  fix", &resolution);
    }
    if let Some(error) = failure.call_error() {
        details(error);
    }
}

fn details(error: &CallError) {
    if let Some(supplied_by) = error.supplied_by() {
        line(LABEL, "  from", &supplied_by.to_string());
    }
    if let CallError::Component { error, .. } = error {
        if let Some(after) = error.retry_after_ms {
            line(LABEL, "  retry after", &duration(after));
        }
        if let Some(id) = &error.request_id {
            line(LABEL, "  request id", id);
        }
    }
}

/// Whether standard error shows colours: a terminal, and no `NO_COLOR`.
pub(crate) fn has_colour() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

/// Tells that the command line is wrong, in the words of its parser.
pub(crate) fn misunderstood(error: &clap::Error) {
    if is_for_programs() {
        object(&json::usage(
            error
                .render()
                .to_string()
                .trim_start_matches("error: ")
                .trim_end(),
        ));
    } else {
        // A closed pipe is no error to us.
        let _ = error.print();
    }
}

/// Characters of a value that may be shown where a token may have been passed: tokens and client
/// secrets have 24 or more.
const MAX_SHOWN_CHARS: usize = 16;

/// Tells that the command line is wrong: what an option expects, but of the words that are wrong only
/// values of options that are too short for tokens.
pub(crate) fn usage(error: &clap::Error) {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    // The name of an option of ours, which no secret is.
    let option =
        text(ContextKind::InvalidArg).filter(|_| error.kind() != ErrorKind::UnknownArgument);
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let is_shown = option.is_some_and(|name| name.starts_with("--"))
        && value.chars().count() <= MAX_SHOWN_CHARS;
    let mut message = match option {
        Some(option) if is_shown => format!("`{value}` is not a valid `{option}`"),
        Some(option) => format!("invalid argument for `{option}`"),
        None => "invalid argument".to_owned(),
    };
    if let Some(expected) = expected(error) {
        let expected = if is_shown || value.is_empty() {
            expected
        } else {
            expected.replace(value, "…")
        };
        message.push_str(&format!(": {expected}"));
    }
    if !is_shown {
        message.push_str("; it is not shown, because it could be a token. Pass tokens on standard input, in a file or in a variable");
    }
    if is_for_programs() {
        object(&json::usage(&message));
        return;
    }
    line(ERROR, "error", &message);
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let _ = writeln!(anstream::stderr(), "{usage}");
    }
}

/// What the option expects, as its parser says.
fn expected(error: &clap::Error) -> Option<String> {
    if let Some(reason) = std::error::Error::source(error) {
        return Some(reason.to_string());
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            Some(format!("expected one of `{}`", values.join("`, `")))
        }
        _ => None,
    }
}

/// Tells of something that is odd but no failure.
pub(crate) fn warning(text: &str) {
    told(WARNING, "warning", text, &[]);
}

/// Tells of something worth knowing.
pub(crate) fn note(text: &str) {
    told(LABEL, "note", text, &[]);
}

/// Tells where a list goes on: a message that names it, for programs in a field of its own.
pub(crate) fn continuation(text: &str, after: &str) {
    told(LABEL, "note", text, &[("after", after)]);
}

/// Tells that a list is not complete, and where it goes on, if it does.
pub(crate) fn incomplete(text: &str, after: Option<&str>) {
    match after {
        Some(after) => told(WARNING, "warning", text, &[("after", after)]),
        None => warning(text),
    }
}

/// Tells where to begin next time, once a list of changes is complete.
pub(crate) fn checkpoint(checkpoint: &str) {
    let text = format!("all changes are listed; next time, pass `--since {checkpoint}`");
    told(LABEL, "note", &text, &[("checkpoint", checkpoint)]);
}

/// Tells what a call cost: in words beside a table, and as JSON beside what programs read.
pub(crate) fn receipt(receipt: &Receipt, format: Format) {
    if is_for_programs() {
        object(&json::receipt(receipt));
        return;
    }
    match format {
        Format::Table | Format::Wide => line(LABEL, "receipt", &receipt.to_string()),
        _ => {
            let _ = writeln!(anstream::stderr(), "{}", receipt.to_json());
        }
    }
}

/// One line, or one object with these fields.
fn told(style: Style, label: &str, text: &str, fields: &[(&str, &str)]) {
    if is_for_programs() {
        object(&json::message(label, text, fields));
    } else {
        line(style, label, text);
    }
}

fn object(object: &Value) {
    let _ = writeln!(std::io::stderr(), "{}", visible::json(&object.to_string()));
}

/// One line. Colour is dropped where standard error is no terminal or `NO_COLOR` is set, and a
/// closed standard error is nobody's fault.
fn line(style: Style, label: &str, text: &str) {
    let text = visible::text(text).replace('\n', " ");
    let _ = writeln!(anstream::stderr(), "{style}{label}:{style:#} {text}");
}
