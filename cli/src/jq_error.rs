//! Why an expression of `--jq` has no result.

/// Why an expression has no result, on its way through what writes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the expression of `--jq` failed: {0}")]
pub(crate) struct JqError(pub(crate) String);
