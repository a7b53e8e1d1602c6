//! The number that each function has in `after`.

/// The function that a call belongs to. Discriminants are part of every `after` that a caller
/// keeps: a function keeps its number for good, and the number of a removed one is not used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Function {
    /// A part of another call, or a call that is no list: no `after` is made of it.
    Single = 0,
    ListSpaces = 1,
    ListPages = 2,
    ListLabels = 3,
    ListAttachments = 4,
    ListAttachmentsByPage = 5,
    ListBlogPosts = 6,
    ListBlogPostsBySpace = 7,
    ListCustomContent = 8,
    ListTasks = 9,
    GetPages = 10,
    GetPagesBySpace = 11,
    GetPagesByLabel = 12,
    GetBlogPosts = 13,
    GetBlogPostsBySpace = 14,
    GetAttachments = 15,
    GetAttachmentsByPage = 16,
    GetSpaces = 17,
    GetTasks = 18,
    GetCustomContent = 19,
    GetLabels = 20,
    GetLabelsByPage = 21,
    GetLabelsBySpace = 22,
    GetPageChildren = 23,
    GetPageVersions = 24,
    GetBlogPostVersions = 25,
    GetContentProperties = 26,
    GetComments = 27,
    GetGroups = 28,
    GetGroupMembers = 29,
    GetUsers = 30,
    Search = 31,
    GetSpacePermissions = 32,
    GetPagesChangedSince = 33,
    GetBlogPostsChangedSince = 34,
    GetLabelsByBlogPost = 35,
    GetLabelsByAttachment = 36,
    GetAttachmentsByBlogPost = 37,
    GetAttachmentVersions = 38,
    GetAuditRecords = 39,
    GetAllUsers = 40,
    /// `GetUsers` at a site that takes one account at a time.
    GetUsersSingly = 41,
    /// The list of a stream: its state holds the `after`.
    Stream = 42,
}

impl Function {
    /// The number in `after`.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }
}
