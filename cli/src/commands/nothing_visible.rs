//! What to say where an account sees nothing of its site: in lists, streams and syncs in the words that
//! `test-connection` has.

use sync::SyncReport;

/// The code of the notice.
pub(super) const CODE: &str = "nothing-visible";

/// The lists that no account with access finds empty, and what they have.
const FUNCTIONS: [(&str, &str); 4] = [
    ("list-spaces", "space"),
    ("get-spaces", "space"),
    ("list-pages", "page"),
    ("get-pages", "page"),
];

/// The streams that no account with access finds empty, and what they have.
const STREAMS: [(&str, &str); 2] = [("spaces", "space"), ("pages", "page")];

fn message(what: &str) -> String {
    format!(
        "this account sees no {what}: it has no access to Confluence or to any space of this site; open the site in a browser as this account, and ask an administrator for access"
    )
}

fn of(names: &[(&str, &str)], name: &str) -> Option<String> {
    let found = names.iter().find(|(known, _)| *known == name);
    found.map(|(_, what)| message(what))
}

/// The message for a list that is empty although nothing narrows it.
pub(super) fn of_function(name: &str) -> Option<String> {
    of(&FUNCTIONS, name)
}

/// The message for a stream that is empty although nothing narrows it.
pub(super) fn of_stream(name: &str) -> Option<String> {
    of(&STREAMS, name)
}

/// The message for the first stream of a sync without filters whose copy is empty, and that stream.
pub(super) fn of_sync(report: &SyncReport) -> Option<(&str, String)> {
    report.streams.iter().find_map(|stream| {
        let is_empty =
            stream.counts.present() + stream.held + stream.suspected + stream.waiting == 0;
        let is_read = stream.failures.is_empty()
            && stream.unsupported.is_none()
            && !stream.is_stopped
            && stream.missed + stream.failed == 0;
        let message = of_stream(&stream.stream).filter(|_| is_empty && is_read)?;
        Some((stream.stream.as_str(), message))
    })
}
