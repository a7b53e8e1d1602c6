//! Which rows are deleted with a row.

use std::collections::BTreeMap;

use source::Stream;

use crate::owners;

/// The streams whose rows belong to rows of a stream, and those whose rows belong to those, and so on. What
/// belongs to a deleted row is deleted with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Children(BTreeMap<String, Vec<String>>);

impl Children {
    /// No streams.
    pub const NONE: &'static Self = &Self(BTreeMap::new());

    /// Those below a stream.
    #[must_use]
    pub fn below(stream: &str, streams: &[Stream]) -> Self {
        let mut children = BTreeMap::new();
        let mut waiting = vec![stream.to_owned()];
        while let Some(parent) = waiting.pop() {
            if children.contains_key(&parent) {
                continue;
            }
            let belongs = |child: &&Stream| owners::of(child).contains(&parent.as_str());
            let own = streams.iter().filter(belongs);
            let own: Vec<String> = own.map(|child| child.name.clone()).collect();
            waiting.extend(own.iter().cloned());
            children.insert(parent, own);
        }
        Self(children)
    }

    /// The streams whose rows belong to rows of this one: itself, too, if it has replies.
    #[must_use]
    pub fn of(&self, stream: &str) -> &[String] {
        self.0.get(stream).map_or(&[], Vec::as_slice)
    }
}
