//! A list that is read newest first and left as soon as it is older than an instant.

use super::{
    Changes,
    change::{Change, OVERLAP_MS},
    place::Place,
    seen,
    since::Since,
};
use crate::{
    Error, ListOptions, Rest, Transport, Window, answer,
    paging::after,
    query::{call::Call, options::Takes, order::ordered},
    record::Row,
    service::{list, places},
};

/// The notice of a row that the site fails at.
const LEFT_OUT: &str = "poison-item";

/// Rows that are read at once.
const ROWS_AT_ONCE: u32 = 250;

/// Reads a list newest first, until it is older than `since`.
pub(super) fn changes<R: Row + Default>(
    transport: &mut dyn Transport,
    mut call: Call,
    takes: &Takes,
    since: &str,
    window: &Window,
    options: &ListOptions,
    change: impl Fn(&R) -> Change,
) -> Result<Changes<R>, Error> {
    let query = seen::query(call.function.number(), options);
    let Since { known, begin } = Since::read(since, query)?;
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
    takes.apply(&ordered(options, Some("desc"))?, &mut call)?;
    let mut place = Place::read(window.after.as_deref(), since)?;
    let part = |left: u32, after: Option<String>| Window {
        limit: Some(left.min(ROWS_AT_ONCE)),
        after,
    };
    places::resolve(transport, &mut call, &part(left, place.list.clone()))?;
    let mut answer = Changes {
        items: Vec::new(),
        checkpoint: None,
        rest: Rest::default(),
    };
    let mut first = true;
    let mut before = None;
    loop {
        let listing = match list::<R>(transport, &call, &part(left, place.list.clone())) {
            Ok(listing) => listing,
            Err(error) if first => return Err(error),
            Err(error) => {
                answer.rest.after = place.text(since);
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
            place.seen.add(&change);
            if !known.has(&change) {
                answer.items.push(row);
                left = left.saturating_sub(1);
            }
        }
        if has_gap {
            place.seen.left_out();
        }
        if complete {
            answer.checkpoint = Some(place.seen.checkpoint(query, begin));
            return Ok(answer);
        }
        place.list = listing.rest.after;
        let heavy = options.body_format.is_some() || options.raw;
        if left == 0 || heavy || bare || listing.rest.stopped.is_some() {
            answer.rest.after = place.text(since);
            answer.rest.stopped = listing.rest.stopped;
            return Ok(answer);
        }
    }
}

/// A site that ignores the order cannot be left early: what changed may be anywhere.
fn out_of_order(doing: &str) -> Error {
    answer::unexpected(
        doing,
        "order-ignored",
        "a later change follows an earlier one",
    )
}
