//! What programs are told on standard error: an object on a line for each message.

use host_runner::{CallError, Problem, Receipt, SuppliedBy};
use serde_json::{Map, Value, json};

use crate::exit::{Exit, Failure};
use crate::remedy;

/// A message of one kind, with what it names in fields of their own.
pub(super) fn message(kind: &str, text: &str, fields: &[(&str, &str)]) -> Value {
    let fields = fields.iter().map(|(name, value)| (*name, json!(value)));
    typed(kind, [("message", json!(text))].into_iter().chain(fields))
}

/// A failure: the kind and the code that the program ends with, and what a person would be told.
pub(super) fn failure(failure: &Failure) -> Value {
    let exit = failure.exit();
    let mut fields = vec![
        (
            "kind",
            failure
                .call_kind()
                .map_or(json!(exit), |kind| json!(kind.as_str())),
        ),
        ("exitCode", json!(exit as u8)),
        ("message", json!(failure.to_string())),
    ];
    let problems: Vec<Value> = failure.problems().iter().map(problem).collect();
    if !problems.is_empty() {
        fields.push(("problems", json!(problems)));
    }
    let (cause, resolution) = failure.reason();
    fields.push(("cause", json!(cause)));
    fields.push(("resolution", json!(resolution)));
    if let Some(error) = failure.call_error() {
        fields.push(("suppliedBy", json!(error.supplied_by().map(supplied_by))));
        if let CallError::Component { error, .. } = error {
            fields.extend([
                ("code", json!(error.code)),
                ("status", json!(error.status)),
                ("retryAfterMs", json!(error.retry_after_ms)),
                ("limitScope", json!(error.limit_scope)),
                ("requestId", json!(error.request_id)),
            ]);
        }
    }
    typed("error", fields)
}

/// A command line that cannot be understood.
pub(super) fn usage(text: &str) -> Value {
    let exit = Exit::Usage;
    typed(
        "error",
        [
            ("kind", json!(exit)),
            ("exitCode", json!(exit as u8)),
            ("message", json!(text)),
        ],
    )
}

pub(super) fn receipt(receipt: &Receipt) -> Value {
    let cost: Value = serde_json::from_str(&receipt.to_json()).unwrap_or_default();
    typed("receipt", [("receipt", cost)])
}

/// An object of a type, without the fields that are null.
fn typed<'a>(kind: &str, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!(kind));
    let there = fields.into_iter().filter(|(_, value)| !value.is_null());
    object.extend(there.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

fn problem(problem: &Problem) -> Value {
    json!({
        "message": problem.message(),
        "fix": remedy::fix(problem),
        "key": problem.key(),
        "file": problem.file(),
        "line": problem.line(),
    })
}

fn supplied_by(supplied_by: &SuppliedBy) -> Value {
    json!({
        "connection": supplied_by.connection.to_string(),
        "level": supplied_by.level.to_string(),
        "file": supplied_by.file,
        "line": supplied_by.line,
        "endpoint": supplied_by.endpoint,
    })
}
