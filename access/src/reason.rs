//! Why it is not known who may read a content.

use std::fmt;

use sync::Doubt;

/// Why it is not known who may read a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// What is stored of the content may not be what the site has.
    Content(Hidden),
    /// The same of a content above it.
    Ancestor(Hidden),
    /// A content above it is not in the copy: it is hidden from the account, or of a kind that is not
    /// copied.
    AncestorNotCopied,
    /// The contents above it form a loop.
    AncestorLoop,
    /// Restrictions of it, or of a content above it, were not read, or could not be.
    RestrictionsUnread,
    /// It has changed since restrictions or permissions were read.
    OlderThanContent,
    /// A content above it was moved, or was not seen in this run, and there are no layers of before.
    PlaceUnconfirmed,
    /// Its place, or that of content above it, could not be read.
    PlaceUnread,
    /// The run reached its limit between reading some of its restrictions and permissions and the others, and
    /// there are no layers of before.
    PartlyRead,
    /// The members of a group that one of its layers names could not be read.
    MembersUnread,
    /// The permissions of its space were not read, or could not be.
    PermissionsUnread,
    /// Roles may view its space, and who has them was not read, or could not be.
    RolesUnread,
    /// The permissions of its space let nobody view it, which is true of no space.
    PermissionsEmpty,
    /// Its row does not name its space.
    SpaceUnknown,
}

/// Why what is stored of a row may not be what the site has; as [`Doubt`], which has no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Hidden {
    /// It could not be read.
    Failed,
    /// Its deletion waits for approval.
    Held,
    /// A complete list lacks it.
    Missing,
    /// A list shows another version.
    Stale,
}

impl From<Doubt> for Hidden {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Held => Self::Held,
            Doubt::Missing => Self::Missing,
            Doubt::Stale => Self::Stale,
            // Whatever else there will be is no better than this.
            _ => Self::Failed,
        }
    }
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Content(Hidden::Failed),
        Self::Content(Hidden::Held),
        Self::Content(Hidden::Missing),
        Self::Content(Hidden::Stale),
        Self::Ancestor(Hidden::Failed),
        Self::Ancestor(Hidden::Held),
        Self::Ancestor(Hidden::Missing),
        Self::Ancestor(Hidden::Stale),
        Self::AncestorNotCopied,
        Self::AncestorLoop,
        Self::RestrictionsUnread,
        Self::OlderThanContent,
        Self::PlaceUnconfirmed,
        Self::PlaceUnread,
        Self::PartlyRead,
        Self::MembersUnread,
        Self::PermissionsUnread,
        Self::RolesUnread,
        Self::PermissionsEmpty,
        Self::SpaceUnknown,
    ];

    /// A stable identifier.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Content(Hidden::Failed) => "content-failed",
            Self::Content(Hidden::Held) => "content-held",
            Self::Content(Hidden::Missing) => "content-missing",
            Self::Content(Hidden::Stale) => "content-stale",
            Self::Ancestor(Hidden::Failed) => "ancestor-failed",
            Self::Ancestor(Hidden::Held) => "ancestor-held",
            Self::Ancestor(Hidden::Missing) => "ancestor-missing",
            Self::Ancestor(Hidden::Stale) => "ancestor-stale",
            Self::AncestorNotCopied => "ancestor-not-copied",
            Self::AncestorLoop => "ancestor-loop",
            Self::RestrictionsUnread => "restrictions-unread",
            Self::OlderThanContent => "older-than-content",
            Self::PlaceUnconfirmed => "place-unconfirmed",
            Self::PlaceUnread => "place-unread",
            Self::PartlyRead => "partly-read",
            Self::MembersUnread => "members-unread",
            Self::PermissionsUnread => "permissions-unread",
            Self::RolesUnread => "roles-unread",
            Self::PermissionsEmpty => "permissions-empty",
            Self::SpaceUnknown => "space-unknown",
        }
    }

    /// The one with this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// It in words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Content(Hidden::Failed) => "it could not be read",
            Self::Content(Hidden::Held) => "its deletion waits for approval",
            Self::Content(Hidden::Missing) => "the last complete list did not contain it",
            Self::Content(Hidden::Stale) => "its current version could not be read",
            Self::Ancestor(Hidden::Failed) => "content above it could not be read",
            Self::Ancestor(Hidden::Held) => "the deletion of content above it waits for approval",
            Self::Ancestor(Hidden::Missing) => {
                "the last complete list did not contain content above it"
            }
            Self::Ancestor(Hidden::Stale) => {
                "the current version of content above it could not be read"
            }
            Self::AncestorNotCopied => "content above it is not in the copy",
            Self::AncestorLoop => "the contents above it form a loop",
            Self::RestrictionsUnread => {
                "its restrictions, or those of content above it, could not be read"
            }
            Self::OlderThanContent => "it has changed since restrictions or permissions were read",
            Self::PlaceUnconfirmed => "content above it was moved, or was not seen in the last run",
            Self::PlaceUnread => "its place, or that of content above it, could not be read",
            Self::PartlyRead => {
                "the run reached its limit before all restrictions and permissions were read"
            }
            Self::MembersUnread => "the members of a group that may read it could not be read",
            Self::PermissionsUnread => "the permissions of its space could not be read",
            Self::RolesUnread => "the role assignments of its space could not be read",
            Self::PermissionsEmpty => "the permissions of its space let nobody view it",
            Self::SpaceUnknown => "its space is not known",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
