use super::{Confluence, by_ids};
use crate::{
    BlogPost, Error, ListOptions, Listing, Transport, Window,
    plan::Call,
    query::{ids, options::Takes, words},
};

/// Which blog posts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlogPostQuery {
    /// Only these.
    pub ids: Option<Vec<String>>,
    /// Only those with exactly this title.
    pub title: Option<String>,
}

const TAKES: Takes = Takes {
    body_formats: &["storage", "atlas_doc_format"],
    statuses: &["current", "deleted", "trashed"],
    sorts: &["id", "created-date", "modified-date"],
    space_ids: 100,
    ..Takes::NONE
};

const TAKES_IN_SPACE: Takes = Takes {
    space_ids: 0,
    ..TAKES
};

/// Blog posts have no scope of their own.
const SCOPE: &str = "read:page:confluence";

impl<T: Transport> Confluence<T> {
    /// Lists blog posts. `GET /wiki/api/v2/blogposts`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `status` (`current`, `deleted`,
    /// `trashed`; current by default), `sort` (`id`, `created-date`, `modified-date`),
    /// `space_ids`, `raw`.
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
        let mut call = Call::new(6, "list blog posts", SCOPE, "/api/v2/blogposts");
        call.outer(by_ids("id", query.ids.as_deref())?);
        words::word("title", query.title.as_deref())?;
        call.parameter("title", query.title.as_deref());
        TAKES.apply(options, &mut call)?;
        self.list(&call, window)
    }

    /// Lists the blog posts of a space. `GET /wiki/api/v2/spaces/{id}/blogposts`.
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
        let id = ids::id("space-id", space_id)?;
        let path = format!("/api/v2/spaces/{id}/blogposts");
        let mut call = Call::new(7, "list the blog posts of a space", SCOPE, path);
        call.space = Some(id);
        TAKES_IN_SPACE.apply(options, &mut call)?;
        self.list(&call, window)
    }
}
