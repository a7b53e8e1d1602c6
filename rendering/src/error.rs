//! Why a body was not rendered.

/// Why a body was not rendered at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The body is larger than [`Limits::input_bytes`](crate::Limits::input_bytes).
    #[error("the body has `{bytes}` bytes, more than the limit of `{limit}`")]
    TooLarge {
        /// Size of the body in bytes.
        bytes: usize,
        /// What the limit was, in bytes.
        limit: usize,
    },
    /// The body was to be an Atlassian document and does not begin as a JSON object.
    #[error("the body is no Atlassian document: it is not a JSON object")]
    NotAdf,
}
