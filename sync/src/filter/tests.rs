#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use super::{ByteSize, Filters, Media, Moment, Selection, Tree};

fn list(entries: &[&str]) -> Selection {
    entries.iter().copied().collect()
}

#[test]
fn filters_are_read_and_written_as_a_record_and_unknown_ones_are_refused() {
    let text = r#"{"spaces":["ENG","!HR"],"modified-after":"2026-04-28","archived":"drop",
        "anchor-date":"none","max-attachment-size":"10MiB"}"#;
    let filters: Filters = serde_json::from_str(text).unwrap();
    assert_eq!(filters.spaces, list(&["ENG", "!HR"]));
    assert_eq!(filters.max_attachment_size.unwrap().bytes(), 10 << 20);
    let written = serde_json::to_string(&filters).unwrap();
    assert_eq!(
        written,
        r#"{"spaces":["ENG","!HR"],"modified-after":"2026-04-28","archived":"drop","max-attachment-size":"10MiB"}"#
    );
    for unknown in [
        r#"{"space":["ENG"]}"#,
        r#"{"modified_after":"2026-04-28"}"#,
        r#"{"archived":"maybe"}"#,
        r#"{"modified-after":"soon"}"#,
    ] {
        assert!(
            serde_json::from_str::<Filters>(unknown).is_err(),
            "{unknown}"
        );
    }
    assert_eq!(serde_json::to_string(&Filters::default()).unwrap(), "{}");
}

#[test]
fn the_digest_differs_for_every_filter() {
    let all = [
        r#"{"spaces":["ENG"]}"#,
        r#"{"spaces":["!ENG"]}"#,
        r#"{"pages":["1"]}"#,
        r#"{"blog-posts":["1"]}"#,
        r#"{"labels":["1"]}"#,
        r#"{"modified-after":"2026-01-01"}"#,
        r#"{"modified-before":"2026-01-01"}"#,
        r#"{"created-after":"2026-01-01"}"#,
        r#"{"created-before":"2026-01-01"}"#,
        r#"{"statuses":["current"]}"#,
        r#"{"archived":"drop"}"#,
        r#"{"anchor-date":"2026-01-01"}"#,
        r#"{"look-back-days":1}"#,
        r#"{"media-types":["image/*"]}"#,
        r#"{"max-attachment-size":"1"}"#,
        "{}",
    ];
    let mut digests: Vec<String> = all
        .iter()
        .map(|text| serde_json::from_str::<Filters>(text).unwrap().digest())
        .collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), all.len());
}

#[test]
fn moments_are_instants_or_midnights_in_utc() {
    let at = |text: &str| text.parse::<Moment>().map(|moment| moment.millis());
    assert_eq!(at("1970-01-02"), Ok(86_400_000));
    assert_eq!(at("1970-01-02T00:00:00Z"), Ok(86_400_000));
    assert_eq!(at("1970-01-02T01:00:00+01:00"), Ok(86_400_000));
    for wrong in ["", "today", "2026-02-30", "2026-1-1", "2026-04-28T07:26"] {
        assert!(at(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn sizes_have_units_of_1024_and_are_above_zero() {
    let of = |text: &str| text.parse::<ByteSize>().map(ByteSize::bytes);
    assert_eq!(of("1048576"), Ok(1 << 20));
    assert_eq!(of("3KiB"), Ok(3 << 10));
    assert_eq!(of("2 GiB"), Ok(2 << 30));
    assert_eq!("1048576".parse::<ByteSize>().unwrap().to_string(), "1MiB");
    for wrong in ["", "0", "MiB", "1MB", "-1", "18446744073709551615GiB"] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn media_types_are_compared_by_group_and_without_parameters() {
    let admits = |entries: &[&str], media_type| Media::of(&list(entries)).admits(media_type);
    assert!(admits(&["image/*"], Some("IMAGE/PNG")));
    assert!(admits(&["text/html"], Some("text/html; charset=utf-8")));
    assert!(!admits(&["image/*"], None));
    assert!(admits(&["!image/*"], None));
    assert!(!admits(&["!image/*"], Some("image/svg+xml")));
    assert!(!admits(&["image/*", "!image/gif"], Some("image/gif")));
}

#[test]
fn what_is_below_an_unknown_parent_or_in_a_loop_is_neither_in_nor_outside_of_a_tree() {
    let mut tree = Tree::default();
    for (key, parent) in [
        ("1", None),
        ("2", Some("1")),
        ("3", Some("2")),
        ("4", Some("hidden")),
        ("5", Some("6")),
        ("6", Some("5")),
        ("7", Some("4")),
    ] {
        tree.add(key, parent);
    }
    let admitted = |entries: &[&str]| -> Vec<&str> {
        let selection = list(entries);
        let places = tree.places(&selection);
        let mut keys: Vec<&str> = places
            .iter()
            .filter(|(_, place)| place.is_admitted(&selection))
            .map(|(key, _)| *key)
            .collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(admitted(&["2"]), ["2", "3"]);
    assert_eq!(admitted(&["!2"]), ["1"]);
    assert_eq!(admitted(&["1", "!3"]), ["1", "2"]);
    assert_eq!(admitted(&["4"]), ["4", "7"]);
    assert_eq!(admitted(&["5"]), ["5", "6"]);
    assert_eq!(admitted(&["hidden"]), ["4", "7"]);
}
