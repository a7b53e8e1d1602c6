// Made of `wit/` by `conformance contract polyglot`: changes are lost.

/** Records that callers make: each field, and its value when it is omitted. */
export const records = {
  ListOptions: {
    bodyFormat: undefined,
    status: [],
    sort: undefined,
    spaceIds: [],
    namePrefix: undefined,
    mentionNames: false,
    raw: false,
    more: [],
  },
  GetOptions: {
    bodyFormat: undefined,
    status: [],
    version: undefined,
    mentionNames: false,
    raw: false,
  },
  Projection: {
    columns: [],
    raw: false,
    bodyFormat: undefined,
  },
  Budget: {
    rows: undefined,
    bytes: undefined,
    requests: undefined,
    pageSize: undefined,
  },
};

/** Functions: the interface that each belongs to, and its parameters with the record that each
 * takes, if it takes one. */
export const functions = {
  listSpaces: {
    interface: 'confluenceService',
    parameters: [['ids', null], ['keys', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listPages: {
    interface: 'confluenceService',
    parameters: [['ids', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listLabels: {
    interface: 'confluenceService',
    parameters: [['select', null], ['id', null], ['prefix', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listAttachments: {
    interface: 'confluenceService',
    parameters: [['filename', null], ['mediaType', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listAttachmentsByPage: {
    interface: 'confluenceService',
    parameters: [['pageId', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listBlogPosts: {
    interface: 'confluenceService',
    parameters: [['ids', null], ['title', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listBlogPostsBySpace: {
    interface: 'confluenceService',
    parameters: [['spaceId', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listCustomContent: {
    interface: 'confluenceService',
    parameters: [['type', null], ['spaceIds', null], ['ids', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  listTasks: {
    interface: 'confluenceService',
    parameters: [['dueDateFrom', null], ['dueDateTo', null], ['spaceIds', null], ['assignedTo', null], ['status', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  setApiUrlAndAuth: {
    interface: 'confluenceService',
    parameters: [['url', null], ['auth', null], ['level', null]],
  },
  testConnection: {
    interface: 'confluenceService',
    parameters: [['space', null]],
  },
  canRead: {
    interface: 'confluenceService',
    parameters: [['user', null], ['page', null], ['blogPost', null]],
  },
  getSpaces: {
    interface: 'confluence',
    parameters: [['ids', null], ['keys', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getSpaceById: {
    interface: 'confluence',
    parameters: [['idOrKey', null], ['options', 'GetOptions']],
  },
  getPages: {
    interface: 'confluence',
    parameters: [['ids', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getPagesBySpace: {
    interface: 'confluence',
    parameters: [['space', null], ['limit', null], ['sort', null], ['after', null], ['options', 'ListOptions']],
  },
  getPagesByLabel: {
    interface: 'confluence',
    parameters: [['label', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getPageById: {
    interface: 'confluence',
    parameters: [['id', null], ['options', 'GetOptions']],
  },
  getLabels: {
    interface: 'confluence',
    parameters: [['prefix', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getLabelsByPage: {
    interface: 'confluence',
    parameters: [['pageId', null], ['prefix', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getLabelsByBlogPost: {
    interface: 'confluence',
    parameters: [['blogPostId', null], ['prefix', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getLabelsByAttachment: {
    interface: 'confluence',
    parameters: [['attachmentId', null], ['prefix', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getLabelsBySpace: {
    interface: 'confluence',
    parameters: [['space', null], ['prefix', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getLabelByName: {
    interface: 'confluence',
    parameters: [['name', null]],
  },
  getAttachments: {
    interface: 'confluence',
    parameters: [['filename', null], ['mediaType', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getAttachmentsByPage: {
    interface: 'confluence',
    parameters: [['pageId', null], ['filename', null], ['mediaType', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getAttachmentsByBlogPost: {
    interface: 'confluence',
    parameters: [['blogPostId', null], ['filename', null], ['mediaType', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getAttachmentById: {
    interface: 'confluence',
    parameters: [['id', null], ['options', 'GetOptions']],
  },
  getAttachmentLocation: {
    interface: 'confluence',
    parameters: [['id', null], ['version', null]],
  },
  getBlogPosts: {
    interface: 'confluence',
    parameters: [['ids', null], ['title', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getBlogPostsBySpace: {
    interface: 'confluence',
    parameters: [['space', null], ['limit', null], ['sort', null], ['after', null], ['options', 'ListOptions']],
  },
  getBlogPostById: {
    interface: 'confluence',
    parameters: [['id', null], ['options', 'GetOptions']],
  },
  getCustomContent: {
    interface: 'confluence',
    parameters: [['type', null], ['spaceIds', null], ['ids', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getTasks: {
    interface: 'confluence',
    parameters: [['dueDate', null], ['spaceId', null], ['assignedTo', null], ['status', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getTaskById: {
    interface: 'confluence',
    parameters: [['id', null], ['options', 'GetOptions']],
  },
  getPageChildren: {
    interface: 'confluence',
    parameters: [['pageId', null], ['types', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getPageAncestors: {
    interface: 'confluence',
    parameters: [['pageId', null]],
  },
  getFolder: {
    interface: 'confluence',
    parameters: [['id', null], ['options', 'GetOptions']],
  },
  getPageVersions: {
    interface: 'confluence',
    parameters: [['pageId', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getAttachmentVersions: {
    interface: 'confluence',
    parameters: [['attachmentId', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getBlogPostVersions: {
    interface: 'confluence',
    parameters: [['blogPostId', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getContentProperties: {
    interface: 'confluence',
    parameters: [['owner', null], ['id', null], ['key', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getComments: {
    interface: 'confluence',
    parameters: [['owner', null], ['id', null], ['kind', null], ['replies', null], ['sort', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getCommentById: {
    interface: 'confluence',
    parameters: [['id', null], ['kind', null], ['options', 'GetOptions']],
  },
  getSpacePermissions: {
    interface: 'confluence',
    parameters: [['space', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getContentRestrictions: {
    interface: 'confluence',
    parameters: [['contentId', null]],
  },
  getGroups: {
    interface: 'confluence',
    parameters: [['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getGroupMembers: {
    interface: 'confluence',
    parameters: [['groupId', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getAllUsers: {
    interface: 'confluence',
    parameters: [['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getUsers: {
    interface: 'confluence',
    parameters: [['accountIds', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getCurrentUser: {
    interface: 'confluence',
    parameters: [],
  },
  getAuditRecords: {
    interface: 'confluence',
    parameters: [['since', null], ['until', null], ['text', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getContentReference: {
    interface: 'confluence',
    parameters: [['address', null]],
  },
  search: {
    interface: 'confluence',
    parameters: [['cql', null], ['archived', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getPagesChangedSince: {
    interface: 'confluence',
    parameters: [['since', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getBlogPostsChangedSince: {
    interface: 'confluence',
    parameters: [['since', null], ['limit', null], ['after', null], ['options', 'ListOptions']],
  },
  getEffectiveReaders: {
    interface: 'confluence',
    parameters: [['kind', null], ['id', null]],
  },
};
