//! Fields of a record, by name.

use host_runner::Val;

/// The field of a record.
pub(super) fn field<'a>(value: &'a Val, name: &str) -> Option<&'a Val> {
    let Val::Record(fields) = value else {
        return None;
    };
    fields
        .iter()
        .find(|(there, _)| there == name)
        .map(|(_, value)| value)
}

/// A field that is a list.
pub(super) fn list<'a>(value: &'a Val, name: &str) -> Option<&'a [Val]> {
    match field(value, name)? {
        Val::List(items) => Some(items),
        _ => None,
    }
}

/// A field that is a text or a case of an enum; empty if it is absent.
pub(super) fn text<'a>(value: &'a Val, name: &str) -> &'a str {
    match field(value, name) {
        Some(Val::String(text) | Val::Enum(text)) => text,
        Some(Val::Option(Some(inner))) => match inner.as_ref() {
            Val::String(text) => text,
            _ => "",
        },
        _ => "",
    }
}
