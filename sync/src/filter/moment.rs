//! Instants and dates.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Date, macros::format_description};

use super::FilterError;
use crate::clock::{Millis, millis};

/// The word for no anchor date.
const NONE: &str = "none";

/// An instant, or the beginning of a date in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    text: String,
    at: Millis,
}

impl Moment {
    /// In milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(&self) -> Millis {
        self.at
    }
}

impl FromStr for Moment {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
        let of_date = |date: Date| date.midnight().assume_utc().unix_timestamp() * 1_000;
        let at = date.ok().map(of_date).or_else(|| millis(text));
        let at = at.ok_or_else(|| FilterError::NotAMoment(text.chars().take(60).collect()))?;
        Ok(Self {
            text: text.to_owned(),
            at,
        })
    }
}

impl TryFrom<String> for Moment {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.text
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// From when on content has to have been modified to be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AnchorDate {
    /// All content is loaded.
    #[default]
    None,
    /// From then on.
    At(Moment),
}

impl FromStr for AnchorDate {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == NONE {
            return Ok(Self::None);
        }
        text.parse().map(Self::At)
    }
}

impl TryFrom<String> for AnchorDate {
    type Error = FilterError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AnchorDate> for String {
    fn from(anchor: AnchorDate) -> Self {
        match anchor {
            AnchorDate::None => NONE.to_owned(),
            AnchorDate::At(moment) => moment.into(),
        }
    }
}
