//! What people see on a terminal.

use confluence_simulator::{Operation, Simulator};
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

/// The lines of the tables on a terminal of 80 columns, heads left out, each of them no wider.
#[track_caller]
fn lines_at_80(host: &Host, words: &[&str]) -> (Vec<String>, String) {
    let ended = host.on_terminal(80, words, &[]).ok();
    let lines: Vec<String> = rows(&ended).into_iter().map(str::to_owned).collect();
    // Edges are of characters that are one wide each.
    for edge in ended.stdout.lines().filter(|line| line.starts_with('┌')) {
        assert!(edge.trim_end().chars().count() <= 80, "{}", ended.stdout);
    }
    let heads = ended.stdout.matches('╞').count();
    assert!(heads > 0, "{words:?}: {}", ended.stdout);
    (lines[heads..].to_vec(), ended.stdout)
}

/// A page that restricts its readers.
fn restricted(site: &Simulator) -> String {
    let restricts = |id: &String| {
        let named = site.site().restriction_of(id, Operation::Read);
        !named.users.is_empty() || !named.groups.is_empty()
    };
    site.site().page_ids().find(restricts).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_a_line_of_80_columns_and_answers_the_question() {
    let site = site_of(400).await;
    let host = Host::with_site(&site);
    for (words, heads) in [
        (
            &["listSpaces"][..],
            &["key", "name", "status", "createdAt"][..],
        ),
        (
            &["listPages", "--limit", "25"],
            &["title", "spaceId", "changed", "changedBy"],
        ),
        (
            &["listTasks", "--limit", "25"],
            &["status", "dueAt", "pageId", "assignedTo"],
        ),
        (
            &["listAttachments", "--limit", "25"],
            &["title", "fileSize", "pageId", "changed"],
        ),
        (
            &["search", "type=page", "false", "--limit", "25"],
            &["title", "spaceKey", "lastModified"],
        ),
        (&["getGroups"], &["name", "id"]),
    ] {
        let words = [&["call"], words].concat();
        let (lines, shown) = lines_at_80(&host, &words);
        let items = host.run(&words).ok().json()["items"]
            .as_array()
            .unwrap()
            .len();
        assert!(items > 3, "{words:?}");
        assert_eq!(lines.len(), items, "{shown}");
        let header = shown.lines().find(|line| line.starts_with('│')).unwrap();
        for head in heads {
            assert!(header.contains(&format!(" {head} ")), "{head}: {shown}");
        }
        let cells = |line: &str| -> Vec<String> {
            let cells = line.split(['│', '┆']);
            cells.map(|cell| cell.trim().to_owned()).collect()
        };
        let times = ["changed", "createdAt", "dueAt", "lastModified"];
        for (at, _) in cells(header)
            .iter()
            .enumerate()
            .filter(|(_, name)| times.contains(&name.as_str()))
        {
            let is_cut = |line: &String| cells(line)[at].ends_with('…');
            assert!(!lines.iter().any(is_cut), "a time is cut: {shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_are_rows_of_who_passes_which_gate() {
    let site = site_of(400).await;
    let host = Host::with_site(&site);
    let page = restricted(&site);
    let words = ["call", "getEffectiveReaders", "page", &page];
    let answer = host.run(&words).ok().json();
    let (lines, shown) = lines_at_80(&host, &words);
    let certain = answer["certain"].as_array().unwrap();
    let gates = answer["gates"].as_array().unwrap();
    assert!(gates.len() > 1);
    let everyone = lines.iter().filter(|line| line.contains("every gate"));
    assert_eq!(everyone.count(), certain.len(), "{shown}");
    for gate in gates {
        let name = format!(
            "{} {}",
            gate["kind"].as_str().unwrap(),
            gate["id"].as_str().unwrap()
        );
        assert!(shown.contains(&name), "{name}: {shown}");
        let others = gate["principals"].as_array().unwrap().iter();
        for other in others.filter(|who| !certain.contains(who)) {
            let id = &other["id"].as_str().unwrap()[..10];
            assert!(lines.iter().any(|line| line.contains(id)), "{id}: {shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_rules_and_connections_are_lines_of_80_columns() {
    let site = site().await;
    let host = Host::with_site(&site);
    for words in [
        &["policy"][..],
        &["check"],
        &["config", "list", "--all"],
        &["config", "list"],
        &["config", "explain"],
        &["connection", "list"],
        &["functions"],
    ] {
        let (lines, shown) = lines_at_80(&host, words);
        let all = host
            .run(&[words, &["--output", "json"]].concat())
            .ok()
            .json();
        assert_eq!(
            lines.len(),
            all.as_array().unwrap().len(),
            "{words:?}: {shown}"
        );
    }
    let (_, shown) = lines_at_80(&host, &["policy"]);
    for answer in [
        "requests go to `http://127.0.0.1",
        "private addresses are never dialed",
        "--output wide",
    ] {
        assert!(shown.contains(answer), "{answer}: {shown}");
    }
    // Everything is there when it is asked for.
    let wide = host
        .on_terminal(80, &["policy", "--output", "wide"], &[])
        .ok()
        .stdout;
    assert!(
        wide.contains("narrower levels") && wide.contains("file"),
        "{wide}"
    );
}

#[test]
fn each_step_of_the_demo_is_one_screen() {
    let shown = Host::new().on_terminal(80, &["demo"], &[]).ok().stdout;
    let steps: Vec<&str> = shown.split("\n> ").collect();
    assert!(steps.len() > 6, "{shown}");
    for step in steps {
        assert!(step.lines().count() <= 24, "{step}");
        for line in step.lines().filter(|line| line.starts_with(['│', '┌'])) {
            assert!(line.trim_end().chars().count() <= 80, "{step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_tables_and_named_columns_are_complete_on_a_terminal() {
    let site = site_of(40).await;
    let host = Host::with_site(&site);
    let answer = host.call(&["listPages", "--limit", "1"]).ok().json();
    let author = answer["items"][0]["version"]["authorId"].as_str().unwrap();
    for more in [&["-o", "wide"][..], &["--columns", "id,title,changedBy"]] {
        let words = [&["call", "listPages", "--limit", "1"], more].concat();
        let shown = host.on_terminal(80, &words, &[]).ok().stdout;
        assert!(shown.contains("version.authorId"), "{shown}");
        // In one piece, or broken into lines.
        assert!(
            shown.contains(author) || shown.contains(&author[..30]),
            "{shown}"
        );
        assert!(
            !shown.contains("shortens") && !shown.contains('…'),
            "{shown}"
        );
    }
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
