//! What a call answered.

use std::io::{self, Write};

use wasmtime::component::Val;

use super::failure::{CallError, ComponentError};
use super::foreign_text::{MAX_CONTINUATION_BYTES, MAX_MESSAGE_BYTES, cut};
use super::json_writer::write_json;

/// Maximum number of notices that are repeated as messages. The answer has all of them.
const MAX_NOTICES: usize = 1000;

/// What a call answered, when it did not fail.
#[derive(Debug, Clone)]
pub struct Answer(Option<Val>);

impl Answer {
    /// What a call answered, unless it continues in a way that cannot be repeated.
    pub(crate) fn new(value: Option<Val>) -> Result<Self, CallError> {
        let answer = Self(value);
        let tokens = [
            ("after", answer.after()),
            ("checkpoint", answer.checkpoint()),
        ];
        for (name, token) in tokens {
            let bytes = token.map_or(0, str::len);
            if bytes > MAX_CONTINUATION_BYTES {
                return Err(CallError::ContinuationTooLong {
                    name,
                    bytes,
                    limit_bytes: MAX_CONTINUATION_BYTES,
                });
            }
        }
        Ok(answer)
    }

    /// The value, or `None` from a function that answers nothing.
    #[must_use]
    pub fn value(&self) -> Option<&Val> {
        self.0.as_ref()
    }

    /// The whole answer as JSON, fields in camelCase, absent ones null.
    ///
    /// The text may take six times the memory of the answer, whose bound is
    /// `limits.memory-mib`. Write it with [`Answer::write_json`] where the component is not one's
    /// own.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Vec::new();
        // Writing into memory does not fail.
        let _ = self.write_json(&mut json);
        String::from_utf8(json).unwrap_or_default()
    }

    /// Writes the whole answer as JSON, as [`write_json`](crate::write_json) does.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json<W: Write + ?Sized>(&self, out: &mut W) -> io::Result<()> {
        match &self.0 {
            Some(value) => write_json(value, out),
            None => out.write_all(b"null"),
        }
    }

    /// The items, when the answer is a list with a `rest`.
    #[must_use]
    pub fn items(&self) -> Option<&[Val]> {
        self.rest()?;
        match field(self.0.as_ref()?, "items")? {
            Val::List(items) => Some(items),
            _ => None,
        }
    }

    /// Where the list goes on. `None` at its end.
    #[must_use]
    pub fn after(&self) -> Option<&str> {
        match some(field(self.rest()?, "after")?)? {
            Val::String(after) => Some(after),
            _ => None,
        }
    }

    /// Where the next call of a function of changes begins: its `since`. There only in an answer
    /// that completes the list.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&str> {
        self.rest()?;
        match some(field(self.0.as_ref()?, "checkpoint")?)? {
            Val::String(checkpoint) => Some(checkpoint),
            _ => None,
        }
    }

    /// The error that ended the list early.
    #[must_use]
    pub fn stopped(&self) -> Option<ComponentError> {
        some(field(self.rest()?, "stopped")?).map(ComponentError::read)
    }

    /// What was dropped or odd: messages for a person, each cut at 4096 bytes. Of more than a
    /// thousand the last one says how many more there are.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let notices = self
            .rest()
            .and_then(|rest| field(rest, "notices"))
            .or_else(|| field(self.0.as_ref()?, "notices"));
        match notices {
            Some(Val::List(notices)) => {
                let mut texts: Vec<String> = notices
                    .iter()
                    .take(MAX_NOTICES)
                    .filter_map(|notice| match field(notice, "message")? {
                        Val::String(message) => Some(cut(message, MAX_MESSAGE_BYTES)),
                        _ => None,
                    })
                    .collect();
                if let Some(more @ 1..) = notices.len().checked_sub(MAX_NOTICES) {
                    texts.push(format!("{more} more notices are in the answer alone"));
                }
                texts
            }
            _ => Vec::new(),
        }
    }

    /// Adds a notice to those of a list, for what a program can tell about the answer and the component
    /// cannot. Answers that are not lists stay as they are.
    pub fn add_notice(&mut self, code: &str, message: &str) {
        let Some(Val::Record(fields)) = &mut self.0 else {
            return;
        };
        let Some(Val::Record(rest)) = field_mut(fields, "rest") else {
            return;
        };
        if let Some(Val::List(notices)) = field_mut(rest, "notices") {
            let text = |text: &str| Val::String(text.to_owned());
            notices.push(Val::Record(vec![
                ("code".to_owned(), text(code)),
                ("message".to_owned(), text(message)),
                ("id".to_owned(), Val::Option(None)),
            ]));
        }
    }

    /// What a list says beside its items: `after`, `stopped` and `notices`.
    #[must_use]
    pub fn rest(&self) -> Option<&Val> {
        field(self.0.as_ref()?, "rest")
    }
}

/// A field of a record, by its name in WIT.
pub(crate) fn field<'a>(value: &'a Val, name: &str) -> Option<&'a Val> {
    match value {
        Val::Record(fields) => fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value),
        _ => None,
    }
}

fn field_mut<'a>(fields: &'a mut [(String, Val)], name: &str) -> Option<&'a mut Val> {
    let mut fields = fields.iter_mut();
    fields
        .find(|(field, _)| field == name)
        .map(|(_, value)| value)
}

/// What is in an option.
pub(crate) fn some(value: &Val) -> Option<&Val> {
    match value {
        Val::Option(value) => value.as_deref(),
        value => Some(value),
    }
}
