//! The OAuth scopes that functions need.

/// A function, and the scopes that it needs: one of each list.
#[derive(Debug, Clone, Copy)]
pub struct FunctionScopes {
    /// The function, in camelCase.
    pub function: &'static str,
    /// What it needs: one scope of each list.
    pub needs: &'static [&'static [&'static str]],
}

type Need = &'static [&'static str];

const ATTACHMENT: Need = &["read:attachment:confluence"];
const AUDIT: Need = &["read:audit-log:confluence"];
const COMMENT: Need = &["read:comment:confluence"];
const CONTENT: Need = &["read:content:confluence"];
const CUSTOM_CONTENT: Need = &["read:custom-content:confluence"];
const DOWNLOAD: Need = &["readonly:content.attachment:confluence"];
const FOLDER: Need = &["read:folder:confluence"];
const GROUPS: Need = &["read:confluence-groups"];
const HIERARCHY: Need = &["read:hierarchical-content:confluence"];
const LABEL: Need = &["read:label:confluence"];
const METADATA: Need = &["read:content.metadata:confluence"];
const PAGE: Need = &["read:page:confluence"];
const RESTRICTIONS: Need = &[
    "read:content-details:confluence",
    "read:confluence-content.all",
];
const ROLES: Need = &["read:space.permission:confluence"];
const SEARCH: Need = &["search:confluence", "read:content-details:confluence"];
/// Also wherever the key of a space is passed in place of its id.
const SPACE: Need = &["read:space:confluence"];
const TASK: Need = &["read:task:confluence"];
const USER: Need = &["read:confluence-user", "read:content-details:confluence"];

/// All functions of the interfaces `confluence-service` and `confluence`, by name.
pub const FUNCTION_SCOPES: &[FunctionScopes] = &[
    needs(
        "canRead",
        &[PAGE, METADATA, SPACE, ROLES, RESTRICTIONS, USER, GROUPS],
    ),
    needs("getAllUsers", &[GROUPS, USER]),
    needs("getAttachmentById", &[ATTACHMENT]),
    needs("getAttachmentLocation", &[ATTACHMENT, DOWNLOAD]),
    needs("getAttachmentVersions", &[ATTACHMENT]),
    needs("getAttachments", &[ATTACHMENT]),
    needs("getAttachmentsByBlogPost", &[ATTACHMENT]),
    needs("getAttachmentsByPage", &[ATTACHMENT]),
    needs("getAuditRecords", &[AUDIT]),
    needs("getBlogPostById", &[PAGE]),
    needs("getBlogPostVersions", &[PAGE]),
    needs("getBlogPosts", &[PAGE, SPACE]),
    needs("getBlogPostsBySpace", &[PAGE, SPACE]),
    needs("getBlogPostsChangedSince", &[PAGE, SPACE]),
    needs("getCommentById", &[COMMENT]),
    needs("getComments", &[COMMENT]),
    needs(
        "getContentProperties",
        &[PAGE, CUSTOM_CONTENT, COMMENT, ATTACHMENT, SPACE],
    ),
    needs("getContentReference", &[]),
    needs("getContentRestrictions", &[RESTRICTIONS]),
    needs("getCurrentUser", &[USER]),
    needs("getCustomContent", &[CUSTOM_CONTENT, SPACE]),
    needs(
        "getEffectiveReaders",
        &[PAGE, METADATA, SPACE, ROLES, RESTRICTIONS],
    ),
    needs("getFolder", &[FOLDER]),
    needs("getGroupMembers", &[GROUPS]),
    needs("getGroups", &[GROUPS]),
    needs("getLabelByName", &[LABEL, CONTENT]),
    needs("getLabels", &[LABEL]),
    needs("getLabelsByAttachment", &[ATTACHMENT]),
    needs("getLabelsByBlogPost", &[PAGE]),
    needs("getLabelsByPage", &[PAGE]),
    needs("getLabelsBySpace", &[SPACE]),
    needs("getPageAncestors", &[METADATA]),
    needs("getPageById", &[PAGE]),
    needs("getPageChildren", &[HIERARCHY]),
    needs("getPageVersions", &[PAGE]),
    needs("getPages", &[PAGE, SPACE]),
    needs("getPagesByLabel", &[PAGE, SPACE, LABEL, CONTENT]),
    needs("getPagesBySpace", &[PAGE, SPACE]),
    needs("getPagesChangedSince", &[PAGE, SPACE]),
    needs("getSpaceById", &[SPACE]),
    needs("getSpacePermissions", &[SPACE]),
    needs("getSpaces", &[SPACE]),
    needs("getTaskById", &[TASK]),
    needs("getTasks", &[TASK, SPACE]),
    needs("getUsers", &[USER]),
    needs("listAttachments", &[ATTACHMENT]),
    needs("listAttachmentsByPage", &[ATTACHMENT]),
    needs("listBlogPosts", &[PAGE, SPACE]),
    needs("listBlogPostsBySpace", &[PAGE, SPACE]),
    needs("listCustomContent", &[CUSTOM_CONTENT, SPACE]),
    needs("listLabels", &[LABEL, SPACE, PAGE, ATTACHMENT]),
    needs("listPages", &[PAGE, SPACE]),
    needs("listSpaces", &[SPACE]),
    needs("listTasks", &[TASK, SPACE]),
    needs("search", &[SEARCH, SPACE]),
    needs("setApiUrlAndAuth", &[]),
    needs("testConnection", &[USER, SPACE, SEARCH]),
];

const fn needs(
    function: &'static str,
    needs: &'static [&'static [&'static str]],
) -> FunctionScopes {
    FunctionScopes { function, needs }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;
    use std::path::Path;

    use super::FUNCTION_SCOPES;

    /// The scopes in the texts of a source file: what is in quotes and begins as a scope does.
    fn scopes(text: &str) -> impl Iterator<Item = &str> {
        let is_scope = |word: &&str| {
            ["read:", "readonly:", "search:"]
                .iter()
                .any(|start| word.starts_with(start))
                && word.contains("confluence")
        };
        text.split('"')
            .flat_map(str::split_whitespace)
            .filter(is_scope)
    }

    fn read(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(scopes(&text).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_scope_that_an_error_of_a_call_names_is_in_the_table_and_no_other() {
        let mut named = BTreeSet::new();
        read(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service"),
            &mut named,
        );
        let listed: BTreeSet<String> = FUNCTION_SCOPES
            .iter()
            .flat_map(|row| row.needs.iter().copied().flatten())
            .map(|scope| (*scope).to_owned())
            .collect();
        let missing: Vec<_> = named.difference(&listed).collect();
        assert!(missing.is_empty(), "{missing:?}");
        // The granular twin of classic scopes, which Atlassian documents and errors do not name.
        let more: Vec<_> = listed.difference(&named).collect();
        assert_eq!(more, ["read:content-details:confluence"]);
    }

    #[test]
    fn functions_are_sorted_and_listed_once() {
        assert!(FUNCTION_SCOPES.is_sorted_by(|one, next| one.function < next.function));
    }
}
