//! Arguments: what Confluence takes, checked before anything is sent.

pub(crate) mod body_format;
pub(crate) mod call;
pub(crate) mod choice;
pub(crate) mod due;
pub(crate) mod encode;
pub(crate) mod function;
pub(crate) mod ids;
pub(crate) mod options;
pub(crate) mod order;
pub(crate) mod words;
