//! What past runs left in a sink: for people who ask how current a copy is.

use crate::clock::Millis;
use crate::filter::Filters;
use crate::outcome::BUDGET;

/// What is between columns and filters in the settings of a run.
pub(crate) const FILTERS: &str = ";filters=";

/// The columns that a run with these settings writes, and its filters.
pub(crate) fn columns_and_filters(settings: &str) -> (&str, &str) {
    settings.split_once(FILTERS).unwrap_or((settings, ""))
}

/// A past run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Its number.
    pub run: i64,
    /// When it began.
    pub started: Millis,
    /// When it ended, unless it was interrupted or still goes on.
    pub ended: Option<Millis>,
    /// How it ended: `complete`, `partial`, `held`, `failed` or `interrupted`.
    pub outcome: Option<String>,
    /// Requests.
    pub requests: Option<i64>,
    /// Points.
    pub points: Option<i64>,
    /// Rows that were new.
    pub inserted: Option<i64>,
    /// Rows that had changed.
    pub updated: Option<i64>,
    /// Rows that were as before.
    pub unchanged: Option<i64>,
    /// Rows that were deleted.
    pub deleted: Option<i64>,
    /// The settings that decide which columns of a row it wrote, in one text.
    pub settings: String,
    /// What was counted for each stream, as JSON.
    pub streams: Option<String>,
    /// Errors, as JSON.
    pub errors: Option<String>,
}

impl PastRun {
    /// The filters that it had.
    #[must_use]
    pub fn filters(&self) -> Filters {
        let (_, filters) = columns_and_filters(&self.settings);
        serde_json::from_str(filters).unwrap_or_default()
    }

    /// The limit of the budget that ended it, such as `max-requests`, if one did.
    #[must_use]
    pub fn stopped_by(&self) -> Option<String> {
        let errors: serde_json::Value = serde_json::from_str(self.errors.as_deref()?).ok()?;
        let stopped = |error: &&serde_json::Value| {
            error.get("kind").and_then(serde_json::Value::as_str) == Some(BUDGET)
        };
        let stopped = errors.as_array()?.iter().find(stopped)?;
        Some(stopped.get("code")?.as_str()?.to_owned())
    }
}

/// How current a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStatus {
    /// Its name.
    pub stream: String,
    /// Live rows.
    pub live: i64,
    /// Deleted rows.
    pub deleted: i64,
    /// Rows in scope that are missing on the site and not deleted yet.
    pub missing: i64,
    /// Deletions that wait for approval.
    pub held: i64,
    /// Rows that are there and out of scope.
    pub filtered: i64,
    /// When changes were read last.
    pub changes: Option<Millis>,
    /// When all rows were seen last.
    pub seen: Option<Millis>,
    /// When sets were read last.
    pub sets: Option<Millis>,
}

/// A deletion that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The stream.
    pub stream: String,
    /// The key of the row.
    pub key: String,
    /// The id of its space.
    pub container: Option<String>,
    /// Since when it waits.
    pub held: Millis,
}

/// A row that could not be read, and that a later run reads again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// The stream.
    pub stream: String,
    /// The key of the row.
    pub key: String,
    /// The pass that could not read it last.
    pub pass: String,
    /// The code of the error.
    pub code: String,
    /// What happened.
    pub message: String,
    /// When it could not be read for the first time.
    pub first: Millis,
    /// When it could not be read the last time.
    pub last: Millis,
    /// In how many runs it could not be read.
    pub attempts: i64,
    /// From when on it is read again.
    pub next: Millis,
}
