use super::{Confluence, by_ids, own_content};
use crate::{
    BlogPost, Error, GetOptions, ListOptions, Listing, Transport, Window,
    query::{
        body_format::{LIST_FORMATS, SINGLE_FORMATS},
        call::Call,
        function::Function,
        ids,
        options::Takes,
        order::ordered,
        words,
    },
};

/// Which blog posts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlogPostQuery {
    /// Only these.
    pub ids: Option<Vec<String>>,
    /// Only those with exactly this title.
    pub title: Option<String>,
}

pub(super) const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    statuses: &["current", "deleted", "trashed"],
    sorts: &["id", "created-date", "modified-date"],
    order: "modified-date",
    space_ids: 100,
    ..Takes::NONE
};

pub(super) const TAKES_IN_SPACE: Takes = Takes {
    space_ids: 0,
    ..TAKES
};

pub(super) const TAKES_SINGLE: Takes = Takes {
    body_formats: SINGLE_FORMATS,
    statuses: &["current", "trashed", "deleted", "historical", "draft"],
    version: true,
    ..Takes::NONE
};

/// Blog posts have no scope of their own.
const SCOPE: &str = "read:page:confluence";

impl<T: Transport> Confluence<T> {
    /// Lists blog posts. `GET /wiki/api/v2/blogposts`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `status` (`current`, `deleted`,
    /// `trashed`; current by default), `sort` (`id`, `created-date`, `modified-date`),
    /// `space_ids` (ids or keys), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_blog_posts(
        &mut self,
        query: &BlogPostQuery,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<BlogPost>, Error> {
        let mut call = Call::new(
            Function::ListBlogPosts,
            "list blog posts",
            SCOPE,
            "/api/v2/blogposts",
        );
        call.outer(by_ids(&mut self.transport, "id", query.ids.as_deref())?);
        words::word("title", query.title.as_deref())?;
        call.parameter("title", query.title.as_deref());
        TAKES.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Lists the blog posts of a space, given by id or key.
    /// `GET /wiki/api/v2/spaces/{id}/blogposts`.
    ///
    /// Options: as for [`list_blog_posts`](Self::list_blog_posts), without `space_ids`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn list_blog_posts_by_space(
        &mut self,
        space_id: &str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<BlogPost>, Error> {
        let path = "/api/v2/spaces/{space}/blogposts";
        let mut call = Call::new(
            Function::ListBlogPostsBySpace,
            "list the blog posts of a space",
            SCOPE,
            path,
        );
        call.within(ids::space("space-id", space_id)?);
        TAKES_IN_SPACE.apply(options, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets blog posts. `GET /wiki/api/v2/blogposts`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_blog_posts`](Self::list_blog_posts).
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_blog_posts(
        &mut self,
        query: &BlogPostQuery,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<BlogPost>, Error> {
        let mut call = Call::new(
            Function::GetBlogPosts,
            "list blog posts",
            SCOPE,
            "/api/v2/blogposts",
        );
        call.outer(by_ids(&mut self.transport, "id", query.ids.as_deref())?);
        words::word("title", query.title.as_deref())?;
        call.parameter("title", query.title.as_deref());
        TAKES.apply(&ordered(options, sort)?, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets the blog posts of a space, given by id or key.
    /// `GET /wiki/api/v2/spaces/{id}/blogposts`.
    ///
    /// `sort` orders by the time of the last change. Options: as for
    /// [`list_blog_posts`](Self::list_blog_posts), without `space_ids`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`] and [`get_pages_by_space`](Self::get_pages_by_space).
    pub fn get_blog_posts_by_space(
        &mut self,
        space: &str,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<BlogPost>, Error> {
        let path = "/api/v2/spaces/{space}/blogposts";
        let mut call = Call::new(
            Function::GetBlogPostsBySpace,
            "list the blog posts of a space",
            SCOPE,
            path,
        );
        call.within(ids::space("space", space)?);
        TAKES_IN_SPACE.apply(&ordered(options, sort)?, &mut call)?;
        self.list_by_key(call, window)
    }

    /// Gets a blog post. `GET /wiki/api/v2/blogposts/{id}`.
    ///
    /// One in the trash is answered like any other: its `status` says `trashed`.
    ///
    /// Options: as for [`get_page_by_id`](Self::get_page_by_id), without the status `archived`.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id).
    pub fn get_blog_post_by_id(
        &mut self,
        id: &str,
        options: &GetOptions,
    ) -> Result<BlogPost, Error> {
        let id = own_content(&mut self.transport, "id", id)?;
        let path = format!("/api/v2/blogposts/{id}");
        let mut call = Call::new(Function::Single, "get the blog post", SCOPE, path);
        TAKES_SINGLE.apply_single(options, &mut call)?;
        self.single(&call, &id)
    }
}
