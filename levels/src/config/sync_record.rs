//! A sync of a file, made of the values of its fields.

use std::collections::BTreeMap;

use super::value::Value;
use crate::sync::{FILE_FIELDS, FILTER_FIELDS, Schedule, SyncDefinition, parse_duration};

/// The definition that has these values, each of which was checked. None if there is no sink.
pub(super) fn definition(mut fields: BTreeMap<&'static str, Value>) -> Option<SyncDefinition> {
    let mut text = |key: &str| match fields.remove(key) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    let mut definition = SyncDefinition::new(text("to")?);
    definition.connection = text("connection").and_then(|name| name.parse().ok());
    definition.bodies = text("bodies");
    definition.schedule = text("schedule").and_then(|text| Schedule::parse(&text).ok());
    let mut duration = |key: &str| parse_duration(&text(key)?).ok();
    definition.max_time = duration("max-time");
    let cadences = &mut definition.cadences;
    cadences.census = duration("census-every");
    cadences.details = duration("details-every");
    cadences.people = duration("people-every");
    cadences.replies = duration("replies-every");
    cadences.full = duration("full-every");
    let mut list = |key: &str| match fields.remove(key) {
        Some(Value::List(list)) => list,
        _ => Vec::new(),
    };
    definition.streams = list("streams");
    definition.spaces = list("spaces");
    definition.chunk_kinds = list("chunk-kinds");
    definition.custom_content_types = list("custom-content-types");
    let switch = |key: &str| match fields.get(key) {
        Some(Value::Switch(is_on)) => Some(*is_on),
        _ => None,
    };
    let those = |keys: &[&str]| {
        let keys = keys.iter();
        keys.filter_map(|key| Some(((*key).to_owned(), fields.get(key)?.to_json())))
            .collect()
    };
    definition.filters = those(&FILTER_FIELDS);
    definition.files = those(&FILE_FIELDS);
    definition.raw = switch("raw").unwrap_or_default();
    definition.history = switch("history");
    definition.naming = match fields.get("naming") {
        Some(Value::Text(naming)) => Some(naming.clone()),
        _ => None,
    };
    let number = |key: &str| match fields.get(key) {
        Some(Value::Number(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    definition.max_requests = number("max-requests");
    definition.max_points = number("max-points");
    Some(definition)
}
