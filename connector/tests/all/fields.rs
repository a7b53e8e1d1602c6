//! Every field that Confluence describes is in the record, or there is a reason.

use std::fmt::Debug;

use crate::site::{Site, ok, script};
use confluence_connector::{
    CommentKind, CommentQuery, Confluence, ContentKind, CustomContentQuery, Error, GetOptions,
    ListOptions, Listing, PropertyOwner, Window,
};

const FIELDS: &str = include_str!("fields.txt");

fn shown<R: Debug>(listing: Result<Listing<R>, Error>) -> String {
    format!("{:?}", listing.unwrap().items[0])
}

/// The record that a row becomes, as Rust shows it.
fn record(kind: &str, row: &str) -> String {
    let (w, o) = (Window::default(), ListOptions::default());
    // Where rows are counted, a page of fewer than its limit is the last.
    let list = ok(&format!(r#"{{"results":[{row}],"limit":25}}"#));
    let mut site: Confluence<Site> = script(vec![list]);
    match kind {
        "space" => shown(site.list_spaces(&Default::default(), &w, &o)),
        "page" => shown(site.list_pages(&Default::default(), &w, &o)),
        "blog-post" => shown(site.list_blog_posts(&Default::default(), &w, &o)),
        "attachment" => shown(site.list_attachments(&Default::default(), &w, &o)),
        "custom-content" => {
            let query = CustomContentQuery {
                type_: Some("ac:a:b".into()),
                ..CustomContentQuery::default()
            };
            shown(site.list_custom_content(&query, &w, &o))
        }
        "task" => shown(site.list_tasks(&Default::default(), &w, &o)),
        "label" => shown(site.list_labels(&Default::default(), &w, &o)),
        "version" => shown(site.get_page_versions("9", None, &w, &o)),
        "comment" => {
            let query = CommentQuery {
                owner: ContentKind::Page,
                id: "9".into(),
                kind: CommentKind::Inline,
                replies: false,
            };
            shown(site.get_comments(&query, None, &w, &o))
        }
        "child" => shown(site.get_page_children("9", None, None, &w, &o)),
        "property" => {
            shown(site.get_content_properties(PropertyOwner::Space, "9", None, None, &w, &o))
        }
        "folder" => format!(
            "{:?}",
            script(vec![ok(row)])
                .get_folder("7", &GetOptions::default())
                .unwrap()
        ),
        "user" => shown(site.get_group_members("g", &w, &o)),
        "group" => shown(site.get_groups(&w, &o)),
        "result" => shown(site.search("x", false, &w, &o)),
        "audit" => shown(site.get_audit_records(&Default::default(), &w, &o)),
        other => panic!("{other}"),
    }
}

/// What a row of a kind cannot be without.
fn identity(kind: &str) -> &'static str {
    match kind {
        "attachment" => r#""id":"att7""#,
        "version" => r#""number":5"#,
        "user" => r#""accountId":"a""#,
        "result" => r#""content":{"id":"7"}"#,
        "audit" => r#""creationDate":1"#,
        _ => r#""id":"7""#,
    }
}

#[test]
fn every_field_of_the_api_is_in_its_record_or_left_out_for_a_reason() {
    let lines = FIELDS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (mut there, mut left_out) = (0, 0);
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let (kind, field, value) = (
            parts.next().unwrap(),
            parts.next().unwrap(),
            parts.next().unwrap(),
        );
        if let Some(reason) = value.strip_prefix("- ") {
            assert!(reason.len() > 10, "{line}");
            left_out += 1;
            continue;
        }
        let (value, mark) = value.split_once(" = ").unwrap_or_else(|| {
            let mark = match value {
                "true" | "81" | "\"81\"" => value.trim_matches('"'),
                _ if value.contains("MARK") => "MARK",
                _ if value.contains("81") => "81",
                _ => value.trim_matches('"'),
            };
            (value, mark)
        });
        let plain = format!("{{{}}}", identity(kind));
        let with = format!("{{{},\"{field}\":{value}}}", identity(kind));
        let record = record(kind, &with);
        assert!(record.contains(mark), "{line}: {record}");
        // It came from the field, and not from what every row has.
        if !identity(kind).contains(&format!("\"{field}\"")) {
            assert!(!self::record(kind, &plain).contains(mark), "{line}");
        }
        there += 1;
    }
    assert!(there > 120 && left_out > 8, "{there} {left_out}");
}
