//! Whose files are used: those of the user that this process runs as, and of root.
//!
//! Permissions say who else may write a file, and leave out the one who may always: its owner. A
//! state folder that somebody else owns has compiled code, and the key that vouches for it, of
//! their making. That root runs the process makes it worse and not better.

use std::fs::Metadata;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt as _;

/// Somebody else's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongOwner {
    /// The number of the user who owns it.
    pub owner: u32,
    /// The number of the user that this process runs as.
    pub own: u32,
}

impl WrongOwner {
    /// Who owns a file or a folder, where that is neither the user that this process runs as nor
    /// root. Nobody where files have no such owner.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        {
            let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
            (owner != own && owner != 0).then_some(Self { owner, own })
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            None
        }
    }
}
