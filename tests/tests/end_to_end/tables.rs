//! Tables for people: everything that an answer has is there, or is said to be left out.

use confluence_simulator::{Operation, Simulator};
use serde_json::Value;
use tests::{Ended, Host};

use crate::site;

/// What a table has in the cells of a line that begins with this cell.
fn line<'a>(table: &'a str, first: &str) -> Option<Vec<&'a str>> {
    table
        .lines()
        .map(|line| {
            line.trim_matches('│')
                .split('┆')
                .map(str::trim)
                .collect::<Vec<_>>()
        })
        .find(|cells| cells.first() == Some(&first))
}

fn table(host: &Host, words: &[&str]) -> Ended {
    host.run(&[words, &["--output", "table"]].concat()).ok()
}

fn wide(host: &Host, words: &[&str]) -> Ended {
    host.run(&[words, &["--output", "wide"]].concat()).ok()
}

/// A page with a gate of its own, so that all of an answer about it has something in it.
fn restricted(site: &Simulator) -> String {
    let restricts = |id: &String| {
        let named = site.site().restriction_of(id, Operation::Read);
        !named.users.is_empty() || !named.groups.is_empty()
    };
    site.site().page_ids().find(restricts).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_shows_its_lists_as_values_or_as_a_number_and_says_so() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = restricted(&site);
    let words = ["call", "getEffectiveReaders", "page", &page];
    let whole = host.run(&words).ok().json();
    let ended = wide(&host, &words);
    let shown = &ended.stdout;
    assert_eq!(line(shown, "contentId").unwrap()[1], page, "{shown}");
    for list in ["certain", "gates", "consulted"] {
        let items = whole[list].as_array().unwrap();
        let cell = line(shown, list).unwrap()[1];
        if cell == format!("{} items", items.len()) {
            let notes = &ended.stderr;
            let told = items.is_empty() || notes.contains(&format!("`{list}`"));
            assert!(
                told && (items.is_empty() || notes.contains("`--output json`")),
                "{ended:#?}"
            );
        } else {
            for item in items {
                let id = item["id"].as_str().unwrap();
                assert!(shown.contains(&format!("id={id}")), "{id} in {shown}");
            }
        }
    }
    let long = whole["consulted"].as_array().unwrap().len() > 10;
    assert!(!long || ended.stderr.contains("only counts"), "{ended:#?}");

    let ended = table(&host, &["call", "getContentRestrictions", &page]);
    for field in ["read.users", "read.groups", "read.inherits", "update.users"] {
        assert!(line(&ended.stdout, field).is_some(), "{field}: {ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_a_list_has_a_row_for_each_item() {
    let site = site().await;
    let host = Host::with_site(&site);
    let deep = |id: &String| site.site().ancestors_of(id).len() > 1;
    let page = site.site().page_ids().find(deep).unwrap();
    let shown = table(&host, &["call", "getPageAncestors", &page]).stdout;
    for (kind, id) in site.site().ancestors_of(&page) {
        assert_eq!(line(&shown, &id).unwrap()[1], kind, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_records_are_columns_behind_a_dot() {
    let site = site().await;
    let host = Host::with_site(&site);
    let space = site.site().space_ids().next().unwrap();
    let words = ["call", "getSpacePermissions", &space];
    let whole = host.run(&words).ok().json();
    let shown = table(&host, &words).stdout;
    let header = line(&shown, "id").unwrap();
    for (place, name) in header.iter().enumerate() {
        let pointer = format!("/{}", name.replace('.', "/"));
        for item in whole["items"].as_array().unwrap() {
            let cell = line(&shown, item["id"].as_str().unwrap()).unwrap()[place];
            let value = item.pointer(&pointer).and_then(Value::as_str);
            assert_eq!(cell, value.unwrap_or_default(), "{name}");
        }
    }
    assert!(header.contains(&"principal.kind") && header.contains(&"principal.id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_have_no_place_are_named_and_those_that_were_asked_for_are_not_missed() {
    let site = site().await;
    let host = Host::with_site(&site);
    let ended = table(&host, &["call", "listPages", "--limit", "5"]);
    for word in ["omits", "version.number", "`--output json`"] {
        assert!(ended.stderr.contains(word), "`{word}` in {ended:#?}");
    }
    assert!(!ended.stdout.contains("version.number"), "{ended:#?}");
    let words = ["call", "listPages", "--columns", "id,version.number"];
    let ended = table(&host, &words);
    assert!(!ended.stderr.contains("omits"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_of_an_answer_is_cut_and_said_to_be() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    let words = ["call", "getPageById", &page, "--body-format", "storage"];
    let body = host.run(&words).ok().json()["body"]["value"].clone();
    assert!(body.as_str().unwrap().chars().count() > 240);
    let ended = table(&host, &words);
    assert!(ended.stdout.contains('…'), "{ended:#?}");
    assert!(
        ended.stderr.contains("truncates `body.value`"),
        "{ended:#?}"
    );
}

#[test]
fn rules_and_settings_wrap_and_are_whole() {
    let host = Host::new();
    for (words, column) in [
        (&["policy"][..], "rule"),
        (&["config", "list", "--all"], "documentation"),
        (&["config", "explain"], "file"),
    ] {
        let whole = host.run(&[words, &["--output", "json"]].concat());
        let shown = wide(&host, words).stdout;
        assert!(!shown.contains('…'), "{shown}");
        // Where a line breaks there is a blank or nothing.
        let plain = |text: &str| -> String {
            text.chars()
                .filter(|c| !c.is_whitespace() && !"│┆".contains(*c))
                .collect()
        };
        let shown: Vec<String> = shown
            .lines()
            .flat_map(|line| line.split(['│', '┆']))
            .map(plain)
            .filter(|cell| !cell.is_empty())
            .collect();
        for row in whole.json().as_array().unwrap() {
            let mut rest = plain(row[column].as_str().unwrap_or_default());
            while !rest.is_empty() {
                let next = shown
                    .iter()
                    .filter(|cell| rest.starts_with(cell.as_str()))
                    .max_by_key(|cell| cell.len());
                let next = next.unwrap_or_else(|| panic!("`{rest}` is missing: {words:?}"));
                rest = rest[next.len()..].to_owned();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_user_can_read_is_an_answer_and_a_row_for_each_gate() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = restricted(&site);
    let account = site.site().account_ids().next().unwrap();
    let words = ["call", "canRead", &account, &page];
    let decision = host.run(&words).ok().json();
    let shown = table(&host, &words).stdout;
    let answer = decision["answer"].as_str().unwrap();
    assert!(shown.starts_with(&format!("{answer}: ")), "{shown}");
    for gate in decision["gates"].as_array().unwrap() {
        let id = gate["id"].as_str().unwrap();
        let line = shown
            .lines()
            .find(|line| line.contains(id) && line.contains(gate["kind"].as_str().unwrap()));
        assert!(line.is_some(), "{id} in {shown}");
    }
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );
}
