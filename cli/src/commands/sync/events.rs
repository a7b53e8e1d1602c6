//! What happens in a run, as a JSON object a line on standard output, for programs.

use std::io::Write as _;

use serde_json::{Value, json};
use sync::SyncEvent;

use crate::exit::Failure;
use crate::visible;

/// Writes objects, and keeps the first failure to do so: an event has no way to return it.
#[derive(Default)]
pub(super) struct Events {
    failure: Option<Failure>,
}

impl Events {
    pub(super) fn happened(&mut self, event: &SyncEvent<'_>) {
        let object = match event {
            SyncEvent::Started { stream, pass } => {
                json!({"event": "started", "stream": stream, "pass": pass.name()})
            }
            SyncEvent::Committed { stream, rows } => {
                json!({"event": "committed", "stream": stream, "rows": rows})
            }
            SyncEvent::Notice { stream, notice } => {
                return self.notice(stream, &notice.code, &notice.message);
            }
            SyncEvent::Failed { stream, error } => json!({
                "event": "failed",
                "stream": stream,
                "kind": error.kind,
                "code": error.code,
                "message": error.message,
            }),
            _ => return,
        };
        self.write(&object);
    }

    /// What was omitted or unusual.
    pub(super) fn notice(&mut self, stream: &str, code: &str, message: &str) {
        self.write(&json!({
            "event": "notice",
            "stream": stream,
            "code": code,
            "message": message,
        }));
    }

    /// The last one: how the run ended, as its summary says.
    pub(super) fn ended(mut self, mut summary: Value) -> Result<(), Failure> {
        if let Some(fields) = summary.as_object_mut() {
            fields.insert("event".to_owned(), json!("ended"));
        }
        self.write(&summary);
        self.failure.map_or(Ok(()), Err)
    }

    fn write(&mut self, object: &Value) {
        if self.failure.is_some() {
            return;
        }
        let line = visible::json(&object.to_string()).into_owned();
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "{line}").and_then(|()| out.flush());
        self.failure = written.map_err(Failure::output).err();
    }
}
