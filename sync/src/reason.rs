//! Why rows are deleted: the words of the column `_sync_deleted_reason`, beside those that a site has
//! for the status of its content.

/// It is no longer in a list that is complete.
pub const REMOVED: &str = "removed";

/// The row that it belongs to is deleted.
pub const PARENT: &str = "parent";

/// Two complete lists lack it, and the site does not find it: it is purged, or hidden from the account.
pub const PURGED_OR_HIDDEN: &str = "purged-or-hidden";

/// Filters exclude it, and `apply_filters` of the sink has removed what they exclude.
pub const FILTERED: &str = "filtered";
