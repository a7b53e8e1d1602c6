//! What has changed since an instant.
//!
//! v2 has no filter by time, and CQL has one that is read to the minute, in the account's time
//! zone, from an index that lags by minutes. So the list is read newest first and left as soon
//! as it gets older than the instant: complete, exact to the millisecond, and as dear as what
//! changed. What neither can see is what was removed, moved or archived without a new version:
//! for those, listings have to be compared.

mod seen;

use seen::Seen;

use super::{Confluence, list, places};
use crate::{
    BlogPost, Error, ListOptions, Page, Rest, Transport, Version, Window, after, answer,
    fingerprint::Fingerprint,
    plan::Call,
    query::{
        dates::{End, due_ms, iso_ms},
        options::{LIST_FORMATS, Takes},
        order::{SortOrder, ordered},
    },
    record::Row,
};

/// Time before the instant that is read again. Servers' clocks differ, and a change becomes
/// visible after the time that it bears.
const OVERLAP_MS: i64 = 5 * 60 * 1_000;

/// The notice of a row that the site fails at.
const LEFT_OUT: &str = "poison-item";

/// Rows that are read at once.
const ROWS_AT_ONCE: u32 = 250;

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

const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    statuses: &["current", "archived", "deleted", "trashed"],
    sorts: &["modified-date"],
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
    /// the function, the spaces and the statuses of its list.
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
        let call = Call::new(33, "list changed pages", SCOPE, "/api/v2/pages");
        let change = |page: &Page| Change::of(&page.id, page.version.as_ref(), &page.created_at);
        changes(
            &mut self.transport,
            call,
            &TAKES,
            since,
            window,
            options,
            change,
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
        let call = Call::new(34, "list changed blog posts", SCOPE, "/api/v2/blogposts");
        let change =
            |post: &BlogPost| Change::of(&post.id, post.version.as_ref(), &post.created_at);
        changes(
            &mut self.transport,
            call,
            &TAKES_OF_BLOG_POSTS,
            since,
            window,
            options,
            change,
        )
    }
}

/// One change of a row: when, and a hash of id and version.
struct Change {
    at: Option<i64>,
    hash: u64,
}

impl Change {
    fn of(id: &str, version: Option<&Version>, created_at: &Option<String>) -> Self {
        let mut hash = Fingerprint::new();
        hash.add(id.as_bytes());
        let number = version.and_then(|version| version.number);
        hash.add(&number.unwrap_or_default().to_le_bytes());
        let at = version.and_then(|version| version.created_at.as_deref());
        Self {
            at: at.or(created_at.as_deref()).and_then(iso_ms),
            hash: hash.value(),
        }
    }
}

fn malformed(argument: &str) -> Error {
    Error::argument(
        if argument == "since" {
            "checkpoint-malformed"
        } else {
            "after-malformed"
        },
        format!("the value of `{argument}` was not issued by this connector"),
        "it was cut, changed or made up, or it comes from another function",
        "pass it unchanged; `since` also accepts a time such as `2026-01-31T12:00:00Z`",
    )
}

fn changes<R: Row + Default>(
    transport: &mut dyn Transport,
    mut call: Call,
    takes: &Takes,
    since: &str,
    window: &Window,
    options: &ListOptions,
    change: impl Fn(&R) -> Change,
) -> Result<Changes<R>, Error> {
    let query = seen::query(call.function, options);
    let known = if seen::is_checkpoint(since) {
        let (of, known) = Seen::of_checkpoint(since).ok_or_else(|| malformed("since"))?;
        if of != query {
            return Err(of_another_query());
        }
        known
    } else {
        Seen::at(due_ms("since", since, End::From)?)
    };
    let begin = known.newest.ok_or_else(|| malformed("since"))?;
    let bound = begin.saturating_sub(OVERLAP_MS);
    let mut left = after::limit(window)?;
    if options.space_ids.len() > 100 {
        return Err(Error::argument(
            "spaces-too-many",
            format!("`space-ids` has `{}` spaces", options.space_ids.len()),
            "one request accepts 100, and each request is ordered separately",
            "ask for up to 100 spaces at a time, or for all without `space-ids`",
        ));
    }
    takes.apply(
        &ordered(options, Some(SortOrder::Desc), "modified-date")?,
        &mut call,
    )?;
    let origin = format!("{:016x}", Fingerprint::of(since.as_bytes()));
    let go_on = |seen: &Seen, token: Option<String>| {
        token.map(|token| format!("{origin}.{}.{token}", seen.text()))
    };
    let (mut seen, mut token) = match window.after.as_deref() {
        None => (Seen::default(), None),
        Some(text) => {
            let (of, text) = text.split_once('.').ok_or_else(|| malformed("after"))?;
            if of != origin {
                return Err(Error::argument(
                    "after-of-another-query",
                    "the value of `after` belongs to another query",
                    "it comes from another function, or `since` has changed since",
                    "pass all arguments of the call that returned it, or start without `after`",
                ));
            }
            let (seen, token) = text.split_once('.').ok_or_else(|| malformed("after"))?;
            let seen = Seen::read(seen).ok_or_else(|| malformed("after"))?;
            (seen, Some(token.to_owned()))
        }
    };
    let part = |left: u32, after: Option<String>| Window {
        limit: Some(left.min(ROWS_AT_ONCE)),
        after,
    };
    places::resolve(transport, &mut call, &part(left, token.clone()))?;
    let mut answer = Changes {
        items: Vec::new(),
        checkpoint: None,
        rest: Rest::default(),
    };
    let mut first = true;
    let mut before = None;
    loop {
        let listing = match list::<R>(transport, &call, &part(left, token.clone())) {
            Ok(listing) => listing,
            Err(error) if first => return Err(error),
            Err(error) => {
                answer.rest.after = go_on(&seen, token);
                answer.rest.stopped = Some(error);
                return Ok(answer);
            }
        };
        first = false;
        let has_gap = listing.rest.notices.iter().any(|one| one.code == LEFT_OUT);
        answer.rest.notices.extend(listing.rest.notices);
        let mut complete = listing.rest.after.is_none() && listing.rest.stopped.is_none();
        let bare = listing.items.is_empty();
        for row in listing.items {
            let change = change(&row);
            if let Some(at) = change.at {
                if before.is_some_and(|before: i64| at > before.saturating_add(OVERLAP_MS)) {
                    answer.rest.stopped = Some(out_of_order(call.ask.doing));
                    return Ok(answer);
                }
                before = Some(at);
                if at < bound {
                    complete = true;
                    break;
                }
            }
            seen.add(&change);
            if !known.has(&change) {
                answer.items.push(row);
                left = left.saturating_sub(1);
            }
        }
        if has_gap {
            seen.left_out();
        }
        if complete {
            answer.checkpoint = Some(seen.checkpoint(query, begin));
            return Ok(answer);
        }
        token = listing.rest.after;
        let heavy = options.body_format.is_some() || options.raw;
        if left == 0 || heavy || bare || listing.rest.stopped.is_some() {
            answer.rest.after = go_on(&seen, token);
            answer.rest.stopped = listing.rest.stopped;
            return Ok(answer);
        }
    }
}

fn of_another_query() -> Error {
    Error::argument(
        "checkpoint-of-another-query",
        "the checkpoint in `since` belongs to another query",
        "it comes from another function, or `space-ids` or `status` has changed since: what changed elsewhere was not in its list",
        "pass the arguments of the call that returned it, or start with a time such as `2026-01-31T12:00:00Z`",
    )
}

/// A site that ignores the order cannot be left early: what changed may be anywhere.
fn out_of_order(doing: &str) -> Error {
    answer::unexpected(
        doing,
        "order-ignored",
        "a later change follows an earlier one",
    )
}
