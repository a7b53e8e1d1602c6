//! What has changed since an instant.
//!
//! v2 has no filter by time, and CQL has one that is read to the minute, in the account's time
//! zone, from an index that lags by minutes. So the list is read newest first and left as soon
//! as it gets older than the instant: complete, exact to the millisecond, and as dear as what
//! changed. What neither can see is what was removed, moved or archived without a new version:
//! for those, listings have to be compared.

mod change;
mod newest_first;
mod place;
mod seen;
mod since;

use newest_first::changes;

use super::Confluence;
use crate::{
    BlogPost, Error, ListOptions, Page, Rest, Transport, Window,
    query::{body_format::LIST_FORMATS, call::Call, function::Function, options::Takes},
};

/// What has changed, and where the next call begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<Row> {
    /// What has changed, newest first.
    pub items: Vec<Row>,
    /// What to give as `since` next time. There only when the answer is complete.
    pub checkpoint: Option<String>,
    /// Whether there is more.
    pub rest: Rest,
}

pub(super) const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    statuses: &["current", "archived", "deleted", "trashed"],
    // They are read newest first, so that their order is not the caller's.
    space_ids: 100,
    ..Takes::NONE
};

const TAKES_OF_BLOG_POSTS: Takes = Takes {
    statuses: &["current", "deleted", "trashed"],
    ..TAKES
};

/// Blog posts have no scope of their own.
const SCOPE: &str = "read:page:confluence";

impl<T: Transport> Confluence<T> {
    /// Gets the pages that were changed since an instant, newest first.
    /// `GET /wiki/api/v2/pages?sort=-modified-date`, read until it gets older.
    ///
    /// `since` is an instant (`2026-01-31T12:00:00Z`), a day, milliseconds since 1970, or the
    /// checkpoint of an earlier answer. The five minutes before it are read again; with a
    /// checkpoint, what was given before is left out, by id and version. A checkpoint comes with
    /// the last answer only, so none is kept for a run that was cut short; and it never lies behind
    /// a row that was left out as `poison-item`, which is asked for again with it. It belongs to
    /// the function, the spaces and the statuses of its list, and is never later than the site's
    /// clock: an instant that is, is read as the time of that clock, with a notice
    /// `since-in-future`.
    ///
    /// Options: `body_format` (`storage`, `atlas_doc_format`), `status` (`current`, `archived`,
    /// `deleted`, `trashed`; current and archived by default), `space_ids` (up to 100, ids or
    /// keys), `raw`. With bodies a call ends after 250 rows.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_pages_changed_since(
        &mut self,
        since: &str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Changes<Page>, Error> {
        let call = Call::new(
            Function::GetPagesChangedSince,
            "list changed pages",
            SCOPE,
            "/api/v2/pages",
        );
        changes(
            &mut self.transport,
            call,
            &TAKES,
            since,
            window,
            options,
            |page: &Page| (&page.id, page.version.as_ref()),
        )
    }

    /// Gets the blog posts that were changed since an instant, newest first.
    /// `GET /wiki/api/v2/blogposts?sort=-modified-date`, read until it gets older.
    ///
    /// As [`get_pages_changed_since`](Self::get_pages_changed_since), without the status
    /// `archived`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_blog_posts_changed_since(
        &mut self,
        since: &str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Changes<BlogPost>, Error> {
        let call = Call::new(
            Function::GetBlogPostsChangedSince,
            "list changed blog posts",
            SCOPE,
            "/api/v2/blogposts",
        );
        changes(
            &mut self.transport,
            call,
            &TAKES_OF_BLOG_POSTS,
            since,
            window,
            options,
            |post: &BlogPost| (&post.id, post.version.as_ref()),
        )
    }
}
