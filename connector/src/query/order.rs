//! `asc` and `desc`, which Confluence does not know: there an order is a field and a direction.

use crate::{Error, ListOptions};

/// Which end of a list comes first. What it is ordered by stands with each function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// The smallest, the first of the alphabet, or the oldest.
    Asc,
    /// The largest, the last of the alphabet, or the newest.
    Desc,
}

/// The options with the order put in as a field with its direction.
///
/// # Errors
///
/// `sort-twice` when the options have a sort of their own.
pub(crate) fn ordered(
    options: &ListOptions,
    order: Option<SortOrder>,
    field: &str,
) -> Result<ListOptions, Error> {
    let mut options = options.clone();
    let Some(order) = order else {
        return Ok(options);
    };
    if options.sort.is_some() {
        return Err(Error::argument(
            "sort-twice",
            "`sort` is passed as an argument and in `options`",
            "a list has one order; the argument selects the direction of a fixed field, the option selects a field",
            "leave out one of the two",
        ));
    }
    options.sort = Some(match order {
        SortOrder::Asc => field.to_owned(),
        SortOrder::Desc => format!("-{field}"),
    });
    Ok(options)
}

/// Refuses an order where Confluence has none.
pub(crate) fn unordered(order: Option<SortOrder>, doing: &str) -> Result<(), Error> {
    if order.is_none() {
        return Ok(());
    }
    Err(Error::argument(
        "sort-not-offered",
        format!("`sort` is not taken to {doing}"),
        "confluence cannot order this list; it would ignore the parameter",
        "leave `sort` out, and order the items once all of them are read",
    ))
}
