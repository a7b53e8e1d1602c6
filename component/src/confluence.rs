//! The functions of the interface `confluence`.

use confluence_connector::{
    AttachmentQuery, AuditQuery, BlogPostQuery, CommentQuery, CustomContentQuery, DueTaskQuery,
    PageQuery, SpaceQuery,
};

use crate::bindings::exports::confluence::connector::confluence::{
    Ancestor, Attachment, AttachmentListing, AttachmentLocation, AuditRecordListing, BlogPost,
    BlogPostChanges, BlogPostListing, ChildListing, Comment, CommentKind, CommentListing,
    ContentKind, ContentPropertyListing, ContentReference, ContentRestrictions,
    ContentVersionListing, CustomContentListing, EffectiveReaders, Error, Folder, GetOptions,
    GroupListing, Guest, Label, LabelListing, ListOptions, Page, PageChanges, PageListing,
    PropertyOwner, SearchResultListing, Space, SpaceListing, SpacePermissionListing, Task,
    TaskListing, TaskStatus, User, UserListing,
};
use crate::service::{Connector, confluence, options, window};

fn single(options: Option<GetOptions>) -> confluence_connector::GetOptions {
    options.unwrap_or_default()
}

impl Guest for Connector {
    fn get_spaces(
        ids: Option<Vec<String>>,
        keys: Option<Vec<String>>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<SpaceListing, Error> {
        let query = SpaceQuery { ids, keys };
        Ok(confluence()
            .get_spaces(
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_space_by_id(id_or_key: String, given: Option<GetOptions>) -> Result<Space, Error> {
        Ok(confluence().get_space_by_id(&id_or_key, &single(given))?)
    }

    fn get_pages(
        ids: Option<Vec<String>>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<PageListing, Error> {
        let query = PageQuery { ids };
        Ok(confluence()
            .get_pages(
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_pages_by_space(
        space: String,
        limit: Option<u32>,
        sort: Option<String>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<PageListing, Error> {
        Ok(confluence()
            .get_pages_by_space(
                &space,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_pages_by_label(
        label: String,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<PageListing, Error> {
        Ok(confluence()
            .get_pages_by_label(
                &label,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_page_by_id(id: String, given: Option<GetOptions>) -> Result<Page, Error> {
        Ok(confluence().get_page_by_id(&id, &single(given))?)
    }

    fn get_labels(
        prefix: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<LabelListing, Error> {
        Ok(confluence()
            .get_labels(
                prefix.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_labels_by_page(
        page_id: String,
        prefix: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<LabelListing, Error> {
        Ok(confluence()
            .get_labels_by_page(
                &page_id,
                prefix.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_labels_by_space(
        space: String,
        prefix: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<LabelListing, Error> {
        Ok(confluence()
            .get_labels_by_space(
                &space,
                prefix.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_label_by_name(name: String) -> Result<Label, Error> {
        Ok(confluence().get_label_by_name(&name)?)
    }

    fn get_attachments(
        filename: Option<String>,
        media_type: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<AttachmentListing, Error> {
        let query = AttachmentQuery {
            filename,
            media_type,
        };
        Ok(confluence()
            .get_attachments(
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_attachments_by_page(
        page_id: String,
        filename: Option<String>,
        media_type: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<AttachmentListing, Error> {
        let query = AttachmentQuery {
            filename,
            media_type,
        };
        Ok(confluence()
            .get_attachments_by_page(
                &page_id,
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_labels_by_blog_post(
        blog_post_id: String,
        prefix: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<LabelListing, Error> {
        Ok(confluence()
            .get_labels_by_blog_post(
                &blog_post_id,
                prefix.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_labels_by_attachment(
        attachment_id: String,
        prefix: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<LabelListing, Error> {
        Ok(confluence()
            .get_labels_by_attachment(
                &attachment_id,
                prefix.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_attachments_by_blog_post(
        blog_post_id: String,
        filename: Option<String>,
        media_type: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<AttachmentListing, Error> {
        let query = AttachmentQuery {
            filename,
            media_type,
        };
        Ok(confluence()
            .get_attachments_by_blog_post(
                &blog_post_id,
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_attachment_versions(
        attachment_id: String,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<ContentVersionListing, Error> {
        Ok(confluence()
            .get_attachment_versions(
                &attachment_id,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_all_users(
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<UserListing, Error> {
        Ok(confluence()
            .get_all_users(&window(limit, after), &options(given))?
            .into())
    }

    fn get_audit_records(
        since: Option<String>,
        until: Option<String>,
        text: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<AuditRecordListing, Error> {
        let query = AuditQuery { since, until, text };
        Ok(confluence()
            .get_audit_records(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn get_content_reference(address: String) -> Result<ContentReference, Error> {
        Ok(confluence().get_content_reference(&address)?)
    }

    fn get_attachment_by_id(id: String, given: Option<GetOptions>) -> Result<Attachment, Error> {
        Ok(confluence().get_attachment_by_id(&id, &single(given))?)
    }

    fn get_attachment_location(
        id: String,
        version: Option<u32>,
    ) -> Result<AttachmentLocation, Error> {
        Ok(confluence().get_attachment_location(&id, version)?)
    }

    fn get_blog_posts(
        ids: Option<Vec<String>>,
        title: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<BlogPostListing, Error> {
        let query = BlogPostQuery { ids, title };
        Ok(confluence()
            .get_blog_posts(
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_blog_posts_by_space(
        space: String,
        limit: Option<u32>,
        sort: Option<String>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<BlogPostListing, Error> {
        Ok(confluence()
            .get_blog_posts_by_space(
                &space,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_blog_post_by_id(id: String, given: Option<GetOptions>) -> Result<BlogPost, Error> {
        Ok(confluence().get_blog_post_by_id(&id, &single(given))?)
    }

    fn get_custom_content(
        type_: Option<String>,
        space_ids: Option<Vec<String>>,
        ids: Option<Vec<String>>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<CustomContentListing, Error> {
        let query = CustomContentQuery {
            type_,
            space_ids,
            ids,
        };
        Ok(confluence()
            .get_custom_content(
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_tasks(
        due_date: Option<String>,
        space_id: Option<String>,
        assigned_to: Option<String>,
        status: Option<TaskStatus>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<TaskListing, Error> {
        let query = DueTaskQuery {
            due_date,
            space_id,
            assigned_to,
            status: status.map(Into::into),
        };
        Ok(confluence()
            .get_tasks(&query, &window(limit, after), &options(given))?
            .into())
    }

    fn get_task_by_id(id: String, given: Option<GetOptions>) -> Result<Task, Error> {
        Ok(confluence().get_task_by_id(&id, &single(given))?)
    }

    fn get_page_children(
        page_id: String,
        types: Option<Vec<String>>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<ChildListing, Error> {
        Ok(confluence()
            .get_page_children(
                &page_id,
                types.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_page_ancestors(page_id: String) -> Result<Vec<Ancestor>, Error> {
        let ancestors = confluence().get_page_ancestors(&page_id)?;
        Ok(ancestors.into_iter().map(Into::into).collect())
    }

    fn get_folder(id: String, given: Option<GetOptions>) -> Result<Folder, Error> {
        Ok(confluence().get_folder(&id, &single(given))?)
    }

    fn get_page_versions(
        page_id: String,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<ContentVersionListing, Error> {
        Ok(confluence()
            .get_page_versions(
                &page_id,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_blog_post_versions(
        blog_post_id: String,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<ContentVersionListing, Error> {
        Ok(confluence()
            .get_blog_post_versions(
                &blog_post_id,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_content_properties(
        owner: PropertyOwner,
        id: String,
        key: Option<String>,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<ContentPropertyListing, Error> {
        Ok(confluence()
            .get_content_properties(
                owner.into(),
                &id,
                key.as_deref(),
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_comments(
        owner: ContentKind,
        id: String,
        kind: CommentKind,
        replies: bool,
        sort: Option<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<CommentListing, Error> {
        let query = CommentQuery {
            owner: owner.into(),
            id,
            kind: kind.into(),
            replies,
        };
        Ok(confluence()
            .get_comments(
                &query,
                sort.as_deref(),
                &window(limit, after),
                &options(given),
            )?
            .into())
    }

    fn get_comment_by_id(
        id: String,
        kind: Option<CommentKind>,
        given: Option<GetOptions>,
    ) -> Result<Comment, Error> {
        Ok(confluence()
            .get_comment_by_id(&id, kind.map(Into::into), &single(given))?
            .into())
    }

    fn get_space_permissions(
        space: String,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<SpacePermissionListing, Error> {
        Ok(confluence()
            .get_space_permissions(&space, &window(limit, after), &options(given))?
            .into())
    }

    fn get_content_restrictions(content_id: String) -> Result<ContentRestrictions, Error> {
        Ok(confluence().get_content_restrictions(&content_id)?)
    }

    fn get_groups(
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<GroupListing, Error> {
        Ok(confluence()
            .get_groups(&window(limit, after), &options(given))?
            .into())
    }

    fn get_group_members(
        group_id: String,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<UserListing, Error> {
        Ok(confluence()
            .get_group_members(&group_id, &window(limit, after), &options(given))?
            .into())
    }

    fn get_users(
        account_ids: Vec<String>,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<UserListing, Error> {
        Ok(confluence()
            .get_users(&account_ids, &window(limit, after), &options(given))?
            .into())
    }

    fn get_current_user() -> Result<User, Error> {
        Ok(confluence().get_current_user()?)
    }

    fn search(
        cql: String,
        archived: bool,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<SearchResultListing, Error> {
        Ok(confluence()
            .search(&cql, archived, &window(limit, after), &options(given))?
            .into())
    }

    fn get_pages_changed_since(
        since: String,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<PageChanges, Error> {
        Ok(confluence()
            .get_pages_changed_since(&since, &window(limit, after), &options(given))?
            .into())
    }

    fn get_blog_posts_changed_since(
        since: String,
        limit: Option<u32>,
        after: Option<String>,
        given: Option<ListOptions>,
    ) -> Result<BlogPostChanges, Error> {
        Ok(confluence()
            .get_blog_posts_changed_since(&since, &window(limit, after), &options(given))?
            .into())
    }

    fn get_effective_readers(kind: ContentKind, id: String) -> Result<EffectiveReaders, Error> {
        Ok(confluence().get_effective_readers(kind.into(), &id)?)
    }
}
