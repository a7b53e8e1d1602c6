//! Arguments: what Confluence takes, checked before anything is sent.

pub(crate) mod choice;
pub(crate) mod dates;
pub(crate) mod encode;
pub(crate) mod ids;
pub(crate) mod options;
pub(crate) mod order;
pub(crate) mod words;
