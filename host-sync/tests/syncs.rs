//! What a program says of a sync before it runs one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use host_runner::SyncDefinition;
use host_sync::{Cadences, Filters, Sync};
use serde_json::json;

#[test]
fn filters_that_contradict_each_other_are_refused_before_any_run() {
    let spaces = ["ENG", "!ENG"].into_iter().collect();
    let filters = Filters {
        spaces,
        ..Filters::default()
    };
    let refused = Sync::builder().filters(filters).build().unwrap_err();
    assert!(
        refused.to_string().contains("both `ENG` and `!ENG`"),
        "{refused}"
    );
    let mut definition = SyncDefinition::new("sqlite:site.db");
    definition
        .filters
        .insert("modified-after".to_owned(), json!("soon"));
    let refused = Sync::builder().definition(&definition).unwrap_err();
    assert!(
        refused.to_string().contains("`soon` is not an instant"),
        "{refused}"
    );
}

#[test]
fn a_definition_sets_all_that_the_builder_sets_one_by_one() {
    let mut definition = SyncDefinition::new("sqlite:site.db");
    definition.streams = vec!["page_*".to_owned()];
    definition.spaces = vec![" ENG".to_owned()];
    definition.bodies = Some("text".to_owned());
    definition.raw = true;
    definition.history = Some(false);
    definition.custom_content_types = vec!["a:b".to_owned(), "c:d".to_owned()];
    definition.cadences.details = Some(Duration::from_secs(60));
    definition.max_requests = Some(7);
    definition.max_points = Some(8);
    definition.max_time = Some(Duration::from_secs(9));
    let of_definition = Sync::builder().definition(&definition).unwrap().build();
    let mut cadences = Cadences::default();
    cadences.details = 60_000;
    let one_by_one = Sync::builder()
        .streams(["page_*"])
        .filters(Filters {
            spaces: ["ENG"].into_iter().collect(),
            ..Filters::default()
        })
        .bodies("text")
        .raw(true)
        .history(false)
        .custom_content_types(["x"])
        .custom_content_types(["a:b", "c:d"])
        .cadences(cadences)
        .max_requests(7)
        .max_points(8)
        .max_time(Duration::from_secs(9))
        .build();
    let text = |sync: Sync| format!("{sync:?}");
    assert_eq!(text(of_definition.unwrap()), text(one_by_one.unwrap()));
}

/// The lines of the first block of Rust in a text.
fn block(text: &str) -> Vec<&str> {
    let begin = text
        .lines()
        .skip_while(|line| !matches!(*line, "```" | "```rust"));
    begin.skip(1).take_while(|line| *line != "```").collect()
}

#[test]
fn the_manual_begins_with_the_code_that_the_documentation_of_this_crate_compiles() {
    let documentation: String = include_str!("../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! ").or(line.strip_prefix("//!")))
        .map(|line| format!("{line}\n"))
        .collect();
    let compiled = block(&documentation).into_iter();
    let compiled: Vec<&str> = compiled.filter(|line| !line.starts_with('#')).collect();
    let manual = include_str!("../../docs/sync.md");
    let manual = manual.split_once("## In a program").unwrap().1;
    assert_eq!(block(manual), compiled);
    assert_eq!(compiled.len(), 5);
}
