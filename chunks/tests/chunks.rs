//! Chunks of documents that people write, and of those that a generator makes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use chunks::{Chunk, MAX_CHARS, chunks};
use proptest::prelude::*;

fn texts<'a>(chunks: &[Chunk<'a>]) -> Vec<&'a str> {
    chunks.iter().map(|chunk| chunk.text).collect()
}

#[test]
fn an_empty_document_has_no_chunks() {
    assert_eq!(chunks("", MAX_CHARS), []);
    assert_eq!(chunks(" \n\n\t\n", MAX_CHARS), []);
}

#[test]
fn text_above_the_first_heading_has_no_headings_and_no_anchor() {
    let chunks = chunks("Hello.\n\n# One\n\nText.\n", MAX_CHARS);
    assert_eq!(texts(&chunks), ["Hello.", "# One\n\nText."]);
    assert!(chunks[0].headings.is_empty());
    assert_eq!(chunks[0].anchor, None);
    assert_eq!(chunks[1].headings, ["One"]);
}

#[test]
fn headings_in_a_row_share_the_chunk_of_the_innermost() {
    let chunks = chunks(
        "# A\n\n## B\n\n### C\n\nText.\n\n## D\n\nMore.\n",
        MAX_CHARS,
    );
    assert_eq!(chunks[0].headings, ["A", "B", "C"]);
    assert_eq!(chunks[0].text, "# A\n\n## B\n\n### C\n\nText.");
    assert_eq!(chunks[1].headings, ["A", "D"]);
}

#[test]
fn an_empty_section_is_a_chunk_of_its_own() {
    let chunks = chunks("# Empty\n\n# Next\n\nText.\n", MAX_CHARS);
    assert_eq!(texts(&chunks), ["# Empty", "# Next\n\nText."]);
    assert_eq!(chunks[0].headings, ["Empty"]);
}

#[test]
fn a_heading_in_a_quotation_or_in_code_begins_no_section() {
    let page = "# Real\n\n> # Quoted\n>\n> text\n\n```\n# comment\n```\n";
    let chunks = chunks(page, MAX_CHARS);
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].headings, ["Real"]);
}

#[test]
fn marks_in_a_heading_are_not_in_its_words() {
    let chunks = chunks(
        "## Use `curl` **now**, [here](https://x.test/)!\n\nText.\n",
        MAX_CHARS,
    );
    assert_eq!(chunks[0].headings, ["Use curl now, here!"]);
    assert_eq!(chunks[0].anchor.as_deref(), Some("Use-curl-now,-here!"));
}

#[test]
fn headings_of_the_same_text_have_different_anchors() {
    let chunks = chunks("# Notes\n\na\n\n# Notes\n\nb\n\n# Notes\n\nc\n", MAX_CHARS);
    let anchors: Vec<_> = chunks.iter().map(|chunk| chunk.anchor.as_deref()).collect();
    assert_eq!(anchors, [Some("Notes"), Some("Notes.1"), Some("Notes.2")]);
}

#[test]
fn anchors_are_escaped() {
    let chunks = chunks("# Über 100 % \"x\"\n\nText.\n", MAX_CHARS);
    assert_eq!(
        chunks[0].anchor.as_deref(),
        Some("%C3%9Cber-100-%25-%22x%22")
    );
}

#[test]
fn a_long_table_is_cut_between_rows() {
    let rows: String = (0..40)
        .map(|row| format!("| row {row} | value |\n"))
        .collect();
    let page = format!("| name | value |\n| --- | --- |\n{rows}");
    let chunks = chunks(&page, 200);
    assert!(chunks.len() > 3);
    for chunk in &chunks {
        assert!(
            chunk.text.starts_with("| ") && chunk.text.ends_with(" |"),
            "{}",
            chunk.text
        );
    }
}

#[test]
fn a_long_paragraph_is_cut_between_sentences() {
    let page = "This is a sentence of some words. ".repeat(20);
    for chunk in chunks(&page, 100) {
        assert!(chunk.text.ends_with('.'), "{}", chunk.text);
    }
}

#[test]
fn a_text_without_spaces_is_cut_between_characters() {
    let page = "ä".repeat(250);
    let lengths: Vec<usize> = chunks(&page, 100)
        .iter()
        .map(|chunk| chunk.text.chars().count())
        .collect();
    assert_eq!(lengths, [100, 100, 50]);
}

#[test]
fn a_heading_stays_with_the_beginning_of_a_long_paragraph() {
    let page = format!("# Long\n\n{}", "Some words here. ".repeat(30));
    let chunks = chunks(&page, 120);
    assert!(
        chunks[0].text.starts_with("# Long\n\nSome words"),
        "{}",
        chunks[0].text
    );
    assert!(chunks.iter().all(|chunk| chunk.headings == ["Long"]));
}

#[test]
fn ids_stay_when_another_section_changes() {
    let before = chunks("# A\n\none\n\n# B\n\ntwo\n", MAX_CHARS);
    let after = chunks(
        "# New\n\nzero\n\n# A\n\none, changed\n\n# B\n\ntwo\n",
        MAX_CHARS,
    );
    assert_eq!(before[1].id, after[2].id);
    assert_ne!(before[0].id, after[1].id);
}

#[test]
fn equal_chunks_of_a_document_have_different_ids() {
    let chunks = chunks("# A\n\nsame\n\n# A\n\nsame\n", MAX_CHARS);
    assert_ne!(chunks[0].id, chunks[1].id);
}

#[test]
fn definitions_of_links_are_in_a_chunk() {
    let chunks = chunks(
        "See [x].\n\n[x]: https://x.test/ \"T\"\n\n# H\n\nText.\n",
        MAX_CHARS,
    );
    assert_eq!(chunks[0].text, "See [x].\n\n[x]: https://x.test/ \"T\"");
    assert_eq!(chunks[1].text, "# H\n\nText.");
}

#[test]
fn a_heading_that_fills_a_chunk_shares_it_with_nothing() {
    for max in 1..=6 {
        for chunk in chunks("# \n.\n## a\nbc\n", max) {
            assert!(chunk.text.chars().count() <= max, "{max}: {:?}", chunk.text);
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "#{1,6} [a-zä ]{0,12}",
        "[a-z .,]{0,60}",
        "- [a-z ]{1,20}",
        "> [a-z #]{1,20}",
        r"\| [a-z]{1,8} \| [a-z]{0,8} \|",
        Just("```".to_owned()),
        Just(String::new()),
        Just("---".to_owned()),
        Just("<div>\n</div>".to_owned()),
        r"\[[a-z]{1,3}\]: https://x\.test/",
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 600 }))]

    #[test]
    fn chunks_are_in_order_verbatim_bounded_and_have_every_word(
        lines in proptest::collection::vec(line(), 0..30),
        max in 1_usize..80,
    ) {
        let page = lines.join("\n");
        let mut rest = page.as_str();
        let mut left_out = String::new();
        for chunk in chunks(&page, max) {
            let (before, after) = rest.split_once(chunk.text).expect("a chunk is in the document, behind the one before");
            left_out.push_str(before);
            rest = after;
            prop_assert!(chunk.text.chars().count() <= max);
            prop_assert!(!chunk.text.is_empty());
        }
        left_out.push_str(rest);
        prop_assert_eq!(left_out.trim(), "");
    }

    #[test]
    fn ids_are_unique_in_a_document(lines in proptest::collection::vec(line(), 0..30), max in 5_usize..80) {
        let page = lines.join("\n");
        let chunks = chunks(&page, max);
        let mut ids: Vec<&str> = chunks.iter().map(|chunk| chunk.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), chunks.len());
    }
}
