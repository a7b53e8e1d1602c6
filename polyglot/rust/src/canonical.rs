//! The form in which hosts say what came of a call, the same bytes everywhere.
//!
//! An outcome is `{"value":…}` or `{"error":…}`, without spaces, in the JSON of
//! `host-runner call --output json`: fields in the order of the WIT and in camelCase, what is absent
//! null, 64-bit numbers in all their digits, and of the characters only `"`, `\` and those below
//! U+0020 escaped. The simulator's host and port, another one in each run, are `SITE`. Of a value of
//! more than [`LONGEST`] bytes the items or batches, or else the whole, are named by their length and digest.

use host_runner::{CallError, ComponentError, Digest};
use serde_json::Value;
use serde_json::value::RawValue;

/// Bytes of the longest value that is written out: some ten rows.
const LONGEST: usize = 8_000;

/// What a value is in a report.
pub(crate) fn value(json: &str, site: &str) -> String {
    let json = json.replace(site, "SITE");
    let value = if json.len() <= LONGEST {
        json
    } else {
        shortened(&json).unwrap_or_else(|| digest(&json))
    };
    format!("{{\"value\":{value}}}")
}

/// A listing or a step, with its items or batches shortened. `None` for everything else.
fn shortened(json: &str) -> Option<String> {
    ["{\"items\":", "{\"batches\":"].iter().find_map(|start| {
        let items_on = json.strip_prefix(start)?;
        let mut values = serde_json::Deserializer::from_str(items_on).into_iter::<&RawValue>();
        let items = values.next()?.ok()?.get();
        let behind = items_on.strip_prefix(items)?;
        Some(format!("{start}{}{behind}", digest(items)))
    })
}

fn digest(json: &str) -> String {
    let digest = Digest::of(json.as_bytes());
    format!("{{\"bytes\":{},\"digest\":\"{digest}\"}}", json.len())
}

/// What an error is in a report: its kind alone where the host words it.
pub(crate) fn error(error: &CallError, host_words_it: bool, site: &str) -> String {
    match error {
        CallError::Component { error, .. } if !host_words_it => {
            format!("{{\"error\":{}}}", whole(error)).replace(site, "SITE")
        }
        error => format!("{{\"error\":{{\"kind\":\"{}\"}}}}", error.kind()),
    }
}

/// All fields of an error.
pub(crate) fn whole(error: &ComponentError) -> String {
    let fields: [(&str, Value); 9] = [
        ("code", error.code.as_str().into()),
        ("kind", error.kind.as_str().into()),
        ("message", error.message.as_str().into()),
        ("cause", error.cause.as_str().into()),
        ("resolution", error.resolution.as_str().into()),
        ("status", error.status.into()),
        ("requestId", error.request_id.clone().into()),
        ("retryAfterMs", error.retry_after_ms.into()),
        ("limitScope", error.limit_scope.clone().into()),
    ];
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}
