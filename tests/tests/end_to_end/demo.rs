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
    ] {
        assert!(
            ended.stdout.contains(shown),
            "`{shown}` is missing in {ended:#?}"
        );
    }
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let host = Host::bare();
    host.run(&["demo"]).ok();
    assert_eq!(std::fs::read_dir(host.state()).unwrap().count(), 0);
}
