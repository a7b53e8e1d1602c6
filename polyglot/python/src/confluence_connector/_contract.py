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
"""What kind of thing went wrong. Closed: a caller can decide on it."""

LimitScope = Literal[
    "burst",
    "quota-app",
    "quota-tenant",
    "gateway",
    "unknown",
]
"""What a rate limit counts, and so who has to wait."""

SortOrder = Literal[
    "asc",
    "desc",
]
"""Which end of a list comes first. What it is ordered by stands with each function."""

PropertyOwner = Literal[
    "page",
    "blog-post",
    "attachment",
    "custom-content",
    "comment",
    "space",
]
"""What properties belong to."""

ContentKind = Literal[
    "page",
    "blog-post",
]
"""What an id of content is."""

CommentKind = Literal[
    "footer",
    "inline",
]
"""Where a comment stands."""

LabelOwner = Literal[
    "space",
    "page",
]
"""What `list_labels` looks at."""

TaskStatus = Literal[
    "complete",
    "incomplete",
]
"""Which tasks `list_tasks` answers."""

Level = Literal[
    "app",
    "env",
    "cluster",
]
"""Where a setting is kept. The narrower level overrides the wider: app over environment over
cluster, endpoint and authorization always together.
"""


class ErrorRecord(TypedDict):
    """Why a call failed, told to a person and to a program."""

    code: str
    """A stable word for this very failure, such as `limit-out-of-range`. Open: later versions
    add words.
    """

    kind: ErrorKind
    """The kind, to decide upon."""

    message: str
    """What failed. One sentence, values in backticks, no full stop."""

    cause: str
    """The likely cause."""

    resolution: str
    """What to do about it."""

    status: int | None
    """The HTTP status, when there was an answer."""

    request_id: str | None
    """What Atlassian's support asks for: the `atl-traceid` of the answer."""

    retry_after_ms: int | None
    """How long Confluence asks to wait, in milliseconds."""

    limit_scope: LimitScope | None
    """What the rate limit counts. Only with `rate-limited`."""


class Notice(TypedDict):
    """Something that a caller should know about an answer that is otherwise fine."""

    code: str
    """A stable word: `row-dropped`, `foreign-row-dropped`, `duplicate-row-dropped`,
    `empty-page`, `page-changed`, `unknown-id`, `poison-item`, `count-unavailable`, `replies-cut`,
    `replies-missing`, `index-lags`, `dates-in-time-zone`. Open.
    """

    message: str
    """What happened. One sentence."""

    id: str | None
    """The id that it is about, when it is about one."""


class Rest(TypedDict):
    """What follows a list's items.

    **No `after` and no `stopped` means complete.** Anything else means that there is, or may
    be, more.
    """

    after: str | None
    """Pass this as `after`, with all other arguments unchanged, to go on where this answer
    ended. Opaque; absent at the end. It can be kept for later: it holds no state of the
    host's.
    """

    stopped: ErrorRecord | None
    """The error that ended this call early. The items are good; what follows them is missing.
    When `after` is there as well, it resumes at the place that failed.
    """

    notices: list[Notice]
    """What was dropped or odd, and why."""


class ListOptions(TypedDict, total=False):
    """Options of a list beyond C3's arguments. All may be absent.

    Which of them a list takes stands with its function; one that it does not take is refused
    with `invalid-argument`, never ignored, because Confluence itself ignores what it does not
    know and answers everything.
    """

    body_format: str | None
    """The form in which bodies are asked for. Absent: no bodies. Content takes `storage` and
    `atlas_doc_format`, which Confluence has, and `text` and `markdown`, which the component
    renders from storage format; custom content takes `raw` as well; spaces take `plain` and
    `view` for their description.

    `markdown` is CommonMark with GitHub's tables, task lists and strikethrough; `text` is
    for indexing: tables are lines with tabs. Macros that the component does not know
    degrade to their text, and `degraded` of the body names them.
    """

    status: Sequence[str]
    """Statuses to list. Empty: Confluence's default, named with each function."""

    sort: str | None
    """The order: a field name, or a field name behind `-` for descending, such as
    `-modified-date`. Absent: Confluence's order, by id for most. Not together with a `sort`
    argument.
    """

    space_ids: Sequence[str]
    """Only rows of these spaces, by id or key. Rows of other spaces that Confluence sends all the
    same are dropped, with a notice.
    """

    raw: bool
    """Also give each row's upstream JSON, unharmed, in `raw`."""

    more: Sequence[tuple[str, str]]
    """Options that a later version may add before it has a field for them, as name and value.
    A name that this version does not know is refused. It knows none yet.
    """


class GetOptions(TypedDict, total=False):
    """Options of a single piece. All may be absent.

    Which of them a function takes stands with it; one that it does not take is refused with
    `invalid-argument`.
    """

    body_format: str | None
    """The form in which the body is asked for. Absent: no body. Single pages, blog posts and
    comments take `storage`, `atlas_doc_format`, `text`, `markdown`, and what Confluence
    renders: `view`, `export_view`, `anonymous_export_view`, `styled_view` and `editor`;
    tasks take the first four; spaces take `plain` and `view` for their description.
    """

    status: Sequence[str]
    """Statuses that the piece may have. Empty: Confluence's default, which answers a piece in
    the trash as well; `status` of the answer says so.
    """

    version: int | None
    """An earlier version, counted from 1, 2 147 483 647 at most. Absent: the current one."""

    raw: bool
    """Also give the upstream JSON, unharmed, in `raw`."""


class Body(TypedDict):
    """A text in one of Confluence's formats, or rendered from one."""

    representation: str
    """The format that the text has: `storage`, `atlas_doc_format`, `text`, `markdown`, `raw`,
    `plain`, or one that Confluence renders for single pieces, such as `view`. It is the one
    that was asked for, unless Confluence sent another, or a body is too large to be
    rendered (8 MiB) and stands as it came.
    """

    value: str
    """The text. For `atlas_doc_format` it is a JSON document."""

    degraded: str | None
    """What `text` or `markdown` do not show as a reader sees it in Confluence, one phrase for
    each kind and name, such as ``the macro `jira` is unknown: its text was kept``. Absent:
    nothing, or not rendered here.
    """


class Version(TypedDict):
    """One version of a piece of content."""

    number: int | None
    """Counts up from 1."""

    message: str | None
    """What its author wrote about it. Often empty."""

    minor_edit: bool | None
    """Whether watchers were spared a notification."""

    author_id: str | None
    """The account that wrote it."""

    created_at: str | None
    """When it was written. For content, this is the time of the last change."""


class Space(TypedDict):
    """A space."""

    id: str
    """Numeric id."""

    key: str | None
    """The key, as in its URL. Personal spaces have keys that start with `~`."""

    name: str | None
    """The name that people see."""

    type: str | None
    """`global`, `personal`, `collaboration`, `knowledge_base`, … Open."""

    status: str | None
    """`current` or `archived`. Open."""

    author_id: str | None
    """The account that created it."""

    owner_id: str | None
    """The account that owns it."""

    created_at: str | None
    """When it was created."""

    homepage_id: str | None
    """The page that opens first."""

    alias: str | None
    """The alias in its URL, when it has one."""

    description: Body | None
    """The description, when `body_format` asked for it and there is one."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Page(TypedDict):
    """A page."""

    id: str
    """Numeric id."""

    status: str | None
    """`current`, `archived`, `trashed`, `deleted`, `draft`, … Open."""

    title: str | None
    """The title."""

    space_id: str | None
    """The space that it is in."""

    parent_id: str | None
    """What it hangs under. Absent at the top of a space."""

    parent_type: str | None
    """What kind of thing `parent_id` is: `page`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    position: int | None
    """Its place among its siblings."""

    author_id: str | None
    """The account that created it."""

    owner_id: str | None
    """The account that owns it."""

    last_owner_id: str | None
    """The account that owned it before."""

    subtype: str | None
    """`live` for a live document; absent for most."""

    created_at: str | None
    """When it was created."""

    version: Version | None
    """The current version; its `created_at` is the time of the last change."""

    body: Body | None
    """The text, when `body_format` asked for it."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class BlogPost(TypedDict):
    """A blog post."""

    id: str
    """Numeric id."""

    status: str | None
    """`current`, `trashed`, `deleted`, … Open. Blog posts are never `archived`."""

    title: str | None
    """The title."""

    space_id: str | None
    """The space that it is in."""

    author_id: str | None
    """The account that created it."""

    created_at: str | None
    """When it was created."""

    version: Version | None
    """The current version; its `created_at` is the time of the last change."""

    body: Body | None
    """The text, when `body_format` asked for it."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Attachment(TypedDict):
    """A file attached to a page, a blog post or a piece of custom content."""

    id: str
    """`att` and a number."""

    status: str | None
    """`current`, `archived`, `trashed`, … Open."""

    title: str | None
    """The file's name."""

    created_at: str | None
    """When it was first attached."""

    page_id: str | None
    """The page that it belongs to, if it is a page."""

    blog_post_id: str | None
    """The blog post that it belongs to, if it is a blog post."""

    custom_content_id: str | None
    """The custom content that it belongs to, if it is one."""

    media_type: str | None
    """Such as `application/pdf`."""

    media_type_description: str | None
    """Such as `PDF Document`."""

    comment: str | None
    """What its author wrote about it."""

    file_id: str | None
    """The id that `atlas_doc_format` bodies name it by. Not the attachment's id."""

    file_size: int | None
    """In bytes."""

    version: Version | None
    """The current version."""

    web_url: str | None
    """Where a person can look at it."""

    download_path: str | None
    """The download path as Confluence gives it, for browsers: it refuses API tokens."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class AttachmentLocation(TypedDict):
    """Where the content of an attachment can be fetched, for a short while."""

    id: str
    """`att` and a number."""

    version: int | None
    """The version that `url` leads to, counted from 1."""

    status: str | None
    """The attachment's status: `current`, `archived`, `trashed`, … Open."""

    title: str | None
    """The file's name as its author gave it. Never a path: it may have separators, `..`, control
    characters, and names that a file system reserves.
    """

    media_type: str | None
    """Such as `application/pdf`. What the author's browser said, not what the content is."""

    file_size: int | None
    """The size of this version, in bytes. Content of another length was cut or is another file."""

    url: str
    """The address of the content, absolute. **A secret**: see `get_attachment_location`."""


class CustomContent(TypedDict):
    """A piece of content of a type that an app defined."""

    id: str
    """Numeric id."""

    type: str | None
    """The app's type, such as `ac:my-app:note` or `forge:…`."""

    status: str | None
    """`current`, `archived`, `trashed`, … Open."""

    title: str | None
    """The title."""

    space_id: str | None
    """The space that it is in."""

    page_id: str | None
    """The page that holds it, if a page does."""

    blog_post_id: str | None
    """The blog post that holds it, if a blog post does."""

    custom_content_id: str | None
    """The custom content that holds it, if one does."""

    author_id: str | None
    """The account that created it."""

    created_at: str | None
    """When it was created."""

    version: Version | None
    """The current version."""

    body: Body | None
    """The text, when `body_format` asked for it."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Task(TypedDict):
    """A task: a line with a check box in a page or a blog post."""

    id: str
    """Numeric id."""

    local_id: str | None
    """The id within its page or blog post."""

    space_id: str | None
    """The space that it is in."""

    page_id: str | None
    """The page that it is in, if it is in a page."""

    blog_post_id: str | None
    """The blog post that it is in, if it is in a blog post."""

    status: str | None
    """`complete` or `incomplete`. Open."""

    body: Body | None
    """The text, when `body_format` asked for it."""

    created_by: str | None
    """The account that wrote it."""

    assigned_to: str | None
    """The account that it is assigned to."""

    completed_by: str | None
    """The account that ticked it off."""

    created_at: str | None
    """When it was written."""

    updated_at: str | None
    """When it was last changed."""

    due_at: str | None
    """When it is due."""

    completed_at: str | None
    """When it was ticked off."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Label(TypedDict):
    """A label."""

    id: str
    """Numeric id."""

    name: str | None
    """The word itself."""

    prefix: str | None
    """`global`, `my`, `team`, `system`. Open."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Child(TypedDict):
    """Something directly under a page."""

    id: str
    """Numeric id."""

    type: str | None
    """`page`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    status: str | None
    """`current`, `archived`, `draft`, … Open."""

    title: str | None
    """The title."""

    space_id: str | None
    """The space that it is in."""

    position: int | None
    """Its place among its siblings."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Ancestor(TypedDict):
    """Something above a page."""

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
    """The title."""

    space_id: str | None
    """The space that it is in, when Confluence says so."""

    parent_id: str | None
    """What it hangs under. Absent at the top of a space."""

    parent_type: str | None
    """What kind of thing `parent_id` is: `page`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    position: int | None
    """Its place among its siblings."""

    author_id: str | None
    """The account that created it."""

    owner_id: str | None
    """The account that owns it."""

    created_at: str | None
    """When it was created."""

    version: Version | None
    """The current version."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class ContentVersion(TypedDict):
    """One version of a page or a blog post, as a row of its history."""

    number: str
    """Counts up from 1. As text, since it is what tells these rows apart."""

    message: str | None
    """What its author wrote about it. Often empty."""

    minor_edit: bool | None
    """Whether watchers were spared a notification."""

    author_id: str | None
    """The account that wrote it."""

    created_at: str | None
    """When it was written."""

    title: str | None
    """The title in this version, when Confluence says so."""

    body: Body | None
    """The text of this version, when `body_format` asked for it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class ContentProperty(TypedDict):
    """Something that an app keeps with content or a space, under a key."""

    id: str
    """Numeric id."""

    key: str | None
    """The key, such as `editor`."""

    value: str | None
    """The value, as a JSON text."""

    version: Version | None
    """The current version."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Comment(TypedDict):
    """A comment, or a reply to one."""

    id: str
    """Numeric id."""

    kind: CommentKind
    """Where it stands."""

    status: str | None
    """`current`, `trashed`, `deleted`, … Open."""

    title: str | None
    """The title that Confluence made for it."""

    page_id: str | None
    """The page that it is about, when Confluence says so. Replies have none."""

    blog_post_id: str | None
    """The blog post that it is about, when Confluence says so. Replies have none."""

    parent_id: str | None
    """The comment that it replies to. Absent for the first of a thread."""

    resolution_status: str | None
    """`open`, `resolved`, `reopened`, `dangling`. Open."""

    selection: str | None
    """The text that an inline comment is about."""

    marker_ref: str | None
    """The mark in the body that an inline comment is about."""

    version: Version | None
    """The current version."""

    body: Body | None
    """The text, when `body_format` asked for it."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class User(TypedDict):
    """An account."""

    account_id: str
    """The account id."""

    type: str | None
    """`known`, `unknown`, … Open."""

    account_type: str | None
    """`atlassian` for people, `app` for apps, … Open."""

    display_name: str | None
    """The name that people see."""

    public_name: str | None
    """The nickname."""

    email: str | None
    """The e-mail address. Hidden by the privacy settings of most accounts."""

    time_zone: str | None
    """The time zone, such as `Europe/Berlin`. Confluence reads search dates in it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Group(TypedDict):
    """A group."""

    id: str
    """A UUID. Empty for a group that was deleted and is still named by a restriction."""

    name: str | None
    """The name that people see."""

    usage_type: str | None
    """`USERBASE_GROUP`, `TEAM_COLLABORATION`, … Open."""

    managed_by: str | None
    """`ADMINS`, `EXTERNAL`, `TEAM_MEMBERS`, `OPEN`, … Open."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Principal(TypedDict):
    """Someone, or all of a kind."""

    kind: str
    """`user`, `group`, `access-class`, `role`, … Open."""

    id: str
    """An account id, the UUID of a group or a role, or the name of a class such as
    `ALL_LICENSED_USERS`.
    """


class SpacePermission(TypedDict):
    """That someone may do something in a space."""

    id: str
    """The id of the permission."""

    principal: Principal
    """Who may."""

    operation: str | None
    """What they may do: `read`, `create`, `delete`, `administer`, … Open."""

    target_type: str | None
    """To what: `space`, `page`, `comment`, … Open. `read` of `space` is seeing the space."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class Restriction(TypedDict):
    """Who is named to do one thing with a piece of content."""

    users: list[User]
    """The accounts that are named."""

    groups: list[Group]
    """The groups that are named. They may name groups that were deleted."""

    inherits: bool
    """Nobody is named, so this piece restricts nothing: what it hangs under and its space
    decide. It does not mean that nobody may.
    """


class ContentRestrictions(TypedDict):
    """The restrictions of one piece of content itself."""

    content_id: str
    """The piece."""

    read: Restriction
    """Who may see it."""

    update: Restriction
    """Who may change it."""


class ReaderGate(TypedDict):
    """A gate on the way to a piece of content: the space, something above the piece, or the piece
    itself.
    """

    kind: str
    """`space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open."""

    id: str
    """The numeric id of that."""

    principals: list[Principal]
    """Who passes: whoever is one of these users, is in one of these groups, or belongs to one of
    these classes. With none here, nobody passes.
    """


class Consulted(TypedDict):
    """A part that was read to work out who may read."""

    kind: str
    """`space` for its permissions; `page`, `blogpost`, `folder`, … for restrictions. Open."""

    id: str
    """The numeric id of that."""

    restricts: bool
    """Whether it is a gate. Content that names nobody is none."""


class EffectiveReaders(TypedDict):
    """Who may read a piece of content.

    **To read, one has to pass every gate.** So a person may read when each of `gates` names
    them, one of their groups, or a class that they belong to. Confluence does not tell
    memberships with permissions, and they change by the hour; a caller that knows a person's
    groups when the person asks decides exactly.
    """

    content_id: str
    """The piece."""

    space_id: str
    """The space that it is in."""

    status: str | None
    """The status of the piece. What is not `current` is not what people see."""

    certain: list[Principal]
    """Users, groups and classes that every gate names: these may read for certain. Others may
    as well, through one name at one gate and another at the next.
    """

    gates: list[ReaderGate]
    """The gates, from the space down to the piece."""

    consulted: list[Consulted]
    """All that was read to work this out."""


class SearchResult(TypedDict):
    """Something that a search found."""

    id: str
    """The id of the content or the space, or the account id of the user."""

    entity_type: str | None
    """`content`, `space`, `user`. Open."""

    content_type: str | None
    """Of content: `page`, `blogpost`, `comment`, `attachment`, `folder`, … Open."""

    status: str | None
    """`current`, `archived`, … Open."""

    title: str | None
    """The title, with what was searched for between `@@@hl@@@` and `@@@endhl@@@`."""

    space_key: str | None
    """The key of the space that was found, or that the content is in, when Confluence says so."""

    excerpt: str | None
    """A piece of the text, marked like the title."""

    last_modified: str | None
    """When it was last changed, to the second."""

    web_url: str | None
    """Where a person can look at it."""

    raw: str | None
    """The upstream JSON, when `raw` asked for it."""


class UserListing(TypedDict):
    """Users, and what follows them."""

    items: list[User]
    """In Confluence's order."""

    rest: Rest
    """Whether there is more."""


class GroupListing(TypedDict):
    """Groups, and what follows them."""

    items: list[Group]
    """In Confluence's order."""

    rest: Rest
    """Whether there is more."""


class SpacePermissionListing(TypedDict):
    """Permissions of a space, and what follows them."""

    items: list[SpacePermission]
    """In Confluence's order."""

    rest: Rest
    """Whether there is more."""


class SearchResultListing(TypedDict):
    """What a search found, and what follows it."""

    items: list[SearchResult]
    """The best first, unless the query has an order."""

    rest: Rest
    """Whether there is more."""


class PageChanges(TypedDict):
    """Pages that were changed, and where the next call begins."""

    items: list[Page]
    """Newest first."""

    checkpoint: str | None
    """What to give as `since` next time. There only when this answer completes the list: keep
    it once its items are safe.
    """

    rest: Rest
    """Whether there is more."""


class BlogPostChanges(TypedDict):
    """Blog posts that were changed, and where the next call begins."""

    items: list[BlogPost]
    """Newest first."""

    checkpoint: str | None
    """What to give as `since` next time. There only when this answer completes the list: keep
    it once its items are safe.
    """

    rest: Rest
    """Whether there is more."""


class ChildListing(TypedDict):
    """What hangs under a page, and what follows it."""

    items: list[Child]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class ContentVersionListing(TypedDict):
    """Versions, and what follows them."""

    items: list[ContentVersion]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class ContentPropertyListing(TypedDict):
    """Properties, and what follows them."""

    items: list[ContentProperty]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class CommentListing(TypedDict):
    """Comments, and what follows them."""

    items: list[Comment]
    """Threads in the order asked for, each with its replies behind it when they were asked for."""

    rest: Rest
    """Whether there is more."""


class SpaceListing(TypedDict):
    """Spaces, and what follows them."""

    items: list[Space]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class PageListing(TypedDict):
    """Pages, and what follows them."""

    items: list[Page]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class BlogPostListing(TypedDict):
    """Blog posts, and what follows them."""

    items: list[BlogPost]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class AttachmentListing(TypedDict):
    """Attachments, and what follows them."""

    items: list[Attachment]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class CustomContentListing(TypedDict):
    """Custom content, and what follows it."""

    items: list[CustomContent]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class TaskListing(TypedDict):
    """Tasks, and what follows them."""

    items: list[Task]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class LabelListing(TypedDict):
    """Labels, and what follows them."""

    items: list[Label]
    """In the order asked for."""

    rest: Rest
    """Whether there is more."""


class StoredConnection(TypedDict):
    """What `set_api_url_and_auth` stored."""

    base_url: str
    """The base URL in its canonical form: everything the connector asks for lies below it."""

    level: Level
    """The level that has it now."""


class Count(TypedDict):
    """A number of rows."""

    value: int
    """How many were seen."""

    at_least: bool
    """True when there are more than were counted."""


class ConnectionReport(TypedDict):
    """What `test_connection` saw."""

    base_url: str
    """The base URL that was asked."""

    account_id: str | None
    """The account that the authorization belongs to."""

    display_name: str | None
    """The name that people see."""

    email: str | None
    """The e-mail address. Often hidden by the account's privacy settings."""

    time_zone: str | None
    """The account's time zone, such as `Europe/Berlin`. Confluence reads search dates in it."""

    spaces: Count
    """Spaces that this account sees."""

    pages: Count | None
    """Pages that this account sees. Absent when the search that counts them was refused; a
    notice then says why.
    """

    notices: list[Notice]
    """What could not be found out, and why."""


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
        - `keys`: only these spaces, by key. A key that nothing came back for is named in a notice
          `unknown-id`. With `ids`, a space has to match both.
        - `options`: `body_format` (`plain`, `view`: the description), `status` (one of `current`,
          `archived`; both by default), `sort` (`id`, `key`, `name`), `raw`.
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
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status` (`current`, `archived`,
          `deleted`, `trashed`; current and archived by default), `sort` (`id`, `created-date`,
          `modified-date`, `title`), `space_ids`, `raw`.
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
        """Lists labels: of the site (`GET /wiki/api/v2/labels`), of a space
        (`GET /wiki/api/v2/spaces/{id}/labels`) or of a page (`GET /wiki/api/v2/pages/{id}/labels`).

        - `select`: whose labels. Absent: the site's.
        - `id`: the space, by id or key, or the page, by id. Needed with `select`, refused without.
        - `prefix`: only labels of this kind: `my`, `team`, `global`, `system`; for a space only
          `my` and `team`.
        - `options`: `sort` (`created-date`, `id`, `name`), `raw`.
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

        - `filename`: only files with exactly this name.
        - `media_type`: only files of exactly this type, such as `image/png`.
        - `options`: `status` (`current`, `archived`, `trashed`; current and archived by default),
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
        - `title`: only blog posts with exactly this title.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status` (`current`, `deleted`,
          `trashed`; current by default), `sort` (`id`, `created-date`, `modified-date`),
          `space_ids`, `raw`.
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
        """Lists custom content of one type. `GET /wiki/api/v2/custom-content`.

        - `type`: the app's type. Confluence demands one and has no call that lists types; without
          one the answer has no items, and `rest.stopped` says how to find the types of a site.
        - `space_ids`: only content of these spaces, by id or key.
        - `ids`: only these pieces.
        - `options`: `body_format` (`raw`, `storage`, `atlas_doc_format`, `text`, `markdown`), `sort` (`id`,
          `created-date`, `modified-date`, `title`), `raw`. Spaces go into the argument.
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

        - `due_date_from`, `due_date_to`: only tasks due in this time, both ends included. A day
          (`2026-01-31`: its first millisecond in UTC as `from`, its last as `to`), a time
          (`2026-01-31T12:00:00Z`), or milliseconds since 1970 (`1769860800000`).
        - `space_ids`: only tasks of these spaces, by id or key.
        - `assigned_to`: only tasks of these accounts.
        - `status`: only tasks in this state.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `raw`. Tasks have no sort.
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
        """Keeps an endpoint and its authorization at a level of the host, as one record.

        - `url`: the site, in any of these forms: `https://example.atlassian.net`,
          `https://example.atlassian.net/wiki`, `https://example.atlassian.net/wiki/api/v2/`,
          `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki/api/v2/`.
        - `auth`: what stands in the `Authorization` header: `Basic ` and the base64 of
          `email:token`, or `Bearer ` and a token. It is sealed by the host, and no function gives
          it back.
        - `level`: where to keep it.

        # Errors

        `invalid-endpoint` for other schemes than https (http is for loopback addresses), for user
        information, a query or a fragment in the URL, and for paths that are not Confluence's;
        `invalid-argument` for an authorization of another form; `refused` when the host does not
        let this caller write that level.
        """
        answer: StoredConnection = self._call(
            "confluence-service",
            "set-api-url-and-auth",
            (url, auth, level,),
        )
        return answer

    def test_connection(
        self,
    ) -> ConnectionReport:
        """Asks the site who we are and what we see: the current user (`GET /wiki/rest/api/user/current`),
        spaces (`GET /wiki/api/v2/spaces`) and pages (`GET /wiki/rest/api/search`).

        # Errors

        `unauthorized` with the code `anonymous` when the site answers, but to an anonymous
        visitor: Confluence does that with an expired token where anonymous access is on.
        """
        answer: ConnectionReport = self._call(
            "confluence-service",
            "test-connection",
            (),
        )
        return answer

    def get_spaces(
        self,
        ids: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> SpaceListing:
        """Gets spaces. `GET /wiki/api/v2/spaces`.

        - `ids`, `keys`: only these spaces, as for `list_spaces`.
        - `sort`: by key.
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
        """Gets a space: by id (`GET /wiki/api/v2/spaces/{id}`), or by key
        (`GET /wiki/api/v2/spaces?keys=`, which answers the same record with one request).

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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Gets pages. `GET /wiki/api/v2/pages`.

        - `ids`: only these pages.
        - `sort`: by the time of the last change.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Gets the pages of a space. `GET /wiki/api/v2/spaces/{id}/pages`.

        - `space`: its id or key.
        - `sort`: by the time of the last change.
        - `options`: as for `list_pages`, without `space_ids`.
        """
        answer: PageListing = self._call(
            "confluence",
            "get-pages-by-space",
            (space, sort, limit, after, options,),
        )
        return answer

    def get_pages_by_label(
        self,
        label: str,
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> PageListing:
        """Gets the pages with a label. `GET /wiki/api/v2/labels/{id}/pages`.

        - `label`: its id or its name. What is all digits is an id; a label whose name is a number
          is found with `get_label_by_name`. A name costs one request more
          (`GET /wiki/rest/api/label?name=`), and one that nothing has is `not-found` with the code
          `label-not-found`.
        - `sort`: by the time of the last change.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `sort` (`id`, `created-date`,
          `modified-date`, `title`), `space_ids`, `raw`. The REST call has no filter by status.
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

        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`, `view`, `export_view`,
          `anonymous_export_view`, `styled_view`, `editor`), `status` (`current`, `archived`,
          `trashed`, `deleted`, `historical`, `draft`), `version`, `raw`.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the site's labels. `GET /wiki/api/v2/labels`.

        - `prefix`: only labels of this kind: `my`, `team`, `global`, `system`.
        - `sort`: by name.
        - `options`: `sort` (`created-date`, `id`, `name`), `raw`.
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
        sort: SortOrder | None = None,
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

    def get_labels_by_space(
        self,
        space: str,
        prefix: str | None = None,
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> LabelListing:
        """Gets the labels of a space itself, not those of its pages.
        `GET /wiki/api/v2/spaces/{id}/labels`.

        - `space`: its id or key.
        - `prefix`: `my` or `team`; spaces have no others.
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
        """Gets a label by its name. `GET /wiki/rest/api/label?name=`: v2 has no such call.

        - `name`: the word alone, without its prefix.

        # Errors

        `not-found` with the code `label-not-found` when nothing has the label, or nothing that
        this account may see.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> AttachmentListing:
        """Gets attachments of the site. `GET /wiki/api/v2/attachments`.

        - `filename`, `media_type`: only files with exactly this name or type.
        - `sort`: by the time of the last change.
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
        sort: SortOrder | None = None,
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
        """Locates the content of an attachment. It is not fetched: content does not pass through the
        component, which a file of some gigabytes would not fit into.

        `GET /wiki/api/v2/attachments/{id}`, and then for that very version
        `GET /wiki/rest/api/content/{id}/child/attachment/{id}/download`, which needs the scope
        `readonly:content.attachment:confluence` (or `read:attachment:confluence`).

        - `version`: an earlier version. Absent: the current one.

        What the caller has to know of `url`:

        - It is **a secret**: signed, and good for everybody who has it, for some minutes. It belongs
          into no log, no error and no table. Fetch it at once, or ask anew: 403 means that it expired.
        - It leads to another host than the site's. **Send no credentials there**: no
          `authorization`, no cookie. They would be given away, and the host refuses requests with
          them. It is a plain GET.
        - It is foreign text. Whoever fetches it lets it lead to `https` and to addresses of the public
          internet only, follows few redirects and each under the same rules, and sets limits of size
          and time: neither `file_size` nor `content-length` is a promise. This project's own host does
          so in `host-runner download`.

        # Errors

        `not-found` for an attachment that is missing or hidden, and with the code `content-gone` for
        one that is listed and whose content Confluence has lost. `not-found` as well for a version
        that there is not. `unexpected-answer` with the code `container-unknown` when the attachment
        does not say what it is attached to, `location-missing` when the site answers something else
        than a redirect, and `location-relative` when it leads back to the site itself, as to a login
        page.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostListing:
        """Gets blog posts. `GET /wiki/api/v2/blogposts`.

        - `ids`: only these blog posts.
        - `title`: only blog posts with exactly this title.
        - `sort`: by the time of the last change.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> BlogPostListing:
        """Gets the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.

        - `space`: its id or key.
        - `sort`: by the time of the last change.
        - `options`: as for `list_blog_posts`, without `space_ids`.
        """
        answer: BlogPostListing = self._call(
            "confluence",
            "get-blog-posts-by-space",
            (space, sort, limit, after, options,),
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> CustomContentListing:
        """Gets custom content of one type. `GET /wiki/api/v2/custom-content`.

        - `type`: the app's type; without one the answer is as from `list_custom_content`.
        - `space_ids`: only content of these spaces, by id or key.
        - `ids`: only these pieces.
        - `sort`: by the time of the last change.
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
        due_date_from: str | None = None,
        due_date_to: str | None = None,
        space_ids: Sequence[str] | None = None,
        assigned_to: Sequence[str] | None = None,
        status: TaskStatus | None = None,
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> TaskListing:
        """Gets tasks. `GET /wiki/api/v2/tasks`.

        - `due_date_from`, `due_date_to`, `assigned_to`, `status`: as for `list_tasks`.
        - `space_ids`: only tasks of these spaces, by id or key.
        - `sort`: refused with `sort-not-offered`, since Confluence has no order for tasks.
        - `options`: as for `list_tasks`.
        """
        answer: TaskListing = self._call(
            "confluence",
            "get-tasks",
            (due_date_from, due_date_to, space_ids, assigned_to, status, sort, limit, after, options,),
        )
        return answer

    def get_task_by_id(
        self,
        id: str,
        options: GetOptions | None = None,
    ) -> Task:
        """Gets a task. `GET /wiki/api/v2/tasks/{id}`.

        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `raw`.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ChildListing:
        """Gets what hangs directly under a page. `GET /wiki/api/v2/pages/{id}/direct-children`.

        Confluence answers folders, whiteboards, databases and embeds among the pages, and drafts.
        What is not wanted is left out here, since the call has no such filter; so an answer may
        have fewer items than `limit`, or none, and more behind it.

        - `types`: what to give: `page`, `folder`, `whiteboard`, `database`, `embed`. Absent: pages.
        - `sort`: by the place among siblings.
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
        """Gets all that a page hangs under, from the top of its space down to its parent.
        `GET /wiki/api/v2/pages/{id}/ancestors`.

        The answer is complete or an error. Beyond 250, which have no link to more, the ancestors of
        the topmost one are asked for.
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

        Confluence has no list of folders: their ids are those of parents, children and ancestors
        with the type `folder`.

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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ContentVersionListing:
        """Gets the versions of a page. `GET /wiki/api/v2/pages/{id}/versions`.

        - `sort`: by the time they were written.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `sort` (`modified-date`), `raw`.
        """
        answer: ContentVersionListing = self._call(
            "confluence",
            "get-page-versions",
            (page_id, sort, limit, after, options,),
        )
        return answer

    def get_blog_post_versions(
        self,
        blog_post_id: str,
        sort: SortOrder | None = None,
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> ContentPropertyListing:
        """Gets the properties of a piece of content or of a space. `GET /wiki/api/v2/pages/{id}/properties`,
        and the same below `blogposts`, `attachments`, `custom-content`, `comments` and `spaces`.

        - `owner`: what `id` is.
        - `id`: a numeric id; of an attachment `att` and a number; of a space its id or key.
        - `key`: only the property with this key.
        - `sort`: by key. Refused for spaces, whose properties have no order.
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
        sort: SortOrder | None = None,
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> CommentListing:
        """Gets the comments of a page or a blog post: `GET /wiki/api/v2/pages/{id}/footer-comments`,
        `…/inline-comments`, and the same below `blogposts`.

        Confluence lists the first comment of each thread only. With `replies` the whole thread
        follows behind it, a comment always behind the one that its `parent_id` names
        (`GET /wiki/api/v2/footer-comments/{id}/children` and its like: one request for each
        comment, since Confluence does not tell which ones have replies).

        - `owner`: what `id` is.
        - `kind`: where the comments stand.
        - `replies`: whether replies come as well. `limit` then counts threads; a call ends early,
          with `rest.after`, once it has read about 500 comments. Of a thread at most 500 replies
          are given; a notice `replies-cut` names one that has more. A comment that is gone when its
          replies are asked for has none, and a notice `replies-missing` names it.
        - `sort`: by the time that the thread was begun.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status` (`current`, `archived`,
          `trashed`, `deleted`, `historical`, `draft`; of blog posts no `archived`), `sort`
          (`created-date`, `modified-date`), `raw`.
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

        - `kind`: where it stands. Absent: it is looked for as a footer comment first, and then, with
          a second request, as an inline one.
        - `options`: `body_format` as for `get_page_by_id`, `version`, `raw`.
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
        """Gets who may do what in a space. `GET /wiki/api/v2/spaces/{id}/permissions`.

        Each row costs two points of an app's hourly quota.

        - `space`: its id or key.
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
        """Gets the restrictions of one piece of content itself, whole.
        `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` and `/update`.

        A restriction that names nobody restricts nothing: its `inherits` is true, and what the
        piece hangs under and its space decide. `get_effective_readers` works out what follows.

        # Errors

        `unexpected-answer` with the code `restrictions-unreadable` for an answer without its lists:
        what cannot be read is never taken for no restriction.
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

        The call counts rows: groups made or removed between two answers can move others over the
        edge of an answer.

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

        A group that does not exist has no members: Confluence does not tell it from an empty one.

        - `group_id`: the `id` of the group, not its name.
        - `options`: `raw`.
        """
        answer: UserListing = self._call(
            "confluence",
            "get-group-members",
            (group_id, limit, after, options,),
        )
        return answer

    def get_users(
        self,
        account_ids: Sequence[str],
        limit: int | None = None,
        after: str | None = None,
        options: ListOptions | None = None,
    ) -> UserListing:
        """Gets accounts by their ids. `GET /wiki/rest/api/user/bulk`, 100 a request; v2 has this as a
        POST only.

        - `account_ids`: which. One that nothing came back for is named in a notice `unknown-id`.
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
        """Gets the account that the authorization belongs to. `GET /wiki/rest/api/user/current`.

        # Errors

        `unauthorized` with the code `anonymous` when the site answers to an anonymous visitor.
        """
        answer: User = self._call(
            "confluence",
            "get-current-user",
            (),
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

        A search is no way to be complete: notices say why. `index-lags` comes with every answer;
        `dates-in-time-zone` when the query has dates, which Confluence reads to the minute and in
        the time zone of the account.

        - `cql`: the query, sent as it is. Who builds one from foreign text puts that into double
          quotes, with a backslash before each double quote and backslash; keys of personal spaces
          (`~…`) need quotes as well.
        - `archived`: whether archived spaces are searched, too.
        - `options`: `raw`.

        # Errors

        `invalid-argument` with the code `refused-by-upstream` for a query that Confluence does not
        understand.
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
        """Gets the pages that were changed since an instant, newest first.
        `GET /wiki/api/v2/pages?sort=-modified-date`, read until it gets older than the instant.

        v2 has no filter by time. CQL has one, but it is read to the minute, in the time zone of the
        account, and from an index that lags by minutes, so it misses changes. This list is exact to
        the millisecond and costs as much as has changed. The five minutes before the instant are
        read again, since a change becomes visible after the time that it bears; with a checkpoint,
        versions that were given before are left out (with more than 512 in five minutes, some come
        twice: tell them apart by id and version). A row that was left out as `poison-item` is asked
        for again with the checkpoint, and so is what changed since; of more than 512 such changes,
        some come twice.

        **What it cannot see**: what was purged, moved, archived or trashed without a new version,
        and changes of permissions. For those, compare whole listings from time to time.

        - `since`: an instant (`2026-01-31T12:00:00Z`), a day, milliseconds since 1970, or the
          `checkpoint` of an earlier answer of this function with the same `space_ids` and `status`;
          another one is refused with `checkpoint-of-another-query`.
        - `options`: `body_format` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status`
          (`current`, `archived`, `deleted`, `trashed`; current and archived by default),
          `space_ids` (up to 100), `raw`. With `body_format` or `raw` a call ends after at most 250
          rows.

        # Errors

        `unexpected-answer` with the code `order-ignored`, in `rest.stopped`, when the site does not
        keep to the order: then nothing can be left out, and there is no checkpoint.
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
        """Gets the blog posts that were changed since an instant, newest first.
        `GET /wiki/api/v2/blogposts?sort=-modified-date`, as `get_pages_changed_since`.

        - `options`: as there, without the status `archived`.
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
        """Works out who may read a page or a blog post: who may see its space, and of those whom its
        restrictions and the restrictions of all that it hangs under let pass.

        `GET /wiki/api/v2/pages/{id}` (or `blogposts`), `GET /wiki/api/v2/spaces/{id}/permissions`
        (two points of the hourly quota a row), `GET /wiki/api/v2/spaces/{id}/role-assignments` for
        each role that may see the space, `GET /wiki/api/v2/pages/{id}/ancestors`, and
        `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` for each of them and the piece.

        - `kind`: what `id` is.

        What it is not: a licence check. Whoever has no access to the product reads nothing, and site
        admins can let themselves in.

        # Errors

        It fails closed. When any part cannot be read, the answer is an error with the code
        `readers-unreadable`, which names the part and has the kind of what went wrong, and never a
        guess. Principals of a kind that this version does not know, and a space that nobody may see,
        are such parts (`unexpected-answer`).
        """
        answer: EffectiveReaders = self._call(
            "confluence",
            "get-effective-readers",
            (kind, id,),
        )
        return answer
