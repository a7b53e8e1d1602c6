//! Responses as records: rows of a page, or a single resource.

pub(crate) mod decode;
pub(crate) mod link;
pub(crate) mod rendered;
pub(crate) mod rows;
pub(crate) mod single;
