//! The streams, in the order in which they are described.

use super::{description::Stream, pages::PAGES};

/// All streams. Adding one is a module and a line here.
pub(super) static STREAMS: &[Stream] = &[PAGES];

/// The stream of that name.
pub(super) fn named(name: &str) -> Option<&'static Stream> {
    STREAMS.iter().find(|stream| stream.name == name)
}
