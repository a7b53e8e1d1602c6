//! Steps: bounded parts of a pass.

use std::time::Duration;

use crate::batch::Batch;
use crate::error::SourceError;
use crate::pass::Pass;
use crate::projection::Projection;

/// Maximum number of parents of one step.
pub const MAX_PARENTS: usize = 250;

/// Maximum number of rows of a step that names no number of its own.
pub const DEFAULT_ROWS: u32 = 10_000;

/// Rows that a step may have beyond those that were asked for: lists in the items of one response, 250
/// items with 200 rows each, are not divided.
pub const MAX_ROWS_OF_RESPONSE: u32 = 50_000;

/// Maximum number of parents whose sets one step can show: 1 000 requests of 250.
pub const MAX_READ_PARENTS: usize = 250_000;

/// Maximum length of the state of a pass, in bytes.
pub const MAX_STATE_BYTES: usize = 16 * 1024;

/// Settings of a source, by name.
pub type SourceSettings = Vec<(String, String)>;

/// A row of a parent stream, as far as children need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The name of its stream.
    pub stream: String,
    /// Its key.
    pub key: String,
    /// The number of its version, if it has one.
    pub version: Option<u64>,
    /// The id of its space, if known.
    pub container: Option<String>,
}

impl Parent {
    /// A row of which nothing but its key is known.
    #[must_use]
    pub fn of_key(stream: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            key: key.into(),
            version: None,
            container: None,
        }
    }
}

/// The bounds of a step. It ends at the first that is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Maximum number of rows, 1 to 100 000; see [`MAX_ROWS_OF_RESPONSE`]. Default: [`DEFAULT_ROWS`].
    pub rows: Option<u32>,
    /// Bytes of columns after which no further request is made, 65 536 to 16 777 216. Default: 2 MiB.
    pub bytes: Option<u32>,
    /// Maximum number of requests, 1 to 1 000. Default: 100.
    pub requests: Option<u32>,
    /// Rows per request, 1 to 250. Default: 250. It stays the same for a whole pass.
    pub page_size: Option<u32>,
}

/// What a step is to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRequest {
    /// The name of the stream.
    pub stream: String,
    /// How it is read.
    pub pass: Pass,
    /// Ids of spaces, at most 100, with commas between them, to read their rows only.
    pub partition: Option<String>,
    /// The state of the step before.
    pub state: Option<String>,
    /// Rows of parent streams, at most [`MAX_PARENTS`].
    pub parents: Vec<Parent>,
    /// What is returned of each row.
    pub projection: Projection,
    /// The bounds.
    pub budget: Budget,
    /// Settings of the source.
    pub settings: SourceSettings,
}

impl Budget {
    /// How many rows a batch may have.
    #[must_use]
    pub fn max_rows(&self) -> u32 {
        let rows = self.rows.unwrap_or(DEFAULT_ROWS);
        rows.saturating_add(MAX_ROWS_OF_RESPONSE)
    }
}

impl StepRequest {
    /// The first step of a pass over a whole stream, with all its columns and the default bounds.
    #[must_use]
    pub fn new(stream: impl Into<String>, pass: Pass) -> Self {
        Self {
            stream: stream.into(),
            pass,
            partition: None,
            state: None,
            parents: Vec::new(),
            projection: Projection::default(),
            budget: Budget::default(),
            settings: SourceSettings::new(),
        }
    }
}

/// How a pass stands after a step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// There is more to read, from the state on.
    More,
    /// The pass is complete.
    Done,
    /// The pass has ended early. The rows before are valid; a state goes on at the failed position.
    Failed(SourceError),
    /// The site or the account does not have the stream, for this reason.
    Unsupported(String),
}

/// A parent whose complete set of rows was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadParent {
    /// Its key.
    pub key: String,
    /// The version that the rows belong to. Absent: they do not depend on it.
    pub version: Option<u64>,
}

/// What a step saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observed {
    /// Rows that the site sent.
    pub rows: u64,
    /// Requests.
    pub requests: u32,
    /// Estimated points of the site's rate limit.
    pub points: u64,
    /// Rows that were dropped because they belong to another space.
    pub foreign_rows: u64,
    /// Keys of parents that no longer exist, or are hidden from this account.
    pub missing_parents: Vec<String>,
    /// Parents whose complete sets are in this step and those before it, empty sets among them: of lists
    /// in bulk, and of streams with the pass `access`. An index that omits a parent does not show its set.
    pub read_parents: Vec<ReadParent>,
    /// The time of the site when it sent its last response, ISO 8601 in UTC.
    pub site_time: Option<String>,
}

impl Observed {
    /// Adds what a later step saw. Of parents, those of the later step are left.
    pub fn add(&mut self, later: Self) {
        self.rows += later.rows;
        self.requests += later.requests;
        self.points += later.points;
        self.foreign_rows += later.foreign_rows;
        self.missing_parents = later.missing_parents;
        self.read_parents = later.read_parents;
        self.site_time = later.site_time.or(self.site_time.take());
    }
}

/// What was omitted or unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// A stable identifier.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The id of the item, if there is one.
    pub id: Option<String>,
}

impl Notice {
    /// A notice.
    #[must_use]
    pub const fn new(code: String, message: String, id: Option<String>) -> Self {
        Self { code, message, id }
    }
}

/// What a step returned.
#[derive(Debug)]
#[non_exhaustive]
pub struct Progress {
    /// Rows, one batch at most for each stream.
    pub batches: Vec<Batch>,
    /// The state for the next step: opaque, at most [`MAX_STATE_BYTES`].
    pub state: Option<String>,
    /// How the pass stands.
    pub outcome: Outcome,
    /// What was seen.
    pub observed: Observed,
    /// What was omitted or unusual.
    pub notices: Vec<Notice>,
    /// How long the step waited for the site, including waits for rate limits.
    pub waited: Duration,
}

impl Progress {
    /// What a step returned, with nothing observed.
    #[must_use]
    pub fn new(batches: Vec<Batch>, state: Option<String>, outcome: Outcome) -> Self {
        Self {
            batches,
            state,
            outcome,
            observed: Observed::default(),
            notices: Vec::new(),
            waited: Duration::ZERO,
        }
    }
}
