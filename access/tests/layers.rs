//! What follows from stored rows: layers, or why there are none.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use access::ContentAccess;
use sync::{Derivation as _, Derived, DerivedRow, DerivedValue, Doubt, Stored, StoredRow};

/// When the run began in which everything was read.
const RUN: i64 = 1_000;

/// Places of the columns `state`, `reason`, `layers`, and `layer_origins`.
const STATE: usize = 3;
const REASON: usize = 4;
const LAYERS: usize = 5;
const ORIGINS: usize = 6;

/// What a copy has: page 1 at the top of space `s`, page 2 below it, and page 3 below that.
struct Copy(Stored);

fn row(key: &str, values: &[&str]) -> StoredRow {
    StoredRow {
        key: key.to_owned(),
        fingerprint: format!("hash of {key}"),
        changed: RUN,
        seen: Some(7),
        seen_at: Some(RUN),
        values: values
            .iter()
            .map(|value| (!value.is_empty()).then(|| (*value).to_owned()))
            .collect(),
        ..StoredRow::default()
    }
}

impl Copy {
    fn new() -> Self {
        let mut stored = Stored {
            run: 7,
            began: RUN,
            ..Stored::default()
        };
        let pages = [
            row("1", &["s", "", ""]),
            row("2", &["s", "1", "page"]),
            row("3", &["s", "2", "page"]),
        ];
        stored.rows.insert("pages".to_owned(), pages.into());
        let mut copy = Self(stored);
        copy.permit("group", "all");
        copy.read("space_permissions", &["s"]);
        copy.read("content_restrictions", &["1", "2", "3"]);
        copy.read("group_members", &["all"]);
        copy
    }

    fn add(&mut self, stream: &str, row: StoredRow) {
        self.0.rows.entry(stream.to_owned()).or_default().push(row);
    }

    fn permit(&mut self, kind: &str, id: &str) {
        let values = ["s", kind, id, "read", "space"];
        self.add("space_permissions", row(&format!("s/{id}"), &values));
    }

    fn restrict(&mut self, content: &str, kind: &str, id: &str) {
        let key = format!("{content}/read/{kind}/{id}");
        self.add(
            "content_restrictions",
            row(&key, &[content, "read", kind, id]),
        );
    }

    fn read(&mut self, stream: &str, parents: &[&str]) {
        let reads = self.0.reads.entry(stream.to_owned()).or_default();
        reads.extend(parents.iter().map(|parent| ((*parent).to_owned(), RUN + 1)));
    }

    fn page(&mut self, place: usize) -> &mut StoredRow {
        &mut self.0.rows.get_mut("pages").unwrap()[place]
    }

    fn derive(&self) -> Derived {
        ContentAccess::new().derive(&self.0, RUN + 2)
    }

    fn of(&self, content: &str) -> DerivedRow {
        let mut rows = self.derive().rows.into_iter();
        rows.find(|row| row.key == content).unwrap()
    }

    fn layers(&self, content: &str) -> String {
        text(&self.of(content), LAYERS)
    }

    fn reason(&self, content: &str) -> String {
        let row = self.of(content);
        assert_eq!(text(&row, STATE), "unknown");
        assert_eq!(row.values[LAYERS], DerivedValue::Null);
        text(&row, REASON)
    }

    /// Takes over what was computed, as the next run finds it, and begins that run.
    fn next_run(&mut self) {
        let rows = self.derive().rows.into_iter().map(|derived| {
            let values = derived.values.into_iter().map(|value| match value {
                DerivedValue::Null => None,
                DerivedValue::Text(text) => Some(text),
                DerivedValue::Number(number) => Some(number.to_string()),
            });
            StoredRow {
                key: derived.key,
                values: values.collect(),
                ..StoredRow::default()
            }
        });
        let rows = rows.collect();
        self.0.rows.insert("content_access".to_owned(), rows);
        self.0.run = 8;
        self.0.began = RUN * 2;
        for page in self.0.rows.get_mut("pages").unwrap() {
            (page.seen, page.seen_at) = (Some(8), Some(RUN * 2));
        }
    }
}

fn text(row: &DerivedRow, place: usize) -> String {
    match &row.values[place] {
        DerivedValue::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_space_is_the_first_layer_and_each_restriction_above_a_page_is_one() {
    let mut copy = Copy::new();
    copy.restrict("1", "user", "a");
    copy.restrict("3", "group", "g");
    assert_eq!(copy.layers("1"), r#"[["group:all"],["user:a"]]"#);
    assert_eq!(copy.layers("2"), r#"[["group:all"],["user:a"]]"#);
    assert_eq!(
        copy.layers("3"),
        r#"[["group:all"],["user:a"],["group:g"]]"#
    );
    let origins = text(&copy.of("3"), ORIGINS);
    assert_eq!(origins, r#"["space:s","page:1","page:3"]"#);
}

#[test]
fn a_restriction_of_deleted_or_unknown_principals_stays_a_layer() {
    let mut copy = Copy::new();
    copy.restrict("2", "group", "deleted");
    copy.restrict("3", "robot", "x");
    let expected = r#"[["group:all"],["group:deleted"],["robot:x"]]"#;
    assert_eq!(copy.layers("3"), expected);
}

#[test]
fn permissions_to_do_other_things_than_view_are_none() {
    let mut copy = Copy::new();
    copy.add(
        "space_permissions",
        row("x", &["s", "user", "a", "administer", "space"]),
    );
    copy.add(
        "space_permissions",
        row("y", &["s", "user", "b", "read", "page"]),
    );
    assert_eq!(copy.layers("1"), r#"[["group:all"]]"#);
}

#[test]
fn roles_are_those_who_have_them_and_unknown_until_they_are_read() {
    let mut copy = Copy::new();
    copy.permit("role", "viewer");
    assert_eq!(copy.reason("1"), "roles-unread");
    copy.add(
        "space_role_assignments",
        row("1", &["s", "viewer", "USER", "a"]),
    );
    copy.add(
        "space_role_assignments",
        row("2", &["s", "other", "USER", "b"]),
    );
    copy.read("space_role_assignments", &["s"]);
    assert_eq!(copy.layers("1"), r#"[["group:all","user:a"]]"#);
}

#[test]
fn what_was_not_read_is_unknown_for_what_depends_on_it_and_nothing_else() {
    let mut copy = Copy::new();
    copy.0
        .reads
        .get_mut("content_restrictions")
        .unwrap()
        .remove("2");
    assert_eq!(copy.layers("1"), r#"[["group:all"]]"#);
    assert_eq!(copy.reason("2"), "restrictions-unread");
    assert_eq!(copy.reason("3"), "restrictions-unread");
    let mut copy = Copy::new();
    copy.0.reads.remove("space_permissions");
    assert_eq!(copy.reason("1"), "permissions-unread");
    let mut copy = Copy::new();
    copy.0.rows.remove("space_permissions");
    assert_eq!(copy.reason("1"), "permissions-empty");
    let mut copy = Copy::new();
    copy.add("groups", row("all", &[]));
    copy.0.reads.remove("group_members");
    assert_eq!(copy.reason("1"), "members-unread");
}

#[test]
fn what_is_in_doubt_is_unknown_and_so_is_everything_below_it() {
    for (doubt, own, above) in [
        (Doubt::Failed, "content-failed", "ancestor-failed"),
        (Doubt::Held, "content-held", "ancestor-held"),
        (Doubt::Missing, "content-missing", "ancestor-missing"),
        (Doubt::Stale, "content-stale", "ancestor-stale"),
    ] {
        let mut copy = Copy::new();
        copy.page(1).doubt = Some(doubt);
        assert_eq!(copy.layers("1"), r#"[["group:all"]]"#);
        assert_eq!(copy.reason("2"), own);
        assert_eq!(copy.reason("3"), above);
    }
}

#[test]
fn what_is_below_a_content_that_the_copy_does_not_have_is_unknown() {
    let mut copy = Copy::new();
    copy.page(1).values = row("", &["s", "9", "folder"]).values;
    assert_eq!(copy.reason("2"), "ancestor-not-copied");
    assert_eq!(copy.reason("3"), "ancestor-not-copied");
    let wanted = copy.derive().wanted;
    assert_eq!((wanted[0].0, wanted[0].1[0].key.as_str()), ("folders", "9"));
    copy.page(1).values = row("", &["s", "3", "page"]).values;
    assert_eq!(copy.reason("2"), "ancestor-loop");
}

#[test]
fn a_page_that_changed_after_its_restrictions_were_read_is_unknown_and_wants_them_again() {
    let mut copy = Copy::new();
    copy.page(2).changed = RUN + 5;
    assert_eq!(copy.reason("3"), "older-than-content");
    assert_eq!(copy.layers("2"), r#"[["group:all"]]"#);
    let wanted = copy.derive().wanted;
    let keys = |name: &str| -> Vec<String> {
        let those = wanted.iter().filter(|(stream, _)| *stream == name);
        let parents = those.flat_map(|(_, parents)| parents);
        parents.map(|parent| parent.key.clone()).collect()
    };
    assert_eq!(keys("content_restrictions"), ["1", "2", "3"]);
    assert_eq!(keys("space_permissions"), ["s"]);
}

#[test]
fn pages_below_a_moved_page_keep_the_layers_of_both_places_until_restrictions_are_read_again() {
    let mut copy = Copy::new();
    copy.restrict("1", "user", "a");
    copy.add("pages", row("4", &["s", "", ""]));
    copy.read("content_restrictions", &["4"]);
    copy.restrict("4", "user", "b");
    copy.next_run();
    // Page 2 moves from below page 1 to below page 4; what is above it was read after that.
    *copy.page(1) = row("2", &["s", "4", "page"]);
    copy.page(1).changed = RUN * 2 + 1;
    (copy.page(1).seen, copy.page(1).seen_at) = (Some(8), Some(RUN * 2));
    copy.page(1).fingerprint = "moved".to_owned();
    let reads = copy.0.reads.get_mut("content_restrictions").unwrap();
    reads.insert("2".to_owned(), RUN * 2 + 2);
    reads.insert("4".to_owned(), RUN * 2 + 2);
    let spaces = copy.0.reads.get_mut("space_permissions").unwrap();
    spaces.insert("s".to_owned(), RUN * 2 + 2);
    assert_eq!(copy.layers("2"), r#"[["group:all"],["user:b"]]"#);
    assert_eq!(copy.layers("3"), r#"[["group:all"],["user:b"],["user:a"]]"#);
    let reads = copy.0.reads.get_mut("content_restrictions").unwrap();
    reads.insert("3".to_owned(), RUN * 2 + 3);
    assert_eq!(copy.layers("3"), r#"[["group:all"],["user:b"]]"#);
}

#[test]
fn a_place_that_could_not_be_read_makes_everything_below_it_unknown() {
    let mut copy = Copy::new();
    copy.next_run();
    copy.page(0).seen = Some(7);
    assert_eq!(copy.layers("2"), r#"[["group:all"]]"#);
    copy.0.incomplete.insert("pages".to_owned(), RUN * 2);
    assert_eq!(copy.reason("1"), "place-unread");
    assert_eq!(copy.reason("3"), "place-unread");
}

#[test]
fn what_several_runs_read_keeps_the_layers_of_before_and_is_unknown_without_them() {
    let mut copy = Copy::new();
    copy.restrict("3", "user", "a");
    copy.next_run();
    // The restriction moves from page 3 to page 1, and the limit comes after page 3 was read.
    copy.0.rows.remove("content_restrictions");
    let reads = copy.0.reads.get_mut("content_restrictions").unwrap();
    reads.insert("3".to_owned(), RUN * 2 + 1);
    copy.0.is_stopped = true;
    let kept = r#"[["group:all"],["user:a"]]"#;
    assert_eq!(copy.layers("3"), kept);
    // Nothing of the others was read, or all of it.
    assert_eq!(copy.layers("2"), r#"[["group:all"]]"#);
    (copy.0.is_stopped, copy.0.is_continued) = (false, true);
    assert_eq!(copy.layers("3"), kept);
    let before = copy.0.rows.remove("content_access").unwrap();
    assert_eq!(copy.layers("3"), r#"[["group:all"]]"#);
    (copy.0.is_stopped, copy.0.is_continued) = (true, false);
    assert_eq!(copy.reason("3"), "partly-read");
    copy.0.rows.insert("content_access".to_owned(), before);
    for (stream, parents) in [
        ("space_permissions", &["s"][..]),
        ("content_restrictions", &["1", "2", "3"][..]),
    ] {
        let reads = copy.0.reads.get_mut(stream).unwrap();
        let now = parents
            .iter()
            .map(|parent| ((*parent).to_owned(), RUN * 2 + 1));
        reads.extend(now);
    }
    assert_eq!(copy.layers("3"), r#"[["group:all"]]"#);
}

#[test]
fn a_list_is_read_again_for_pages_that_it_did_not_show_and_that_were_unknown() {
    let mut copy = Copy::new();
    copy.next_run();
    copy.page(0).seen = Some(7);
    assert!(copy.derive().unseen.is_empty());
    copy.0.rows.remove("content_access");
    assert_eq!(copy.reason("1"), "place-unconfirmed");
    assert_eq!(copy.derive().unseen.into_iter().next(), Some("pages"));
}

#[test]
fn the_restrictions_of_an_excluded_page_are_a_layer_of_what_is_below_it() {
    let mut copy = Copy::new();
    copy.restrict("2", "user", "a");
    let mut pages = copy.0.rows.remove("pages").unwrap();
    copy.0
        .above
        .insert("pages".to_owned(), vec![pages.remove(1)]);
    copy.0.rows.insert("pages".to_owned(), pages);
    assert_eq!(copy.layers("3"), r#"[["group:all"],["user:a"]]"#);
    assert_eq!(text(&copy.of("3"), ORIGINS), r#"["space:s","page:2"]"#);
    let contents = copy.derive().rows.into_iter().map(|row| row.key);
    assert_eq!(contents.collect::<Vec<_>>(), ["1", "3"]);
    // What was never read of it is nobody's guess.
    copy.0
        .reads
        .get_mut("content_restrictions")
        .unwrap()
        .remove("2");
    assert_eq!(copy.reason("3"), "restrictions-unread");
    let wanted = copy.derive().wanted;
    assert_eq!(wanted[0].1[0].key, "2");
}

#[test]
fn pages_below_an_excluded_page_that_is_moved_keep_the_layers_of_both_places() {
    let mut copy = Copy::new();
    copy.restrict("1", "user", "a");
    copy.add("pages", row("4", &["s", "", ""]));
    copy.read("content_restrictions", &["4"]);
    copy.restrict("4", "user", "b");
    let mut pages = copy.0.rows.remove("pages").unwrap();
    copy.0
        .above
        .insert("pages".to_owned(), vec![pages.remove(1)]);
    copy.0.rows.insert("pages".to_owned(), pages);
    copy.next_run();
    let mut moved = row("2", &["s", "4", "page"]);
    (moved.changed, moved.seen, moved.seen_at) = (0, Some(8), Some(RUN * 2));
    copy.0.above.insert("pages".to_owned(), vec![moved]);
    assert_eq!(copy.layers("3"), r#"[["group:all"],["user:b"],["user:a"]]"#);
    // Restrictions and permissions that were read in this run are of the new place.
    for (stream, parents) in [
        ("content_restrictions", &["2", "3", "4"][..]),
        ("space_permissions", &["s"]),
    ] {
        let reads = copy.0.reads.get_mut(stream).unwrap();
        reads.extend(parents.iter().map(|one| ((*one).to_owned(), RUN * 2 + 1)));
    }
    assert_eq!(copy.layers("3"), r#"[["group:all"],["user:b"]]"#);
    copy.0.above.get_mut("pages").unwrap()[0].doubt = Some(Doubt::Missing);
    assert_eq!(copy.reason("3"), "ancestor-missing");
}
