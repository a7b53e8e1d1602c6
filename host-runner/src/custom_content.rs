//! The types of custom content of a site, which Confluence cannot list: a level can have them.

use host_levels::{Effective, Kind, Precedence, Setting, Value};
use source::{SourceSettings, Stream};
use wasmtime::component::Val;

/// The setting of types.
const TYPES: &str = "custom-content.types";

/// The functions that list custom content. The type is their first parameter.
const LISTS: [&str; 2] = ["list-custom-content", "get-custom-content"];

/// The setting of streams that has the types.
const OF_STREAMS: &str = "custom-content-types";

/// Characters that a type can have.
const MAX_TYPE_CHARS: usize = 255;

/// The settings of custom content.
pub(crate) const SETTINGS: &[Setting] = &[Setting {
    key: TYPES,
    kind: Kind::List(check),
    precedence: Precedence::Overrides,
    documentation: "Types of custom content on the site, such as `ac:com.example:table`. Calls that list custom content without a type list these, and the stream `custom_content` reads them.",
    default: || Some(Value::List(Vec::new())),
}];

fn check(text: &str) -> Result<(), String> {
    let is_type = !text.is_empty()
        && text.chars().count() <= MAX_TYPE_CHARS
        && !text.contains(|c: char| c == ',' || c.is_control() || c.is_whitespace());
    if is_type {
        return Ok(());
    }
    Err("a type is a text without spaces and commas, such as `ac:com.example:table`".to_owned())
}

/// The configured types, as a function takes them. `None` if none are configured.
fn types(effective: &Effective) -> Option<String> {
    let types = effective.list(TYPES);
    (!types.is_empty()).then(|| types.join(","))
}

/// The arguments of a call that lists custom content without a type, with the configured types.
pub(crate) fn completed(
    function: &str,
    arguments: &[Val],
    effective: &Effective,
) -> Option<Vec<Val>> {
    let [Val::Option(None), rest @ ..] = arguments else {
        return None;
    };
    if !LISTS.contains(&function) {
        return None;
    }
    let types = Val::String(types(effective)?);
    let completed = std::iter::once(Val::Option(Some(Box::new(types))));
    Some(completed.chain(rest.iter().cloned()).collect())
}

/// Whether a stream needs the types, and they are not among the settings that are passed.
pub(crate) fn is_missing(stream: &Stream, settings: &SourceSettings) -> bool {
    let needs = stream.settings.iter().any(|name| name == OF_STREAMS);
    needs && !settings.iter().any(|(name, _)| name == OF_STREAMS)
}

/// The setting of streams with the configured types.
pub(crate) fn of_stream(effective: &Effective) -> Option<(String, String)> {
    types(effective).map(|types| (OF_STREAMS.to_owned(), types))
}
