//! Roadmaps, whose lanes, bars and markers are JSON in a parameter, encoded as an address is.

use crate::anchor::decode;
use crate::builder::{Builder, Open};
use crate::document::{Marks, Style};
use crate::json::{self, Value};

/// Levels of JSON that a roadmap has.
const LEVELS: usize = 12;

/// Shows the roadmap in `source` as nested lists. False when there is nothing that can be read.
pub(super) fn show(builder: &mut Builder, source: &str, title: Option<&str>) -> bool {
    let source = decode(source);
    let parsed = json::parse(source.trim(), LEVELS);
    let before = builder.pieces();
    let own = parsed.value.text_of("title").map(str::to_owned);
    if let Some(title) = own.or_else(|| title.map(decode)) {
        builder.title(&title);
    }
    let list = |name: &str| {
        parsed
            .value
            .get(name)
            .map(Value::elements)
            .unwrap_or_default()
    };
    builder.open(Open::List(None));
    for lane in list("lanes") {
        builder.open(Open::Item(None));
        entry(builder, lane, "");
        builder.open(Open::List(None));
        for bar in lane.get("bars").map(Value::elements).unwrap_or_default() {
            builder.open(Open::Item(None));
            entry(builder, bar, "startDate");
            builder.close();
        }
        builder.close();
        builder.close();
    }
    for marker in list("markers") {
        builder.open(Open::Item(None));
        entry(builder, marker, "markerDate");
        builder.close();
    }
    builder.close();
    builder.added_since(before)
}

/// The title of a lane, bar or marker, its day, what it is linked to and what is said of it.
fn entry(builder: &mut Builder, value: &Value<'_>, date: &str) {
    let style = Style::default();
    let text = |name: &str| {
        let found = value.text_of(name).map(str::trim);
        found.filter(|text| !text.is_empty())
    };
    if let Some(title) = text("title") {
        let strong = if date.is_empty() {
            style.with(Marks::STRONG)
        } else {
            style.clone()
        };
        builder.text(title, &strong);
    }
    // A day and a time, of which the day matters.
    if let Some(day) = text(date).and_then(|time| time.split([' ', 'T']).next()) {
        builder.text(&format!(" ({day})"), &style);
    }
    if let Some(description) = text("description") {
        builder.text(&format!(": {description}"), &style);
    }
    let page = value.get("pageLink").and_then(|page| page.text_of("title"));
    if let Some(page) = page.filter(|page| !page.trim().is_empty()) {
        builder.text(&format!(" ({page})"), &style);
    }
}
