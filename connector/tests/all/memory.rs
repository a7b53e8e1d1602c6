//! What an answer costs in memory: a guest has 64 MiB, and nothing that a site sends may take it
//! to its end.

#![allow(unsafe_code, reason = "an allocator that counts")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use confluence_connector::{ListOptions, PageQuery};

use crate::site::{ok, site, window};

struct Counting;

thread_local! {
    /// Of one thread, because other tests run at the same time.
    static NOW: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all calls go to the system's allocator as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.get().wrapping_add(layout.size());
        NOW.set(now);
        MOST.set(MOST.get().max(now));
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // What another thread allocated was never counted here.
        NOW.set(NOW.get().saturating_sub(layout.size()));
        // SAFETY: passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SIZE: usize = 4 * 1024 * 1024;

/// Bytes at the peak beyond the answer itself, for an answer of 4 MiB.
fn peak(body: String, raw: bool) -> usize {
    let options = ListOptions {
        raw,
        body_format: Some("storage".into()),
        ..ListOptions::default()
    };
    let mut answer = Some(ok(&body));
    drop(body);
    let mut confluence = site(move |_, _| Ok(answer.take().expect("asked once")));
    let before = NOW.get();
    MOST.set(before);
    let listing = confluence.list_pages(&PageQuery::default(), &window(10_000, None), &options);
    let peak = MOST.get() - before;
    drop(listing);
    peak
}

#[test]
fn no_answer_takes_more_than_four_times_its_size_and_eight_mebibytes() {
    let filled = |row: &str| {
        let count = SIZE / (row.len() + 1);
        format!(r#"{{"results":[{}]}}"#, vec![row; count].join(","))
    };
    let long = "x".repeat(SIZE / 2);
    let answers = [
        ("least rows", filled(r#"{"id":1}"#)),
        ("no rows", filled("0")),
        ("empty rows", filled("{}")),
        ("lists", filled("[[[]]]")),
        (
            "rows with fields",
            filled(
                r#"{"id":"1","version":{"number":1},"body":{"storage":{"value":"a"}},"_links":{"webui":"/x"}}"#,
            ),
        ),
        (
            "one long text",
            format!(
                r#"{{"results":[{{"id":"1","title":"{long}","body":{{"storage":{{"value":"{long}"}}}}}}]}}"#
            ),
        ),
        (
            "one long text that has to be mended",
            format!(r#"{{"results":[{{"id":"1","title":"{long}\ud83d","spaceId":"{long}"}}]}}"#),
        ),
        (
            "one field again and again",
            format!(
                r#"{{"results":[{{"id":"1",{}"x":1}}]}}"#,
                r#""title":"abcdefgh","#.repeat(SIZE / 20)
            ),
        ),
        (
            "many fields that have to be mended",
            format!(
                r#"{{"results":[{{"id":"1\ud83d",{}"x":1}}]}}"#,
                r#""a":1,"#.repeat(SIZE / 6)
            ),
        ),
        (
            "text full of escapes",
            format!(
                r#"{{"results":[{{"id":"1","title":"{}"}}]}}"#,
                r"\ud83d".repeat(SIZE / 6)
            ),
        ),
        (
            "a long id",
            format!(r#"{{"results":[{{"id":"{long}"}},{{"id":"{long}"}}]}}"#),
        ),
        (
            "a long next link",
            format!(r#"{{"results":[{{"id":"1"}}],"_links":{{"next":"/x?cursor={long}"}}}}"#),
        ),
        (
            "a long base of many rows",
            format!(
                r#"{{"results":[{}],"_links":{{"base":"https://{}"}}}}"#,
                vec![r#"{"id":"1","_links":{"webui":"/x"}}"#; 9_000].join(","),
                "x".repeat(SIZE / 2)
            ),
        ),
        ("no JSON", "<html>".repeat(SIZE / 6)),
    ];
    for (what, body) in answers {
        for raw in [false, true] {
            let size = body.len();
            let peak = peak(body.clone(), raw);
            assert!(
                peak <= 4 * size + 8 * 1024 * 1024,
                "{what}, raw {raw}: {} MiB",
                peak / 1024 / 1024
            );
        }
    }
}
