//! `host-runner demo`.

use tests::Host;

#[test]
fn the_demo_needs_no_account_and_shows_typed_data() {
    let ended = Host::new().run(&["demo"]).ok();
    for shown in [
        "listSpaces",
        "listPages",
        "listLabels",
        "listBlogPosts",
        "listTasks",
        "me@example.com",
        "simulator serve",
        "call setApiUrlAndAuth",
        "call listPages",
        "sync run --to sqlite:",
    ] {
        assert!(
            ended.stdout.contains(shown),
            "`{shown}` is missing in {ended:#?}"
        );
    }
}

#[test]
fn the_demo_ends_with_a_copy_that_follows_a_change_on_one_screen() {
    let shown = Host::new().run(&["demo"]).ok().stdout;
    let (_, copy) = shown.split_once("as a SQLite database").unwrap();
    let (copy, _) = copy.split_once("\nThe component sent").unwrap();
    assert!(copy.lines().count() <= 24, "{copy}");
    let (first, second) = copy.split_once("Somebody edits 3 pages").unwrap();
    for stream in ["spaces", "pages", "blog_posts", "page_labels", "tasks"] {
        assert!(first.contains(stream), "{first}");
    }
    let changed: Vec<_> = second
        .lines()
        .filter(|line| line.contains("page"))
        .map(|line| {
            let cells = line.split(['│', '┆']).map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
        })
        .filter(|words| words.len() == 5)
        .collect();
    assert_eq!(changed.len(), 1, "{second}");
    assert_eq!(changed[0][..4], ["pages", "0", "3", "0"], "{second}");
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let host = Host::bare();
    host.run(&["demo"]).ok();
    assert_eq!(std::fs::read_dir(host.state()).unwrap().count(), 0);
}
