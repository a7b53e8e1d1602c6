//! Whose concurrency limit a connection counts towards.

/// Whose concurrency limit a connection counts towards: its own, or that of the connection that
/// it borrows from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConcurrencyLimit {
    /// The level and the name of the connection that has the limit.
    pub owner: String,
    /// Maximum number of requests in flight.
    pub concurrency: u8,
}
