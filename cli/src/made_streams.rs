//! The streams that a sync makes of others.

use std::sync::Arc;

use access::ContentAccess;
use chunks::PageChunks;
use sync::SyncRequest;

/// A run that makes them, with the defaults for everything else.
pub(crate) fn made_streams() -> SyncRequest {
    let mut request = SyncRequest::default();
    request.derivations = vec![Arc::new(ContentAccess::new())];
    request.splits = vec![Arc::new(PageChunks::default())];
    request
}
