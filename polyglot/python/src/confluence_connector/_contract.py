"""What the connector takes and answers, and its functions.

Made of `wit/` by `conformance contract polyglot`: changes are lost.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, TypedDict

ErrorKind = Literal[
    "invalid-argument",
    "invalid-endpoint",
    "not-configured",
    "refused",
    "unauthorized",
    "forbidden",
    "not-found",
    "rate-limited",
    "upstream-failed",
    "not-json",
    "truncated",
    "too-deep",
    "too-large",
    "unexpected-answer",
    "unreachable",
    "unresolvable",
    "timed-out",
    "insecure",
    "denied",
    "looping",
    "internal",
]
"""Category of an error. Closed, so callers can branch on it."""

LimitScope = Literal[
    "burst",
    "quota-app",
    "quota-tenant",
    "gateway",
    "unknown",
]
"""Scope of a rate limit."""

PropertyOwner = Literal[
    "page",
    "blog-post",
    "attachment",
    "custom-content",
    "comment",
    "space",
]
"""Kind of owner of properties."""

ContentKind = Literal[
    "page",
    "blog-post",
]
"""Kind of content."""

CommentKind = Literal[
    "footer",
    "inline",
]
"""Position of a comment."""

ReadAnswer = Literal[
    "yes",
    "no",
    "unknown",
]
"""Whether a user can read a content item."""

LabelOwner = Literal[
    "space",
    "page",
    "blog-post",
    "attachment",
]
"""Kind of owner of the labels that `list_labels` returns."""

TaskStatus = Literal[
    "complete",
    "incomplete",
    "open",
]
"""Status of the tasks that `list_tasks` returns."""

Level = Literal[
    "app",
    "env",
    "cluster",
]
"""Where a setting is stored. App overrides environment, which overrides cluster; endpoint and
authorization are overridden together.
"""

ColumnType = Literal[
    "text",
    "json",
    "integer",
    "instant",
    "boolean",
]
"""Type of a column. All columns are nullable unless their description says otherwise."""

Pass = Literal[
    "full",
    "changes",
    "census",
    "details",
    "versions",
    "access",
    "look-up",
    "survey",
]
"""A way to read a stream."""


class ErrorRecord(TypedDict):
    """Why a call failed, for people and for programs."""

    code: str
    """Stable identifier of the failure, more specific than `kind`, such as `limit-out-of-range`. Open."""

    kind: ErrorKind
    """Category of the failure; branch on this."""

    message: str
    """What failed. One sentence, values in backticks, no full stop."""

    cause: str
    """Likely cause."""

    resolution: str
    """How to fix it."""

    status: int | None
    """HTTP status, if there was a response."""

    request_id: str | None
    """`atl-traceid` of the response, for Atlassian's support."""

    retry_after_ms: int | None
    """Wait that Confluence requested, in milliseconds."""

    limit_scope: LimitScope | None
    """Scope of the rate limit. Only with `rate-limited`."""


class Notice(TypedDict):
    """Additional information about a successful result."""

    code: str
    """Stable identifier. Open.

    | code | meaning |
    |---|---|
    | `row-dropped` | a row without a usable id or of an unknown type was dropped |
    | `foreign-row-dropped` | a row that does not match the arguments was dropped |
    | `duplicate-row-dropped` | Confluence sent a row twice; it is returned once |
    | `empty-page` | a response without rows links to another one, or to itself at the end |
    | `page-changed` | rows at the continuation token changed, so some may be returned again |
    | `unknown-id` | there is no row for this id or key: missing, or hidden from this account |
    | `poison-item` | Confluence fails at this row; it was omitted |
    | `count-unavailable` | `test_connection` could not count pages |
    | `replies-cut` | a thread has more than 500 replies, or unreadable ones: only the first are returned |
    | `replies-missing` | a comment was deleted or hidden before its replies were read |
    | `since-in-future` | `since` is later than the site's clock, whose time was used |
    | `nothing-visible` | this account sees no space |
    | `index-lags` | a search may miss recent changes |
    | `dates-in-time-zone` | dates in a search are in the time zone of this account |
    | `filtered-here` | Confluence has no such filter: all rows were read, and others skipped |
    | `mention-names-missing` | accounts that bodies mention have no name, or it could not be read: their ids were kept |
    | `users-may-repeat` | users in several groups may be returned by several calls |
    """

    message: str
    """What happened. One sentence, no full stop."""

    id: str | None
    """Id of the affected item, if there is one."""


class Rest(TypedDict):
    """State of a list after its items.

    **A list without `after` and `stopped` is complete.** Otherwise there are, or may be, more
    items.
    """

    after: str | None
    """Continuation token. Pass it as `after`, with all other arguments except `limit` unchanged, to
    get the items that follow. Opaque; absent at the end of the list. It can be stored and used
    later and by another process.
    """

    stopped: ErrorRecord | None
    """Error that ended this call early. The returned items are valid; the following ones are missing.
    If `after` is present, too, it continues where the error occurred.
    """

    notices: list[Notice]
    """What was omitted or unusual, and why."""


class ListOptions(TypedDict, total=False):
    """Options shared by all list functions. All are optional.

    Each function documents the options it accepts. Others are rejected with `invalid-argument`,
    because Confluence ignores unknown parameters and would return unfiltered rows.
    """

    body_format: str | None
    """Format of bodies. Absent: no bodies. Content supports `storage` and `atlas_doc_format` from
    Confluence, and `text` and `markdown`, which the component renders from storage format.
    Custom content also supports `raw`. For spaces, `plain` and `view` select the description.

    `markdown` is CommonMark with GitHub's tables, task lists and strikethrough. `text` is for
    indexing; table cells are separated by tabs. Unknown macros are replaced by their text and
    listed in `degraded` of the body.
    """

    status: Sequence[str]
    """Statuses to list. Empty: Confluence's default, which each function documents."""

    sort: str | None
    """Order: a field name that the function documents, with the prefix `-` for descending order, such
    as `-modified-date`; or `asc` or `desc`, which order by the field that the interface `confluence`
    documents for each resource. Absent: Confluence's order, usually by id. Cannot be combined with
    a `sort` argument.
    """

    space_ids: Sequence[str]
    """Only rows of these spaces, by id or key. If Confluence sends rows of other spaces, they are
    dropped and reported in a notice.
    """

    name_prefix: str | None
    """Only labels whose name begins with this text; case of ASCII letters is ignored. Confluence has
    no such filter: all labels are read, the others are skipped, and a notice `filtered-here`
    reports it.
    """

    mention_names: bool
    """Look up the display names of accounts that bodies mention. Default: false.

    The storage format has only account ids, so `text` and `markdown` show `@712020:…`. With this
    option, they show `@Ada Vogel`. Only with these two formats; with others it is rejected with
    `mention-names-without-rendering`.

    After the rows, one request per 100 mentioned accounts, each account once per call:
    `GET /wiki/rest/api/user/bulk?accountId=…`, which needs the scope `read:confluence-user`. No
    mentions, no request. At most 1 000 accounts are looked up. Accounts without a name, or all
    of them if the request fails, keep their id: a notice `mention-names-missing` says why, and
    `degraded` of each body how many it has.
    """

    raw: bool
    """Also return each row's JSON from Confluence verbatim, in `raw`."""

    more: Sequence[tuple[str, str]]
    """Names and values of options that later versions may add without a field of their own. Unknown
    names are rejected. This version has none, so the list must be empty.
    """


class GetOptions(TypedDict, total=False):
    """Options of functions that return a single item. All are optional.

    Each function documents the options it accepts. Others are rejected with `invalid-argument`.
    """

    body_format: str | None
    """Format of the body. Absent: no body. Pages, blog posts and comments support `storage`,
    `atlas_doc_format`, `text`, `markdown`, and formats that Confluence renders: `view`,
    `export_view`, `anonymous_export_view`, `styled_view` and `editor`. Tasks support the first
    four. For spaces, `plain` and `view` select the description.
    """

    status: Sequence[str]
    """Accepted statuses. Empty: Confluence's default, which includes items in the trash; check
    `status` of the result.
    """

    version: int | None
    """An earlier version, 1 to 2 147 483 647. Absent: the current version."""

    mention_names: bool
    """Look up the display names of accounts that a `text` or `markdown` body mentions, as in
    `list-options`. Default: false. Costs one request per 100 mentioned accounts. If names are
    missing, `degraded` of the body says so.
    """

    raw: bool
    """Also return the JSON from Confluence verbatim, in `raw`."""


class Body(TypedDict):
    """A text in one of Confluence's formats, or rendered from one."""

    representation: str
    """Format of `value`: `storage`, `atlas_doc_format`, `text`, `markdown`, `raw`, `plain`, or a
    format that Confluence renders for single items, such as `view`. This is the requested
    format, unless Confluence sent another one, or the body exceeds 8 MiB and is returned
    without rendering.
    """

    value: str
    """The text. For `atlas_doc_format`, a JSON document."""

    degraded: str | None
    """What `text` or `markdown` show differently from Confluence: phrases separated by `; `, such as
    ``the macro `quiz` is unknown: its text was kept``. Absent: nothing, or the body was not
    rendered by the component.
    """


class Version(TypedDict):
    """A version of content."""

    number: int | None
    """Number of the version, counted from 1."""

    message: str | None
    """Message of its author. Often empty."""

    minor_edit: bool | None
    """Whether it was saved without notifying watchers."""

    author_id: str | None
    """Account id of its author."""

    created_at: str | None
    """Creation time. For content, this is the time of the last change."""


class Space(TypedDict):
    """A space. Its icon is not a field, because only browsers can fetch it; `raw` contains its path."""

    id: str
    """Numeric id."""

    key: str | None
    """Key, as in its URL. Keys of personal spaces start with `~`."""

    name: str | None
    """Display name."""

    type: str | None
    """`global`, `personal`, `collaboration`, `knowledge_base`, … Open."""

    status: str | None
    """`current` or `archived`. Open."""

    author_id: str | None
    """Account id of its creator."""

    owner_id: str | None
    """Account id of its owner."""

    created_at: str | None
    """Creation time."""

    homepage_id: str | None
    """Id of the home page."""

    alias: str | None
    """Alias in its URL, if it has one."""

    description: Body | None
    """Description, if requested with `body_format` and present."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Page(TypedDict):
    """A page."""

    id: str
    """Numeric id."""

    status: str | None
    """`current`, `archived`, `trashed`, `deleted`, `draft`, … Open."""

    title: str | None
    """Title."""

    space_id: str | None
    """Id of its space."""

    parent_id: str | None
    """Id of its parent. Absent at the top of a space."""

    parent_type: str | None
    """Type of the parent: `page`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    position: int | None
    """Position among its siblings."""

    author_id: str | None
    """Account id of its creator."""

    owner_id: str | None
    """Account id of its owner."""

    last_owner_id: str | None
    """Account id of its previous owner."""

    subtype: str | None
    """`live` for live documents; usually absent."""

    created_at: str | None
    """Creation time."""

    version: Version | None
    """Current version; its `created_at` is the time of the last change."""

    body: Body | None
    """Body, if requested with `body_format`."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class BlogPost(TypedDict):
    """A blog post."""

    id: str
    """Numeric id."""

    status: str | None
    """`current`, `trashed`, `deleted`, … Open. Blog posts are never `archived`."""

    title: str | None
    """Title."""

    space_id: str | None
    """Id of its space."""

    author_id: str | None
    """Account id of its creator."""

    created_at: str | None
    """Creation time."""

    version: Version | None
    """Current version; its `created_at` is the time of the last change."""

    body: Body | None
    """Body, if requested with `body_format`."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Attachment(TypedDict):
    """A file attached to a page, a blog post or custom content."""

    id: str
    """`att` and a number."""

    status: str | None
    """`current`, `archived`, `trashed`, … Open."""

    title: str | None
    """File name."""

    created_at: str | None
    """Time when it was first attached."""

    page_id: str | None
    """Id of the page that it belongs to, if it belongs to a page."""

    blog_post_id: str | None
    """Id of the blog post that it belongs to, if it belongs to a blog post."""

    custom_content_id: str | None
    """Id of the custom content that it belongs to, if it belongs to custom content."""

    media_type: str | None
    """Media type, such as `application/pdf`."""

    media_type_description: str | None
    """Description of the media type, such as `PDF Document`."""

    comment: str | None
    """Comment of its author."""

    file_id: str | None
    """Id used in `atlas_doc_format` bodies. Not the attachment's id."""

    file_size: int | None
    """Size in bytes."""

    version: Version | None
    """Current version."""

    web_url: str | None
    """URL for browsers."""

    download_path: str | None
    """Download path for browsers. It does not accept API tokens; see `get_attachment_location`."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class AttachmentLocation(TypedDict):
    """Temporary URL of the content of an attachment."""

    id: str
    """`att` and a number."""

    version: int | None
    """Version of the content, counted from 1."""

    status: str | None
    """Status of the attachment: `current`, `archived`, `trashed`, … Open."""

    title: str | None
    """File name from its author. Do not use it as a path: it can contain separators, `..`, control
    characters, and names reserved by file systems.
    """

    media_type: str | None
    """Media type, such as `application/pdf`, as sent by the author's browser. Not verified."""

    file_size: int | None
    """Size of this version in bytes. Content of another length is truncated or another file."""

    url: str
    """Absolute URL of the content. **A secret**: see `get_attachment_location`."""


class CustomContent(TypedDict):
    """Content of a type that an app defined."""

    id: str
    """Numeric id."""

    type: str | None
    """Type, such as `ac:my-app:note` or `forge:…`."""

    status: str | None
    """`current`, `archived`, `trashed`, … Open."""

    title: str | None
    """Title."""

    space_id: str | None
    """Id of its space."""

    page_id: str | None
    """Id of the page that contains it, if a page does."""

    blog_post_id: str | None
    """Id of the blog post that contains it, if a blog post does."""

    custom_content_id: str | None
    """Id of the custom content that contains it, if custom content does."""

    author_id: str | None
    """Account id of its creator."""

    created_at: str | None
    """Creation time."""

    version: Version | None
    """Current version."""

    body: Body | None
    """Body, if requested with `body_format`."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Task(TypedDict):
    """A task: a line with a check box in a page or a blog post."""

    id: str
    """Numeric id."""

    local_id: str | None
    """Id within its page or blog post."""

    space_id: str | None
    """Id of its space."""

    page_id: str | None
    """Id of its page, if it is in a page."""

    blog_post_id: str | None
    """Id of its blog post, if it is in a blog post."""

    status: str | None
    """`complete` or `incomplete`. Open."""

    body: Body | None
    """Body, if requested with `body_format`."""

    created_by: str | None
    """Account id of its author."""

    assigned_to: str | None
    """Account id of its assignee."""

    completed_by: str | None
    """Account id of the user who completed it."""

    created_at: str | None
    """Creation time."""

    updated_at: str | None
    """Time of the last change."""

    due_at: str | None
    """Due date."""

    completed_at: str | None
    """Time when it was completed."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Label(TypedDict):
    """A label."""

    id: str
    """Numeric id."""

    name: str | None
    """Name without prefix."""

    prefix: str | None
    """`global`, `my`, `team`, `system`. Open."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Child(TypedDict):
    """A direct child of a page."""

    id: str
    """Numeric id."""

    type: str | None
    """`page`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    status: str | None
    """`current`, `archived`, `draft`, … Open."""

    title: str | None
    """Title."""

    space_id: str | None
    """Id of its space."""

    position: int | None
    """Position among its siblings."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Ancestor(TypedDict):
    """An ancestor of a page."""

    id: str
    """Numeric id."""

    type: str | None
    """`page`, `folder`, `whiteboard`, `database`, `embed`. Open."""


class Folder(TypedDict):
    """A folder."""

    id: str
    """Numeric id."""

    status: str | None
    """`current`, `archived`, `trashed`, … Open."""

    title: str | None
    """Title."""

    space_id: str | None
    """Id of its space, if Confluence sent it."""

    parent_id: str | None
    """Id of its parent. Absent at the top of a space."""

    parent_type: str | None
    """Type of the parent: `page`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    position: int | None
    """Position among its siblings."""

    author_id: str | None
    """Account id of its creator."""

    owner_id: str | None
    """Account id of its owner."""

    created_at: str | None
    """Creation time."""

    version: Version | None
    """Current version."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class ContentVersion(TypedDict):
    """A version of a page or a blog post, as a row of its history."""

    number: str
    """Number of the version, counted from 1. A string, because it is the id of the row."""

    message: str | None
    """Message of its author. Often empty."""

    minor_edit: bool | None
    """Whether it was saved without notifying watchers."""

    author_id: str | None
    """Account id of its author."""

    created_at: str | None
    """Creation time."""

    title: str | None
    """Title of this version, if Confluence sent it."""

    body: Body | None
    """Body of this version, if requested with `body_format`."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class ContentProperty(TypedDict):
    """Data that an app stores with content or a space, under a key."""

    id: str
    """Numeric id."""

    key: str | None
    """Key, such as `editor`."""

    value: str | None
    """Value, as JSON text."""

    created_at: str | None
    """Creation time. Only for properties of spaces."""

    created_by: str | None
    """Account id of the creator. Only for properties of spaces."""

    version: Version | None
    """Current version."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Comment(TypedDict):
    """A comment, or a reply to one."""

    id: str
    """Numeric id."""

    kind: CommentKind
    """Footer or inline."""

    status: str | None
    """`current`, `trashed`, `deleted`, … Open."""

    title: str | None
    """Title, generated by Confluence."""

    page_id: str | None
    """Id of its page, if Confluence sent it. Absent for replies."""

    blog_post_id: str | None
    """Id of its blog post, if Confluence sent it. Absent for replies."""

    attachment_id: str | None
    """Id of the attachment that it is about, if Confluence sent it."""

    custom_content_id: str | None
    """Id of the custom content that it is about, if Confluence sent it."""

    parent_id: str | None
    """Id of the comment that it replies to. Absent for the first comment of a thread."""

    resolution_status: str | None
    """Resolution: `open`, `resolved`, `reopened`, `dangling`. Open."""

    resolution_modifier_id: str | None
    """Account id of the user that last resolved or reopened an inline comment."""

    resolution_modified_at: str | None
    """Time of the last resolution or reopening."""

    selection: str | None
    """Text that an inline comment refers to."""

    marker_ref: str | None
    """Id of the marker in the body that an inline comment refers to."""

    version: Version | None
    """Current version."""

    body: Body | None
    """Body, if requested with `body_format`."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class User(TypedDict):
    """A user account."""

    account_id: str
    """Account id."""

    type: str | None
    """`known`, `unknown`, … Open."""

    account_type: str | None
    """`atlassian` for people, `app` for apps, … Open."""

    display_name: str | None
    """Display name."""

    public_name: str | None
    """Public name."""

    email: str | None
    """E-mail address. Hidden by the privacy settings of most accounts."""

    time_zone: str | None
    """Time zone, such as `Europe/Berlin`. Confluence reads dates in searches in this time zone."""

    guest: bool | None
    """Whether it is a guest, from outside of the organization: `isGuest` in Confluence's JSON, or its
    earlier name `isExternalCollaborator`.
    """

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Group(TypedDict):
    """A group."""

    id: str
    """UUID. Empty for a deleted group that a restriction still contains."""

    name: str | None
    """Display name."""

    usage_type: str | None
    """`USERBASE_GROUP`, `TEAM_COLLABORATION`, … Open."""

    managed_by: str | None
    """`ADMINS`, `EXTERNAL`, `TEAM_MEMBERS`, `OPEN`, … Open."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Principal(TypedDict):
    """A user, a group, or a class of users."""

    kind: str
    """`user`, `group`, `access-class`, `role`, … Open."""

    id: str
    """Account id, UUID of a group or role, or name of a class such as `ALL_LICENSED_USERS`."""


class SpacePermission(TypedDict):
    """A permission of a principal in a space."""

    id: str
    """Id of the permission."""

    principal: Principal
    """Who has the permission."""

    operation: str | None
    """Permitted operation: `read`, `create`, `delete`, `administer`, … Open."""

    target_type: str | None
    """Target of the operation: `space`, `page`, `comment`, … Open. `read` of `space` permits seeing
    the space.
    """

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class Restriction(TypedDict):
    """Users and groups that an operation on content is restricted to."""

    users: list[User]
    """Permitted users."""

    groups: list[Group]
    """Permitted groups. Can contain deleted groups."""

    inherits: bool
    """True if there are no users and groups: this item restricts nothing, and its ancestors and
    space decide. It does not mean that nobody is permitted.
    """


class ContentRestrictions(TypedDict):
    """Restrictions of one content item, without those of its ancestors."""

    content_id: str
    """Id of the content."""

    read: Restriction
    """Who can view it."""

    update: Restriction
    """Who can edit it."""


class ReaderGate(TypedDict):
    """A check that readers of content must pass: the space, an ancestor, or the content itself."""

    kind: str
    """`space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    id: str
    """Numeric id."""

    principals: list[Principal]
    """Who passes: these users, members of these groups, and members of these classes. If empty,
    nobody passes.
    """


class Consulted(TypedDict):
    """A source that was read to determine the readers."""

    kind: str
    """`space` for permissions; `page`, `blogpost`, `folder`, … for restrictions. Open."""

    id: str
    """Numeric id."""

    restricts: bool
    """Whether it is a gate. Content without restrictions is not."""


class EffectiveReaders(TypedDict):
    """Who can read a content item.

    **A reader must pass every gate**: each of `gates` must contain the user, one of their groups,
    or a class that they belong to. Group memberships are not included, because Confluence does
    not return them with permissions and they change often. Check them when a user makes a
    request.
    """

    content_id: str
    """Id of the content."""

    space_id: str
    """Id of its space."""

    status: str | None
    """Status of the content. People see only `current` content."""

    certain: list[Principal]
    """Users, groups and classes that every gate contains. They can certainly read the content.
    Others may be able to, by passing different gates through different groups.
    """

    gates: list[ReaderGate]
    """Gates, from the space down to the content."""

    consulted: list[Consulted]
    """Everything that was read to determine this."""


class GateDecision(TypedDict):
    """What a gate decides about a user."""

    kind: str
    """`space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    id: str
    """Numeric id."""

    answer: ReadAnswer
    """Whether the user passes. `unknown` if only a class of accounts can let the user pass."""

    via: Principal | None
    """The principal of the gate through which the user passes: the user or one of their groups."""


class ReadDecision(TypedDict):
    """Whether a user can read a content item, and which gate decides."""

    content_id: str
    """Id of the content."""

    space_id: str
    """Id of its space."""

    status: str | None
    """Status of the content. People see only `current` content."""

    account_id: str
    """Account id of the user."""

    answer: ReadAnswer
    """Whether the user can read the content."""

    reason: str
    """Why, in one sentence."""

    decides: GateDecision | None
    """The gate that decides: for `no` the first that the user does not pass, for `unknown` the first
    that cannot be decided, for `yes` the last one. Absent if the account or the status of the
    content decides.
    """

    gates: list[GateDecision]
    """The gates that were read, from the space down; for `no`, up to the gate that decides."""


class SearchResult(TypedDict):
    """A search result."""

    id: str
    """Id of the content or space, or account id of the user."""

    entity_type: str | None
    """`content`, `space`, `user`. Open."""

    content_type: str | None
    """Type of content: `page`, `blogpost`, `comment`, `attachment`, `folder`, … Open."""

    status: str | None
    """`current`, `archived`, … Open."""

    title: str | None
    """Title, without HTML entities and without the marks around matches. `raw` keeps both."""

    space_key: str | None
    """Key of the space, or of the content's space."""

    container_id: str | None
    """For attachments and comments: id of the content that they belong to."""

    container_title: str | None
    """Title of that content."""

    excerpt: str | None
    """Excerpt of the text, without HTML entities and marks, as in the title."""

    user: User | None
    """For users: the account."""

    last_modified: str | None
    """Time of the last change, with a precision of one second."""

    web_url: str | None
    """URL for browsers."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class AuditObject(TypedDict):
    """Object in an audit record."""

    name: str | None
    """Name."""

    type: str | None
    """`Space`, `User`, `Group`, `Page`, … Open."""


class AuditChange(TypedDict):
    """One value before and after a change."""

    name: str | None
    """Name of the value."""

    old_value: str | None
    """Value before. Often empty."""

    new_value: str | None
    """Value after. Often empty."""


class AuditRecord(TypedDict):
    """Record of an action at a site."""

    created_at: str | None
    """Time of the action."""

    author_id: str | None
    """Account id of the user. Absent for the system and for anonymous visitors."""

    author_name: str | None
    """Display name of the user."""

    remote_address: str | None
    """Network address of the user."""

    summary: str | None
    """Action, such as `Space permission added`."""

    description: str | None
    """Details. Often empty."""

    category: str | None
    """`Permissions`, `Users and groups`, `Security`, … Open."""

    sys_admin: bool | None
    """Whether the user is a system administrator."""

    super_admin: bool | None
    """Whether the rights of the super administrator were used."""

    affected: AuditObject | None
    """Object of the action."""

    changes: list[AuditChange]
    """Changed values."""

    associated: list[AuditObject]
    """Other objects that the action concerns."""

    raw: str | None
    """JSON from Confluence, if requested with `raw`."""


class AuditRecordListing(TypedDict):
    """Audit records."""

    items: list[AuditRecord]
    """Newest first."""

    rest: Rest
    """Whether there is more."""


class ContentReference(TypedDict):
    """Content that an address identifies."""

    id: str
    """Numeric id."""

    kind: str | None
    """`page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Absent if the address does
    not contain it.
    """

    space_key: str | None
    """Key of the space, if the address contains it."""


class UserListing(TypedDict):
    """Users."""

    items: list[User]
    """Items, in Confluence's order."""

    rest: Rest
    """Whether the list is complete."""


class GroupListing(TypedDict):
    """Groups."""

    items: list[Group]
    """Items, in Confluence's order."""

    rest: Rest
    """Whether the list is complete."""


class SpacePermissionListing(TypedDict):
    """Permissions of a space."""

    items: list[SpacePermission]
    """Items, in Confluence's order."""

    rest: Rest
    """Whether the list is complete."""


class SearchResultListing(TypedDict):
    """Search results."""

    items: list[SearchResult]
    """Items, best match first unless the query has an order."""

    rest: Rest
    """Whether the list is complete."""


class PageChanges(TypedDict):
    """Changed pages, and the checkpoint for the next call."""

    items: list[Page]
    """Items, newest first."""

    checkpoint: str | None
    """Pass this as `since` next time. Present only if this result completes the list. Store it
    after its items are stored.
    """

    rest: Rest
    """Whether the list is complete."""


class BlogPostChanges(TypedDict):
    """Changed blog posts, and the checkpoint for the next call."""

    items: list[BlogPost]
    """Items, newest first."""

    checkpoint: str | None
    """Pass this as `since` next time. Present only if this result completes the list. Store it
    after its items are stored.
    """

    rest: Rest
    """Whether the list is complete."""


class ChildListing(TypedDict):
    """Children of a page."""

    items: list[Child]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class ContentVersionListing(TypedDict):
    """Versions."""

    items: list[ContentVersion]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class ContentPropertyListing(TypedDict):
    """Properties."""

    items: list[ContentProperty]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class CommentListing(TypedDict):
    """Comments."""

    items: list[Comment]
    """Threads in the requested order, each followed by its replies if requested."""

    rest: Rest
    """Whether the list is complete."""


class SpaceListing(TypedDict):
    """Spaces."""

    items: list[Space]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class PageListing(TypedDict):
    """Pages."""

    items: list[Page]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class BlogPostListing(TypedDict):
    """Blog posts."""

    items: list[BlogPost]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class AttachmentListing(TypedDict):
    """Attachments."""

    items: list[Attachment]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class CustomContentListing(TypedDict):
    """Custom content."""

    items: list[CustomContent]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class TaskListing(TypedDict):
    """Tasks."""

    items: list[Task]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class LabelListing(TypedDict):
    """Labels."""

    items: list[Label]
    """Items, in the requested order."""

    rest: Rest
    """Whether the list is complete."""


class StoredConnection(TypedDict):
    """What `set_api_url_and_auth` stored."""

    base_url: str
    """Canonical base URL. All requests of the connector are below it."""

    level: Level
    """Level where it is stored."""


class Count(TypedDict):
    """A number of rows."""

    value: int
    """Number of rows that were counted."""

    at_least: bool
    """Whether there are, or may be, more rows than `value`."""


class ConnectionReport(TypedDict):
    """Result of `test_connection`."""

    base_url: str
    """Base URL of the site."""

    account_id: str | None
    """Account id of the authenticated user."""

    display_name: str | None
    """Display name."""

    email: str | None
    """E-mail address. Often hidden by the account's privacy settings."""

    time_zone: str | None
    """Time zone of the account, such as `Europe/Berlin`. Confluence reads dates in searches in this
    time zone.
    """

    spaces: Count
    """Number of spaces that this account can see, counted up to 250."""

    space: Space | None
    """Space selected by the argument `space`."""

    pages: Count | None
    """Number of pages in the search index that this account can see: of that space, or of all
    spaces that are not archived. The index lags and omits archived pages, so `at_least` is always
    set. Absent if Confluence rejected the search; a notice gives the reason.
    """

    notices: list[Notice]
    """What could not be determined, and why."""


class ColumnDescription(TypedDict):
    """Description of a column."""

    name: str
    """Name, in snake case. Fields of nested objects are joined by two underscores:
    `version__number`.
    """

    documentation: str
    """What it contains. One sentence or more, in Markdown."""

    type: ColumnType
    """Type."""

    nullable: bool
    """Whether values can be null."""

    on_request: bool
    """Whether it is only read if a projection names it, because it makes requests slower or larger."""


class StreamDescription(TypedDict):
    """Description of a stream."""

    name: str
    """Name, in snake case, such as `page_footer_comments`."""

    documentation: str
    """What its rows are and where they come from. Markdown."""

    key: list[str]
    """Names of the columns whose values together identify a row."""

    parents: list[str]
    """Streams whose rows are the `parents` of a step. Empty: the stream is listed without parents."""

    by_space: bool
    """Whether `partition` can name spaces."""

    columns: list[ColumnDescription]
    """Columns, in order. System columns and `raw` are not among them."""

    passes: list[Pass]
    """Supported passes."""

    scopes: list[list[str]]
    """Scopes, of which one of each list is needed: granular or classic."""

    points_per_row: int
    """Points of Confluence's rate limit that a returned row costs, in addition to one per request."""

    default: bool
    """Whether to read it if the caller names no streams."""

    settings: list[str]
    """Settings that it needs, such as `custom-content-types`. Empty: none."""


class Parent(TypedDict):
    """A row of a parent stream, as far as children need it."""

    stream: str
    """Name of its stream."""

    key: str
    """`_key` of its row."""

    version: int | None
    """Number of its version, if it has one."""

    container: str | None
    """Id of its space, if known."""


class Projection(TypedDict, total=False):
    """What to return of each row."""

    columns: Sequence[str]
    """Names of columns. Empty: all that are not `on_request`, and `body` if `body_format` is given."""

    raw: bool
    """Also return `raw`."""

    body_format: str | None
    """Format of the column `body`: `storage`, `atlas_doc_format`, `text` or `markdown`. Absent: no
    bodies, even if `columns` names them.
    """


class Budget(TypedDict, total=False):
    """Limits of a step. A step ends at the first limit that is reached, after one request at least."""

    rows: int | None
    """Maximum number of rows to return, 1 to 100 000. Absent: 10 000. Rows of one response are returned
    together: where each item of a response has a list of rows, such as labels of a page, there can
    be up to 50 000 more.
    """

    bytes: int | None
    """Bytes of columns after which no further request is made, 65 536 to 16 777 216. Absent: 2 MiB."""

    requests: int | None
    """Maximum number of requests, 1 to 1 000. Absent: 100."""

    page_size: int | None
    """Rows per request, 1 to 250. Absent: 250. Cursors are bound to it: keep it for the whole pass."""


class ReadParent(TypedDict):
    """A parent whose complete set of rows was read."""

    key: str
    """`_key` of its row."""

    version: int | None
    """Number of the version that the rows belong to. If the parent has another version by now, its rows
    have to be read again. Absent: the rows do not depend on the version.
    """


class Observed(TypedDict):
    """Statistics of a step."""

    rows: int
    """Rows that Confluence sent."""

    requests: int
    """Requests."""

    points: int
    """Estimated points of Confluence's rate limit."""

    foreign_rows: int
    """Rows that were dropped because they belong to another space."""

    missing_parents: list[str]
    """Parents that no longer exist, or are hidden from this account, by key."""

    read_parents: list[ReadParent]
    """Parents whose complete sets are in this step and the steps before it, also if a set is empty: of
    lists in bulk, and of streams with the pass `access`. A parent that is in neither list was not
    shown, such as content that the search index omits, or has a list that the response cuts.
    """

    site_time: str | None
    """`Date` of the last response, ISO 8601 in UTC."""


class Calls(ABC):
    """The functions of the component."""

    @abstractmethod
    def _call(self, interface: str, function: str, arguments: tuple[Any, ...]) -> Any:
        """Calls a function with its arguments in their order, and answers what it does."""

    def list_spaces(
        self,
        ids: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> SpaceListing:
        """Lists spaces. `GET /wiki/api/v2/spaces`.

        - `ids`: only these spaces, by id or key.
        - `keys`: only these spaces, by key. A key without a space is reported in a notice
          `unknown-id`. With `ids`, a space must match both.
        - `options`: `body_format` (`plain` or `view`, the format of the description), `status` (one of
          `current` and `archived`; default: both), `sort` (`id`, `key`, `name`), `raw`.
        """
        answer: SpaceListing = self._call(
            "confluence-service",
            "list-spaces",
            (ids, keys, limit, after, options,),
        )
        return answer

    def list_pages(
        self,
        ids: Sequence[str] | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Lists pages. `GET /wiki/api/v2/pages`.

        - `ids`: only these pages.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `status` (`current`, `archived`, `deleted`, `trashed`; default: current and
          archived), `sort` (`id`, `created-date`, `modified-date`, `title`), `space_ids`, `raw`.
        """
        answer: PageListing = self._call(
            "confluence-service",
            "list-pages",
            (ids, limit, after, options,),
        )
        return answer

    def list_labels(
        self,
        select: LabelOwner | None = None,
        id: str | None = None,
        prefix: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Lists the labels of the site (`GET /wiki/api/v2/labels`), of a space
        (`GET /wiki/api/v2/spaces/{id}/labels`), of a page (`GET /wiki/api/v2/pages/{id}/labels`), of a
        blog post (`GET /wiki/api/v2/blogposts/{id}/labels`) or of an attachment
        (`GET /wiki/api/v2/attachments/{id}/labels`).

        - `select`: the kind of content whose labels are listed, or a space. Default: all labels of the site.
        - `id`: id or key of the space, or id of the content. Required with `select`, rejected without.
        - `prefix`: only labels of this namespace, which Confluence calls a prefix: `my`, `team`,
          `global` or `system`; for a space, `my` or `team`. To filter by the beginning of the name, use
          `name_prefix` of `options`.
        - `options`: `sort` (`created-date`, `id`, `name`), `name_prefix`, `raw`.
        """
        answer: LabelListing = self._call(
            "confluence-service",
            "list-labels",
            (select, id, prefix, limit, after, options,),
        )
        return answer

    def list_attachments(
        self,
        filename: str | None = None,
        media_type: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AttachmentListing:
        """Lists attachments of the site. `GET /wiki/api/v2/attachments`.

        - `filename`: only files with this exact name.
        - `media_type`: only files of this exact type, such as `image/png`.
        - `options`: `status` (`current`, `archived`, `trashed`; default: current and archived),
          `sort` (`created-date`, `modified-date`), `raw`.
        """
        answer: AttachmentListing = self._call(
            "confluence-service",
            "list-attachments",
            (filename, media_type, limit, after, options,),
        )
        return answer

    def list_attachments_by_page(
        self,
        page_id: str,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AttachmentListing:
        """Lists the attachments of a page. `GET /wiki/api/v2/pages/{id}/attachments`.

        - `page_id`: the page.
        - `options`: as for `list_attachments`.
        """
        answer: AttachmentListing = self._call(
            "confluence-service",
            "list-attachments-by-page",
            (page_id, limit, after, options,),
        )
        return answer

    def list_blog_posts(
        self,
        ids: Sequence[str] | None = None,
        title: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostListing:
        """Lists blog posts. `GET /wiki/api/v2/blogposts`.

        - `ids`: only these blog posts.
        - `title`: only blog posts with this exact title.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `status` (`current`, `deleted`, `trashed`; default: current), `sort` (`id`,
          `created-date`, `modified-date`), `space_ids`, `raw`.
        """
        answer: BlogPostListing = self._call(
            "confluence-service",
            "list-blog-posts",
            (ids, title, limit, after, options,),
        )
        return answer

    def list_blog_posts_by_space(
        self,
        space_id: str,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostListing:
        """Lists the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.

        - `space_id`: the space, by id or key.
        - `options`: as for `list_blog_posts`, without `space_ids`.
        """
        answer: BlogPostListing = self._call(
            "confluence-service",
            "list-blog-posts-by-space",
            (space_id, limit, after, options,),
        )
        return answer

    def list_custom_content(
        self,
        type: str | None = None,
        space_ids: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> CustomContentListing:
        """Lists custom content of one or more types. `GET /wiki/api/v2/custom-content`.

        - `type`: the type, defined by an app, such as `ac:my-app:note`. Several types, separated by
          commas, are listed one after the other; they cannot be combined with `ids` or `sort`. Confluence
          requires a type and has no endpoint that lists types. If absent, the result has no items, and
          `rest.stopped`, with the code `custom-content-type-required`, explains how to find the types of
          a site. A host can supply the types from its configuration.
        - `space_ids`: only content of these spaces, by id or key.
        - `ids`: only content with these ids.
        - `options`: `body_format` (`raw`, `storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `sort` (`id`, `created-date`, `modified-date`, `title`), `raw`. `space_ids`
          is an argument, not an option.
        """
        answer: CustomContentListing = self._call(
            "confluence-service",
            "list-custom-content",
            (type, space_ids, ids, limit, after, options,),
        )
        return answer

    def list_tasks(
        self,
        due_date_from: str | None = None,
        due_date_to: str | None = None,
        space_ids: Sequence[str] | None = None,
        assigned_to: Sequence[str] | None = None,
        status: TaskStatus | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> TaskListing:
        """Lists tasks. `GET /wiki/api/v2/tasks`.

        - `due_date_from`, `due_date_to`: only tasks due in this range, inclusive. Each
          is a date in UTC (`2026-01-31`: its first millisecond as `from`, its last as `to`), a time
          (`2026-01-31T12:00:00Z`), or milliseconds since 1970 (`1769860800000`).
        - `space_ids`: only tasks of these spaces, by id or key.
        - `assigned_to`: only tasks assigned to the users with these account ids.
        - `status`: only tasks with this status.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `raw`. There is no `sort`.
        """
        answer: TaskListing = self._call(
            "confluence-service",
            "list-tasks",
            (due_date_from, due_date_to, space_ids, assigned_to, status, limit, after, options,),
        )
        return answer

    def set_api_url_and_auth(
        self,
        url: str,
        auth: str,
        level: Level,
    ) -> StoredConnection:
        """Stores an endpoint and its authorization at a level of the host, as one record.

        - `url`: the site, in one of these forms: `https://example.atlassian.net`,
          `https://example.atlassian.net/wiki`, `https://example.atlassian.net/wiki/api/v2/`,
          `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki/api/v2/`; or the address of a page.
          A query and a fragment are ignored.
        - `auth`: value of the `Authorization` header: `Basic ` and the base64 of `email:token`, or
          `Bearer ` and a token. No function returns it; `host-runner` stores it encrypted.
        - `level`: where to store the connection. The narrowest level that has one supplies both the
          endpoint and the authorization.

        Nothing is sent to the site. To check the connection, call `test_connection`.

        # Errors

        - `invalid-endpoint` for a scheme other than https (http is accepted for loopback addresses),
          for user information in the URL, and for paths that do not belong to Confluence.
        - `invalid-argument` for an authorization of another form.
        - `refused` if the host does not permit this caller to write to the level.
        """
        answer: StoredConnection = self._call(
            "confluence-service",
            "set-api-url-and-auth",
            (url, auth, level,),
        )
        return answer

    def test_connection(
        self,
        space: str | None = None,
    ) -> ConnectionReport:
        """Tests the connection: returns the current user (`GET /wiki/rest/api/user/current`) and the
        number of visible spaces (`GET /wiki/api/v2/spaces`) and pages (`GET /wiki/rest/api/search`).

        - `space`: count the pages of this space, by id or key. Default: the pages of all spaces that are
          not archived.

        # Errors

        `unauthorized` with the code `anonymous` if the site treats the request as anonymous, as it
        does with an expired token if anonymous access is enabled.
        """
        answer: ConnectionReport = self._call(
            "confluence-service",
            "test-connection",
            (space,),
        )
        return answer

    def can_read(
        self,
        user: str,
        page: str | None = None,
        blog_post: str | None = None,
    ) -> ReadDecision:
        """Determines whether a user can read a page or a blog post, and which gate decides: the
        permissions of the space, or the restrictions of an ancestor or of the item itself.

        The gates are checked in order, from the space down, with the same requests as
        `get_effective_readers`, until one of them excludes the user. Looking up the account takes one
        request (`GET /wiki/rest/api/user/bulk`). Its groups take another one
        (`GET /wiki/rest/api/user/memberof`), if a gate names groups and not the user.

        - `user`: account id, or e-mail address. An address is looked up among the members of all groups
          (`GET /wiki/rest/api/group` and `/group/{groupId}/membersByGroupId`, a request for each group)
          until an account with it is found. Most accounts hide theirs, so prefer the account id.
        - `page`, `blog_post`: the item. Pass exactly one of them.

        `answer` is `yes` only if every gate could be read and admits the user. It is `unknown` if a gate
        admits a class such as `ALL_LICENSED_USERS`, whose members Confluence does not list, and does
        not admit the user otherwise; if the account is not `known`; or if the content is neither
        current nor archived. Treat `unknown` as `no`. Licenses are not checked, and site admins can grant themselves access.

        # Errors

        - `not-found` with the code `user-not-found` if no account has this id or shows this address.
        - the code `readers-unreadable` if any part cannot be read, with the kind of the cause, as for
          `get_effective_readers`.
        """
        answer: ReadDecision = self._call(
            "confluence-service",
            "can-read",
            (user, page, blog_post,),
        )
        return answer

    def get_spaces(
        self,
        ids: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> SpaceListing:
        """Gets spaces. `GET /wiki/api/v2/spaces`.

        - `ids`, `keys`: only these spaces, as for `list_spaces`.
        - `sort`: direction; by key.
        - `options`: as for `list_spaces`.
        """
        answer: SpaceListing = self._call(
            "confluence",
            "get-spaces",
            (ids, keys, sort, limit, after, options,),
        )
        return answer

    def get_space_by_id(
        self,
        id_or_key: str,
        options: GetOptions | None = None,
    ) -> Space:
        """Gets a space by id (`GET /wiki/api/v2/spaces/{id}`) or by key
        (`GET /wiki/api/v2/spaces?keys=`, also one request).

        - `options`: `body_format` (`plain`, `view`: the description), `raw`.
        """
        answer: Space = self._call(
            "confluence",
            "get-space-by-id",
            (id_or_key, options,),
        )
        return answer

    def get_pages(
        self,
        ids: Sequence[str] | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Gets pages. `GET /wiki/api/v2/pages`.

        - `ids`: only these pages.
        - `sort`: direction; by the time of the last change.
        - `options`: as for `list_pages`.
        """
        answer: PageListing = self._call(
            "confluence",
            "get-pages",
            (ids, sort, limit, after, options,),
        )
        return answer

    def get_pages_by_space(
        self,
        space: str,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Gets the pages of a space. `GET /wiki/api/v2/spaces/{id}/pages`.

        - `space`: id or key.
        - `sort`: direction; by the time of the last change.
        - `options`: as for `list_pages`, without `space_ids`.
        """
        answer: PageListing = self._call(
            "confluence",
            "get-pages-by-space",
            (space, limit, sort, after, options,),
        )
        return answer

    def get_pages_by_label(
        self,
        label: str,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Gets the pages with a label. `GET /wiki/api/v2/labels/{id}/pages`.

        - `label`: id or name. A value of digits only is an id; to find a label whose name is a number,
          use `get_label_by_name`. A name costs one additional request
          (`GET /wiki/rest/api/label?name=`). A name that no content has fails with `not-found` and
          the code `label-not-found`.
        - `sort`: direction; by the time of the last change.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `sort` (`id`, `created-date`, `modified-date`, `title`), `space_ids`,
          `raw`. The endpoint has no filter by status.
        """
        answer: PageListing = self._call(
            "confluence",
            "get-pages-by-label",
            (label, sort, limit, after, options,),
        )
        return answer

    def get_page_by_id(
        self,
        id: str,
        options: GetOptions | None = None,
    ) -> Page:
        """Gets a page. `GET /wiki/api/v2/pages/{id}`.

        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`, `view`,
          `export_view`, `anonymous_export_view`, `styled_view`, `editor`), `mention_names`, `status`
          (`current`, `archived`, `trashed`, `deleted`, `historical`, `draft`), `version`, `raw`.
        """
        answer: Page = self._call(
            "confluence",
            "get-page-by-id",
            (id, options,),
        )
        return answer

    def get_labels(
        self,
        prefix: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the site's labels. `GET /wiki/api/v2/labels`.

        - `prefix`: only labels of this namespace: `my`, `team`, `global`, `system`. To filter by the
          beginning of the name, use `name_prefix` of `options`.
        - `sort`: direction; by name.
        - `options`: `sort` (`created-date`, `id`, `name`), `name_prefix`, `raw`.
        """
        answer: LabelListing = self._call(
            "confluence",
            "get-labels",
            (prefix, sort, limit, after, options,),
        )
        return answer

    def get_labels_by_page(
        self,
        page_id: str,
        prefix: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the labels of a page. `GET /wiki/api/v2/pages/{id}/labels`.

        - `prefix`, `sort`, `options`: as for `get_labels`.
        """
        answer: LabelListing = self._call(
            "confluence",
            "get-labels-by-page",
            (page_id, prefix, sort, limit, after, options,),
        )
        return answer

    def get_labels_by_blog_post(
        self,
        blog_post_id: str,
        prefix: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the labels of a blog post. `GET /wiki/api/v2/blogposts/{id}/labels`.

        - `prefix`, `sort`, `options`: as for `get_labels`.
        """
        answer: LabelListing = self._call(
            "confluence",
            "get-labels-by-blog-post",
            (blog_post_id, prefix, sort, limit, after, options,),
        )
        return answer

    def get_labels_by_attachment(
        self,
        attachment_id: str,
        prefix: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the labels of an attachment. `GET /wiki/api/v2/attachments/{id}/labels`.

        - `attachment_id`: `att` and a number.
        - `prefix`, `sort`, `options`: as for `get_labels`.
        """
        answer: LabelListing = self._call(
            "confluence",
            "get-labels-by-attachment",
            (attachment_id, prefix, sort, limit, after, options,),
        )
        return answer

    def get_labels_by_space(
        self,
        space: str,
        prefix: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the labels of a space, not those of its pages.
        `GET /wiki/api/v2/spaces/{id}/labels`.

        - `space`: id or key.
        - `prefix`: `my` or `team`; spaces have no other labels.
        - `sort`, `options`: as for `get_labels`.
        """
        answer: LabelListing = self._call(
            "confluence",
            "get-labels-by-space",
            (space, prefix, sort, limit, after, options,),
        )
        return answer

    def get_label_by_name(
        self,
        name: str,
    ) -> Label:
        """Gets a label by name. `GET /wiki/rest/api/label?name=`; API v2 has no such endpoint.

        - `name`: the name without its prefix.

        # Errors

        `not-found` with the code `label-not-found` if no content that this account can see has the
        label.
        """
        answer: Label = self._call(
            "confluence",
            "get-label-by-name",
            (name,),
        )
        return answer

    def get_attachments(
        self,
        filename: str | None = None,
        media_type: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AttachmentListing:
        """Gets attachments of the site. `GET /wiki/api/v2/attachments`.

        - `filename`, `media_type`: only files with this exact name or type.
        - `sort`: direction; by the time of the last change.
        - `options`: as for `list_attachments`.
        """
        answer: AttachmentListing = self._call(
            "confluence",
            "get-attachments",
            (filename, media_type, sort, limit, after, options,),
        )
        return answer

    def get_attachments_by_page(
        self,
        page_id: str,
        filename: str | None = None,
        media_type: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AttachmentListing:
        """Gets the attachments of a page. `GET /wiki/api/v2/pages/{id}/attachments`.

        - `filename`, `media_type`, `sort`, `options`: as for `get_attachments`.
        """
        answer: AttachmentListing = self._call(
            "confluence",
            "get-attachments-by-page",
            (page_id, filename, media_type, sort, limit, after, options,),
        )
        return answer

    def get_attachments_by_blog_post(
        self,
        blog_post_id: str,
        filename: str | None = None,
        media_type: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AttachmentListing:
        """Gets the attachments of a blog post. `GET /wiki/api/v2/blogposts/{id}/attachments`.

        - `filename`, `media_type`, `sort`, `options`: as for `get_attachments`.
        """
        answer: AttachmentListing = self._call(
            "confluence",
            "get-attachments-by-blog-post",
            (blog_post_id, filename, media_type, sort, limit, after, options,),
        )
        return answer

    def get_attachment_by_id(
        self,
        id: str,
        options: GetOptions | None = None,
    ) -> Attachment:
        """Gets an attachment. `GET /wiki/api/v2/attachments/{id}`.

        - `id`: `att` and a number.
        - `options`: `version`, `raw`.
        """
        answer: Attachment = self._call(
            "confluence",
            "get-attachment-by-id",
            (id, options,),
        )
        return answer

    def get_attachment_location(
        self,
        id: str,
        version: int | None = None,
    ) -> AttachmentLocation:
        """Gets a temporary URL of the content of an attachment. The content itself is not fetched,
        because files of several gigabytes do not fit into the component's memory.

        `GET /wiki/api/v2/attachments/{id}`, then for this version
        `GET /wiki/rest/api/content/{id}/child/attachment/{id}/download`, which needs the scope
        `readonly:content.attachment:confluence` (or `read:attachment:confluence`).

        - `version`: an earlier version, counted from 1. Absent: the current one.

        Rules for using `url`:

        - It is **a secret**: signed, and valid for anyone who has it, for some minutes. Do not log or
          store it. Fetch it at once; after a 403 it has expired, so call this function again.
        - It is on another host than the site. **Send no credentials**: no `authorization`, no cookie.
          They would leak, and that host rejects requests that carry them. Send a plain GET.
        - It is untrusted input. Accept only `https` and public addresses, follow few redirects and
          check each in the same way, and limit size and time: neither `file_size` nor
          `content-length` is reliable. `host-runner download` does all of this.

        # Errors

        - `not-found` for a missing or hidden attachment or a version that does not exist; with the
          code `content-gone` for an attachment whose content Confluence has lost.
        - `unexpected-answer` with the code `container-unknown` if the response does not name the
          content that the attachment belongs to, `location-missing` if the site does not redirect,
          and `location-relative` if it redirects to itself.
        """
        answer: AttachmentLocation = self._call(
            "confluence",
            "get-attachment-location",
            (id, version,),
        )
        return answer

    def get_blog_posts(
        self,
        ids: Sequence[str] | None = None,
        title: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostListing:
        """Gets blog posts. `GET /wiki/api/v2/blogposts`.

        - `ids`: only these blog posts.
        - `title`: only blog posts with this exact title.
        - `sort`: direction; by the time of the last change.
        - `options`: as for `list_blog_posts`.
        """
        answer: BlogPostListing = self._call(
            "confluence",
            "get-blog-posts",
            (ids, title, sort, limit, after, options,),
        )
        return answer

    def get_blog_posts_by_space(
        self,
        space: str,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostListing:
        """Gets the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.

        - `space`: id or key.
        - `sort`: direction; by the time of the last change.
        - `options`: as for `list_blog_posts`, without `space_ids`.
        """
        answer: BlogPostListing = self._call(
            "confluence",
            "get-blog-posts-by-space",
            (space, limit, sort, after, options,),
        )
        return answer

    def get_blog_post_by_id(
        self,
        id: str,
        options: GetOptions | None = None,
    ) -> BlogPost:
        """Gets a blog post. `GET /wiki/api/v2/blogposts/{id}`.

        - `options`: as for `get_page_by_id`, without the status `archived`.
        """
        answer: BlogPost = self._call(
            "confluence",
            "get-blog-post-by-id",
            (id, options,),
        )
        return answer

    def get_custom_content(
        self,
        type: str | None = None,
        space_ids: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> CustomContentListing:
        """Gets custom content of one or more types. `GET /wiki/api/v2/custom-content`.

        - `type`: one type or several, defined by apps, as for `list_custom_content`.
        - `space_ids`: only content of these spaces, by id or key.
        - `ids`: only content with these ids.
        - `sort`: direction; by the time of the last change.
        - `options`: as for `list_custom_content`.
        """
        answer: CustomContentListing = self._call(
            "confluence",
            "get-custom-content",
            (type, space_ids, ids, sort, limit, after, options,),
        )
        return answer

    def get_tasks(
        self,
        due_date: str | None = None,
        space_id: str | None = None,
        assigned_to: str | None = None,
        status: TaskStatus | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> TaskListing:
        """Gets tasks that are due on or before a date. `GET /wiki/api/v2/tasks`.

        `list_tasks` accepts a time span, several spaces and several accounts.

        - `due_date`: only tasks due on or before it: a day (`2026-01-31`, up to its last millisecond
          in UTC), a time (`2026-01-31T12:00:00Z`), or milliseconds since 1970. A number that can only be
          an id or seconds is rejected with `date-malformed`.
        - `space_id`: only tasks of this space, by id or key.
        - `assigned_to`: only tasks of this account.
        - `status`: only tasks in this state.
        - `options`: as for `list_tasks`.
        """
        answer: TaskListing = self._call(
            "confluence",
            "get-tasks",
            (due_date, space_id, assigned_to, status, limit, after, options,),
        )
        return answer

    def get_task_by_id(
        self,
        id: str,
        options: GetOptions | None = None,
    ) -> Task:
        """Gets a task. `GET /wiki/api/v2/tasks/{id}`.

        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `raw`.
        """
        answer: Task = self._call(
            "confluence",
            "get-task-by-id",
            (id, options,),
        )
        return answer

    def get_page_children(
        self,
        page_id: str,
        types: Sequence[str] | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ChildListing:
        """Gets the direct children of a page. `GET /wiki/api/v2/pages/{id}/direct-children`.

        The endpoint also returns folders, whiteboards, databases, embeds and drafts, and has no
        filter. The component filters the rows, so a result can have fewer items than `limit`, or
        none, although more items follow.

        - `types`: types to return: `page`, `folder`, `whiteboard`, `database`, `embed`. Absent: pages.
        - `sort`: direction; by position among siblings.
        - `options`: `sort` (`child-position`, `created-date`, `id`, `modified-date`, `title`),
          `status` (`current`, `archived`, `trashed`, `draft`; all but drafts by default), `raw`.
        """
        answer: ChildListing = self._call(
            "confluence",
            "get-page-children",
            (page_id, types, sort, limit, after, options,),
        )
        return answer

    def get_page_ancestors(
        self,
        page_id: str,
    ) -> list[Ancestor]:
        """Gets the ancestors of a page, from the top of its space down to its parent.
        `GET /wiki/api/v2/pages/{id}/ancestors`.

        The result is complete, or an error. The endpoint returns at most 250 ancestors without a
        cursor; further ones are requested as the ancestors of the topmost one.
        """
        answer: list[Ancestor] = self._call(
            "confluence",
            "get-page-ancestors",
            (page_id,),
        )
        return answer

    def get_folder(
        self,
        id: str,
        options: GetOptions | None = None,
    ) -> Folder:
        """Gets a folder. `GET /wiki/api/v2/folders/{id}`.

        Confluence has no list of folders. Their ids appear as parents, children and ancestors of the
        type `folder`.

        - `options`: `raw`.
        """
        answer: Folder = self._call(
            "confluence",
            "get-folder",
            (id, options,),
        )
        return answer

    def get_page_versions(
        self,
        page_id: str,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ContentVersionListing:
        """Gets the versions of a page. `GET /wiki/api/v2/pages/{id}/versions`.

        - `sort`: direction; by creation time.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `sort` (`modified-date`), `raw`.
        """
        answer: ContentVersionListing = self._call(
            "confluence",
            "get-page-versions",
            (page_id, sort, limit, after, options,),
        )
        return answer

    def get_attachment_versions(
        self,
        attachment_id: str,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ContentVersionListing:
        """Gets the versions of an attachment. `GET /wiki/api/v2/attachments/{id}/versions`.

        - `attachment_id`: `att` and a number.
        - `options`: `sort` (`modified-date`), `raw`.
        """
        answer: ContentVersionListing = self._call(
            "confluence",
            "get-attachment-versions",
            (attachment_id, sort, limit, after, options,),
        )
        return answer

    def get_blog_post_versions(
        self,
        blog_post_id: str,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ContentVersionListing:
        """Gets the versions of a blog post. `GET /wiki/api/v2/blogposts/{id}/versions`.

        - `sort`, `options`: as for `get_page_versions`.
        """
        answer: ContentVersionListing = self._call(
            "confluence",
            "get-blog-post-versions",
            (blog_post_id, sort, limit, after, options,),
        )
        return answer

    def get_content_properties(
        self,
        owner: PropertyOwner,
        id: str,
        key: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ContentPropertyListing:
        """Gets the properties of content or of a space. `GET /wiki/api/v2/pages/{id}/properties`, and the
        same for `blogposts`, `attachments`, `custom-content`, `comments` and `spaces`.

        - `owner`: kind of the owner.
        - `id`: numeric id; `att` and a number for attachments; id or key for spaces.
        - `key`: only the property with this key.
        - `sort`: direction; by key. Rejected for spaces, whose properties cannot be ordered.
        - `options`: `sort` (`key`), `raw`.
        """
        answer: ContentPropertyListing = self._call(
            "confluence",
            "get-content-properties",
            (owner, id, key, sort, limit, after, options,),
        )
        return answer

    def get_comments(
        self,
        owner: ContentKind,
        id: str,
        kind: CommentKind,
        replies: bool,
        sort: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> CommentListing:
        """Gets the comments of a page or a blog post. `GET /wiki/api/v2/pages/{id}/footer-comments`,
        `…/inline-comments`, and the same for `blogposts`.

        Confluence lists only the first comment of each thread. With `replies`, the complete thread
        follows, each comment after its parent (`GET /wiki/api/v2/footer-comments/{id}/children`,
        `…/inline-comments/{id}/children`: one request per comment, because Confluence does not show
        which comments have replies).

        - `owner`: kind of content that has the comments.
        - `kind`: footer or inline comments.
        - `replies`: whether to include replies. `limit` then counts threads, and a call ends early,
          with `rest.after`, after about 500 comments. At most 500 replies per thread are returned; a
          notice `replies-cut` names a thread that has more. If a comment was deleted before its
          replies were requested, a notice `replies-missing` names it.
        - `sort`: direction; by creation time of the thread.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `status` (`current`, `archived`, `trashed`, `deleted`, `historical`,
          `draft`; not `archived` for blog posts), `sort` (`created-date`, `modified-date`), `raw`.
        """
        answer: CommentListing = self._call(
            "confluence",
            "get-comments",
            (owner, id, kind, replies, sort, limit, after, options,),
        )
        return answer

    def get_comment_by_id(
        self,
        id: str,
        kind: CommentKind | None = None,
        options: GetOptions | None = None,
    ) -> Comment:
        """Gets a comment. `GET /wiki/api/v2/footer-comments/{id}` or
        `GET /wiki/api/v2/inline-comments/{id}`.

        - `kind`: footer or inline comment. Absent: first requested as a footer comment, then, with a
          second request, as an inline comment.
        - `options`: `body_format` as for `get_page_by_id`, `mention_names`, `version`, `raw`.
        """
        answer: Comment = self._call(
            "confluence",
            "get-comment-by-id",
            (id, kind, options,),
        )
        return answer

    def get_space_permissions(
        self,
        space: str,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> SpacePermissionListing:
        """Gets the permissions of a space. `GET /wiki/api/v2/spaces/{id}/permissions`.

        Each row costs two points of an app's hourly quota.

        - `space`: id or key.
        - `options`: `raw`.
        """
        answer: SpacePermissionListing = self._call(
            "confluence",
            "get-space-permissions",
            (space, limit, after, options,),
        )
        return answer

    def get_content_restrictions(
        self,
        content_id: str,
    ) -> ContentRestrictions:
        """Gets all restrictions of one content item, without those of its ancestors.
        `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` and `/update`.

        A restriction without users and groups restricts nothing: its `inherits` is true, and the
        ancestors and the space decide. `get_effective_readers` combines them.

        # Errors

        `unexpected-answer` with the code `restrictions-unreadable` if the response lacks its lists:
        an unreadable restriction is never treated as no restriction.
        """
        answer: ContentRestrictions = self._call(
            "confluence",
            "get-content-restrictions",
            (content_id,),
        )
        return answer

    def get_groups(
        self,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> GroupListing:
        """Gets the groups of the site. `GET /wiki/rest/api/group`.

        The endpoint paginates by row number: if groups are created or deleted between two calls, rows
        can be skipped or repeated.

        - `options`: `raw`.
        """
        answer: GroupListing = self._call(
            "confluence",
            "get-groups",
            (limit, after, options,),
        )
        return answer

    def get_group_members(
        self,
        group_id: str,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> UserListing:
        """Gets the members of a group. `GET /wiki/rest/api/group/{groupId}/membersByGroupId`.

        A group that does not exist has no members: Confluence returns the same as for an empty group.

        - `group_id`: the `id` of the group, not its name.
        - `options`: `raw`.
        """
        answer: UserListing = self._call(
            "confluence",
            "get-group-members",
            (group_id, limit, after, options,),
        )
        return answer

    def get_all_users(
        self,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> UserListing:
        """Gets all users: the members of all groups, each once.
        `GET /wiki/rest/api/group` and `GET /wiki/rest/api/group/{groupId}/membersByGroupId`.

        Nothing is stored between calls: an account that is in several groups appears once per call, but
        can appear again in a later call of the same list, with a notice `users-may-repeat`. With a
        `limit` of 10 000, most sites need one call. Accounts that are in no group are not returned. A
        call reads at most 100 groups.

        - `options`: `raw`.
        """
        answer: UserListing = self._call(
            "confluence",
            "get-all-users",
            (limit, after, options,),
        )
        return answer

    def get_users(
        self,
        account_ids: Sequence[str],
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> UserListing:
        """Gets users by account id. `GET /wiki/rest/api/user/bulk`, 100 per request; API v2 offers this
        as a POST only.

        - `account_ids`: account ids. An id without a user is reported in a notice `unknown-id`.
        - `options`: `raw`.
        """
        answer: UserListing = self._call(
            "confluence",
            "get-users",
            (account_ids, limit, after, options,),
        )
        return answer

    def get_current_user(
        self,
    ) -> User:
        """Gets the user of the authorization. `GET /wiki/rest/api/user/current`.

        # Errors

        `unauthorized` with the code `anonymous` if the site treats the request as anonymous.
        """
        answer: User = self._call(
            "confluence",
            "get-current-user",
            (),
        )
        return answer

    def get_audit_records(
        self,
        since: str | None = None,
        until: str | None = None,
        text: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AuditRecordListing:
        """Gets audit records, newest first. `GET /wiki/rest/api/audit`, which requires administrator
        permission.

        Pagination counts rows: records written between two calls shift others, which are then returned
        again.

        - `since`, `until`: only records of this time span, including both ends: a day, a time with its zone, or
          milliseconds since 1970.
        - `text`: only records that contain this text in one of their values.
        - `options`: `raw`.
        """
        answer: AuditRecordListing = self._call(
            "confluence",
            "get-audit-records",
            (since, until, text, limit, after, options,),
        )
        return answer

    def get_content_reference(
        self,
        address: str,
    ) -> ContentReference:
        """Gets the id of content from an address: a browser address, a short link, or the id itself. Sends
        no request.

        # Errors

        `invalid-argument` with the code `id-malformed` for an address without an id.
        """
        answer: ContentReference = self._call(
            "confluence",
            "get-content-reference",
            (address,),
        )
        return answer

    def search(
        self,
        cql: str,
        archived: bool,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> SearchResultListing:
        """Searches with CQL. `GET /wiki/rest/api/search`.

        Search results may be incomplete; notices give the reasons. Every result has the notice
        `index-lags`. A query with dates has `dates-in-time-zone`: Confluence reads dates with a
        precision of one minute, in the time zone of the account.

        - `cql`: the query, sent verbatim. When building a query from untrusted input, put it in double
          quotes and escape double quotes and backslashes with a backslash. Keys of personal spaces
          (`~…`) need quotes, too.
        - `archived`: whether to include archived spaces.
        - `options`: `raw`.

        # Errors

        `invalid-argument` with the code `refused-by-upstream` if Confluence rejects the query.
        """
        answer: SearchResultListing = self._call(
            "confluence",
            "search",
            (cql, archived, limit, after, options,),
        )
        return answer

    def get_pages_changed_since(
        self,
        since: str,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageChanges:
        """Gets the pages that changed since a point in time, newest first.
        `GET /wiki/api/v2/pages?sort=-modified-date`, until rows are older than `since`.

        API v2 has no filter by time. CQL has one, but with a precision of one minute, in the time zone
        of the account, and from an index that lags by minutes, so it misses changes. This function is
        exact to the millisecond, and its cost is proportional to the number of changes. It also reads
        the five minutes before `since`, because changes become visible after their timestamp. With a
        checkpoint, versions that were returned before are skipped; with more than 512 changes in five
        minutes, some are returned again, with the same id and version. Rows omitted as `poison-item`
        are requested again with the checkpoint, as are all changes since them; of more than 512 such
        changes, some are returned again. A row without a readable `version.created_at` is returned
        each time, with the notice `change-undated`.

        **Not detected**: pages that were purged, moved, archived or trashed without a new version, and
        changed permissions. Compare complete lists from time to time to find these.

        - `since`: a time (`2026-01-31T12:00:00Z`), a date, milliseconds since 1970, `0` for all, or the
          `checkpoint` of an earlier result of this function with the same `space_ids` and `status`;
          any other checkpoint is rejected with `checkpoint-of-another-query`. No checkpoint is later
          than the site's clock: a time after it counts as that of the clock.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`),
          `mention_names`, `status` (`current`, `archived`, `deleted`, `trashed`; current and archived
          by default), `space_ids` (at most 100), `raw`. With `body_format` or `raw`, a call returns
          at most 250 rows.

        # Errors

        `unexpected-answer` with the code `order-ignored`, in `rest.stopped`, if the site does not
        return rows in the requested order. There is no checkpoint then.
        """
        answer: PageChanges = self._call(
            "confluence",
            "get-pages-changed-since",
            (since, limit, after, options,),
        )
        return answer

    def get_blog_posts_changed_since(
        self,
        since: str,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostChanges:
        """Gets the blog posts that changed since a point in time, newest first.
        `GET /wiki/api/v2/blogposts?sort=-modified-date`; see `get_pages_changed_since`.

        - `options`: as for `get_pages_changed_since`, without the status `archived`.
        """
        answer: BlogPostChanges = self._call(
            "confluence",
            "get-blog-posts-changed-since",
            (since, limit, after, options,),
        )
        return answer

    def get_effective_readers(
        self,
        kind: ContentKind,
        id: str,
    ) -> EffectiveReaders:
        """Determines who can read a page or a blog post: users who can see its space and pass the
        restrictions of the item and of all its ancestors.

        `GET /wiki/api/v2/pages/{id}` (or `blogposts`), `GET /wiki/api/v2/spaces/{id}/permissions`
        (two points of the hourly quota per row), `GET /wiki/api/v2/spaces/{id}/role-assignments` for
        each role that can see the space, `GET /wiki/api/v2/pages/{id}/ancestors`, and
        `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` for the item and each ancestor.

        - `kind`: kind of the content.

        Licenses are not checked: users without access to the product cannot read anything, and site
        admins can grant themselves access.

        # Errors

        Fails closed: if any part cannot be read, the call fails with the code `readers-unreadable`,
        the kind of the cause, and a message that names the part. Principals of an unknown kind and a
        space that nobody can see count as unreadable (`unexpected-answer`).
        """
        answer: EffectiveReaders = self._call(
            "confluence",
            "get-effective-readers",
            (kind, id,),
        )
        return answer
