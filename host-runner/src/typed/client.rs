//! A client of one tenant.

use std::sync::{Mutex, PoisonError};

use wasmtime::{Store, component};

use super::{
    Ancestor, Attachment, AttachmentListing, AttachmentLocation, AuditRecordListing, BlogPost,
    BlogPostChanges, BlogPostListing, ChildListing, Comment, CommentKind, CommentListing,
    ConnectionReport, ContentKind, ContentPropertyListing, ContentReference, ContentRestrictions,
    ContentVersionListing, CustomContentListing, EffectiveReaders, Error, Folder, GetOptions,
    GroupListing, Label, LabelListing, LabelOwner, ListOptions, Page, PageChanges, PageListing,
    PropertyOwner, ReadDecision, SearchResultListing, Space, SpaceListing, SpacePermissionListing,
    Task, TaskListing, TaskStatus, User, UserListing,
};
use crate::call::{CallError, CallState, ComponentError};
use crate::error_kind::ErrorKind;
use crate::receipt::Receipt;
use crate::runner::Tenant;

impl Tenant {
    /// The functions of the connector, typed, on behalf of this tenant.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.clone())
    }
}

/// The functions of the connector on behalf of one tenant.
///
/// Each call resolves the tenant's levels anew and runs in an instance of its own, as
/// [`Tenant::call`] does. `set-api-url-and-auth` is not among them: connections are stored with
/// [`HostRunner::save_connection`](crate::HostRunner::save_connection), or by that name through
/// [`Tenant::call`].
pub struct Client {
    tenant: Tenant,
    receipt: Mutex<Receipt>,
}

impl Client {
    fn new(tenant: Tenant) -> Self {
        Self {
            tenant,
            receipt: Mutex::default(),
        }
    }

    /// What the calls of this client have cost so far, together.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        *self.receipt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Maximum number of concurrent requests, as [`Tenant::concurrency`].
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.tenant.concurrency()
    }

    /// The setting of a stream that is not passed and that the tenant's levels have.
    pub(super) fn missing_setting(
        &self,
        stream: &source::Stream,
        settings: &source::SourceSettings,
    ) -> Result<Option<(String, String)>, CallError> {
        self.tenant.missing_setting(stream, settings)
    }

    pub(super) async fn call<T>(
        &self,
        interface: &str,
        function: &str,
        call: impl AsyncFnOnce(
            &mut Store<CallState>,
            &component::Func,
        ) -> wasmtime::Result<Result<T, Error>>,
    ) -> Result<T, CallError> {
        let (called, receipt) = self.tenant.call_typed(interface, function, call).await;
        self.add(&receipt);
        called
    }

    /// Adds what something of this client has cost.
    pub(super) fn add(&self, receipt: &Receipt) {
        let mut own = self.receipt.lock().unwrap_or_else(PoisonError::into_inner);
        own.add(receipt);
    }

    pub(super) const fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

/// The functions of an interface: a method each, of the same name, parameters and answer.
macro_rules! functions {
    ($interface:literal as $checks:ident:
        $($name:ident ($($parameter:ident: $type:ty),*) -> $answer:ty;)*
    ) => {
        impl Client {
            $(
                #[doc = concat!("`", stringify!($name), "` of the interface `", $interface, "`, which has its documentation.")]
                ///
                /// # Errors
                ///
                /// [`CallError`], as for [`Tenant::call`].
                #[allow(clippy::too_many_arguments, reason = "as many as the function has")]
                pub async fn $name(&self, $($parameter: $type),*) -> Result<$answer, CallError> {
                    self.call($interface, stringify!($name), async |store, function| {
                        let function = function.typed::<_, (Result<$answer, Error>,)>(&store)?;
                        let (answer,) = function.call_async(store, ($($parameter,)*)).await?;
                        Ok(answer)
                    })
                    .await
                }
            )*
        }

        #[cfg(test)]
        const $checks: &[tests::Check] = &[$((
            $interface,
            stringify!($name),
            |store, function| {
                function.typed::<($($type,)*), (Result<$answer, Error>,)>(store)?;
                Ok(())
            },
        ),)*];
    };
}

functions! {
    "confluence-service" as OF_SERVICE:
    list_spaces(ids: Option<&[String]>, keys: Option<&[String]>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> SpaceListing;
    list_pages(ids: Option<&[String]>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> PageListing;
    list_labels(select: Option<LabelOwner>, id: Option<&str>, prefix: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> LabelListing;
    list_attachments(filename: Option<&str>, media_type: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> AttachmentListing;
    list_attachments_by_page(page_id: &str, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> AttachmentListing;
    list_blog_posts(ids: Option<&[String]>, title: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> BlogPostListing;
    list_blog_posts_by_space(space_id: &str, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> BlogPostListing;
    list_custom_content(r#type: Option<&str>, space_ids: Option<&[String]>, ids: Option<&[String]>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> CustomContentListing;
    list_tasks(due_date_from: Option<&str>, due_date_to: Option<&str>, space_ids: Option<&[String]>, assigned_to: Option<&[String]>, status: Option<TaskStatus>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> TaskListing;
    test_connection(space: Option<&str>) -> ConnectionReport;
    can_read(user: &str, page: Option<&str>, blog_post: Option<&str>) -> ReadDecision;
}

functions! {
    "confluence" as OF_CONFLUENCE:
    get_spaces(ids: Option<&[String]>, keys: Option<&[String]>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> SpaceListing;
    get_space_by_id(id_or_key: &str, options: Option<&GetOptions>) -> Space;
    get_pages(ids: Option<&[String]>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> PageListing;
    get_pages_by_space(space: &str, limit: Option<u32>, sort: Option<&str>, after: Option<&str>, options: Option<&ListOptions>) -> PageListing;
    get_pages_by_label(label: &str, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> PageListing;
    get_page_by_id(id: &str, options: Option<&GetOptions>) -> Page;
    get_labels(prefix: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> LabelListing;
    get_labels_by_page(page_id: &str, prefix: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> LabelListing;
    get_labels_by_blog_post(blog_post_id: &str, prefix: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> LabelListing;
    get_labels_by_attachment(attachment_id: &str, prefix: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> LabelListing;
    get_labels_by_space(space: &str, prefix: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> LabelListing;
    get_label_by_name(name: &str) -> Label;
    get_attachments(filename: Option<&str>, media_type: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> AttachmentListing;
    get_attachments_by_page(page_id: &str, filename: Option<&str>, media_type: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> AttachmentListing;
    get_attachments_by_blog_post(blog_post_id: &str, filename: Option<&str>, media_type: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> AttachmentListing;
    get_attachment_by_id(id: &str, options: Option<&GetOptions>) -> Attachment;
    get_attachment_location(id: &str, version: Option<u32>) -> AttachmentLocation;
    get_blog_posts(ids: Option<&[String]>, title: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> BlogPostListing;
    get_blog_posts_by_space(space: &str, limit: Option<u32>, sort: Option<&str>, after: Option<&str>, options: Option<&ListOptions>) -> BlogPostListing;
    get_blog_post_by_id(id: &str, options: Option<&GetOptions>) -> BlogPost;
    get_custom_content(r#type: Option<&str>, space_ids: Option<&[String]>, ids: Option<&[String]>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> CustomContentListing;
    get_tasks(due_date: Option<&str>, space_id: Option<&str>, assigned_to: Option<&str>, status: Option<TaskStatus>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> TaskListing;
    get_task_by_id(id: &str, options: Option<&GetOptions>) -> Task;
    get_page_children(page_id: &str, types: Option<&[String]>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> ChildListing;
    get_page_ancestors(page_id: &str) -> Vec<Ancestor>;
    get_folder(id: &str, options: Option<&GetOptions>) -> Folder;
    get_page_versions(page_id: &str, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> ContentVersionListing;
    get_attachment_versions(attachment_id: &str, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> ContentVersionListing;
    get_blog_post_versions(blog_post_id: &str, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> ContentVersionListing;
    get_content_properties(owner: PropertyOwner, id: &str, key: Option<&str>, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> ContentPropertyListing;
    get_comments(owner: ContentKind, id: &str, kind: CommentKind, replies: bool, sort: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> CommentListing;
    get_comment_by_id(id: &str, kind: Option<CommentKind>, options: Option<&GetOptions>) -> Comment;
    get_space_permissions(space: &str, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> SpacePermissionListing;
    get_content_restrictions(content_id: &str) -> ContentRestrictions;
    get_groups(limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> GroupListing;
    get_group_members(group_id: &str, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> UserListing;
    get_all_users(limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> UserListing;
    get_users(account_ids: &[String], limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> UserListing;
    get_current_user() -> User;
    get_audit_records(since: Option<&str>, until: Option<&str>, text: Option<&str>, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> AuditRecordListing;
    get_content_reference(address: &str) -> ContentReference;
    search(cql: &str, archived: bool, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> SearchResultListing;
    get_pages_changed_since(since: &str, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> PageChanges;
    get_blog_posts_changed_since(since: &str, limit: Option<u32>, after: Option<&str>, options: Option<&ListOptions>) -> BlogPostChanges;
    get_effective_readers(kind: ContentKind, id: &str) -> EffectiveReaders;
}

impl From<Error> for ComponentError {
    fn from(error: Error) -> Self {
        Self {
            kind: ErrorKind::from(word(&error.kind).as_str()),
            limit_scope: error.limit_scope.as_ref().map(word),
            code: error.code,
            message: error.message,
            cause: error.cause,
            resolution: error.resolution,
            status: error.status,
            request_id: error.request_id,
            retry_after_ms: error.retry_after_ms,
            remedy: None,
        }
        .cut()
    }
}

/// A case of an enum as the WIT spells it: the generated `Debug` is `ErrorKind::RateLimited`.
fn word(case: &impl std::fmt::Debug) -> String {
    let debug = format!("{case:?}");
    let mut word = String::new();
    for letter in debug.rsplit("::").next().unwrap_or_default().chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use tempfile::TempDir;
    use wasmtime::{Store, component};

    use super::super::{ErrorKind, LimitScope};
    use super::{OF_CONFLUENCE, OF_SERVICE, word};
    use crate::call::CallState;
    use crate::{HostRunner, Scope, Tenant};

    /// An interface, a function of it as Rust has it, and whether it takes and answers what its
    /// method does.
    pub(super) type Check = (
        &'static str,
        &'static str,
        fn(&Store<CallState>, &component::Func) -> wasmtime::Result<()>,
    );

    #[tokio::test]
    async fn each_function_takes_and_answers_what_its_method_does_and_has_one() {
        let folder = TempDir::new().unwrap();
        let setup = HostRunner::builder(folder.path().join("config"), folder.path().join("state"));
        let host = setup.open().unwrap();
        let tenant = host.tenant(&Scope::default()).unwrap();
        let checks = || [OF_SERVICE, OF_CONFLUENCE].into_iter().flatten();
        for (interface, name, check) in checks() {
            let checked = tenant.call_typed(interface, name, async |store, function| {
                check(store, function)?;
                Ok::<_, wasmtime::Error>(Ok::<_, super::Error>(()))
            });
            checked.await.0.unwrap();
        }
        // That which stores connections has none, nor have the two of `source`.
        assert_eq!(checks().count() + 3, tenant.functions().len());
        let lacking = tenant.call_typed("confluence", "list_spaces", async |_, _| {
            Ok(Ok::<_, super::Error>(()))
        });
        let lacking = lacking.await.0.unwrap_err().to_string();
        assert!(
            lacking.contains("`confluence` has no `list-spaces`"),
            "{lacking}"
        );
    }

    #[test]
    fn a_task_on_any_thread_can_own_a_tenant_and_its_calls() {
        fn is_task<T: Send + 'static>(_: impl FnOnce(Tenant) -> T) {}
        is_task(|tenant| tenant.client());
        is_task(|tenant| async move { tenant.client().get_current_user().await });
        is_task(|tenant| async move {
            let function = tenant.function("listPages").unwrap();
            tenant.call(function, Vec::new()).await
        });
    }

    #[test]
    fn cases_are_spelled_as_in_the_wit() {
        let wit = include_str!("../../../wit/types.wit");
        for case in [
            ErrorKind::RateLimited,
            ErrorKind::NotJson,
            ErrorKind::Denied,
        ] {
            let line = format!("\n    {},\n", word(&case));
            assert!(wit.contains(&line), "{line}");
        }
        let line = format!("\n    {},\n", word(&LimitScope::QuotaApp));
        assert!(wit.contains(&line), "{line}");
    }
}
