//! What people see on a terminal.

use tests::{Ended, Host};

use crate::{faults, site, site_of};

/// The lines of tables that were shown.
fn rows(ended: &Ended) -> Vec<&str> {
    let lines = ended.stdout.lines().map(str::trim_end);
    lines.filter(|line| line.starts_with('│')).collect()
}

/// The first cells of the rows of tables, headers left out.
fn first_cells(ended: &Ended) -> Vec<&str> {
    let cells = rows(ended)
        .into_iter()
        .filter_map(|row| row.split(['│', '┆']).nth(1));
    cells
        .map(str::trim)
        .filter(|cell| !matches!(*cell, "id" | ""))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_lists_are_tables() {
    let site = site_of(1200).await;
    let host = Host::with_site(&site);
    let ids: Vec<String> = site.site().page_ids().collect();
    let words = ["call", "listPages", "--columns", "id,title"];
    let one = host
        .on_terminal(100, &[&words[..], &["--limit", "9"]].concat(), &[])
        .ok();
    assert_eq!(first_cells(&one), ids[..9]);
    // A table for each thousand, and nothing of the count of items in between.
    let all = host
        .on_terminal(100, &[&words[..], &["--all"]].concat(), &[])
        .ok();
    assert_eq!(first_cells(&all), ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_as_wide_as_the_terminal_and_lose_nothing() {
    let site = site().await;
    let host = Host::with_site(&site);
    let words = [
        "call",
        "listPages",
        "--columns",
        "id,title,authorId",
        "--limit",
        "20",
    ];
    let answer = host.call(&["listPages", "--limit", "1"]).ok().json();
    let title = answer["items"][0]["title"].as_str().unwrap();
    for columns in [50, 200] {
        let ended = host.on_terminal(columns, &words, &[]).ok();
        // Its edges are of characters that are one wide each.
        let edge = ended.stdout.lines().find(|line| line.starts_with('┌'));
        let width = edge.unwrap().trim_end().chars().count();
        assert!(width <= usize::from(columns), "{}", ended.stdout);
    }
    // One that does not tell how wide it is has no columns of a letter each.
    let ended = host.on_terminal(0, &words, &[]).ok();
    assert_eq!(first_cells(&ended).len(), 20, "{}", ended.stdout);
    assert!(ended.stdout.contains(title), "{title}: {}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_coloured_on_a_terminal_unless_somebody_says_no() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:401"));
    let shown =
        |words: &[&str], variables: &[(&str, &str)]| host.on_terminal(100, words, variables).stdout;
    let words = ["call", "listPages"];
    let coloured = shown(&words, &[]);
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    for plain in [
        shown(&words, &[("NO_COLOR", "1")]),
        shown(&words, &[("HOST_RUNNER_MESSAGE_FORMAT", "json")]),
        shown(&[&words[..], &["2>&1", "|", "cat"]].concat(), &[]),
    ] {
        assert!(
            plain.contains("unauthorized") || plain.contains("error: "),
            "{plain}"
        );
        assert!(!plain.contains('\u{1b}'), "{plain}");
    }
}
