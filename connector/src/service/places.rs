//! Spaces by key: `GET /wiki/api/v2/spaces?keys=`, one request for up to 250 of them.

use super::list;
use crate::{
    Error, ErrorKind, Rest, Space, Transport, Window, answer,
    error::quoted,
    paging::after,
    query::{
        call::{By, Call, Dimension, MOST_PER_PAGE},
        function::Function,
    },
};

/// Calls that one look-up takes at most. Before that, pages without rows are an error of their own.
const MOST_ROUNDS: usize = 50;

/// Checks what can be checked without a request, and puts ids in the place of keys.
pub(super) fn resolve(
    transport: &mut dyn Transport,
    call: &mut Call,
    window: &Window,
) -> Result<(), Error> {
    after::check(call, window)?;
    let keys = call.keys();
    if call.nothing || keys.is_empty() {
        return Ok(());
    }
    // The place in a plan is known without the id of the path, but not without those of a list.
    if call.waits_for_space() {
        after::begin(call, window)?;
    }
    let mut spaces = Vec::new();
    // One list each: together they may be more rows than a list answers.
    for keys in keys.chunks(MOST_PER_PAGE as usize) {
        by_keys(transport, keys, &mut spaces)?;
    }
    call.resolve(&|key| {
        find(&spaces, key)
            .map(|space| space.id.clone())
            .ok_or_else(|| unknown(key))
    })
}

fn by_keys(
    transport: &mut dyn Transport,
    keys: &[String],
    spaces: &mut Vec<Space>,
) -> Result<(), Error> {
    let mut call = Call::new(
        Function::Single,
        "look up the space",
        "read:space:confluence",
        "/api/v2/spaces",
    );
    call.outer(Some(Dimension {
        name: "keys",
        by: By::Key,
        values: keys.to_vec(),
        most: MOST_PER_PAGE as usize,
    }));
    spaces.extend(whole(transport, &call, keys.len())?);
    Ok(())
}

/// The spaces that a call asks for by so many keys, to the end of the list: one that is behind
/// pages without rows is not missing.
pub(super) fn whole(
    transport: &mut dyn Transport,
    call: &Call,
    keys: usize,
) -> Result<Vec<Space>, Error> {
    let mut spaces = Vec::new();
    let mut window = Window {
        limit: u32::try_from(keys).ok(),
        after: None,
    };
    for _ in 0..MOST_ROUNDS {
        let listing = list::<Space>(transport, call, &window)?;
        if let Some(error) = listing.rest.stopped {
            return Err(error);
        }
        skipped(&listing.rest)?;
        spaces.extend(listing.items);
        window.after = listing.rest.after;
        if window.after.is_none() || spaces.len() >= keys {
            return Ok(spaces);
        }
    }
    Err(answer::unexpected(
        call.ask.doing,
        "spaces-endless",
        "pages that hold none of the spaces asked for lead to ever next ones",
    ))
}

/// A space that the site fails at is not one that is missing.
fn skipped(rest: &Rest) -> Result<(), Error> {
    match rest.notices.iter().find(|one| one.code == "poison-item") {
        None => Ok(()),
        Some(notice) => Err(Error::new(
            ErrorKind::UpstreamFailed,
            "upstream-failed",
            "cannot look up the space: the site fails at it",
            notice.message.clone(),
            "pass the id of the space instead of its key, or try again later",
        )),
    }
}

fn find<'a>(spaces: &'a [Space], key: &str) -> Option<&'a Space> {
    let is = |given: &Option<String>| {
        given
            .as_deref()
            .is_some_and(|given| given.eq_ignore_ascii_case(key))
    };
    spaces
        .iter()
        .find(|space| is(&space.key))
        .or_else(|| spaces.iter().find(|space| is(&space.alias)))
}

/// The error for a key that no space came back for.
pub(super) fn unknown(key: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        "space-not-found",
        format!("there is no space `{}`, or it is hidden", quoted(key, 60)),
        "no space has this key, or it is hidden from this account; Confluence does not distinguish them",
        "check the key after `/spaces/` in the link of the space, and open it in a browser as this account",
    )
}
