//! The values of settings.

use std::fmt;

use serde_json::json;

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `true` or `false`.
    Switch(bool),
    /// A whole number.
    Number(i64),
    /// A number of seconds, or parts of one.
    Seconds(f64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl Value {
    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Switch(value) => json!(value),
            Self::Number(value) => json!(value),
            Self::Seconds(value) => json!(value),
            Self::Text(value) => json!(value),
            Self::List(value) => json!(value),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Seconds(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::List(value) => f.write_str(&value.join(", ")),
        }
    }
}
