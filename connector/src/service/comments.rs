use std::collections::{BTreeSet, VecDeque};

use super::{Confluence, fill, mentions, own_content, single_named};
use crate::{
    Comment, CommentKind, ContentKind, Error, GetOptions, ListOptions, Listing, Notice, Rest,
    Transport, Window,
    paging::after,
    query::{
        body_format::{LIST_FORMATS, SINGLE_FORMATS},
        call::Call,
        function::Function,
        ids,
        options::Takes,
        order::ordered,
    },
    reading::rows::Rows,
};

/// Which comments to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentQuery {
    /// What they are about.
    pub owner: ContentKind,
    /// Which page or blog post.
    pub id: String,
    /// Where they stand.
    pub kind: CommentKind,
    /// Whether the replies come as well, each thread behind its first comment.
    pub replies: bool,
}

pub(super) const TAKES: Takes = Takes {
    body_formats: LIST_FORMATS,
    statuses: &[
        "current",
        "archived",
        "trashed",
        "deleted",
        "historical",
        "draft",
    ],
    sorts: &["created-date", "modified-date"],
    order: "created-date",
    ..Takes::NONE
};

const TAKES_OF_BLOG_POSTS: Takes = Takes {
    statuses: &["current", "deleted", "trashed", "historical", "draft"],
    ..TAKES
};

pub(super) const TAKES_SINGLE: Takes = Takes {
    body_formats: SINGLE_FORMATS,
    version: true,
    ..Takes::NONE
};

const SCOPE: &str = "read:comment:confluence";

/// First comments whose replies are read before the bounds are looked at.
const THREADS_AT_ONCE: u32 = 10;
/// Replies of one thread. Longer ones are cut, with a notice.
const MOST_OF_THREAD: usize = 500;
/// Replies, and requests for them, after which a call ends with the place to go on. Each comment
/// costs a request, for whether it has replies is not told.
const MOST_OF_CALL: usize = 500;

impl<T: Transport> Confluence<T> {
    /// Gets the footer or inline comments of a page or a blog post.
    /// `GET /wiki/api/v2/pages/{id}/footer-comments` and its like.
    ///
    /// Confluence lists the first comment of each thread only. With `replies` those follow
    /// behind it, as a flat list in which a comment stands behind the one that it replies to
    /// (`GET /wiki/api/v2/footer-comments/{id}/children`, one request for each comment). The
    /// limit counts threads. A thread of more than 500 replies is cut, with a notice
    /// `replies-cut`. A comment that is gone when its replies are asked for has none, with a
    /// notice `replies-missing`.
    ///
    /// `sort` orders threads by the time they were begun. Options: `body_format` (`storage`,
    /// `atlas_doc_format`), `status` (`current`, `archived`, `trashed`, `deleted`, `historical`,
    /// `draft`; no `archived` for blog posts), `sort` (`created-date`, `modified-date`), `raw`.
    ///
    /// # Errors
    ///
    /// See [`Confluence`].
    pub fn get_comments(
        &mut self,
        query: &CommentQuery,
        sort: Option<&str>,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Listing<Comment>, Error> {
        let id = own_content(&mut self.transport, "id", &query.id)?;
        let (owner, takes) = match query.owner {
            ContentKind::Page => ("pages", TAKES),
            ContentKind::BlogPost => ("blogposts", TAKES_OF_BLOG_POSTS),
        };
        let kind = word(query.kind);
        let path = format!("/api/v2/{owner}/{id}/{kind}-comments");
        let mut call = Call::new(Function::GetComments, "list comments", SCOPE, path);
        takes.apply(&ordered(options, sort)?, &mut call)?;
        if !query.replies {
            let mut listing = self.list::<Comment>(&call, window)?;
            for comment in &mut listing.items {
                comment.kind = query.kind;
            }
            return Ok(listing);
        }
        let replies = ListOptions {
            body_format: options.body_format.clone(),
            mention_names: options.mention_names,
            raw: options.raw,
            ..ListOptions::default()
        };
        let transport = &mut self.transport;
        let mut base = None;
        let mut listing = threads(transport, &call, query.kind, window, &replies, &mut base)?;
        let mut rows = Rows::of(&mut listing.items);
        let told = mentions::render(transport, &call.ask, base.as_deref(), &mut |look| {
            rows.kept_bodies(look);
        });
        drop(rows);
        listing.rest.notices.extend(told);
        Ok(listing)
    }

    /// Gets a comment. `GET /wiki/api/v2/footer-comments/{id}` or
    /// `GET /wiki/api/v2/inline-comments/{id}`.
    ///
    /// Without a `kind` it is looked for below the text first, and then within it, with a second
    /// request.
    ///
    /// Options: `body_format` as for [`get_page_by_id`](Self::get_page_by_id), `version`, `raw`.
    ///
    /// # Errors
    ///
    /// See [`get_page_by_id`](Self::get_page_by_id).
    pub fn get_comment_by_id(
        &mut self,
        id: &str,
        kind: Option<CommentKind>,
        options: &GetOptions,
    ) -> Result<Comment, Error> {
        let id = ids::id("id", id)?;
        let mut get = |kind: CommentKind| {
            let path = format!("/api/v2/{}-comments/{id}", word(kind));
            let mut call = Call::new(Function::Single, "get the comment", SCOPE, path);
            TAKES_SINGLE.apply_single(options, &mut call)?;
            let mut comment: Comment = single_named(&mut self.transport, &call, &id)?;
            comment.kind = kind;
            Ok(comment)
        };
        match kind {
            Some(kind) => get(kind),
            None => match get(CommentKind::Footer) {
                Err(error) if is_gone(&error) => get(CommentKind::Inline),
                other => other,
            },
        }
    }
}

const fn word(kind: CommentKind) -> &'static str {
    match kind {
        CommentKind::Footer => "footer",
        CommentKind::Inline => "inline",
    }
}

/// Threads with their replies, a few threads at a time, so that what failed can be resumed.
fn threads(
    transport: &mut dyn Transport,
    call: &Call,
    kind: CommentKind,
    window: &Window,
    options: &ListOptions,
    base: &mut Option<String>,
) -> Result<Listing<Comment>, Error> {
    let mut left = after::limit(window)?;
    let mut answer = Listing::<Comment>::default();
    let mut after = window.after.clone();
    let mut asked = 0;
    loop {
        let part = Window {
            limit: Some(left.min(THREADS_AT_ONCE)),
            after: after.clone(),
        };
        let read = unnamed(transport, call, &part, base).and_then(|roots| {
            let mut items = Vec::new();
            let mut notices = roots.rest.notices;
            let count = u32::try_from(roots.items.len()).unwrap_or(u32::MAX);
            for mut root in roots.items {
                root.kind = kind;
                let id = root.id.clone();
                items.push(root);
                let thread = replies(transport, kind, &id, options)?;
                asked += thread.asked;
                notices.extend(thread.notices);
                items.extend(thread.comments);
                if thread.cut {
                    notices.push(Notice {
                        code: "replies-cut".to_owned(),
                        message: format!("the thread of comment `{id}` has more than `{MOST_OF_THREAD}` replies, or unreadable ones; only the first are returned"),
                        id: Some(id),
                    });
                }
            }
            Ok((count, items, notices, roots.rest.after, roots.rest.stopped))
        });
        let (count, items, notices, next, stopped) = match read {
            Ok(read) => read,
            Err(error) if answer.items.is_empty() => return Err(error),
            Err(error) => {
                answer.rest.after = after;
                answer.rest.stopped = Some(error);
                return Ok(answer);
            }
        };
        answer.items.extend(items);
        answer.rest.notices.extend(notices);
        left = left.saturating_sub(count);
        let enough =
            left == 0 || count == 0 || asked >= MOST_OF_CALL || answer.items.len() >= MOST_OF_CALL;
        if next.is_none() || stopped.is_some() || enough {
            answer.rest = Rest {
                after: next,
                stopped,
                notices: answer.rest.notices,
            };
            return Ok(answer);
        }
        after = next;
    }
}

/// Comments whose bodies, where mentions in them get names, are yet to be rendered. `base` gets what
/// links are relative to.
fn unnamed(
    transport: &mut dyn Transport,
    call: &Call,
    window: &Window,
    base: &mut Option<String>,
) -> Result<Listing<Comment>, Error> {
    let mut items = Vec::new();
    let mut rows = Rows::of(&mut items);
    let rest = fill(transport, call, window, &mut rows)?;
    *base = rows.base().map(str::to_owned).or(base.take());
    drop(rows);
    Ok(Listing { items, rest })
}

#[derive(Default)]
struct Thread {
    comments: Vec<Comment>,
    notices: Vec<Notice>,
    /// Requests that it took.
    asked: usize,
    cut: bool,
}

/// All replies of a thread, those to one comment together, parents before children.
fn replies(
    transport: &mut dyn Transport,
    kind: CommentKind,
    root: &str,
    options: &ListOptions,
) -> Result<Thread, Error> {
    let mut thread = Thread::default();
    let mut known = BTreeSet::new();
    known.insert(root.to_owned());
    let mut waiting = VecDeque::from([root.to_owned()]);
    while let Some(parent) = waiting.pop_front() {
        let room = MOST_OF_THREAD.saturating_sub(thread.comments.len());
        if room == 0 {
            thread.cut = true;
            break;
        }
        // What upstream sends as an id goes into a path.
        let Ok(id) = ids::id("id", &parent) else {
            thread.cut = true;
            continue;
        };
        let path = format!("/api/v2/{}-comments/{id}/children", word(kind));
        let mut call = Call::new(
            Function::Single,
            "list the replies to a comment",
            SCOPE,
            path,
        );
        TAKES.apply(options, &mut call)?;
        let window = Window {
            limit: Some(u32::try_from(room.min(250)).unwrap_or(1)),
            after: None,
        };
        let mut window = window;
        loop {
            thread.asked += 1;
            let listing =
                unnamed(transport, &call, &window, &mut None).unwrap_or_else(|error| Listing {
                    items: Vec::new(),
                    rest: Rest {
                        stopped: Some(error),
                        ..Rest::default()
                    },
                });
            let gone = match listing.rest.stopped {
                Some(error) if !is_gone(&error) => return Err(error),
                stopped => stopped.is_some(),
            };
            thread.notices.extend(listing.rest.notices);
            for mut reply in listing.items {
                if !known.insert(reply.id.clone()) {
                    continue;
                }
                reply.kind = kind;
                reply.parent_id = reply.parent_id.or_else(|| Some(parent.clone()));
                waiting.push_back(reply.id.clone());
                thread.comments.push(reply);
            }
            if gone {
                thread.notices.push(replies_missing(parent));
                break;
            }
            window.after = listing.rest.after;
            if window.after.is_none() {
                break;
            }
            if thread.comments.len() >= MOST_OF_THREAD {
                thread.cut = true;
                break;
            }
        }
    }
    Ok(thread)
}

fn is_gone(error: &Error) -> bool {
    error.code == "not-found" || error.status == Some(410)
}

/// A comment went between the request that listed it and the one for its replies. As an error it
/// would speak of the page, and the threads behind could never be reached.
fn replies_missing(comment: String) -> Notice {
    Notice {
        code: "replies-missing".to_owned(),
        message: format!(
            "Confluence listed comment `{comment}` but did not find its replies: it was deleted meanwhile, or is hidden"
        ),
        id: Some(comment),
    }
}
