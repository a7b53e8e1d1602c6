//! Rows that a sink reads back, for streams that are derived from them.

use crate::clock::Millis;

/// Why what is stored of a row may not be what the site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// It could not be read.
    Failed,
    /// Its deletion waits for approval.
    Held,
    /// A complete list lacks it, and another one has to confirm that.
    Missing,
    /// A list shows another version than the stored one.
    Stale,
    /// Filters exclude it: it is not kept current.
    Filtered,
}

impl Doubt {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Failed,
        Self::Held,
        Self::Missing,
        Self::Stale,
        Self::Filtered,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Filtered => "filtered",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doubt| doubt.name() == name)
    }
}

/// A row as a sink has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredRow {
    /// Its key.
    pub key: String,
    /// The id of its space.
    pub container: Option<String>,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The number of its version.
    pub version: Option<i64>,
    /// When it changed last; 0 if only its key is known.
    pub changed: Millis,
    /// The number of the run whose list of all rows saw it last.
    pub seen: Option<i64>,
    /// When that run began.
    pub seen_at: Option<Millis>,
    /// Why it may not be what the site has.
    pub doubt: Option<Doubt>,
    /// When and why it was deleted.
    pub deleted: Option<(Millis, String)>,
    /// The values of the columns that were asked for, as text; instants in milliseconds since 1970.
    pub values: Vec<Option<String>>,
}

impl StoredRow {
    /// The value of a column, by its place among those that were asked for.
    #[must_use]
    pub fn value(&self, place: usize) -> Option<&str> {
        self.values.get(place)?.as_deref()
    }
}

/// Which rows are read back.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Live ones after a key, in the order of keys; as many as the sink returns at once.
    After(&'a str),
    /// Those with these keys, deleted ones among them.
    Keyed(&'a [String]),
}
