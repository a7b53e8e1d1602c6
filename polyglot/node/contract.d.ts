// Made of `wit/` by `conformance contract polyglot`: changes are lost.

/** Category of an error. Closed, so callers can branch on it. */
export type ErrorKind =
  | 'invalid-argument'
  | 'invalid-endpoint'
  | 'not-configured'
  | 'refused'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'upstream-failed'
  | 'not-json'
  | 'truncated'
  | 'too-deep'
  | 'too-large'
  | 'unexpected-answer'
  | 'unreachable'
  | 'unresolvable'
  | 'timed-out'
  | 'insecure'
  | 'denied'
  | 'looping'
  | 'internal';

/** Scope of a rate limit. */
export type LimitScope =
  | 'burst'
  | 'quota-app'
  | 'quota-tenant'
  | 'gateway'
  | 'unknown';

/** Kind of owner of properties. */
export type PropertyOwner =
  | 'page'
  | 'blog-post'
  | 'attachment'
  | 'custom-content'
  | 'comment'
  | 'space';

/** Kind of content. */
export type ContentKind =
  | 'page'
  | 'blog-post';

/** Position of a comment. */
export type CommentKind =
  | 'footer'
  | 'inline';

/** Whether a user can read a content item. */
export type ReadAnswer =
  | 'yes'
  | 'no'
  | 'unknown';

/** Kind of owner of the labels that `listLabels` returns. */
export type LabelOwner =
  | 'space'
  | 'page'
  | 'blog-post'
  | 'attachment';

/** Status of the tasks that `listTasks` returns. */
export type TaskStatus =
  | 'complete'
  | 'incomplete'
  | 'open';

/**
 * Where a setting is stored. App overrides environment, which overrides cluster; endpoint and
 * authorization are overridden together.
 */
export type Level =
  | 'app'
  | 'env'
  | 'cluster';

/** Type of a column. All columns are nullable unless their description says otherwise. */
export type ColumnType =
  | 'text'
  | 'json'
  | 'integer'
  | 'instant'
  | 'boolean';

/** A way to read a stream. */
export type Pass =
  | 'full'
  | 'changes'
  | 'census'
  | 'details'
  | 'versions'
  | 'access'
  | 'look-up'
  | 'survey';

/** Why a call failed, for people and for programs. */
export interface ErrorRecord {
  /** Stable identifier of the failure, more specific than `kind`, such as `limit-out-of-range`. Open. */
  code: string;
  /** Category of the failure; branch on this. */
  kind: ErrorKind;
  /** What failed. One sentence, values in backticks, no full stop. */
  message: string;
  /** Likely cause. */
  cause: string;
  /** How to fix it. */
  resolution: string;
  /** HTTP status, if there was a response. */
  status: number | undefined;
  /** `atl-traceid` of the response, for Atlassian's support. */
  requestId: string | undefined;
  /** Wait that Confluence requested, in milliseconds. */
  retryAfterMs: bigint | undefined;
  /** Scope of the rate limit. Only with `rate-limited`. */
  limitScope: LimitScope | undefined;
}

/** Additional information about a successful result. */
export interface Notice {
  /**
   * Stable identifier. Open.
   *
   * | code | meaning |
   * |---|---|
   * | `row-dropped` | a row without a usable id or of an unknown type was dropped |
   * | `foreign-row-dropped` | a row that does not match the arguments was dropped |
   * | `duplicate-row-dropped` | Confluence sent a row twice; it is returned once |
   * | `empty-page` | a response without rows links to another one, or to itself at the end |
   * | `page-changed` | rows at the continuation token changed, so some may be returned again |
   * | `unknown-id` | there is no row for this id or key: missing, or hidden from this account |
   * | `poison-item` | Confluence fails at this row; it was omitted |
   * | `count-unavailable` | `testConnection` could not count pages |
   * | `replies-cut` | a thread has more than 500 replies, or unreadable ones: only the first are returned |
   * | `replies-missing` | a comment was deleted or hidden before its replies were read |
   * | `since-in-future` | `since` is later than the site's clock, whose time was used |
   * | `nothing-visible` | this account sees no space |
   * | `index-lags` | a search may miss recent changes |
   * | `dates-in-time-zone` | dates in a search are in the time zone of this account |
   * | `filtered-here` | Confluence has no such filter: all rows were read, and others skipped |
   * | `mention-names-missing` | accounts that bodies mention have no name, or it could not be read: their ids were kept |
   * | `users-may-repeat` | users in several groups may be returned by several calls |
   */
  code: string;
  /** What happened. One sentence, no full stop. */
  message: string;
  /** Id of the affected item, if there is one. */
  id: string | undefined;
}

/**
 * State of a list after its items.
 *
 * **A list without `after` and `stopped` is complete.** Otherwise there are, or may be, more
 * items.
 */
export interface Rest {
  /**
   * Continuation token. Pass it as `after`, with all other arguments except `limit` unchanged, to
   * get the items that follow. Opaque; absent at the end of the list. It can be stored and used
   * later and by another process.
   */
  after: string | undefined;
  /**
   * Error that ended this call early. The returned items are valid; the following ones are missing.
   * If `after` is present, too, it continues where the error occurred.
   */
  stopped: ErrorRecord | undefined;
  /** What was omitted or unusual, and why. */
  notices: Notice[];
}

/**
 * Options shared by all list functions. All are optional.
 *
 * Each function documents the options it accepts. Others are rejected with `invalid-argument`,
 * because Confluence ignores unknown parameters and would return unfiltered rows.
 */
export interface ListOptions {
  /**
   * Format of bodies. Absent: no bodies. Content supports `storage` and `atlas_doc_format` from
   * Confluence, and `text` and `markdown`, which the component renders from storage format.
   * Custom content also supports `raw`. For spaces, `plain` and `view` select the description.
   *
   * `markdown` is CommonMark with GitHub's tables, task lists and strikethrough. `text` is for
   * indexing; table cells are separated by tabs. Unknown macros are replaced by their text and
   * listed in `degraded` of the body.
   */
  bodyFormat?: string | undefined;
  /** Statuses to list. Empty: Confluence's default, which each function documents. */
  status?: readonly string[];
  /**
   * Order: a field name that the function documents, with the prefix `-` for descending order, such
   * as `-modified-date`; or `asc` or `desc`, which order by the field that the interface `confluence`
   * documents for each resource. Absent: Confluence's order, usually by id. Cannot be combined with
   * a `sort` argument.
   */
  sort?: string | undefined;
  /**
   * Only rows of these spaces, by id or key. If Confluence sends rows of other spaces, they are
   * dropped and reported in a notice.
   */
  spaceIds?: readonly string[];
  /**
   * Only labels whose name begins with this text; case of ASCII letters is ignored. Confluence has
   * no such filter: all labels are read, the others are skipped, and a notice `filtered-here`
   * reports it.
   */
  namePrefix?: string | undefined;
  /**
   * Look up the display names of accounts that bodies mention. Default: false.
   *
   * The storage format has only account ids, so `text` and `markdown` show `@712020:…`. With this
   * option, they show `@Ada Vogel`. Only with these two formats; with others it is rejected with
   * `mention-names-without-rendering`.
   *
   * After the rows, one request per 100 mentioned accounts, each account once per call:
   * `GET /wiki/rest/api/user/bulk?accountId=…`, which needs the scope `read:confluence-user`. No
   * mentions, no request. At most 1 000 accounts are looked up. Accounts without a name, or all
   * of them if the request fails, keep their id: a notice `mention-names-missing` says why, and
   * `degraded` of each body how many it has.
   */
  mentionNames?: boolean;
  /** Also return each row's JSON from Confluence verbatim, in `raw`. */
  raw?: boolean;
  /**
   * Names and values of options that later versions may add without a field of their own. Unknown
   * names are rejected. This version has none, so the list must be empty.
   */
  more?: readonly [string, string][];
}

/**
 * Options of functions that return a single item. All are optional.
 *
 * Each function documents the options it accepts. Others are rejected with `invalid-argument`.
 */
export interface GetOptions {
  /**
   * Format of the body. Absent: no body. Pages, blog posts and comments support `storage`,
   * `atlas_doc_format`, `text`, `markdown`, and formats that Confluence renders: `view`,
   * `export_view`, `anonymous_export_view`, `styled_view` and `editor`. Tasks support the first
   * four. For spaces, `plain` and `view` select the description.
   */
  bodyFormat?: string | undefined;
  /**
   * Accepted statuses. Empty: Confluence's default, which includes items in the trash; check
   * `status` of the result.
   */
  status?: readonly string[];
  /** An earlier version, 1 to 2 147 483 647. Absent: the current version. */
  version?: number | undefined;
  /**
   * Look up the display names of accounts that a `text` or `markdown` body mentions, as in
   * `list-options`. Default: false. Costs one request per 100 mentioned accounts. If names are
   * missing, `degraded` of the body says so.
   */
  mentionNames?: boolean;
  /** Also return the JSON from Confluence verbatim, in `raw`. */
  raw?: boolean;
}

/** A text in one of Confluence's formats, or rendered from one. */
export interface Body {
  /**
   * Format of `value`: `storage`, `atlas_doc_format`, `text`, `markdown`, `raw`, `plain`, or a
   * format that Confluence renders for single items, such as `view`. This is the requested
   * format, unless Confluence sent another one, or the body exceeds 8 MiB and is returned
   * without rendering.
   */
  representation: string;
  /** The text. For `atlas_doc_format`, a JSON document. */
  value: string;
  /**
   * What `text` or `markdown` show differently from Confluence: phrases separated by `; `, such as
   * ``the macro `quiz` is unknown: its text was kept``. Absent: nothing, or the body was not
   * rendered by the component.
   */
  degraded: string | undefined;
}

/** A version of content. */
export interface Version {
  /** Number of the version, counted from 1. */
  number: bigint | undefined;
  /** Message of its author. Often empty. */
  message: string | undefined;
  /** Whether it was saved without notifying watchers. */
  minorEdit: boolean | undefined;
  /** Account id of its author. */
  authorId: string | undefined;
  /** Creation time. For content, this is the time of the last change. */
  createdAt: string | undefined;
}

/** A space. Its icon is not a field, because only browsers can fetch it; `raw` contains its path. */
export interface Space {
  /** Numeric id. */
  id: string;
  /** Key, as in its URL. Keys of personal spaces start with `~`. */
  key: string | undefined;
  /** Display name. */
  name: string | undefined;
  /** `global`, `personal`, `collaboration`, `knowledge_base`, … Open. */
  type: string | undefined;
  /** `current` or `archived`. Open. */
  status: string | undefined;
  /** Account id of its creator. */
  authorId: string | undefined;
  /** Account id of its owner. */
  ownerId: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Id of the home page. */
  homepageId: string | undefined;
  /** Alias in its URL, if it has one. */
  alias: string | undefined;
  /** Description, if requested with `bodyFormat` and present. */
  description: Body | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A page. */
export interface Page {
  /** Numeric id. */
  id: string;
  /** `current`, `archived`, `trashed`, `deleted`, `draft`, … Open. */
  status: string | undefined;
  /** Title. */
  title: string | undefined;
  /** Id of its space. */
  spaceId: string | undefined;
  /** Id of its parent. Absent at the top of a space. */
  parentId: string | undefined;
  /** Type of the parent: `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  parentType: string | undefined;
  /** Position among its siblings. */
  position: bigint | undefined;
  /** Account id of its creator. */
  authorId: string | undefined;
  /** Account id of its owner. */
  ownerId: string | undefined;
  /** Account id of its previous owner. */
  lastOwnerId: string | undefined;
  /** `live` for live documents; usually absent. */
  subtype: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Current version; its `createdAt` is the time of the last change. */
  version: Version | undefined;
  /** Body, if requested with `bodyFormat`. */
  body: Body | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A blog post. */
export interface BlogPost {
  /** Numeric id. */
  id: string;
  /** `current`, `trashed`, `deleted`, … Open. Blog posts are never `archived`. */
  status: string | undefined;
  /** Title. */
  title: string | undefined;
  /** Id of its space. */
  spaceId: string | undefined;
  /** Account id of its creator. */
  authorId: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Current version; its `createdAt` is the time of the last change. */
  version: Version | undefined;
  /** Body, if requested with `bodyFormat`. */
  body: Body | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A file attached to a page, a blog post or custom content. */
export interface Attachment {
  /** `att` and a number. */
  id: string;
  /** `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /** File name. */
  title: string | undefined;
  /** Time when it was first attached. */
  createdAt: string | undefined;
  /** Id of the page that it belongs to, if it belongs to a page. */
  pageId: string | undefined;
  /** Id of the blog post that it belongs to, if it belongs to a blog post. */
  blogPostId: string | undefined;
  /** Id of the custom content that it belongs to, if it belongs to custom content. */
  customContentId: string | undefined;
  /** Media type, such as `application/pdf`. */
  mediaType: string | undefined;
  /** Description of the media type, such as `PDF Document`. */
  mediaTypeDescription: string | undefined;
  /** Comment of its author. */
  comment: string | undefined;
  /** Id used in `atlas_doc_format` bodies. Not the attachment's id. */
  fileId: string | undefined;
  /** Size in bytes. */
  fileSize: bigint | undefined;
  /** Current version. */
  version: Version | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** Download path for browsers. It does not accept API tokens; see `getAttachmentLocation`. */
  downloadPath: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** Temporary URL of the content of an attachment. */
export interface AttachmentLocation {
  /** `att` and a number. */
  id: string;
  /** Version of the content, counted from 1. */
  version: bigint | undefined;
  /** Status of the attachment: `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /**
   * File name from its author. Do not use it as a path: it can contain separators, `..`, control
   * characters, and names reserved by file systems.
   */
  title: string | undefined;
  /** Media type, such as `application/pdf`, as sent by the author's browser. Not verified. */
  mediaType: string | undefined;
  /** Size of this version in bytes. Content of another length is truncated or another file. */
  fileSize: bigint | undefined;
  /** Absolute URL of the content. **A secret**: see `getAttachmentLocation`. */
  url: string;
}

/** Content of a type that an app defined. */
export interface CustomContent {
  /** Numeric id. */
  id: string;
  /** Type, such as `ac:my-app:note` or `forge:…`. */
  type: string | undefined;
  /** `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /** Title. */
  title: string | undefined;
  /** Id of its space. */
  spaceId: string | undefined;
  /** Id of the page that contains it, if a page does. */
  pageId: string | undefined;
  /** Id of the blog post that contains it, if a blog post does. */
  blogPostId: string | undefined;
  /** Id of the custom content that contains it, if custom content does. */
  customContentId: string | undefined;
  /** Account id of its creator. */
  authorId: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Current version. */
  version: Version | undefined;
  /** Body, if requested with `bodyFormat`. */
  body: Body | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A task: a line with a check box in a page or a blog post. */
export interface Task {
  /** Numeric id. */
  id: string;
  /** Id within its page or blog post. */
  localId: string | undefined;
  /** Id of its space. */
  spaceId: string | undefined;
  /** Id of its page, if it is in a page. */
  pageId: string | undefined;
  /** Id of its blog post, if it is in a blog post. */
  blogPostId: string | undefined;
  /** `complete` or `incomplete`. Open. */
  status: string | undefined;
  /** Body, if requested with `bodyFormat`. */
  body: Body | undefined;
  /** Account id of its author. */
  createdBy: string | undefined;
  /** Account id of its assignee. */
  assignedTo: string | undefined;
  /** Account id of the user who completed it. */
  completedBy: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Time of the last change. */
  updatedAt: string | undefined;
  /** Due date. */
  dueAt: string | undefined;
  /** Time when it was completed. */
  completedAt: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A label. */
export interface Label {
  /** Numeric id. */
  id: string;
  /** Name without prefix. */
  name: string | undefined;
  /** `global`, `my`, `team`, `system`. Open. */
  prefix: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A direct child of a page. */
export interface Child {
  /** Numeric id. */
  id: string;
  /** `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  type: string | undefined;
  /** `current`, `archived`, `draft`, … Open. */
  status: string | undefined;
  /** Title. */
  title: string | undefined;
  /** Id of its space. */
  spaceId: string | undefined;
  /** Position among its siblings. */
  position: bigint | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** An ancestor of a page. */
export interface Ancestor {
  /** Numeric id. */
  id: string;
  /** `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  type: string | undefined;
}

/** A folder. */
export interface Folder {
  /** Numeric id. */
  id: string;
  /** `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /** Title. */
  title: string | undefined;
  /** Id of its space, if Confluence sent it. */
  spaceId: string | undefined;
  /** Id of its parent. Absent at the top of a space. */
  parentId: string | undefined;
  /** Type of the parent: `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  parentType: string | undefined;
  /** Position among its siblings. */
  position: bigint | undefined;
  /** Account id of its creator. */
  authorId: string | undefined;
  /** Account id of its owner. */
  ownerId: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Current version. */
  version: Version | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A version of a page or a blog post, as a row of its history. */
export interface ContentVersion {
  /** Number of the version, counted from 1. A string, because it is the id of the row. */
  number: string;
  /** Message of its author. Often empty. */
  message: string | undefined;
  /** Whether it was saved without notifying watchers. */
  minorEdit: boolean | undefined;
  /** Account id of its author. */
  authorId: string | undefined;
  /** Creation time. */
  createdAt: string | undefined;
  /** Title of this version, if Confluence sent it. */
  title: string | undefined;
  /** Body of this version, if requested with `bodyFormat`. */
  body: Body | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** Data that an app stores with content or a space, under a key. */
export interface ContentProperty {
  /** Numeric id. */
  id: string;
  /** Key, such as `editor`. */
  key: string | undefined;
  /** Value, as JSON text. */
  value: string | undefined;
  /** Creation time. Only for properties of spaces. */
  createdAt: string | undefined;
  /** Account id of the creator. Only for properties of spaces. */
  createdBy: string | undefined;
  /** Current version. */
  version: Version | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A comment, or a reply to one. */
export interface Comment {
  /** Numeric id. */
  id: string;
  /** Footer or inline. */
  kind: CommentKind;
  /** `current`, `trashed`, `deleted`, … Open. */
  status: string | undefined;
  /** Title, generated by Confluence. */
  title: string | undefined;
  /** Id of its page, if Confluence sent it. Absent for replies. */
  pageId: string | undefined;
  /** Id of its blog post, if Confluence sent it. Absent for replies. */
  blogPostId: string | undefined;
  /** Id of the attachment that it is about, if Confluence sent it. */
  attachmentId: string | undefined;
  /** Id of the custom content that it is about, if Confluence sent it. */
  customContentId: string | undefined;
  /** Id of the comment that it replies to. Absent for the first comment of a thread. */
  parentId: string | undefined;
  /** Resolution: `open`, `resolved`, `reopened`, `dangling`. Open. */
  resolutionStatus: string | undefined;
  /** Account id of the user that last resolved or reopened an inline comment. */
  resolutionModifierId: string | undefined;
  /** Time of the last resolution or reopening. */
  resolutionModifiedAt: string | undefined;
  /** Text that an inline comment refers to. */
  selection: string | undefined;
  /** Id of the marker in the body that an inline comment refers to. */
  markerRef: string | undefined;
  /** Current version. */
  version: Version | undefined;
  /** Body, if requested with `bodyFormat`. */
  body: Body | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A user account. */
export interface User {
  /** Account id. */
  accountId: string;
  /** `known`, `unknown`, … Open. */
  type: string | undefined;
  /** `atlassian` for people, `app` for apps, … Open. */
  accountType: string | undefined;
  /** Display name. */
  displayName: string | undefined;
  /** Public name. */
  publicName: string | undefined;
  /** E-mail address. Hidden by the privacy settings of most accounts. */
  email: string | undefined;
  /** Time zone, such as `Europe/Berlin`. Confluence reads dates in searches in this time zone. */
  timeZone: string | undefined;
  /**
   * Whether it is a guest, from outside of the organization: `isGuest` in Confluence's JSON, or its
   * earlier name `isExternalCollaborator`.
   */
  guest: boolean | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A group. */
export interface Group {
  /** UUID. Empty for a deleted group that a restriction still contains. */
  id: string;
  /** Display name. */
  name: string | undefined;
  /** `USERBASE_GROUP`, `TEAM_COLLABORATION`, … Open. */
  usageType: string | undefined;
  /** `ADMINS`, `EXTERNAL`, `TEAM_MEMBERS`, `OPEN`, … Open. */
  managedBy: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** A user, a group, or a class of users. */
export interface Principal {
  /** `user`, `group`, `access-class`, `role`, … Open. */
  kind: string;
  /** Account id, UUID of a group or role, or name of a class such as `ALL_LICENSED_USERS`. */
  id: string;
}

/** A permission of a principal in a space. */
export interface SpacePermission {
  /** Id of the permission. */
  id: string;
  /** Who has the permission. */
  principal: Principal;
  /** Permitted operation: `read`, `create`, `delete`, `administer`, … Open. */
  operation: string | undefined;
  /**
   * Target of the operation: `space`, `page`, `comment`, … Open. `read` of `space` permits seeing
   * the space.
   */
  targetType: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** Users and groups that an operation on content is restricted to. */
export interface Restriction {
  /** Permitted users. */
  users: User[];
  /** Permitted groups. Can contain deleted groups. */
  groups: Group[];
  /**
   * True if there are no users and groups: this item restricts nothing, and its ancestors and
   * space decide. It does not mean that nobody is permitted.
   */
  inherits: boolean;
}

/** Restrictions of one content item, without those of its ancestors. */
export interface ContentRestrictions {
  /** Id of the content. */
  contentId: string;
  /** Who can view it. */
  read: Restriction;
  /** Who can edit it. */
  update: Restriction;
}

/** A check that readers of content must pass: the space, an ancestor, or the content itself. */
export interface ReaderGate {
  /** `space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  kind: string;
  /** Numeric id. */
  id: string;
  /**
   * Who passes: these users, members of these groups, and members of these classes. If empty,
   * nobody passes.
   */
  principals: Principal[];
}

/** A source that was read to determine the readers. */
export interface Consulted {
  /** `space` for permissions; `page`, `blogpost`, `folder`, … for restrictions. Open. */
  kind: string;
  /** Numeric id. */
  id: string;
  /** Whether it is a gate. Content without restrictions is not. */
  restricts: boolean;
}

/**
 * Who can read a content item.
 *
 * **A reader must pass every gate**: each of `gates` must contain the user, one of their groups,
 * or a class that they belong to. Group memberships are not included, because Confluence does
 * not return them with permissions and they change often. Check them when a user makes a
 * request.
 */
export interface EffectiveReaders {
  /** Id of the content. */
  contentId: string;
  /** Id of its space. */
  spaceId: string;
  /** Status of the content. People see only `current` content. */
  status: string | undefined;
  /**
   * Users, groups and classes that every gate contains. They can certainly read the content.
   * Others may be able to, by passing different gates through different groups.
   */
  certain: Principal[];
  /** Gates, from the space down to the content. */
  gates: ReaderGate[];
  /** Everything that was read to determine this. */
  consulted: Consulted[];
}

/** What a gate decides about a user. */
export interface GateDecision {
  /** `space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  kind: string;
  /** Numeric id. */
  id: string;
  /** Whether the user passes. `unknown` if only a class of accounts can let the user pass. */
  answer: ReadAnswer;
  /** The principal of the gate through which the user passes: the user or one of their groups. */
  via: Principal | undefined;
}

/** Whether a user can read a content item, and which gate decides. */
export interface ReadDecision {
  /** Id of the content. */
  contentId: string;
  /** Id of its space. */
  spaceId: string;
  /** Status of the content. People see only `current` content. */
  status: string | undefined;
  /** Account id of the user. */
  accountId: string;
  /** Whether the user can read the content. */
  answer: ReadAnswer;
  /** Why, in one sentence. */
  reason: string;
  /**
   * The gate that decides: for `no` the first that the user does not pass, for `unknown` the first
   * that cannot be decided, for `yes` the last one. Absent if the account or the status of the
   * content decides.
   */
  decides: GateDecision | undefined;
  /** The gates that were read, from the space down; for `no`, up to the gate that decides. */
  gates: GateDecision[];
}

/** A search result. */
export interface SearchResult {
  /** Id of the content or space, or account id of the user. */
  id: string;
  /** `content`, `space`, `user`. Open. */
  entityType: string | undefined;
  /** Type of content: `page`, `blogpost`, `comment`, `attachment`, `folder`, … Open. */
  contentType: string | undefined;
  /** `current`, `archived`, … Open. */
  status: string | undefined;
  /** Title, without HTML entities and without the marks around matches. `raw` keeps both. */
  title: string | undefined;
  /** Key of the space, or of the content's space. */
  spaceKey: string | undefined;
  /** For attachments and comments: id of the content that they belong to. */
  containerId: string | undefined;
  /** Title of that content. */
  containerTitle: string | undefined;
  /** Excerpt of the text, without HTML entities and marks, as in the title. */
  excerpt: string | undefined;
  /** For users: the account. */
  user: User | undefined;
  /** Time of the last change, with a precision of one second. */
  lastModified: string | undefined;
  /** URL for browsers. */
  webUrl: string | undefined;
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** Object in an audit record. */
export interface AuditObject {
  /** Name. */
  name: string | undefined;
  /** `Space`, `User`, `Group`, `Page`, … Open. */
  type: string | undefined;
}

/** One value before and after a change. */
export interface AuditChange {
  /** Name of the value. */
  name: string | undefined;
  /** Value before. Often empty. */
  oldValue: string | undefined;
  /** Value after. Often empty. */
  newValue: string | undefined;
}

/** Record of an action at a site. */
export interface AuditRecord {
  /** Time of the action. */
  createdAt: string | undefined;
  /** Account id of the user. Absent for the system and for anonymous visitors. */
  authorId: string | undefined;
  /** Display name of the user. */
  authorName: string | undefined;
  /** Network address of the user. */
  remoteAddress: string | undefined;
  /** Action, such as `Space permission added`. */
  summary: string | undefined;
  /** Details. Often empty. */
  description: string | undefined;
  /** `Permissions`, `Users and groups`, `Security`, … Open. */
  category: string | undefined;
  /** Whether the user is a system administrator. */
  sysAdmin: boolean | undefined;
  /** Whether the rights of the super administrator were used. */
  superAdmin: boolean | undefined;
  /** Object of the action. */
  affected: AuditObject | undefined;
  /** Changed values. */
  changes: AuditChange[];
  /** Other objects that the action concerns. */
  associated: AuditObject[];
  /** JSON from Confluence, if requested with `raw`. */
  raw: string | undefined;
}

/** Audit records. */
export interface AuditRecordListing {
  /** Newest first. */
  items: AuditRecord[];
  /** Whether there is more. */
  rest: Rest;
}

/** Content that an address identifies. */
export interface ContentReference {
  /** Numeric id. */
  id: string;
  /**
   * `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Absent if the address does
   * not contain it.
   */
  kind: string | undefined;
  /** Key of the space, if the address contains it. */
  spaceKey: string | undefined;
}

/** Users. */
export interface UserListing {
  /** Items, in Confluence's order. */
  items: User[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Groups. */
export interface GroupListing {
  /** Items, in Confluence's order. */
  items: Group[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Permissions of a space. */
export interface SpacePermissionListing {
  /** Items, in Confluence's order. */
  items: SpacePermission[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Search results. */
export interface SearchResultListing {
  /** Items, best match first unless the query has an order. */
  items: SearchResult[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Changed pages, and the checkpoint for the next call. */
export interface PageChanges {
  /** Items, newest first. */
  items: Page[];
  /**
   * Pass this as `since` next time. Present only if this result completes the list. Store it
   * after its items are stored.
   */
  checkpoint: string | undefined;
  /** Whether the list is complete. */
  rest: Rest;
}

/** Changed blog posts, and the checkpoint for the next call. */
export interface BlogPostChanges {
  /** Items, newest first. */
  items: BlogPost[];
  /**
   * Pass this as `since` next time. Present only if this result completes the list. Store it
   * after its items are stored.
   */
  checkpoint: string | undefined;
  /** Whether the list is complete. */
  rest: Rest;
}

/** Children of a page. */
export interface ChildListing {
  /** Items, in the requested order. */
  items: Child[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Versions. */
export interface ContentVersionListing {
  /** Items, in the requested order. */
  items: ContentVersion[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Properties. */
export interface ContentPropertyListing {
  /** Items, in the requested order. */
  items: ContentProperty[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Comments. */
export interface CommentListing {
  /** Threads in the requested order, each followed by its replies if requested. */
  items: Comment[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Spaces. */
export interface SpaceListing {
  /** Items, in the requested order. */
  items: Space[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Pages. */
export interface PageListing {
  /** Items, in the requested order. */
  items: Page[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Blog posts. */
export interface BlogPostListing {
  /** Items, in the requested order. */
  items: BlogPost[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Attachments. */
export interface AttachmentListing {
  /** Items, in the requested order. */
  items: Attachment[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Custom content. */
export interface CustomContentListing {
  /** Items, in the requested order. */
  items: CustomContent[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Tasks. */
export interface TaskListing {
  /** Items, in the requested order. */
  items: Task[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** Labels. */
export interface LabelListing {
  /** Items, in the requested order. */
  items: Label[];
  /** Whether the list is complete. */
  rest: Rest;
}

/** What `setApiUrlAndAuth` stored. */
export interface StoredConnection {
  /** Canonical base URL. All requests of the connector are below it. */
  baseUrl: string;
  /** Level where it is stored. */
  level: Level;
}

/** A number of rows. */
export interface Count {
  /** Number of rows that were counted. */
  value: bigint;
  /** Whether there are, or may be, more rows than `value`. */
  atLeast: boolean;
}

/** Result of `testConnection`. */
export interface ConnectionReport {
  /** Base URL of the site. */
  baseUrl: string;
  /** Account id of the authenticated user. */
  accountId: string | undefined;
  /** Display name. */
  displayName: string | undefined;
  /** E-mail address. Often hidden by the account's privacy settings. */
  email: string | undefined;
  /**
   * Time zone of the account, such as `Europe/Berlin`. Confluence reads dates in searches in this
   * time zone.
   */
  timeZone: string | undefined;
  /** Number of spaces that this account can see, counted up to 250. */
  spaces: Count;
  /** Space selected by the argument `space`. */
  space: Space | undefined;
  /**
   * Number of pages in the search index that this account can see: of that space, or of all
   * spaces that are not archived. The index lags and omits archived pages, so `atLeast` is always
   * set. Absent if Confluence rejected the search; a notice gives the reason.
   */
  pages: Count | undefined;
  /** What could not be determined, and why. */
  notices: Notice[];
}

/** Description of a column. */
export interface ColumnDescription {
  /**
   * Name, in snake case. Fields of nested objects are joined by two underscores:
   * `version__number`.
   */
  name: string;
  /** What it contains. One sentence or more, in Markdown. */
  documentation: string;
  /** Type. */
  type: ColumnType;
  /** Whether values can be null. */
  nullable: boolean;
  /** Whether it is only read if a projection names it, because it makes requests slower or larger. */
  onRequest: boolean;
}

/** Description of a stream. */
export interface StreamDescription {
  /** Name, in snake case, such as `page_footer_comments`. */
  name: string;
  /** What its rows are and where they come from. Markdown. */
  documentation: string;
  /** Names of the columns whose values together identify a row. */
  key: string[];
  /** Streams whose rows are the `parents` of a step. Empty: the stream is listed without parents. */
  parents: string[];
  /** Whether `partition` can name spaces. */
  bySpace: boolean;
  /** Columns, in order. System columns and `raw` are not among them. */
  columns: ColumnDescription[];
  /** Supported passes. */
  passes: Pass[];
  /** Scopes, of which one of each list is needed: granular or classic. */
  scopes: string[][];
  /** Points of Confluence's rate limit that a returned row costs, in addition to one per request. */
  pointsPerRow: number;
  /** Whether to read it if the caller names no streams. */
  default: boolean;
  /** Settings that it needs, such as `custom-content-types`. Empty: none. */
  settings: string[];
}

/** A row of a parent stream, as far as children need it. */
export interface Parent {
  /** Name of its stream. */
  stream: string;
  /** `_key` of its row. */
  key: string;
  /** Number of its version, if it has one. */
  version: bigint | undefined;
  /** Id of its space, if known. */
  container: string | undefined;
}

/** What to return of each row. */
export interface Projection {
  /** Names of columns. Empty: all that are not `onRequest`, and `body` if `bodyFormat` is given. */
  columns?: readonly string[];
  /** Also return `raw`. */
  raw?: boolean;
  /**
   * Format of the column `body`: `storage`, `atlas_doc_format`, `text` or `markdown`. Absent: no
   * bodies, even if `columns` names them.
   */
  bodyFormat?: string | undefined;
}

/** Limits of a step. A step ends at the first limit that is reached, after one request at least. */
export interface Budget {
  /**
   * Maximum number of rows to return, 1 to 100 000. Absent: 10 000. Rows of one response are returned
   * together: where each item of a response has a list of rows, such as labels of a page, there can
   * be up to 50 000 more.
   */
  rows?: number | undefined;
  /** Bytes of columns after which no further request is made, 65 536 to 16 777 216. Absent: 2 MiB. */
  bytes?: number | undefined;
  /** Maximum number of requests, 1 to 1 000. Absent: 100. */
  requests?: number | undefined;
  /** Rows per request, 1 to 250. Absent: 250. Cursors are bound to it: keep it for the whole pass. */
  pageSize?: number | undefined;
}

/** A parent whose complete set of rows was read. */
export interface ReadParent {
  /** `_key` of its row. */
  key: string;
  /**
   * Number of the version that the rows belong to. If the parent has another version by now, its rows
   * have to be read again. Absent: the rows do not depend on the version.
   */
  version: bigint | undefined;
}

/** Statistics of a step. */
export interface Observed {
  /** Rows that Confluence sent. */
  rows: bigint;
  /** Requests. */
  requests: number;
  /** Estimated points of Confluence's rate limit. */
  points: bigint;
  /** Rows that were dropped because they belong to another space. */
  foreignRows: bigint;
  /** Parents that no longer exist, or are hidden from this account, by key. */
  missingParents: string[];
  /**
   * Parents whose complete sets are in this step and the steps before it, also if a set is empty: of
   * lists in bulk, and of streams with the pass `access`. A parent that is in neither list was not
   * shown, such as content that the search index omits, or has a list that the response cuts.
   */
  readParents: ReadParent[];
  /** `Date` of the last response, ISO 8601 in UTC. */
  siteTime: string | undefined;
}

/** The functions of the component. */
export interface Calls {
  /**
   * Lists spaces. `GET /wiki/api/v2/spaces`.
   *
   * - `ids`: only these spaces, by id or key.
   * - `keys`: only these spaces, by key. A key without a space is reported in a notice
   *   `unknown-id`. With `ids`, a space must match both.
   * - `options`: `bodyFormat` (`plain` or `view`, the format of the description), `status` (one of
   *   `current` and `archived`; default: both), `sort` (`id`, `key`, `name`), `raw`.
   */
  listSpaces(given?: {
    ids?: readonly string[] | undefined;
    keys?: readonly string[] | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SpaceListing;
  /**
   * Lists pages. `GET /wiki/api/v2/pages`.
   *
   * - `ids`: only these pages.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `status` (`current`, `archived`, `deleted`, `trashed`; default: current and
   *   archived), `sort` (`id`, `created-date`, `modified-date`, `title`), `spaceIds`, `raw`.
   */
  listPages(given?: {
    ids?: readonly string[] | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Lists the labels of the site (`GET /wiki/api/v2/labels`), of a space
   * (`GET /wiki/api/v2/spaces/{id}/labels`), of a page (`GET /wiki/api/v2/pages/{id}/labels`), of a
   * blog post (`GET /wiki/api/v2/blogposts/{id}/labels`) or of an attachment
   * (`GET /wiki/api/v2/attachments/{id}/labels`).
   *
   * - `select`: the kind of content whose labels are listed, or a space. Default: all labels of the site.
   * - `id`: id or key of the space, or id of the content. Required with `select`, rejected without.
   * - `prefix`: only labels of this namespace, which Confluence calls a prefix: `my`, `team`,
   *   `global` or `system`; for a space, `my` or `team`. To filter by the beginning of the name, use
   *   `namePrefix` of `options`.
   * - `options`: `sort` (`created-date`, `id`, `name`), `namePrefix`, `raw`.
   */
  listLabels(given?: {
    select?: LabelOwner | undefined;
    id?: string | undefined;
    prefix?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Lists attachments of the site. `GET /wiki/api/v2/attachments`.
   *
   * - `filename`: only files with this exact name.
   * - `mediaType`: only files of this exact type, such as `image/png`.
   * - `options`: `status` (`current`, `archived`, `trashed`; default: current and archived),
   *   `sort` (`created-date`, `modified-date`), `raw`.
   */
  listAttachments(given?: {
    filename?: string | undefined;
    mediaType?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): AttachmentListing;
  /**
   * Lists the attachments of a page. `GET /wiki/api/v2/pages/{id}/attachments`.
   *
   * - `pageId`: the page.
   * - `options`: as for `listAttachments`.
   */
  listAttachmentsByPage(given: {
    pageId: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): AttachmentListing;
  /**
   * Lists blog posts. `GET /wiki/api/v2/blogposts`.
   *
   * - `ids`: only these blog posts.
   * - `title`: only blog posts with this exact title.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `status` (`current`, `deleted`, `trashed`; default: current), `sort` (`id`,
   *   `created-date`, `modified-date`), `spaceIds`, `raw`.
   */
  listBlogPosts(given?: {
    ids?: readonly string[] | undefined;
    title?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostListing;
  /**
   * Lists the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.
   *
   * - `spaceId`: the space, by id or key.
   * - `options`: as for `listBlogPosts`, without `spaceIds`.
   */
  listBlogPostsBySpace(given: {
    spaceId: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostListing;
  /**
   * Lists custom content of one or more types. `GET /wiki/api/v2/custom-content`.
   *
   * - `type`: the type, defined by an app, such as `ac:my-app:note`. Several types, separated by
   *   commas, are listed one after the other; they cannot be combined with `ids` or `sort`. Confluence
   *   requires a type and has no endpoint that lists types. If absent, the result has no items, and
   *   `rest.stopped`, with the code `custom-content-type-required`, explains how to find the types of
   *   a site. A host can supply the types from its configuration.
   * - `spaceIds`: only content of these spaces, by id or key.
   * - `ids`: only content with these ids.
   * - `options`: `bodyFormat` (`raw`, `storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `sort` (`id`, `created-date`, `modified-date`, `title`), `raw`. `spaceIds`
   *   is an argument, not an option.
   */
  listCustomContent(given?: {
    type?: string | undefined;
    spaceIds?: readonly string[] | undefined;
    ids?: readonly string[] | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): CustomContentListing;
  /**
   * Lists tasks. `GET /wiki/api/v2/tasks`.
   *
   * - `dueDateFrom`, `dueDateTo`: only tasks due in this range, inclusive. Each
   *   is a date in UTC (`2026-01-31`: its first millisecond as `from`, its last as `to`), a time
   *   (`2026-01-31T12:00:00Z`), or milliseconds since 1970 (`1769860800000`).
   * - `spaceIds`: only tasks of these spaces, by id or key.
   * - `assignedTo`: only tasks assigned to the users with these account ids.
   * - `status`: only tasks with this status.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `raw`. There is no `sort`.
   */
  listTasks(given?: {
    dueDateFrom?: string | undefined;
    dueDateTo?: string | undefined;
    spaceIds?: readonly string[] | undefined;
    assignedTo?: readonly string[] | undefined;
    status?: TaskStatus | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): TaskListing;
  /**
   * Stores an endpoint and its authorization at a level of the host, as one record.
   *
   * - `url`: the site, in one of these forms: `https://example.atlassian.net`,
   *   `https://example.atlassian.net/wiki`, `https://example.atlassian.net/wiki/api/v2/`,
   *   `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki/api/v2/`; or the address of a page.
   *   A query and a fragment are ignored.
   * - `auth`: value of the `Authorization` header: `Basic ` and the base64 of `email:token`, or
   *   `Bearer ` and a token. No function returns it; `host-runner` stores it encrypted.
   * - `level`: where to store the connection. The narrowest level that has one supplies both the
   *   endpoint and the authorization.
   *
   * Nothing is sent to the site. To check the connection, call `testConnection`.
   *
   * # Errors
   *
   * - `invalid-endpoint` for a scheme other than https (http is accepted for loopback addresses),
   *   for user information in the URL, and for paths that do not belong to Confluence.
   * - `invalid-argument` for an authorization of another form.
   * - `refused` if the host does not permit this caller to write to the level.
   */
  setApiUrlAndAuth(given: {
    url: string;
    auth: string;
    level: Level;
  }): StoredConnection;
  /**
   * Tests the connection: returns the current user (`GET /wiki/rest/api/user/current`) and the
   * number of visible spaces (`GET /wiki/api/v2/spaces`) and pages (`GET /wiki/rest/api/search`).
   *
   * - `space`: count the pages of this space, by id or key. Default: the pages of all spaces that are
   *   not archived.
   *
   * # Errors
   *
   * `unauthorized` with the code `anonymous` if the site treats the request as anonymous, as it
   * does with an expired token if anonymous access is enabled.
   */
  testConnection(given?: {
    space?: string | undefined;
  }): ConnectionReport;
  /**
   * Determines whether a user can read a page or a blog post, and which gate decides: the
   * permissions of the space, or the restrictions of an ancestor or of the item itself.
   *
   * The gates are checked in order, from the space down, with the same requests as
   * `getEffectiveReaders`, until one of them excludes the user. Looking up the account takes one
   * request (`GET /wiki/rest/api/user/bulk`). Its groups take another one
   * (`GET /wiki/rest/api/user/memberof`), if a gate names groups and not the user.
   *
   * - `user`: account id, or e-mail address. An address is looked up among the members of all groups
   *   (`GET /wiki/rest/api/group` and `/group/{groupId}/membersByGroupId`, a request for each group)
   *   until an account with it is found. Most accounts hide theirs, so prefer the account id.
   * - `page`, `blogPost`: the item. Pass exactly one of them.
   *
   * `answer` is `yes` only if every gate could be read and admits the user. It is `unknown` if a gate
   * admits a class such as `ALL_LICENSED_USERS`, whose members Confluence does not list, and does
   * not admit the user otherwise; if the account is not `known`; or if the content is neither
   * current nor archived. Treat `unknown` as `no`. Licenses are not checked, and site admins can grant themselves access.
   *
   * # Errors
   *
   * - `not-found` with the code `user-not-found` if no account has this id or shows this address.
   * - the code `readers-unreadable` if any part cannot be read, with the kind of the cause, as for
   *   `getEffectiveReaders`.
   */
  canRead(given: {
    user: string;
    page?: string | undefined;
    blogPost?: string | undefined;
  }): ReadDecision;
  /**
   * Gets spaces. `GET /wiki/api/v2/spaces`.
   *
   * - `ids`, `keys`: only these spaces, as for `listSpaces`.
   * - `sort`: direction; by key.
   * - `options`: as for `listSpaces`.
   */
  getSpaces(given?: {
    ids?: readonly string[] | undefined;
    keys?: readonly string[] | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SpaceListing;
  /**
   * Gets a space by id (`GET /wiki/api/v2/spaces/{id}`) or by key
   * (`GET /wiki/api/v2/spaces?keys=`, also one request).
   *
   * - `options`: `bodyFormat` (`plain`, `view`: the description), `raw`.
   */
  getSpaceById(given: {
    idOrKey: string;
    options?: GetOptions | undefined;
  }): Space;
  /**
   * Gets pages. `GET /wiki/api/v2/pages`.
   *
   * - `ids`: only these pages.
   * - `sort`: direction; by the time of the last change.
   * - `options`: as for `listPages`.
   */
  getPages(given?: {
    ids?: readonly string[] | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Gets the pages of a space. `GET /wiki/api/v2/spaces/{id}/pages`.
   *
   * - `space`: id or key.
   * - `sort`: direction; by the time of the last change.
   * - `options`: as for `listPages`, without `spaceIds`.
   */
  getPagesBySpace(given: {
    space: string;
    limit?: number | undefined;
    sort?: string | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Gets the pages with a label. `GET /wiki/api/v2/labels/{id}/pages`.
   *
   * - `label`: id or name. A value of digits only is an id; to find a label whose name is a number,
   *   use `getLabelByName`. A name costs one additional request
   *   (`GET /wiki/rest/api/label?name=`). A name that no content has fails with `not-found` and
   *   the code `label-not-found`.
   * - `sort`: direction; by the time of the last change.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `sort` (`id`, `created-date`, `modified-date`, `title`), `spaceIds`,
   *   `raw`. The endpoint has no filter by status.
   */
  getPagesByLabel(given: {
    label: string;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Gets a page. `GET /wiki/api/v2/pages/{id}`.
   *
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`, `view`,
   *   `export_view`, `anonymous_export_view`, `styled_view`, `editor`), `mentionNames`, `status`
   *   (`current`, `archived`, `trashed`, `deleted`, `historical`, `draft`), `version`, `raw`.
   */
  getPageById(given: {
    id: string;
    options?: GetOptions | undefined;
  }): Page;
  /**
   * Gets the site's labels. `GET /wiki/api/v2/labels`.
   *
   * - `prefix`: only labels of this namespace: `my`, `team`, `global`, `system`. To filter by the
   *   beginning of the name, use `namePrefix` of `options`.
   * - `sort`: direction; by name.
   * - `options`: `sort` (`created-date`, `id`, `name`), `namePrefix`, `raw`.
   */
  getLabels(given?: {
    prefix?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets the labels of a page. `GET /wiki/api/v2/pages/{id}/labels`.
   *
   * - `prefix`, `sort`, `options`: as for `getLabels`.
   */
  getLabelsByPage(given: {
    pageId: string;
    prefix?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets the labels of a blog post. `GET /wiki/api/v2/blogposts/{id}/labels`.
   *
   * - `prefix`, `sort`, `options`: as for `getLabels`.
   */
  getLabelsByBlogPost(given: {
    blogPostId: string;
    prefix?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets the labels of an attachment. `GET /wiki/api/v2/attachments/{id}/labels`.
   *
   * - `attachmentId`: `att` and a number.
   * - `prefix`, `sort`, `options`: as for `getLabels`.
   */
  getLabelsByAttachment(given: {
    attachmentId: string;
    prefix?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets the labels of a space, not those of its pages.
   * `GET /wiki/api/v2/spaces/{id}/labels`.
   *
   * - `space`: id or key.
   * - `prefix`: `my` or `team`; spaces have no other labels.
   * - `sort`, `options`: as for `getLabels`.
   */
  getLabelsBySpace(given: {
    space: string;
    prefix?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets a label by name. `GET /wiki/rest/api/label?name=`; API v2 has no such endpoint.
   *
   * - `name`: the name without its prefix.
   *
   * # Errors
   *
   * `not-found` with the code `label-not-found` if no content that this account can see has the
   * label.
   */
  getLabelByName(given: {
    name: string;
  }): Label;
  /**
   * Gets attachments of the site. `GET /wiki/api/v2/attachments`.
   *
   * - `filename`, `mediaType`: only files with this exact name or type.
   * - `sort`: direction; by the time of the last change.
   * - `options`: as for `listAttachments`.
   */
  getAttachments(given?: {
    filename?: string | undefined;
    mediaType?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): AttachmentListing;
  /**
   * Gets the attachments of a page. `GET /wiki/api/v2/pages/{id}/attachments`.
   *
   * - `filename`, `mediaType`, `sort`, `options`: as for `getAttachments`.
   */
  getAttachmentsByPage(given: {
    pageId: string;
    filename?: string | undefined;
    mediaType?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): AttachmentListing;
  /**
   * Gets the attachments of a blog post. `GET /wiki/api/v2/blogposts/{id}/attachments`.
   *
   * - `filename`, `mediaType`, `sort`, `options`: as for `getAttachments`.
   */
  getAttachmentsByBlogPost(given: {
    blogPostId: string;
    filename?: string | undefined;
    mediaType?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): AttachmentListing;
  /**
   * Gets an attachment. `GET /wiki/api/v2/attachments/{id}`.
   *
   * - `id`: `att` and a number.
   * - `options`: `version`, `raw`.
   */
  getAttachmentById(given: {
    id: string;
    options?: GetOptions | undefined;
  }): Attachment;
  /**
   * Gets a temporary URL of the content of an attachment. The content itself is not fetched,
   * because files of several gigabytes do not fit into the component's memory.
   *
   * `GET /wiki/api/v2/attachments/{id}`, then for this version
   * `GET /wiki/rest/api/content/{id}/child/attachment/{id}/download`, which needs the scope
   * `readonly:content.attachment:confluence` (or `read:attachment:confluence`).
   *
   * - `version`: an earlier version, counted from 1. Absent: the current one.
   *
   * Rules for using `url`:
   *
   * - It is **a secret**: signed, and valid for anyone who has it, for some minutes. Do not log or
   *   store it. Fetch it at once; after a 403 it has expired, so call this function again.
   * - It is on another host than the site. **Send no credentials**: no `authorization`, no cookie.
   *   They would leak, and that host rejects requests that carry them. Send a plain GET.
   * - It is untrusted input. Accept only `https` and public addresses, follow few redirects and
   *   check each in the same way, and limit size and time: neither `fileSize` nor
   *   `content-length` is reliable. `host-runner download` does all of this.
   *
   * # Errors
   *
   * - `not-found` for a missing or hidden attachment or a version that does not exist; with the
   *   code `content-gone` for an attachment whose content Confluence has lost.
   * - `unexpected-answer` with the code `container-unknown` if the response does not name the
   *   content that the attachment belongs to, `location-missing` if the site does not redirect,
   *   and `location-relative` if it redirects to itself.
   */
  getAttachmentLocation(given: {
    id: string;
    version?: number | undefined;
  }): AttachmentLocation;
  /**
   * Gets blog posts. `GET /wiki/api/v2/blogposts`.
   *
   * - `ids`: only these blog posts.
   * - `title`: only blog posts with this exact title.
   * - `sort`: direction; by the time of the last change.
   * - `options`: as for `listBlogPosts`.
   */
  getBlogPosts(given?: {
    ids?: readonly string[] | undefined;
    title?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostListing;
  /**
   * Gets the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.
   *
   * - `space`: id or key.
   * - `sort`: direction; by the time of the last change.
   * - `options`: as for `listBlogPosts`, without `spaceIds`.
   */
  getBlogPostsBySpace(given: {
    space: string;
    limit?: number | undefined;
    sort?: string | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostListing;
  /**
   * Gets a blog post. `GET /wiki/api/v2/blogposts/{id}`.
   *
   * - `options`: as for `getPageById`, without the status `archived`.
   */
  getBlogPostById(given: {
    id: string;
    options?: GetOptions | undefined;
  }): BlogPost;
  /**
   * Gets custom content of one or more types. `GET /wiki/api/v2/custom-content`.
   *
   * - `type`: one type or several, defined by apps, as for `listCustomContent`.
   * - `spaceIds`: only content of these spaces, by id or key.
   * - `ids`: only content with these ids.
   * - `sort`: direction; by the time of the last change.
   * - `options`: as for `listCustomContent`.
   */
  getCustomContent(given?: {
    type?: string | undefined;
    spaceIds?: readonly string[] | undefined;
    ids?: readonly string[] | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): CustomContentListing;
  /**
   * Gets tasks that are due on or before a date. `GET /wiki/api/v2/tasks`.
   *
   * `listTasks` accepts a time span, several spaces and several accounts.
   *
   * - `dueDate`: only tasks due on or before it: a day (`2026-01-31`, up to its last millisecond
   *   in UTC), a time (`2026-01-31T12:00:00Z`), or milliseconds since 1970. A number that can only be
   *   an id or seconds is rejected with `date-malformed`.
   * - `spaceId`: only tasks of this space, by id or key.
   * - `assignedTo`: only tasks of this account.
   * - `status`: only tasks in this state.
   * - `options`: as for `listTasks`.
   */
  getTasks(given?: {
    dueDate?: string | undefined;
    spaceId?: string | undefined;
    assignedTo?: string | undefined;
    status?: TaskStatus | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): TaskListing;
  /**
   * Gets a task. `GET /wiki/api/v2/tasks/{id}`.
   *
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `raw`.
   */
  getTaskById(given: {
    id: string;
    options?: GetOptions | undefined;
  }): Task;
  /**
   * Gets the direct children of a page. `GET /wiki/api/v2/pages/{id}/direct-children`.
   *
   * The endpoint also returns folders, whiteboards, databases, embeds and drafts, and has no
   * filter. The component filters the rows, so a result can have fewer items than `limit`, or
   * none, although more items follow.
   *
   * - `types`: types to return: `page`, `folder`, `whiteboard`, `database`, `embed`. Absent: pages.
   * - `sort`: direction; by position among siblings.
   * - `options`: `sort` (`child-position`, `created-date`, `id`, `modified-date`, `title`),
   *   `status` (`current`, `archived`, `trashed`, `draft`; all but drafts by default), `raw`.
   */
  getPageChildren(given: {
    pageId: string;
    types?: readonly string[] | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ChildListing;
  /**
   * Gets the ancestors of a page, from the top of its space down to its parent.
   * `GET /wiki/api/v2/pages/{id}/ancestors`.
   *
   * The result is complete, or an error. The endpoint returns at most 250 ancestors without a
   * cursor; further ones are requested as the ancestors of the topmost one.
   */
  getPageAncestors(given: {
    pageId: string;
  }): Ancestor[];
  /**
   * Gets a folder. `GET /wiki/api/v2/folders/{id}`.
   *
   * Confluence has no list of folders. Their ids appear as parents, children and ancestors of the
   * type `folder`.
   *
   * - `options`: `raw`.
   */
  getFolder(given: {
    id: string;
    options?: GetOptions | undefined;
  }): Folder;
  /**
   * Gets the versions of a page. `GET /wiki/api/v2/pages/{id}/versions`.
   *
   * - `sort`: direction; by creation time.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `sort` (`modified-date`), `raw`.
   */
  getPageVersions(given: {
    pageId: string;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ContentVersionListing;
  /**
   * Gets the versions of an attachment. `GET /wiki/api/v2/attachments/{id}/versions`.
   *
   * - `attachmentId`: `att` and a number.
   * - `options`: `sort` (`modified-date`), `raw`.
   */
  getAttachmentVersions(given: {
    attachmentId: string;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ContentVersionListing;
  /**
   * Gets the versions of a blog post. `GET /wiki/api/v2/blogposts/{id}/versions`.
   *
   * - `sort`, `options`: as for `getPageVersions`.
   */
  getBlogPostVersions(given: {
    blogPostId: string;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ContentVersionListing;
  /**
   * Gets the properties of content or of a space. `GET /wiki/api/v2/pages/{id}/properties`, and the
   * same for `blogposts`, `attachments`, `custom-content`, `comments` and `spaces`.
   *
   * - `owner`: kind of the owner.
   * - `id`: numeric id; `att` and a number for attachments; id or key for spaces.
   * - `key`: only the property with this key.
   * - `sort`: direction; by key. Rejected for spaces, whose properties cannot be ordered.
   * - `options`: `sort` (`key`), `raw`.
   */
  getContentProperties(given: {
    owner: PropertyOwner;
    id: string;
    key?: string | undefined;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ContentPropertyListing;
  /**
   * Gets the comments of a page or a blog post. `GET /wiki/api/v2/pages/{id}/footer-comments`,
   * `…/inline-comments`, and the same for `blogposts`.
   *
   * Confluence lists only the first comment of each thread. With `replies`, the complete thread
   * follows, each comment after its parent (`GET /wiki/api/v2/footer-comments/{id}/children`,
   * `…/inline-comments/{id}/children`: one request per comment, because Confluence does not show
   * which comments have replies).
   *
   * - `owner`: kind of content that has the comments.
   * - `kind`: footer or inline comments.
   * - `replies`: whether to include replies. `limit` then counts threads, and a call ends early,
   *   with `rest.after`, after about 500 comments. At most 500 replies per thread are returned; a
   *   notice `replies-cut` names a thread that has more. If a comment was deleted before its
   *   replies were requested, a notice `replies-missing` names it.
   * - `sort`: direction; by creation time of the thread.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `status` (`current`, `archived`, `trashed`, `deleted`, `historical`,
   *   `draft`; not `archived` for blog posts), `sort` (`created-date`, `modified-date`), `raw`.
   */
  getComments(given: {
    owner: ContentKind;
    id: string;
    kind: CommentKind;
    replies: boolean;
    sort?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): CommentListing;
  /**
   * Gets a comment. `GET /wiki/api/v2/footer-comments/{id}` or
   * `GET /wiki/api/v2/inline-comments/{id}`.
   *
   * - `kind`: footer or inline comment. Absent: first requested as a footer comment, then, with a
   *   second request, as an inline comment.
   * - `options`: `bodyFormat` as for `getPageById`, `mentionNames`, `version`, `raw`.
   */
  getCommentById(given: {
    id: string;
    kind?: CommentKind | undefined;
    options?: GetOptions | undefined;
  }): Comment;
  /**
   * Gets the permissions of a space. `GET /wiki/api/v2/spaces/{id}/permissions`.
   *
   * Each row costs two points of an app's hourly quota.
   *
   * - `space`: id or key.
   * - `options`: `raw`.
   */
  getSpacePermissions(given: {
    space: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SpacePermissionListing;
  /**
   * Gets all restrictions of one content item, without those of its ancestors.
   * `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` and `/update`.
   *
   * A restriction without users and groups restricts nothing: its `inherits` is true, and the
   * ancestors and the space decide. `getEffectiveReaders` combines them.
   *
   * # Errors
   *
   * `unexpected-answer` with the code `restrictions-unreadable` if the response lacks its lists:
   * an unreadable restriction is never treated as no restriction.
   */
  getContentRestrictions(given: {
    contentId: string;
  }): ContentRestrictions;
  /**
   * Gets the groups of the site. `GET /wiki/rest/api/group`.
   *
   * The endpoint paginates by row number: if groups are created or deleted between two calls, rows
   * can be skipped or repeated.
   *
   * - `options`: `raw`.
   */
  getGroups(given?: {
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): GroupListing;
  /**
   * Gets the members of a group. `GET /wiki/rest/api/group/{groupId}/membersByGroupId`.
   *
   * A group that does not exist has no members: Confluence returns the same as for an empty group.
   *
   * - `groupId`: the `id` of the group, not its name.
   * - `options`: `raw`.
   */
  getGroupMembers(given: {
    groupId: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): UserListing;
  /**
   * Gets all users: the members of all groups, each once.
   * `GET /wiki/rest/api/group` and `GET /wiki/rest/api/group/{groupId}/membersByGroupId`.
   *
   * Nothing is stored between calls: an account that is in several groups appears once per call, but
   * can appear again in a later call of the same list, with a notice `users-may-repeat`. With a
   * `limit` of 10 000, most sites need one call. Accounts that are in no group are not returned. A
   * call reads at most 100 groups.
   *
   * - `options`: `raw`.
   */
  getAllUsers(given?: {
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): UserListing;
  /**
   * Gets users by account id. `GET /wiki/rest/api/user/bulk`, 100 per request; API v2 offers this
   * as a POST only.
   *
   * - `accountIds`: account ids. An id without a user is reported in a notice `unknown-id`.
   * - `options`: `raw`.
   */
  getUsers(given: {
    accountIds: readonly string[];
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): UserListing;
  /**
   * Gets the user of the authorization. `GET /wiki/rest/api/user/current`.
   *
   * # Errors
   *
   * `unauthorized` with the code `anonymous` if the site treats the request as anonymous.
   */
  getCurrentUser(): User;
  /**
   * Gets audit records, newest first. `GET /wiki/rest/api/audit`, which requires administrator
   * permission.
   *
   * Pagination counts rows: records written between two calls shift others, which are then returned
   * again.
   *
   * - `since`, `until`: only records of this time span, including both ends: a day, a time with its zone, or
   *   milliseconds since 1970.
   * - `text`: only records that contain this text in one of their values.
   * - `options`: `raw`.
   */
  getAuditRecords(given?: {
    since?: string | undefined;
    until?: string | undefined;
    text?: string | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): AuditRecordListing;
  /**
   * Gets the id of content from an address: a browser address, a short link, or the id itself. Sends
   * no request.
   *
   * # Errors
   *
   * `invalid-argument` with the code `id-malformed` for an address without an id.
   */
  getContentReference(given: {
    address: string;
  }): ContentReference;
  /**
   * Searches with CQL. `GET /wiki/rest/api/search`.
   *
   * Search results may be incomplete; notices give the reasons. Every result has the notice
   * `index-lags`. A query with dates has `dates-in-time-zone`: Confluence reads dates with a
   * precision of one minute, in the time zone of the account.
   *
   * - `cql`: the query, sent verbatim. When building a query from untrusted input, put it in double
   *   quotes and escape double quotes and backslashes with a backslash. Keys of personal spaces
   *   (`~…`) need quotes, too.
   * - `archived`: whether to include archived spaces.
   * - `options`: `raw`.
   *
   * # Errors
   *
   * `invalid-argument` with the code `refused-by-upstream` if Confluence rejects the query.
   */
  search(given: {
    cql: string;
    archived: boolean;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SearchResultListing;
  /**
   * Gets the pages that changed since a point in time, newest first.
   * `GET /wiki/api/v2/pages?sort=-modified-date`, until rows are older than `since`.
   *
   * API v2 has no filter by time. CQL has one, but with a precision of one minute, in the time zone
   * of the account, and from an index that lags by minutes, so it misses changes. This function is
   * exact to the millisecond, and its cost is proportional to the number of changes. It also reads
   * the five minutes before `since`, because changes become visible after their timestamp. With a
   * checkpoint, versions that were returned before are skipped; with more than 512 changes in five
   * minutes, some are returned again, with the same id and version. Rows omitted as `poison-item`
   * are requested again with the checkpoint, as are all changes since them; of more than 512 such
   * changes, some are returned again. A row without a readable `version.createdAt` is returned
   * each time, with the notice `change-undated`.
   *
   * **Not detected**: pages that were purged, moved, archived or trashed without a new version, and
   * changed permissions. Compare complete lists from time to time to find these.
   *
   * - `since`: a time (`2026-01-31T12:00:00Z`), a date, milliseconds since 1970, `0` for all, or the
   *   `checkpoint` of an earlier result of this function with the same `spaceIds` and `status`;
   *   any other checkpoint is rejected with `checkpoint-of-another-query`. No checkpoint is later
   *   than the site's clock: a time after it counts as that of the clock.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`),
   *   `mentionNames`, `status` (`current`, `archived`, `deleted`, `trashed`; current and archived
   *   by default), `spaceIds` (at most 100), `raw`. With `bodyFormat` or `raw`, a call returns
   *   at most 250 rows.
   *
   * # Errors
   *
   * `unexpected-answer` with the code `order-ignored`, in `rest.stopped`, if the site does not
   * return rows in the requested order. There is no checkpoint then.
   */
  getPagesChangedSince(given: {
    since: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageChanges;
  /**
   * Gets the blog posts that changed since a point in time, newest first.
   * `GET /wiki/api/v2/blogposts?sort=-modified-date`; see `getPagesChangedSince`.
   *
   * - `options`: as for `getPagesChangedSince`, without the status `archived`.
   */
  getBlogPostsChangedSince(given: {
    since: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostChanges;
  /**
   * Determines who can read a page or a blog post: users who can see its space and pass the
   * restrictions of the item and of all its ancestors.
   *
   * `GET /wiki/api/v2/pages/{id}` (or `blogposts`), `GET /wiki/api/v2/spaces/{id}/permissions`
   * (two points of the hourly quota per row), `GET /wiki/api/v2/spaces/{id}/role-assignments` for
   * each role that can see the space, `GET /wiki/api/v2/pages/{id}/ancestors`, and
   * `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` for the item and each ancestor.
   *
   * - `kind`: kind of the content.
   *
   * Licenses are not checked: users without access to the product cannot read anything, and site
   * admins can grant themselves access.
   *
   * # Errors
   *
   * Fails closed: if any part cannot be read, the call fails with the code `readers-unreadable`,
   * the kind of the cause, and a message that names the part. Principals of an unknown kind and a
   * space that nobody can see count as unreadable (`unexpected-answer`).
   */
  getEffectiveReaders(given: {
    kind: ContentKind;
    id: string;
  }): EffectiveReaders;
}
