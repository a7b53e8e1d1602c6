//! Which fields of options a function accepts.
//!
//! The types of a component have all options for every function. The connector has a table of those
//! that each function accepts; all options of other components are taken to be accepted.

use confluence_connector::accepted_options;

/// The package whose functions the table has.
const PACKAGE: &str = "confluence:connector/";

/// The fields that callers may pass by name: those that the function accepts, and that no parameter
/// hides.
pub(super) fn accepted<'a>(
    interface: &str,
    function: &str,
    parameters: &'a [&'a str],
) -> impl Fn(&str) -> bool + use<'a> {
    let known = interface.starts_with(PACKAGE);
    let accepted = known.then(|| accepted_options(function)).flatten();
    move |field: &str| {
        !parameters.contains(&field)
            && accepted
                .as_ref()
                .is_none_or(|accepted| accepted.contains(&field))
    }
}
