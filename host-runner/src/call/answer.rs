//! What a call answered.

use wasmtime::component::Val;

use super::failure::ComponentError;
use super::json;

/// What a call answered, when it did not fail.
#[derive(Debug, Clone)]
pub struct Answer(Option<Val>);

impl Answer {
    pub(crate) fn new(value: Option<Val>) -> Self {
        Self(value)
    }

    /// The value, or `None` from a function that answers nothing.
    #[must_use]
    pub fn value(&self) -> Option<&Val> {
        self.0.as_ref()
    }

    /// The whole answer as JSON, fields in camelCase, absent ones null.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0
            .as_ref()
            .map_or_else(|| "null".to_owned(), value_to_json)
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

    /// What was dropped or odd: messages for a person.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let notices = self
            .rest()
            .and_then(|rest| field(rest, "notices"))
            .or_else(|| field(self.0.as_ref()?, "notices"));
        match notices {
            Some(Val::List(notices)) => notices
                .iter()
                .filter_map(|notice| match field(notice, "message")? {
                    Val::String(message) => Some(message.clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What a list says beside its items: `after`, `stopped` and `notices`.
    #[must_use]
    pub fn rest(&self) -> Option<&Val> {
        field(self.0.as_ref()?, "rest")
    }
}

/// One value as JSON, fields in camelCase, absent ones null.
#[must_use]
pub(crate) fn value_to_json(value: &Val) -> String {
    let mut text = String::new();
    json::write(value, &mut text);
    text
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

/// What is in an option.
pub(crate) fn some(value: &Val) -> Option<&Val> {
    match value {
        Val::Option(value) => value.as_deref(),
        value => Some(value),
    }
}
