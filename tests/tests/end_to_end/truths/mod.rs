//! What Confluence Cloud really does, through the real binary and the real component: a test for
//! each truth, named after it.

mod absences;
mod bodies;
mod collections;
mod errors;
mod filters;
mod identifiers;
mod paging;
mod poison;
mod requests;
mod scopes;
mod statuses;
mod times;
mod tree;
mod vocabularies;

use confluence_simulator::{Request, Settings, Simulator};
use serde_json::Value;
use tests::{AUTHORIZATION, Ended, Host};

use crate::faults;

/// A site, and a host that has its endpoint.
struct Place {
    host: Host,
    site: Simulator,
}

impl Place {
    async fn new() -> Self {
        Self::of(200).await
    }

    /// With so many pages.
    async fn of(pages: u64) -> Self {
        Self::with(Settings {
            pages,
            ..Settings::default()
        })
        .await
    }

    async fn with(settings: Settings) -> Self {
        let site = Simulator::start(settings).await.unwrap();
        let host = Host::with_site(&site);
        Self { host, site }
    }

    /// The same site through the API gateway.
    async fn behind_the_gateway(pages: u64) -> Self {
        let place = Self::of(pages).await;
        place
            .host
            .set(&place.site.gateway_endpoint(), AUTHORIZATION, "app")
            .ok();
        place
    }

    fn call<S: AsRef<str>>(&self, words: &[S]) -> Ended {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        self.host.call(&words)
    }

    /// A call while something goes wrong.
    fn under<S: AsRef<str>>(&self, fault: &str, words: &[S]) -> Ended {
        self.site.set_faults(faults(fault));
        let ended = self.call(words);
        self.site.set_faults(faults(""));
        ended
    }

    /// What `ask` does, and the requests that it made.
    fn asked<T>(&self, ask: impl FnOnce() -> T) -> (T, Vec<Request>) {
        let before = self.site.requests().len();
        let result = ask();
        (result, self.site.requests().split_off(before))
    }

    /// A page of the default list.
    fn page(&self, at: usize) -> String {
        self.site.site().page_ids().nth(at).unwrap()
    }
}

/// The items of a list answer.
#[track_caller]
fn items(ended: &Ended) -> Vec<Value> {
    ended.json()["items"].as_array().unwrap().clone()
}

/// The codes of the notices of a list answer, each once.
#[track_caller]
fn notices(ended: &Ended) -> Vec<String> {
    let mut codes: Vec<String> = ended.json()["rest"]["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| notice["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

/// One field of each item, as text.
fn column(items: &[Value], name: &str) -> Vec<String> {
    items
        .iter()
        .filter_map(|item| item[name].as_str().map(str::to_owned))
        .collect()
}

fn sorted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.into_iter().collect();
    texts.sort();
    texts
}

/// The values of a parameter as they stand in a request.
fn parameter<'a>(request: &'a Request, name: &str) -> Vec<&'a str> {
    let query = request
        .path_and_query
        .split_once('?')
        .map_or("", |(_, q)| q);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value)
        .collect()
}

fn path(request: &Request) -> &str {
    request
        .path_and_query
        .split_once('?')
        .map_or(&request.path_and_query, |(path, _)| path)
}

/// Every function that reads, with arguments that the site has something for, and the scopes that
/// its first request needs, with a space between two.
fn functions(site: &Simulator) -> Vec<(Vec<String>, &'static str)> {
    let truth = site.site();
    let page = truth.page_ids().nth(2).unwrap();
    let space = truth.space_ids().next().unwrap();
    let post = truth.blog_post_ids().next().unwrap();
    let file = truth.attachment_ids().next().unwrap();
    let task = truth.task_ids().next().unwrap();
    let label = truth.label_ids().next().unwrap();
    let kind = truth.custom_content_types()[0];
    let custom = truth.custom_content_ids(kind).next().unwrap();
    let comment = truth.footer_comment_ids().next().unwrap();
    let folder = truth.folder_ids().next().unwrap();
    let group = truth.group_ids().next().unwrap();
    let account = truth.account_ids().next().unwrap();
    let changed = truth.last_change().to_string();
    let page_scope = "read:page:confluence";
    let space_scope = "read:space:confluence";
    let attachment_scope = "read:attachment:confluence";
    let custom_scope = "read:custom-content:confluence";
    let comment_scope = "read:comment:confluence";
    let group_scope = "read:confluence-groups";
    let user_scope = "read:confluence-user";
    let words: Vec<(Vec<&str>, &str)> = vec![
        (vec!["listSpaces"], space_scope),
        (vec!["listPages"], page_scope),
        (vec!["listLabels"], "read:label:confluence"),
        (vec!["listLabels", "page", &page], page_scope),
        (vec!["listLabels", "space", &space], space_scope),
        (vec!["listAttachments"], attachment_scope),
        (vec!["listAttachmentsByPage", &page], attachment_scope),
        (vec!["listBlogPosts"], page_scope),
        (vec!["listBlogPostsBySpace", &space], page_scope),
        (vec!["listCustomContent", kind], custom_scope),
        (vec!["listTasks"], "read:task:confluence"),
        (vec!["testConnection"], user_scope),
        (vec!["canRead", &account, &page], user_scope),
        (vec!["getSpaces"], space_scope),
        (vec!["getSpaceById", &space], space_scope),
        (vec!["getPages"], page_scope),
        (vec!["getPagesBySpace", &space], page_scope),
        (vec!["getPagesByLabel", &label], page_scope),
        (vec!["getPageById", &page], page_scope),
        (vec!["getLabels"], "read:label:confluence"),
        (vec!["getLabelsByPage", &page], page_scope),
        (vec!["getLabelsByBlogPost", &post], page_scope),
        (vec!["getLabelsByAttachment", &file], attachment_scope),
        (vec!["getLabelsBySpace", &space], space_scope),
        (
            vec!["getLabelByName", "runbook"],
            "read:label:confluence read:content:confluence",
        ),
        (vec!["getAttachments"], attachment_scope),
        (vec!["getAttachmentsByPage", &page], attachment_scope),
        (vec!["getAttachmentsByBlogPost", &post], attachment_scope),
        (vec!["getAttachmentById", &file], attachment_scope),
        (vec!["getBlogPosts"], page_scope),
        (vec!["getBlogPostsBySpace", &space], page_scope),
        (vec!["getBlogPostById", &post], page_scope),
        (vec!["getCustomContent", kind], custom_scope),
        (vec!["getTasks"], "read:task:confluence"),
        (vec!["getTaskById", &task], "read:task:confluence"),
        (
            vec!["getPageChildren", &page],
            "read:hierarchical-content:confluence",
        ),
        (
            vec!["getPageAncestors", &page],
            "read:content.metadata:confluence",
        ),
        (vec!["getFolder", &folder], "read:folder:confluence"),
        (vec!["getPageVersions", &page], page_scope),
        (vec!["getAttachmentVersions", &file], attachment_scope),
        (vec!["getBlogPostVersions", &post], page_scope),
        (vec!["getContentProperties", "page", &page], page_scope),
        (vec!["getContentProperties", "blog-post", &post], page_scope),
        (
            vec!["getContentProperties", "attachment", &file],
            attachment_scope,
        ),
        (
            vec!["getContentProperties", "custom-content", &custom],
            custom_scope,
        ),
        (
            vec!["getContentProperties", "comment", &comment],
            comment_scope,
        ),
        (vec!["getContentProperties", "space", &space], space_scope),
        (
            vec!["getComments", "page", &page, "footer", "true"],
            comment_scope,
        ),
        (
            vec!["getComments", "blog-post", &post, "inline", "false"],
            comment_scope,
        ),
        (vec!["getCommentById", &comment], comment_scope),
        (vec!["getSpacePermissions", &space], space_scope),
        (
            vec!["getContentRestrictions", &page],
            "read:confluence-content.all",
        ),
        (vec!["getGroups"], group_scope),
        (vec!["getGroupMembers", &group], group_scope),
        (vec!["getAllUsers"], group_scope),
        (vec!["getUsers", &account], user_scope),
        (vec!["getAuditRecords"], "read:audit-log:confluence"),
        (vec!["getCurrentUser"], user_scope),
        (vec!["search", "type = page", "false"], "search:confluence"),
        (vec!["getPagesChangedSince", &changed], page_scope),
        (vec!["getBlogPostsChangedSince", &changed], page_scope),
        (vec!["getEffectiveReaders", "page", &page], page_scope),
    ];
    words
        .into_iter()
        .map(|(words, scope)| (words.into_iter().map(str::to_owned).collect(), scope))
        .collect()
}

/// Those of them that take `limit`.
fn lists(site: &Simulator) -> Vec<Vec<String>> {
    const NONE: [&str; 17] = [
        "canRead",
        "testConnection",
        "getSpaceById",
        "getPageById",
        "getLabelByName",
        "getAttachmentById",
        "getBlogPostById",
        "getTaskById",
        "getPageAncestors",
        "getFolder",
        "getCommentById",
        "getContentRestrictions",
        "getCurrentUser",
        "getEffectiveReaders",
        "getPagesChangedSince",
        "getBlogPostsChangedSince",
        // A join of lists, whose requests are those of its groups.
        "getAllUsers",
    ];
    functions(site)
        .into_iter()
        .map(|(words, _)| words)
        .filter(|words| !NONE.contains(&words[0].as_str()))
        .collect()
}

/// A call with more words behind it.
fn with(words: &[String], more: &[&str]) -> Vec<String> {
    words
        .iter()
        .cloned()
        .chain(more.iter().map(|word| (*word).to_owned()))
        .collect()
}
