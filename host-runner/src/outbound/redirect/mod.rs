//! Where the site sends a request on to, and the content there.

pub(super) mod content;
pub(super) mod location;
