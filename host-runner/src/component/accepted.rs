//! Which fields of options a function accepts, and which values.
//!
//! The types of a component have all options for every function. The connector has a table of those
//! that each function accepts; all options of other components are taken to be accepted.

use confluence_connector::accepted_options;

/// The package whose functions the table has.
const PACKAGE: &str = "confluence:connector/";

/// What an argument accepts, where its type holds more than the contract permits.
pub(super) fn range(interface: &str, argument: &str) -> Option<&'static str> {
    let is_limit = interface.starts_with(PACKAGE) && argument == "limit";
    is_limit.then_some("an integer from 1 to 10000")
}

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
