//! What a step takes.

/// A way to read a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Every row with all columns.
    Full,
    /// What is new or has changed since the previous pass.
    Changes,
    /// Every row, for keys and positions.
    Census,
    /// Sets that belong to parents, or all sets.
    Details,
    /// All versions of parents.
    Versions,
    /// Restrictions.
    Access,
    /// Rows whose keys are known, whatever their status.
    LookUp,
    /// What a bulk list has of the sets of parents: never all of it.
    Survey,
}

/// A row of a parent stream, as far as children need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parent {
    /// Name of its stream.
    pub stream: String,
    /// `_key` of its row.
    pub key: String,
    /// Number of its version, if it has one.
    pub version: Option<u64>,
    /// Id of its space, if known.
    pub container: Option<String>,
}

/// What to return of each row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// Names of columns. Empty: all that are not on request, and the body if there is a format for
    /// it.
    pub columns: Vec<String>,
    /// Also return the rows' JSON.
    pub raw: bool,
    /// Format of bodies. Absent: none.
    pub body_format: Option<String>,
}

/// Bounds of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Maximum number of rows to return, 1 to 100 000. Absent: 10 000.
    pub rows: Option<u32>,
    /// Bytes of columns after which no further request is made. Absent: 2 MiB.
    pub bytes: Option<u32>,
    /// Maximum number of requests, 1 to 1 000. Absent: 100.
    pub requests: Option<u32>,
    /// Rows per request, 1 to 250. Absent: 250.
    pub page_size: Option<u32>,
}

/// Arguments of a step.
#[derive(Debug, Clone)]
pub struct StepRequest {
    /// Name of the stream.
    pub stream: String,
    /// How to read it.
    pub pass: Pass,
    /// Ids of spaces, up to 100, separated by commas, to read only their rows.
    pub partition: Option<String>,
    /// State of the previous step. Absent: from the beginning.
    pub state: Option<String>,
    /// Parents, up to 250.
    pub parents: Vec<Parent>,
    /// What to return of each row.
    pub projection: Projection,
    /// Bounds.
    pub budget: Budget,
    /// Settings by name.
    pub settings: Vec<(String, String)>,
}

impl StepRequest {
    /// The first step of a full pass over a stream, with the defaults.
    #[must_use]
    pub fn new(stream: &str, pass: Pass) -> Self {
        Self {
            stream: stream.to_owned(),
            pass,
            partition: None,
            state: None,
            parents: Vec::new(),
            projection: Projection::default(),
            budget: Budget::default(),
            settings: Vec::new(),
        }
    }
}
