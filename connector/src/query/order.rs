//! The order of a list, which is named in one of two places: an argument and an option.

use crate::{Error, ListOptions};

/// The options with the order that the argument names.
///
/// # Errors
///
/// `sort-twice` when the options name one as well.
pub(crate) fn ordered(options: &ListOptions, order: Option<&str>) -> Result<ListOptions, Error> {
    let mut options = options.clone();
    let Some(order) = order else {
        return Ok(options);
    };
    if options.sort.is_some() {
        return Err(Error::argument(
            "sort-twice",
            "`sort` is passed as an argument and in `options`",
            "a list has one order, but both specify it",
            "omit one of the two",
        ));
    }
    options.sort = Some(order.to_owned());
    Ok(options)
}

/// Refuses an order where Confluence has none.
pub(crate) fn unordered(order: Option<&str>, doing: &str) -> Result<(), Error> {
    if order.is_none() {
        return Ok(());
    }
    Err(Error::argument(
        "sort-not-offered",
        format!("`sort` is not taken to {doing}"),
        "Confluence cannot order this list; it would ignore the parameter",
        "leave `sort` out, and order the items once all of them are read",
    ))
}
