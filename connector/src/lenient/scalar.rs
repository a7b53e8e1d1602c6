//! Values that are neither lists nor objects, and what they are converted to.

use serde::de::{Deserialize, Deserializer, Visitor};

use super::nothing;

/// A value as it was sent. Lists, objects and null are nothing.
#[derive(Default)]
pub(super) enum Scalar {
    #[default]
    Nothing,
    Flag(bool),
    Whole(i64),
    /// Above `i64::MAX`.
    Large(u64),
    Text(String),
}

impl Scalar {
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Whole(number) => Some(number.to_string()),
            Self::Large(number) => Some(number.to_string()),
            Self::Flag(_) | Self::Nothing => None,
        }
    }

    pub(super) fn whole(self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Large(_) | Self::Flag(_) | Self::Nothing => None,
        }
    }

    pub(super) fn flag(self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(flag),
            Self::Text(text) => text.parse().ok(),
            Self::Whole(_) | Self::Large(_) | Self::Nothing => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Scalar;
    nothing!(unit list object);

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(number).map_or(Scalar::Large(number), Scalar::Whole))
    }

    /// Above 2^53 a float is no longer one number but several, so those are nothing: an id that
    /// is off by one names another page.
    #[allow(clippy::cast_possible_truncation, reason = "less than 2^53")]
    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        const MOST: f64 = 9_007_199_254_740_992.0;
        let exact = number.trunc() == number && number.abs() < MOST;
        Ok(if exact {
            Scalar::Whole(number as i64)
        } else {
            Scalar::Nothing
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
}
