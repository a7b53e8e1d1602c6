//! What every list takes and answers beyond its own arguments.

use crate::Error;

/// Which part of a list to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// The most rows to answer, 1 to 10 000. Absent: 25.
    pub limit: Option<u32>,
    /// The [`Rest::after`] of an earlier answer to the same function with the same arguments.
    pub after: Option<String>,
}

/// Options of a list. Which of them a list takes stands with its function; one that it does not
/// take is refused, never ignored, because Confluence ignores what it does not know and answers
/// everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// The form in which bodies are asked for. Absent: no bodies.
    pub body_format: Option<String>,
    /// Statuses to list. Empty: Confluence's default.
    pub status: Vec<String>,
    /// A field name, or a field name behind `-` for descending. Absent: Confluence's order.
    pub sort: Option<String>,
    /// Only rows of these spaces, by id or key. Empty: of all.
    pub space_ids: Vec<String>,
    /// Only labels whose name begins so. Absent: all.
    pub name_prefix: Option<String>,
    /// Look up the display names of accounts that `text` and `markdown` bodies mention.
    pub mention_names: bool,
    /// Also give each row's upstream JSON.
    pub raw: bool,
    /// Options by name. None is known yet, so any is refused.
    pub more: Vec<(String, String)>,
}

/// Options of a single piece. Which of them a function takes stands with it; one that it does
/// not take is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// The form in which the body is asked for. Absent: no body.
    pub body_format: Option<String>,
    /// Statuses that the piece may have. Empty: Confluence's default.
    pub status: Vec<String>,
    /// An earlier version, counted from 1. Absent: the current one.
    pub version: Option<u32>,
    /// Look up the display names of accounts that a `text` or `markdown` body mentions.
    pub mention_names: bool,
    /// Also give the upstream JSON.
    pub raw: bool,
}

/// Rows, and what follows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing<Row> {
    /// In the order asked for.
    pub items: Vec<Row>,
    /// Whether there is more.
    pub rest: Rest,
}

/// What follows a list's items. No `after` and no `stopped` means complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rest {
    /// Goes on where this answer ended, as [`Window::after`].
    pub after: Option<String>,
    /// The error that ended this call early. The items are good.
    pub stopped: Option<Error>,
    /// What was dropped or odd, and why.
    pub notices: Vec<Notice>,
}

/// Something that a caller should know about an answer that is otherwise fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// A stable word, such as `row-dropped`.
    pub code: String,
    /// What happened. One sentence.
    pub message: String,
    /// The id that it is about, when it is about one.
    pub id: Option<String>,
}
