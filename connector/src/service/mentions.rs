//! Names of the accounts that bodies mention.
//!
//! The storage format has their ids alone. So bodies are kept as they came until all rows of a call
//! are read, and are rendered once the accounts are looked up: 100 in a request, each once in a call.

use std::collections::{BTreeMap, BTreeSet};

use super::people;
use crate::{
    Error, Notice, Transport,
    answer::Ask,
    query::ids,
    reading::rendered,
    record::{Body, User},
};

/// Accounts that one call looks up: ten requests. Nobody mentions so many, but anybody who can edit
/// a page could make a call take any number of requests.
const MOST_ACCOUNTS: usize = 1_000;

/// Accounts that are looked up where a site takes them one by one only.
const MOST_SINGLY: usize = 100;

/// Shows what it is given each body of an answer, with the link of its row.
pub(super) type Bodies<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&mut Body, Option<&str>));

/// Renders the bodies of an answer, if they wait for names. What was not found is told, and the
/// account id stays.
pub(super) fn render(
    transport: &mut dyn Transport,
    ask: &Ask,
    base: Option<&str>,
    bodies: Bodies<'_>,
) -> Option<Notice> {
    let format = ask.rendered.filter(|_| ask.mention_names)?;
    let mut known = BTreeSet::new();
    let mut accounts = Vec::new();
    let mut of_bodies = Vec::new();
    bodies(&mut |body, _| {
        let mentioned = rendered::unnamed(body);
        for id in &mentioned {
            if known.insert(id.clone()) {
                accounts.push(id.clone());
            }
        }
        of_bodies.push(mentioned);
    });
    let Found { people, failure } = look_up(transport, &accounts);
    let mut of_bodies = of_bodies.into_iter();
    bodies(&mut |body, link| {
        let mentioned = of_bodies.next().unwrap_or_default();
        let lacks = mentioned.iter().filter(|id| !people.contains_key(*id));
        let lacks = lacks.count();
        rendered::with_names(body, format, base, link, &people);
        if lacks > 0 {
            let phrase = match lacks {
                1 => "no names for `1` mentioned account: the id was kept".to_owned(),
                _ => format!("no names for `{lacks}` mentioned accounts: their ids were kept"),
            };
            body.degraded = Some(match body.degraded.take() {
                Some(degraded) => format!("{degraded}; {phrase}"),
                None => phrase,
            });
        }
    });
    let lacks = accounts.len().saturating_sub(people.len());
    (lacks > 0).then(|| notice(lacks, accounts.len(), failure.as_ref()))
}

#[derive(Default)]
struct Found {
    /// Display names by account id.
    people: BTreeMap<String, String>,
    /// Why not all accounts were looked up.
    failure: Option<Error>,
}

fn look_up(transport: &mut dyn Transport, accounts: &[String]) -> Found {
    let mut found = Found::default();
    // What a body has as an id can be anything.
    let accounts: Vec<String> = accounts
        .iter()
        .filter(|id| ids::is_account(id))
        .take(MOST_ACCOUNTS)
        .cloned()
        .collect();
    if accounts.is_empty() {
        return found;
    }
    let mut users: Vec<User> = Vec::new();
    found.failure = people::collect(transport, &accounts, MOST_SINGLY, &mut users).err();
    let mut names = BTreeMap::new();
    // Collecting would sort, which is much code in the guest.
    names.extend(users.into_iter().filter_map(|user| {
        let named = [user.display_name, user.public_name].into_iter().flatten();
        let name = named
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty())?;
        Some((user.account_id.to_ascii_lowercase(), name))
    }));
    for id in accounts {
        if let Some(name) = names.get(&id.to_ascii_lowercase()) {
            found.people.insert(id, name.clone());
        }
    }
    found
}

fn notice(lacks: usize, of: usize, failure: Option<&Error>) -> Notice {
    let why = match failure {
        Some(failure) => match failure.status {
            Some(status) => format!("{} ({status})", failure.message),
            None => failure.message.clone(),
        },
        None if of > MOST_ACCOUNTS => {
            format!("Confluence does not show them, or they follow the first `{MOST_ACCOUNTS}`")
        }
        None => "Confluence does not know them, or hides them from this account".to_owned(),
    };
    Notice {
        code: "mention-names-missing".to_owned(),
        message: format!(
            "no names for `{lacks}` of `{of}` mentioned accounts, so their ids were kept: {why}"
        ),
        id: None,
    }
}
