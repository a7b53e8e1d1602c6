//! How the values that several levels have for one setting go together.
//!
//! A setting that protects the host, the site or other apps can only be restricted by a narrower
//! level, locked or not. Otherwise whoever may write an app's file could widen what the cluster's
//! file allows. A value that a wider level does not allow is refused with file and line, as a locked
//! setting is: what a file says and what is in force never differ. Most defaults are nobody's decision, so
//! that a level may go beyond them, up to the maximum of the setting.

use super::value::Value;

/// How a value of a narrower level goes with that of a wider one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Precedence {
    /// Only the cluster level can have the setting.
    ClusterOnly,
    /// The value of the narrowest level is in force.
    Overrides,
    /// The value of the narrowest level is in force, and must be within those of wider levels.
    Restricts(Bound),
    /// The same, and where the cluster level has no value, the default bounds the others: it protects
    /// other apps, so that no app can decide for itself to go beyond it.
    RestrictsDefault(Bound),
}

/// What the value of a wider level is for narrower ones.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Bound {
    /// The maximum: of numbers, of seconds, and of switches, where `false` is less than `true`.
    Maximum,
    /// The minimum.
    Minimum,
    /// The list that has to cover each entry of a narrower one.
    Within(Covers),
    /// The list whose entries a narrower one has to have as well.
    Contained,
}

/// Whether the entries of a list allow everything that another entry allows.
pub type Covers = fn(&[String], &str) -> bool;

impl Precedence {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClusterOnly => "cluster only",
            Self::Overrides => "override",
            Self::Restricts(_) | Self::RestrictsDefault(_) => "restrict",
        }
    }

    /// What a narrower level can do, as a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::ClusterOnly => "Only the cluster level can have it.",
            Self::Overrides => "A narrower level overrides it.",
            Self::RestrictsDefault(_) => {
                "Only the cluster level can go beyond the default; a narrower level can only restrict it."
            }
            Self::Restricts(Bound::Maximum) => "A narrower level can only lower it.",
            Self::Restricts(Bound::Minimum) => "A narrower level can only raise it.",
            Self::Restricts(Bound::Within(_)) => {
                "A narrower level can only list what the list of each wider level covers."
            }
            Self::Restricts(Bound::Contained) => "A narrower level can only add to the list.",
        }
    }

    /// What the value of a wider level is for narrower ones, if it bounds them.
    #[must_use]
    pub fn bound(self) -> Option<Bound> {
        match self {
            Self::ClusterOnly | Self::Overrides => None,
            Self::Restricts(bound) | Self::RestrictsDefault(bound) => Some(bound),
        }
    }

    /// How the value of a narrower level goes beyond that of a wider one, if it does: what is said
    /// of the narrower value, and what of the wider level.
    pub(super) fn excess(self, wide: &Value, narrow: &Value) -> Option<Excess> {
        match (self.bound()?, wide, narrow) {
            (Bound::Within(covers), Value::List(wide), Value::List(narrow)) => {
                let entry = narrow.iter().find(|entry| !covers(wide, entry))?;
                Some(Excess::Entry(entry.clone()))
            }
            (Bound::Contained, Value::List(wide), Value::List(narrow)) => {
                let entry = wide.iter().find(|entry| !narrow.contains(entry))?;
                Some(Excess::Lacks(entry.clone()))
            }
            (Bound::Maximum, _, _) if exceeds(narrow, wide) => Some(Excess::Above),
            (Bound::Minimum, _, _) if exceeds(wide, narrow) => Some(Excess::Below),
            _ => None,
        }
    }
}

fn exceeds(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Switch(one), Value::Switch(other)) => one > other,
        (Value::Number(one), Value::Number(other)) => one > other,
        (Value::Seconds(one), Value::Seconds(other)) => one > other,
        _ => false,
    }
}

/// How a value goes beyond that of a wider level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Excess {
    /// It is above the maximum.
    Above,
    /// It is below the minimum.
    Below,
    /// It has an entry that the wider list does not cover.
    Entry(String),
    /// It lacks an entry of the wider list.
    Lacks(String),
}

impl Excess {
    /// What is wrong with a setting's value, given where the wider value is.
    pub(super) fn message(&self, key: &str, narrow: &Value, wide: &Value, place: &str) -> String {
        match self {
            Self::Above => {
                format!("`{key}` is {narrow}, above the maximum of {wide} from {place}")
            }
            Self::Below => {
                format!("`{key}` is {narrow}, below the minimum of {wide} from {place}")
            }
            Self::Entry(entry) => {
                format!("`{key}` has `{entry}`, which the list of {place} does not cover")
            }
            Self::Lacks(entry) => {
                format!("`{key}` lacks `{entry}`, which the list of {place} has")
            }
        }
    }

    /// How to correct it in a file.
    pub(super) fn fix(&self, wide: &Value) -> String {
        match self {
            Self::Above => {
                format!("set at most {wide} here, or ask whoever maintains that file to raise it")
            }
            Self::Below => {
                format!("set at least {wide} here, or ask whoever maintains that file to lower it")
            }
            Self::Entry(entry) => {
                format!("remove `{entry}` here, or ask whoever maintains that file to add it there")
            }
            Self::Lacks(entry) => {
                format!("add `{entry}` here, or ask whoever maintains that file to remove it there")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Excess, Precedence};
    use crate::config::Value;

    fn list(texts: &[&str]) -> Value {
        Value::List(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn a_narrower_value_is_within_the_wider_one() {
        let within = Bound::Within(|wide, entry| wide.iter().any(|one| one == "*" || one == entry));
        for (bound, wide, narrow, excess) in [
            (Bound::Maximum, Value::Number(5), Value::Number(5), None),
            (
                Bound::Maximum,
                Value::Number(5),
                Value::Number(6),
                Some(Excess::Above),
            ),
            (
                Bound::Maximum,
                Value::Seconds(1.0),
                Value::Seconds(0.5),
                None,
            ),
            (
                Bound::Maximum,
                Value::Switch(true),
                Value::Switch(false),
                None,
            ),
            (
                Bound::Maximum,
                Value::Switch(false),
                Value::Switch(true),
                Some(Excess::Above),
            ),
            (
                Bound::Minimum,
                Value::Seconds(1.0),
                Value::Seconds(0.5),
                Some(Excess::Below),
            ),
            (
                Bound::Minimum,
                Value::Seconds(1.0),
                Value::Seconds(2.0),
                None,
            ),
            (within, list(&["*"]), list(&["a", "b"]), None),
            (within, list(&["a"]), list(&[]), None),
            (
                within,
                list(&["a"]),
                list(&["a", "b"]),
                Some(Excess::Entry("b".to_owned())),
            ),
            (Bound::Contained, list(&["a"]), list(&["b", "a"]), None),
            (
                Bound::Contained,
                list(&["a"]),
                list(&["b"]),
                Some(Excess::Lacks("a".to_owned())),
            ),
        ] {
            let found = Precedence::Restricts(bound).excess(&wide, &narrow);
            assert_eq!(found, excess, "{bound:?} {wide:?} {narrow:?}");
            assert_eq!(Precedence::Overrides.excess(&wide, &narrow), None);
        }
    }
}
