//! What a step has cost so far, and what it may cost.

/// Counts of a step, and its bounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    pub(crate) max_requests: u32,
    /// Bytes of columns after which no further request is made.
    pub(crate) max_bytes: usize,
    pub(crate) requests: u32,
    /// Rows that Confluence sent.
    pub(crate) sent: u64,
    /// Rows that were dropped because they belong elsewhere.
    pub(crate) foreign: u64,
    /// `Date` of the last response, in milliseconds since 1970.
    pub(crate) site_time: Option<i64>,
}
