// Made of `wit/` by `conformance contract polyglot`: changes are lost.

/** What kind of thing went wrong. Closed: a caller can decide on it. */
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

/** What a rate limit counts, and so who has to wait. */
export type LimitScope =
  | 'burst'
  | 'quota-app'
  | 'quota-tenant'
  | 'gateway'
  | 'unknown';

/** Which end of a list comes first. What it is ordered by stands with each function. */
export type SortOrder =
  | 'asc'
  | 'desc';

/** What properties belong to. */
export type PropertyOwner =
  | 'page'
  | 'blog-post'
  | 'attachment'
  | 'custom-content'
  | 'comment'
  | 'space';

/** What an id of content is. */
export type ContentKind =
  | 'page'
  | 'blog-post';

/** Where a comment stands. */
export type CommentKind =
  | 'footer'
  | 'inline';

/** What `listLabels` looks at. */
export type LabelOwner =
  | 'space'
  | 'page';

/** Which tasks `listTasks` answers. */
export type TaskStatus =
  | 'complete'
  | 'incomplete';

/**
 * Where a setting is kept. The narrower level overrides the wider: app over environment over
 * cluster, endpoint and authorization always together.
 */
export type Level =
  | 'app'
  | 'env'
  | 'cluster';

/** Why a call failed, told to a person and to a program. */
export interface ErrorRecord {
  /**
   * A stable word for this very failure, such as `limit-out-of-range`. Open: later versions
   * add words.
   */
  code: string;
  /** The kind, to decide upon. */
  kind: ErrorKind;
  /** What failed. One sentence, values in backticks, no full stop. */
  message: string;
  /** The likely cause. */
  cause: string;
  /** What to do about it. */
  resolution: string;
  /** The HTTP status, when there was an answer. */
  status: number | undefined;
  /** What Atlassian's support asks for: the `atl-traceid` of the answer. */
  requestId: string | undefined;
  /** How long Confluence asks to wait, in milliseconds. */
  retryAfterMs: bigint | undefined;
  /** What the rate limit counts. Only with `rate-limited`. */
  limitScope: LimitScope | undefined;
}

/** Something that a caller should know about an answer that is otherwise fine. */
export interface Notice {
  /**
   * A stable word: `row-dropped`, `foreign-row-dropped`, `duplicate-row-dropped`,
   * `empty-page`, `page-changed`, `unknown-id`, `poison-item`, `count-unavailable`, `replies-cut`,
   * `replies-missing`, `index-lags`, `dates-in-time-zone`. Open.
   */
  code: string;
  /** What happened. One sentence. */
  message: string;
  /** The id that it is about, when it is about one. */
  id: string | undefined;
}

/**
 * What follows a list's items.
 *
 * **No `after` and no `stopped` means complete.** Anything else means that there is, or may
 * be, more.
 */
export interface Rest {
  /**
   * Pass this as `after`, with all other arguments unchanged, to go on where this answer
   * ended. Opaque; absent at the end. It can be kept for later: it holds no state of the
   * host's.
   */
  after: string | undefined;
  /**
   * The error that ended this call early. The items are good; what follows them is missing.
   * When `after` is there as well, it resumes at the place that failed.
   */
  stopped: ErrorRecord | undefined;
  /** What was dropped or odd, and why. */
  notices: Notice[];
}

/**
 * Options of a list beyond C3's arguments. All may be absent.
 *
 * Which of them a list takes stands with its function; one that it does not take is refused
 * with `invalid-argument`, never ignored, because Confluence itself ignores what it does not
 * know and answers everything.
 */
export interface ListOptions {
  /**
   * The form in which bodies are asked for. Absent: no bodies. Content takes `storage` and
   * `atlas_doc_format`, which Confluence has, and `text` and `markdown`, which the component
   * renders from storage format; custom content takes `raw` as well; spaces take `plain` and
   * `view` for their description.
   *
   * `markdown` is CommonMark with GitHub's tables, task lists and strikethrough; `text` is
   * for indexing: tables are lines with tabs. Macros that the component does not know
   * degrade to their text, and `degraded` of the body names them.
   */
  bodyFormat?: string | undefined;
  /** Statuses to list. Empty: Confluence's default, named with each function. */
  status?: readonly string[];
  /**
   * The order: a field name, or a field name behind `-` for descending, such as
   * `-modified-date`. Absent: Confluence's order, by id for most. Not together with a `sort`
   * argument.
   */
  sort?: string | undefined;
  /**
   * Only rows of these spaces, by id or key. Rows of other spaces that Confluence sends all the
   * same are dropped, with a notice.
   */
  spaceIds?: readonly string[];
  /** Also give each row's upstream JSON, unharmed, in `raw`. */
  raw?: boolean;
  /**
   * Options that a later version may add before it has a field for them, as name and value.
   * A name that this version does not know is refused. It knows none yet.
   */
  more?: readonly [string, string][];
}

/**
 * Options of a single piece. All may be absent.
 *
 * Which of them a function takes stands with it; one that it does not take is refused with
 * `invalid-argument`.
 */
export interface GetOptions {
  /**
   * The form in which the body is asked for. Absent: no body. Single pages, blog posts and
   * comments take `storage`, `atlas_doc_format`, `text`, `markdown`, and what Confluence
   * renders: `view`, `export_view`, `anonymous_export_view`, `styled_view` and `editor`;
   * tasks take the first four; spaces take `plain` and `view` for their description.
   */
  bodyFormat?: string | undefined;
  /**
   * Statuses that the piece may have. Empty: Confluence's default, which answers a piece in
   * the trash as well; `status` of the answer says so.
   */
  status?: readonly string[];
  /** An earlier version, counted from 1, 2 147 483 647 at most. Absent: the current one. */
  version?: number | undefined;
  /** Also give the upstream JSON, unharmed, in `raw`. */
  raw?: boolean;
}

/** A text in one of Confluence's formats, or rendered from one. */
export interface Body {
  /**
   * The format that the text has: `storage`, `atlas_doc_format`, `text`, `markdown`, `raw`,
   * `plain`, or one that Confluence renders for single pieces, such as `view`. It is the one
   * that was asked for, unless Confluence sent another, or a body is too large to be
   * rendered (8 MiB) and stands as it came.
   */
  representation: string;
  /** The text. For `atlas_doc_format` it is a JSON document. */
  value: string;
  /**
   * What `text` or `markdown` do not show as a reader sees it in Confluence, one phrase for
   * each kind and name, such as ``the macro `jira` is unknown: its text was kept``. Absent:
   * nothing, or not rendered here.
   */
  degraded: string | undefined;
}

/** One version of a piece of content. */
export interface Version {
  /** Counts up from 1. */
  number: bigint | undefined;
  /** What its author wrote about it. Often empty. */
  message: string | undefined;
  /** Whether watchers were spared a notification. */
  minorEdit: boolean | undefined;
  /** The account that wrote it. */
  authorId: string | undefined;
  /** When it was written. For content, this is the time of the last change. */
  createdAt: string | undefined;
}

/** A space. */
export interface Space {
  /** Numeric id. */
  id: string;
  /** The key, as in its URL. Personal spaces have keys that start with `~`. */
  key: string | undefined;
  /** The name that people see. */
  name: string | undefined;
  /** `global`, `personal`, `collaboration`, `knowledge_base`, … Open. */
  type: string | undefined;
  /** `current` or `archived`. Open. */
  status: string | undefined;
  /** The account that created it. */
  authorId: string | undefined;
  /** The account that owns it. */
  ownerId: string | undefined;
  /** When it was created. */
  createdAt: string | undefined;
  /** The page that opens first. */
  homepageId: string | undefined;
  /** The alias in its URL, when it has one. */
  alias: string | undefined;
  /** The description, when `bodyFormat` asked for it and there is one. */
  description: Body | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A page. */
export interface Page {
  /** Numeric id. */
  id: string;
  /** `current`, `archived`, `trashed`, `deleted`, `draft`, … Open. */
  status: string | undefined;
  /** The title. */
  title: string | undefined;
  /** The space that it is in. */
  spaceId: string | undefined;
  /** What it hangs under. Absent at the top of a space. */
  parentId: string | undefined;
  /** What kind of thing `parentId` is: `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  parentType: string | undefined;
  /** Its place among its siblings. */
  position: bigint | undefined;
  /** The account that created it. */
  authorId: string | undefined;
  /** The account that owns it. */
  ownerId: string | undefined;
  /** The account that owned it before. */
  lastOwnerId: string | undefined;
  /** `live` for a live document; absent for most. */
  subtype: string | undefined;
  /** When it was created. */
  createdAt: string | undefined;
  /** The current version; its `createdAt` is the time of the last change. */
  version: Version | undefined;
  /** The text, when `bodyFormat` asked for it. */
  body: Body | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A blog post. */
export interface BlogPost {
  /** Numeric id. */
  id: string;
  /** `current`, `trashed`, `deleted`, … Open. Blog posts are never `archived`. */
  status: string | undefined;
  /** The title. */
  title: string | undefined;
  /** The space that it is in. */
  spaceId: string | undefined;
  /** The account that created it. */
  authorId: string | undefined;
  /** When it was created. */
  createdAt: string | undefined;
  /** The current version; its `createdAt` is the time of the last change. */
  version: Version | undefined;
  /** The text, when `bodyFormat` asked for it. */
  body: Body | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A file attached to a page, a blog post or a piece of custom content. */
export interface Attachment {
  /** `att` and a number. */
  id: string;
  /** `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /** The file's name. */
  title: string | undefined;
  /** When it was first attached. */
  createdAt: string | undefined;
  /** The page that it belongs to, if it is a page. */
  pageId: string | undefined;
  /** The blog post that it belongs to, if it is a blog post. */
  blogPostId: string | undefined;
  /** The custom content that it belongs to, if it is one. */
  customContentId: string | undefined;
  /** Such as `application/pdf`. */
  mediaType: string | undefined;
  /** Such as `PDF Document`. */
  mediaTypeDescription: string | undefined;
  /** What its author wrote about it. */
  comment: string | undefined;
  /** The id that `atlas_doc_format` bodies name it by. Not the attachment's id. */
  fileId: string | undefined;
  /** In bytes. */
  fileSize: bigint | undefined;
  /** The current version. */
  version: Version | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The download path as Confluence gives it, for browsers: it refuses API tokens. */
  downloadPath: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Where the content of an attachment can be fetched, for a short while. */
export interface AttachmentLocation {
  /** `att` and a number. */
  id: string;
  /** The version that `url` leads to, counted from 1. */
  version: bigint | undefined;
  /** The attachment's status: `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /**
   * The file's name as its author gave it. Never a path: it may have separators, `..`, control
   * characters, and names that a file system reserves.
   */
  title: string | undefined;
  /** Such as `application/pdf`. What the author's browser said, not what the content is. */
  mediaType: string | undefined;
  /** The size of this version, in bytes. Content of another length was cut or is another file. */
  fileSize: bigint | undefined;
  /** The address of the content, absolute. **A secret**: see `getAttachmentLocation`. */
  url: string;
}

/** A piece of content of a type that an app defined. */
export interface CustomContent {
  /** Numeric id. */
  id: string;
  /** The app's type, such as `ac:my-app:note` or `forge:…`. */
  type: string | undefined;
  /** `current`, `archived`, `trashed`, … Open. */
  status: string | undefined;
  /** The title. */
  title: string | undefined;
  /** The space that it is in. */
  spaceId: string | undefined;
  /** The page that holds it, if a page does. */
  pageId: string | undefined;
  /** The blog post that holds it, if a blog post does. */
  blogPostId: string | undefined;
  /** The custom content that holds it, if one does. */
  customContentId: string | undefined;
  /** The account that created it. */
  authorId: string | undefined;
  /** When it was created. */
  createdAt: string | undefined;
  /** The current version. */
  version: Version | undefined;
  /** The text, when `bodyFormat` asked for it. */
  body: Body | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A task: a line with a check box in a page or a blog post. */
export interface Task {
  /** Numeric id. */
  id: string;
  /** The id within its page or blog post. */
  localId: string | undefined;
  /** The space that it is in. */
  spaceId: string | undefined;
  /** The page that it is in, if it is in a page. */
  pageId: string | undefined;
  /** The blog post that it is in, if it is in a blog post. */
  blogPostId: string | undefined;
  /** `complete` or `incomplete`. Open. */
  status: string | undefined;
  /** The text, when `bodyFormat` asked for it. */
  body: Body | undefined;
  /** The account that wrote it. */
  createdBy: string | undefined;
  /** The account that it is assigned to. */
  assignedTo: string | undefined;
  /** The account that ticked it off. */
  completedBy: string | undefined;
  /** When it was written. */
  createdAt: string | undefined;
  /** When it was last changed. */
  updatedAt: string | undefined;
  /** When it is due. */
  dueAt: string | undefined;
  /** When it was ticked off. */
  completedAt: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A label. */
export interface Label {
  /** Numeric id. */
  id: string;
  /** The word itself. */
  name: string | undefined;
  /** `global`, `my`, `team`, `system`. Open. */
  prefix: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Something directly under a page. */
export interface Child {
  /** Numeric id. */
  id: string;
  /** `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  type: string | undefined;
  /** `current`, `archived`, `draft`, … Open. */
  status: string | undefined;
  /** The title. */
  title: string | undefined;
  /** The space that it is in. */
  spaceId: string | undefined;
  /** Its place among its siblings. */
  position: bigint | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Something above a page. */
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
  /** The title. */
  title: string | undefined;
  /** The space that it is in, when Confluence says so. */
  spaceId: string | undefined;
  /** What it hangs under. Absent at the top of a space. */
  parentId: string | undefined;
  /** What kind of thing `parentId` is: `page`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  parentType: string | undefined;
  /** Its place among its siblings. */
  position: bigint | undefined;
  /** The account that created it. */
  authorId: string | undefined;
  /** The account that owns it. */
  ownerId: string | undefined;
  /** When it was created. */
  createdAt: string | undefined;
  /** The current version. */
  version: Version | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** One version of a page or a blog post, as a row of its history. */
export interface ContentVersion {
  /** Counts up from 1. As text, since it is what tells these rows apart. */
  number: string;
  /** What its author wrote about it. Often empty. */
  message: string | undefined;
  /** Whether watchers were spared a notification. */
  minorEdit: boolean | undefined;
  /** The account that wrote it. */
  authorId: string | undefined;
  /** When it was written. */
  createdAt: string | undefined;
  /** The title in this version, when Confluence says so. */
  title: string | undefined;
  /** The text of this version, when `bodyFormat` asked for it. */
  body: Body | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Something that an app keeps with content or a space, under a key. */
export interface ContentProperty {
  /** Numeric id. */
  id: string;
  /** The key, such as `editor`. */
  key: string | undefined;
  /** The value, as a JSON text. */
  value: string | undefined;
  /** The current version. */
  version: Version | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A comment, or a reply to one. */
export interface Comment {
  /** Numeric id. */
  id: string;
  /** Where it stands. */
  kind: CommentKind;
  /** `current`, `trashed`, `deleted`, … Open. */
  status: string | undefined;
  /** The title that Confluence made for it. */
  title: string | undefined;
  /** The page that it is about, when Confluence says so. Replies have none. */
  pageId: string | undefined;
  /** The blog post that it is about, when Confluence says so. Replies have none. */
  blogPostId: string | undefined;
  /** The comment that it replies to. Absent for the first of a thread. */
  parentId: string | undefined;
  /** `open`, `resolved`, `reopened`, `dangling`. Open. */
  resolutionStatus: string | undefined;
  /** The text that an inline comment is about. */
  selection: string | undefined;
  /** The mark in the body that an inline comment is about. */
  markerRef: string | undefined;
  /** The current version. */
  version: Version | undefined;
  /** The text, when `bodyFormat` asked for it. */
  body: Body | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** An account. */
export interface User {
  /** The account id. */
  accountId: string;
  /** `known`, `unknown`, … Open. */
  type: string | undefined;
  /** `atlassian` for people, `app` for apps, … Open. */
  accountType: string | undefined;
  /** The name that people see. */
  displayName: string | undefined;
  /** The nickname. */
  publicName: string | undefined;
  /** The e-mail address. Hidden by the privacy settings of most accounts. */
  email: string | undefined;
  /** The time zone, such as `Europe/Berlin`. Confluence reads search dates in it. */
  timeZone: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** A group. */
export interface Group {
  /** A UUID. Empty for a group that was deleted and is still named by a restriction. */
  id: string;
  /** The name that people see. */
  name: string | undefined;
  /** `USERBASE_GROUP`, `TEAM_COLLABORATION`, … Open. */
  usageType: string | undefined;
  /** `ADMINS`, `EXTERNAL`, `TEAM_MEMBERS`, `OPEN`, … Open. */
  managedBy: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Someone, or all of a kind. */
export interface Principal {
  /** `user`, `group`, `access-class`, `role`, … Open. */
  kind: string;
  /**
   * An account id, the UUID of a group or a role, or the name of a class such as
   * `ALL_LICENSED_USERS`.
   */
  id: string;
}

/** That someone may do something in a space. */
export interface SpacePermission {
  /** The id of the permission. */
  id: string;
  /** Who may. */
  principal: Principal;
  /** What they may do: `read`, `create`, `delete`, `administer`, … Open. */
  operation: string | undefined;
  /** To what: `space`, `page`, `comment`, … Open. `read` of `space` is seeing the space. */
  targetType: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Who is named to do one thing with a piece of content. */
export interface Restriction {
  /** The accounts that are named. */
  users: User[];
  /** The groups that are named. They may name groups that were deleted. */
  groups: Group[];
  /**
   * Nobody is named, so this piece restricts nothing: what it hangs under and its space
   * decide. It does not mean that nobody may.
   */
  inherits: boolean;
}

/** The restrictions of one piece of content itself. */
export interface ContentRestrictions {
  /** The piece. */
  contentId: string;
  /** Who may see it. */
  read: Restriction;
  /** Who may change it. */
  update: Restriction;
}

/**
 * A gate on the way to a piece of content: the space, something above the piece, or the piece
 * itself.
 */
export interface ReaderGate {
  /** `space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open. */
  kind: string;
  /** The numeric id of that. */
  id: string;
  /**
   * Who passes: whoever is one of these users, is in one of these groups, or belongs to one of
   * these classes. With none here, nobody passes.
   */
  principals: Principal[];
}

/** A part that was read to work out who may read. */
export interface Consulted {
  /** `space` for its permissions; `page`, `blogpost`, `folder`, … for restrictions. Open. */
  kind: string;
  /** The numeric id of that. */
  id: string;
  /** Whether it is a gate. Content that names nobody is none. */
  restricts: boolean;
}

/**
 * Who may read a piece of content.
 *
 * **To read, one has to pass every gate.** So a person may read when each of `gates` names
 * them, one of their groups, or a class that they belong to. Confluence does not tell
 * memberships with permissions, and they change by the hour; a caller that knows a person's
 * groups when the person asks decides exactly.
 */
export interface EffectiveReaders {
  /** The piece. */
  contentId: string;
  /** The space that it is in. */
  spaceId: string;
  /** The status of the piece. What is not `current` is not what people see. */
  status: string | undefined;
  /**
   * Users, groups and classes that every gate names: these may read for certain. Others may
   * as well, through one name at one gate and another at the next.
   */
  certain: Principal[];
  /** The gates, from the space down to the piece. */
  gates: ReaderGate[];
  /** All that was read to work this out. */
  consulted: Consulted[];
}

/** Something that a search found. */
export interface SearchResult {
  /** The id of the content or the space, or the account id of the user. */
  id: string;
  /** `content`, `space`, `user`. Open. */
  entityType: string | undefined;
  /** Of content: `page`, `blogpost`, `comment`, `attachment`, `folder`, … Open. */
  contentType: string | undefined;
  /** `current`, `archived`, … Open. */
  status: string | undefined;
  /** The title, with what was searched for between `@@@hl@@@` and `@@@endhl@@@`. */
  title: string | undefined;
  /** The key of the space that was found, or that the content is in, when Confluence says so. */
  spaceKey: string | undefined;
  /** A piece of the text, marked like the title. */
  excerpt: string | undefined;
  /** When it was last changed, to the second. */
  lastModified: string | undefined;
  /** Where a person can look at it. */
  webUrl: string | undefined;
  /** The upstream JSON, when `raw` asked for it. */
  raw: string | undefined;
}

/** Users, and what follows them. */
export interface UserListing {
  /** In Confluence's order. */
  items: User[];
  /** Whether there is more. */
  rest: Rest;
}

/** Groups, and what follows them. */
export interface GroupListing {
  /** In Confluence's order. */
  items: Group[];
  /** Whether there is more. */
  rest: Rest;
}

/** Permissions of a space, and what follows them. */
export interface SpacePermissionListing {
  /** In Confluence's order. */
  items: SpacePermission[];
  /** Whether there is more. */
  rest: Rest;
}

/** What a search found, and what follows it. */
export interface SearchResultListing {
  /** The best first, unless the query has an order. */
  items: SearchResult[];
  /** Whether there is more. */
  rest: Rest;
}

/** Pages that were changed, and where the next call begins. */
export interface PageChanges {
  /** Newest first. */
  items: Page[];
  /**
   * What to give as `since` next time. There only when this answer completes the list: keep
   * it once its items are safe.
   */
  checkpoint: string | undefined;
  /** Whether there is more. */
  rest: Rest;
}

/** Blog posts that were changed, and where the next call begins. */
export interface BlogPostChanges {
  /** Newest first. */
  items: BlogPost[];
  /**
   * What to give as `since` next time. There only when this answer completes the list: keep
   * it once its items are safe.
   */
  checkpoint: string | undefined;
  /** Whether there is more. */
  rest: Rest;
}

/** What hangs under a page, and what follows it. */
export interface ChildListing {
  /** In the order asked for. */
  items: Child[];
  /** Whether there is more. */
  rest: Rest;
}

/** Versions, and what follows them. */
export interface ContentVersionListing {
  /** In the order asked for. */
  items: ContentVersion[];
  /** Whether there is more. */
  rest: Rest;
}

/** Properties, and what follows them. */
export interface ContentPropertyListing {
  /** In the order asked for. */
  items: ContentProperty[];
  /** Whether there is more. */
  rest: Rest;
}

/** Comments, and what follows them. */
export interface CommentListing {
  /** Threads in the order asked for, each with its replies behind it when they were asked for. */
  items: Comment[];
  /** Whether there is more. */
  rest: Rest;
}

/** Spaces, and what follows them. */
export interface SpaceListing {
  /** In the order asked for. */
  items: Space[];
  /** Whether there is more. */
  rest: Rest;
}

/** Pages, and what follows them. */
export interface PageListing {
  /** In the order asked for. */
  items: Page[];
  /** Whether there is more. */
  rest: Rest;
}

/** Blog posts, and what follows them. */
export interface BlogPostListing {
  /** In the order asked for. */
  items: BlogPost[];
  /** Whether there is more. */
  rest: Rest;
}

/** Attachments, and what follows them. */
export interface AttachmentListing {
  /** In the order asked for. */
  items: Attachment[];
  /** Whether there is more. */
  rest: Rest;
}

/** Custom content, and what follows it. */
export interface CustomContentListing {
  /** In the order asked for. */
  items: CustomContent[];
  /** Whether there is more. */
  rest: Rest;
}

/** Tasks, and what follows them. */
export interface TaskListing {
  /** In the order asked for. */
  items: Task[];
  /** Whether there is more. */
  rest: Rest;
}

/** Labels, and what follows them. */
export interface LabelListing {
  /** In the order asked for. */
  items: Label[];
  /** Whether there is more. */
  rest: Rest;
}

/** What `setApiUrlAndAuth` stored. */
export interface StoredConnection {
  /** The base URL in its canonical form: everything the connector asks for lies below it. */
  baseUrl: string;
  /** The level that has it now. */
  level: Level;
}

/** A number of rows. */
export interface Count {
  /** How many were seen. */
  value: bigint;
  /** True when there are more than were counted. */
  atLeast: boolean;
}

/** What `testConnection` saw. */
export interface ConnectionReport {
  /** The base URL that was asked. */
  baseUrl: string;
  /** The account that the authorization belongs to. */
  accountId: string | undefined;
  /** The name that people see. */
  displayName: string | undefined;
  /** The e-mail address. Often hidden by the account's privacy settings. */
  email: string | undefined;
  /** The account's time zone, such as `Europe/Berlin`. Confluence reads search dates in it. */
  timeZone: string | undefined;
  /** Spaces that this account sees. */
  spaces: Count;
  /**
   * Pages that this account sees. Absent when the search that counts them was refused; a
   * notice then says why.
   */
  pages: Count | undefined;
  /** What could not be found out, and why. */
  notices: Notice[];
}

/** The functions of the component. */
export interface Calls {
  /**
   * Lists spaces. `GET /wiki/api/v2/spaces`.
   *
   * - `ids`: only these spaces, by id or key.
   * - `keys`: only these spaces, by key. A key that nothing came back for is named in a notice
   *   `unknown-id`. With `ids`, a space has to match both.
   * - `options`: `bodyFormat` (`plain`, `view`: the description), `status` (one of `current`,
   *   `archived`; both by default), `sort` (`id`, `key`, `name`), `raw`.
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
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status` (`current`, `archived`,
   *   `deleted`, `trashed`; current and archived by default), `sort` (`id`, `created-date`,
   *   `modified-date`, `title`), `spaceIds`, `raw`.
   */
  listPages(given?: {
    ids?: readonly string[] | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Lists labels: of the site (`GET /wiki/api/v2/labels`), of a space
   * (`GET /wiki/api/v2/spaces/{id}/labels`) or of a page (`GET /wiki/api/v2/pages/{id}/labels`).
   *
   * - `select`: whose labels. Absent: the site's.
   * - `id`: the space, by id or key, or the page, by id. Needed with `select`, refused without.
   * - `prefix`: only labels of this kind: `my`, `team`, `global`, `system`; for a space only
   *   `my` and `team`.
   * - `options`: `sort` (`created-date`, `id`, `name`), `raw`.
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
   * - `filename`: only files with exactly this name.
   * - `mediaType`: only files of exactly this type, such as `image/png`.
   * - `options`: `status` (`current`, `archived`, `trashed`; current and archived by default),
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
   * - `title`: only blog posts with exactly this title.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status` (`current`, `deleted`,
   *   `trashed`; current by default), `sort` (`id`, `created-date`, `modified-date`),
   *   `spaceIds`, `raw`.
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
   * Lists custom content of one type. `GET /wiki/api/v2/custom-content`.
   *
   * - `type`: the app's type. Confluence demands one and has no call that lists types; without
   *   one the answer has no items, and `rest.stopped` says how to find the types of a site.
   * - `spaceIds`: only content of these spaces, by id or key.
   * - `ids`: only these pieces.
   * - `options`: `bodyFormat` (`raw`, `storage`, `atlas_doc_format`, `text`, `markdown`), `sort` (`id`,
   *   `created-date`, `modified-date`, `title`), `raw`. Spaces go into the argument.
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
   * - `dueDateFrom`, `dueDateTo`: only tasks due in this time, both ends included. A day
   *   (`2026-01-31`: its first millisecond in UTC as `from`, its last as `to`), a time
   *   (`2026-01-31T12:00:00Z`), or milliseconds since 1970 (`1769860800000`).
   * - `spaceIds`: only tasks of these spaces, by id or key.
   * - `assignedTo`: only tasks of these accounts.
   * - `status`: only tasks in this state.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `raw`. Tasks have no sort.
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
   * Keeps an endpoint and its authorization at a level of the host, as one record.
   *
   * - `url`: the site, in any of these forms: `https://example.atlassian.net`,
   *   `https://example.atlassian.net/wiki`, `https://example.atlassian.net/wiki/api/v2/`,
   *   `https://api.atlassian.com/ex/confluence/CLOUD-ID/wiki/api/v2/`.
   * - `auth`: what stands in the `Authorization` header: `Basic ` and the base64 of
   *   `email:token`, or `Bearer ` and a token. It is sealed by the host, and no function gives
   *   it back.
   * - `level`: where to keep it.
   *
   * # Errors
   *
   * `invalid-endpoint` for other schemes than https (http is for loopback addresses), for user
   * information, a query or a fragment in the URL, and for paths that are not Confluence's;
   * `invalid-argument` for an authorization of another form; `refused` when the host does not
   * let this caller write that level.
   */
  setApiUrlAndAuth(given: {
    url: string;
    auth: string;
    level: Level;
  }): StoredConnection;
  /**
   * Asks the site who we are and what we see: the current user (`GET /wiki/rest/api/user/current`),
   * spaces (`GET /wiki/api/v2/spaces`) and pages (`GET /wiki/rest/api/search`).
   *
   * # Errors
   *
   * `unauthorized` with the code `anonymous` when the site answers, but to an anonymous
   * visitor: Confluence does that with an expired token where anonymous access is on.
   */
  testConnection(): ConnectionReport;
  /**
   * Gets spaces. `GET /wiki/api/v2/spaces`.
   *
   * - `ids`, `keys`: only these spaces, as for `listSpaces`.
   * - `sort`: by key.
   * - `options`: as for `listSpaces`.
   */
  getSpaces(given?: {
    ids?: readonly string[] | undefined;
    keys?: readonly string[] | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SpaceListing;
  /**
   * Gets a space: by id (`GET /wiki/api/v2/spaces/{id}`), or by key
   * (`GET /wiki/api/v2/spaces?keys=`, which answers the same record with one request).
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
   * - `sort`: by the time of the last change.
   * - `options`: as for `listPages`.
   */
  getPages(given?: {
    ids?: readonly string[] | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Gets the pages of a space. `GET /wiki/api/v2/spaces/{id}/pages`.
   *
   * - `space`: its id or key.
   * - `sort`: by the time of the last change.
   * - `options`: as for `listPages`, without `spaceIds`.
   */
  getPagesBySpace(given: {
    space: string;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Gets the pages with a label. `GET /wiki/api/v2/labels/{id}/pages`.
   *
   * - `label`: its id or its name. What is all digits is an id; a label whose name is a number
   *   is found with `getLabelByName`. A name costs one request more
   *   (`GET /wiki/rest/api/label?name=`), and one that nothing has is `not-found` with the code
   *   `label-not-found`.
   * - `sort`: by the time of the last change.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `sort` (`id`, `created-date`,
   *   `modified-date`, `title`), `spaceIds`, `raw`. The REST call has no filter by status.
   */
  getPagesByLabel(given: {
    label: string;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageListing;
  /**
   * Gets a page. `GET /wiki/api/v2/pages/{id}`.
   *
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`, `view`, `export_view`,
   *   `anonymous_export_view`, `styled_view`, `editor`), `status` (`current`, `archived`,
   *   `trashed`, `deleted`, `historical`, `draft`), `version`, `raw`.
   */
  getPageById(given: {
    id: string;
    options?: GetOptions | undefined;
  }): Page;
  /**
   * Gets the site's labels. `GET /wiki/api/v2/labels`.
   *
   * - `prefix`: only labels of this kind: `my`, `team`, `global`, `system`.
   * - `sort`: by name.
   * - `options`: `sort` (`created-date`, `id`, `name`), `raw`.
   */
  getLabels(given?: {
    prefix?: string | undefined;
    sort?: SortOrder | undefined;
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
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets the labels of a space itself, not those of its pages.
   * `GET /wiki/api/v2/spaces/{id}/labels`.
   *
   * - `space`: its id or key.
   * - `prefix`: `my` or `team`; spaces have no others.
   * - `sort`, `options`: as for `getLabels`.
   */
  getLabelsBySpace(given: {
    space: string;
    prefix?: string | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): LabelListing;
  /**
   * Gets a label by its name. `GET /wiki/rest/api/label?name=`: v2 has no such call.
   *
   * - `name`: the word alone, without its prefix.
   *
   * # Errors
   *
   * `not-found` with the code `label-not-found` when nothing has the label, or nothing that
   * this account may see.
   */
  getLabelByName(given: {
    name: string;
  }): Label;
  /**
   * Gets attachments of the site. `GET /wiki/api/v2/attachments`.
   *
   * - `filename`, `mediaType`: only files with exactly this name or type.
   * - `sort`: by the time of the last change.
   * - `options`: as for `listAttachments`.
   */
  getAttachments(given?: {
    filename?: string | undefined;
    mediaType?: string | undefined;
    sort?: SortOrder | undefined;
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
    sort?: SortOrder | undefined;
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
   * Locates the content of an attachment. It is not fetched: content does not pass through the
   * component, which a file of some gigabytes would not fit into.
   *
   * `GET /wiki/api/v2/attachments/{id}`, and then for that very version
   * `GET /wiki/rest/api/content/{id}/child/attachment/{id}/download`, which needs the scope
   * `readonly:content.attachment:confluence` (or `read:attachment:confluence`).
   *
   * - `version`: an earlier version. Absent: the current one.
   *
   * What the caller has to know of `url`:
   *
   * - It is **a secret**: signed, and good for everybody who has it, for some minutes. It belongs
   *   into no log, no error and no table. Fetch it at once, or ask anew: 403 means that it expired.
   * - It leads to another host than the site's. **Send no credentials there**: no
   *   `authorization`, no cookie. They would be given away, and the host refuses requests with
   *   them. It is a plain GET.
   * - It is foreign text. Whoever fetches it lets it lead to `https` and to addresses of the public
   *   internet only, follows few redirects and each under the same rules, and sets limits of size
   *   and time: neither `fileSize` nor `content-length` is a promise. This project's own host does
   *   so in `host-runner download`.
   *
   * # Errors
   *
   * `not-found` for an attachment that is missing or hidden, and with the code `content-gone` for
   * one that is listed and whose content Confluence has lost. `not-found` as well for a version
   * that there is not. `unexpected-answer` with the code `container-unknown` when the attachment
   * does not say what it is attached to, `location-missing` when the site answers something else
   * than a redirect, and `location-relative` when it leads back to the site itself, as to a login
   * page.
   */
  getAttachmentLocation(given: {
    id: string;
    version?: number | undefined;
  }): AttachmentLocation;
  /**
   * Gets blog posts. `GET /wiki/api/v2/blogposts`.
   *
   * - `ids`: only these blog posts.
   * - `title`: only blog posts with exactly this title.
   * - `sort`: by the time of the last change.
   * - `options`: as for `listBlogPosts`.
   */
  getBlogPosts(given?: {
    ids?: readonly string[] | undefined;
    title?: string | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostListing;
  /**
   * Gets the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.
   *
   * - `space`: its id or key.
   * - `sort`: by the time of the last change.
   * - `options`: as for `listBlogPosts`, without `spaceIds`.
   */
  getBlogPostsBySpace(given: {
    space: string;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
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
   * Gets custom content of one type. `GET /wiki/api/v2/custom-content`.
   *
   * - `type`: the app's type; without one the answer is as from `listCustomContent`.
   * - `spaceIds`: only content of these spaces, by id or key.
   * - `ids`: only these pieces.
   * - `sort`: by the time of the last change.
   * - `options`: as for `listCustomContent`.
   */
  getCustomContent(given?: {
    type?: string | undefined;
    spaceIds?: readonly string[] | undefined;
    ids?: readonly string[] | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): CustomContentListing;
  /**
   * Gets tasks. `GET /wiki/api/v2/tasks`.
   *
   * - `dueDateFrom`, `dueDateTo`, `assignedTo`, `status`: as for `listTasks`.
   * - `spaceIds`: only tasks of these spaces, by id or key.
   * - `sort`: refused with `sort-not-offered`, since Confluence has no order for tasks.
   * - `options`: as for `listTasks`.
   */
  getTasks(given?: {
    dueDateFrom?: string | undefined;
    dueDateTo?: string | undefined;
    spaceIds?: readonly string[] | undefined;
    assignedTo?: readonly string[] | undefined;
    status?: TaskStatus | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): TaskListing;
  /**
   * Gets a task. `GET /wiki/api/v2/tasks/{id}`.
   *
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `raw`.
   */
  getTaskById(given: {
    id: string;
    options?: GetOptions | undefined;
  }): Task;
  /**
   * Gets what hangs directly under a page. `GET /wiki/api/v2/pages/{id}/direct-children`.
   *
   * Confluence answers folders, whiteboards, databases and embeds among the pages, and drafts.
   * What is not wanted is left out here, since the call has no such filter; so an answer may
   * have fewer items than `limit`, or none, and more behind it.
   *
   * - `types`: what to give: `page`, `folder`, `whiteboard`, `database`, `embed`. Absent: pages.
   * - `sort`: by the place among siblings.
   * - `options`: `sort` (`child-position`, `created-date`, `id`, `modified-date`, `title`),
   *   `status` (`current`, `archived`, `trashed`, `draft`; all but drafts by default), `raw`.
   */
  getPageChildren(given: {
    pageId: string;
    types?: readonly string[] | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ChildListing;
  /**
   * Gets all that a page hangs under, from the top of its space down to its parent.
   * `GET /wiki/api/v2/pages/{id}/ancestors`.
   *
   * The answer is complete or an error. Beyond 250, which have no link to more, the ancestors of
   * the topmost one are asked for.
   */
  getPageAncestors(given: {
    pageId: string;
  }): Ancestor[];
  /**
   * Gets a folder. `GET /wiki/api/v2/folders/{id}`.
   *
   * Confluence has no list of folders: their ids are those of parents, children and ancestors
   * with the type `folder`.
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
   * - `sort`: by the time they were written.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `sort` (`modified-date`), `raw`.
   */
  getPageVersions(given: {
    pageId: string;
    sort?: SortOrder | undefined;
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
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ContentVersionListing;
  /**
   * Gets the properties of a piece of content or of a space. `GET /wiki/api/v2/pages/{id}/properties`,
   * and the same below `blogposts`, `attachments`, `custom-content`, `comments` and `spaces`.
   *
   * - `owner`: what `id` is.
   * - `id`: a numeric id; of an attachment `att` and a number; of a space its id or key.
   * - `key`: only the property with this key.
   * - `sort`: by key. Refused for spaces, whose properties have no order.
   * - `options`: `sort` (`key`), `raw`.
   */
  getContentProperties(given: {
    owner: PropertyOwner;
    id: string;
    key?: string | undefined;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): ContentPropertyListing;
  /**
   * Gets the comments of a page or a blog post: `GET /wiki/api/v2/pages/{id}/footer-comments`,
   * `…/inline-comments`, and the same below `blogposts`.
   *
   * Confluence lists the first comment of each thread only. With `replies` the whole thread
   * follows behind it, a comment always behind the one that its `parentId` names
   * (`GET /wiki/api/v2/footer-comments/{id}/children` and its like: one request for each
   * comment, since Confluence does not tell which ones have replies).
   *
   * - `owner`: what `id` is.
   * - `kind`: where the comments stand.
   * - `replies`: whether replies come as well. `limit` then counts threads; a call ends early,
   *   with `rest.after`, once it has read about 500 comments. Of a thread at most 500 replies
   *   are given; a notice `replies-cut` names one that has more. A comment that is gone when its
   *   replies are asked for has none, and a notice `replies-missing` names it.
   * - `sort`: by the time that the thread was begun.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status` (`current`, `archived`,
   *   `trashed`, `deleted`, `historical`, `draft`; of blog posts no `archived`), `sort`
   *   (`created-date`, `modified-date`), `raw`.
   */
  getComments(given: {
    owner: ContentKind;
    id: string;
    kind: CommentKind;
    replies: boolean;
    sort?: SortOrder | undefined;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): CommentListing;
  /**
   * Gets a comment. `GET /wiki/api/v2/footer-comments/{id}` or
   * `GET /wiki/api/v2/inline-comments/{id}`.
   *
   * - `kind`: where it stands. Absent: it is looked for as a footer comment first, and then, with
   *   a second request, as an inline one.
   * - `options`: `bodyFormat` as for `getPageById`, `version`, `raw`.
   */
  getCommentById(given: {
    id: string;
    kind?: CommentKind | undefined;
    options?: GetOptions | undefined;
  }): Comment;
  /**
   * Gets who may do what in a space. `GET /wiki/api/v2/spaces/{id}/permissions`.
   *
   * Each row costs two points of an app's hourly quota.
   *
   * - `space`: its id or key.
   * - `options`: `raw`.
   */
  getSpacePermissions(given: {
    space: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SpacePermissionListing;
  /**
   * Gets the restrictions of one piece of content itself, whole.
   * `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` and `/update`.
   *
   * A restriction that names nobody restricts nothing: its `inherits` is true, and what the
   * piece hangs under and its space decide. `getEffectiveReaders` works out what follows.
   *
   * # Errors
   *
   * `unexpected-answer` with the code `restrictions-unreadable` for an answer without its lists:
   * what cannot be read is never taken for no restriction.
   */
  getContentRestrictions(given: {
    contentId: string;
  }): ContentRestrictions;
  /**
   * Gets the groups of the site. `GET /wiki/rest/api/group`.
   *
   * The call counts rows: groups made or removed between two answers can move others over the
   * edge of an answer.
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
   * A group that does not exist has no members: Confluence does not tell it from an empty one.
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
   * Gets accounts by their ids. `GET /wiki/rest/api/user/bulk`, 100 a request; v2 has this as a
   * POST only.
   *
   * - `accountIds`: which. One that nothing came back for is named in a notice `unknown-id`.
   * - `options`: `raw`.
   */
  getUsers(given: {
    accountIds: readonly string[];
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): UserListing;
  /**
   * Gets the account that the authorization belongs to. `GET /wiki/rest/api/user/current`.
   *
   * # Errors
   *
   * `unauthorized` with the code `anonymous` when the site answers to an anonymous visitor.
   */
  getCurrentUser(): User;
  /**
   * Searches with CQL. `GET /wiki/rest/api/search`.
   *
   * A search is no way to be complete: notices say why. `index-lags` comes with every answer;
   * `dates-in-time-zone` when the query has dates, which Confluence reads to the minute and in
   * the time zone of the account.
   *
   * - `cql`: the query, sent as it is. Who builds one from foreign text puts that into double
   *   quotes, with a backslash before each double quote and backslash; keys of personal spaces
   *   (`~…`) need quotes as well.
   * - `archived`: whether archived spaces are searched, too.
   * - `options`: `raw`.
   *
   * # Errors
   *
   * `invalid-argument` with the code `refused-by-upstream` for a query that Confluence does not
   * understand.
   */
  search(given: {
    cql: string;
    archived: boolean;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): SearchResultListing;
  /**
   * Gets the pages that were changed since an instant, newest first.
   * `GET /wiki/api/v2/pages?sort=-modified-date`, read until it gets older than the instant.
   *
   * v2 has no filter by time. CQL has one, but it is read to the minute, in the time zone of the
   * account, and from an index that lags by minutes, so it misses changes. This list is exact to
   * the millisecond and costs as much as has changed. The five minutes before the instant are
   * read again, since a change becomes visible after the time that it bears; with a checkpoint,
   * versions that were given before are left out (with more than 512 in five minutes, some come
   * twice: tell them apart by id and version). A row that was left out as `poison-item` is asked
   * for again with the checkpoint, and so is what changed since; of more than 512 such changes,
   * some come twice.
   *
   * **What it cannot see**: what was purged, moved, archived or trashed without a new version,
   * and changes of permissions. For those, compare whole listings from time to time.
   *
   * - `since`: an instant (`2026-01-31T12:00:00Z`), a day, milliseconds since 1970, or the
   *   `checkpoint` of an earlier answer of this function with the same `spaceIds` and `status`;
   *   another one is refused with `checkpoint-of-another-query`.
   * - `options`: `bodyFormat` (`storage`, `atlas_doc_format`, `text`, `markdown`), `status`
   *   (`current`, `archived`, `deleted`, `trashed`; current and archived by default),
   *   `spaceIds` (up to 100), `raw`. With `bodyFormat` or `raw` a call ends after at most 250
   *   rows.
   *
   * # Errors
   *
   * `unexpected-answer` with the code `order-ignored`, in `rest.stopped`, when the site does not
   * keep to the order: then nothing can be left out, and there is no checkpoint.
   */
  getPagesChangedSince(given: {
    since: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): PageChanges;
  /**
   * Gets the blog posts that were changed since an instant, newest first.
   * `GET /wiki/api/v2/blogposts?sort=-modified-date`, as `getPagesChangedSince`.
   *
   * - `options`: as there, without the status `archived`.
   */
  getBlogPostsChangedSince(given: {
    since: string;
    limit?: number | undefined;
    after?: string | undefined;
    options?: ListOptions | undefined;
  }): BlogPostChanges;
  /**
   * Works out who may read a page or a blog post: who may see its space, and of those whom its
   * restrictions and the restrictions of all that it hangs under let pass.
   *
   * `GET /wiki/api/v2/pages/{id}` (or `blogposts`), `GET /wiki/api/v2/spaces/{id}/permissions`
   * (two points of the hourly quota a row), `GET /wiki/api/v2/spaces/{id}/role-assignments` for
   * each role that may see the space, `GET /wiki/api/v2/pages/{id}/ancestors`, and
   * `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` for each of them and the piece.
   *
   * - `kind`: what `id` is.
   *
   * What it is not: a licence check. Whoever has no access to the product reads nothing, and site
   * admins can let themselves in.
   *
   * # Errors
   *
   * It fails closed. When any part cannot be read, the answer is an error with the code
   * `readers-unreadable`, which names the part and has the kind of what went wrong, and never a
   * guess. Principals of a kind that this version does not know, and a space that nobody may see,
   * are such parts (`unexpected-answer`).
   */
  getEffectiveReaders(given: {
    kind: ContentKind;
    id: string;
  }): EffectiveReaders;
}
