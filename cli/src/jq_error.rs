//! Why an expression of `--jq` has no result.

/// Why an expression has no result: the caller's mistake, on its way through what writes.
#[derive(Debug, thiserror::Error)]
#[error("the expression of `--jq` failed: {0}")]
pub(crate) struct JqError(pub(crate) String);
