//! What is printed: tables for people, JSON for programs, and nothing that steers a terminal.

use std::io::{BufRead as _, BufReader};

use serde_json::Value;
use tests::{Host, binary};

use crate::{faults, site, site_of};

/// A list that has nothing on any site.
const NONE: [&str; 3] = ["listTasks", "--due-date-to", "1970-01-02"];

#[tokio::test(flavor = "multi_thread")]
async fn the_format_is_the_one_asked_for() {
    let site = site().await;
    let host = Host::with_site(&site);
    assert!(host.call(&["listSpaces"]).ok().json()["items"].is_array());
    assert_eq!(
        host.call(&["listSpaces", "--output", "ndjson"])
            .ok()
            .line_ids()
            .len(),
        5
    );
    let table = host.call(&["listSpaces", "-o", "table"]).ok().stdout;
    assert!(table.contains("│ id ") && table.contains("ENG"), "{table}");
    host.call(&["listSpaces", "--output", "yaml"])
        .fails(2, &["`yaml`", "`ndjson`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_as_json_is_one_document_of_the_shape_of_one_answer() {
    let site = site_of(600).await;
    let host = Host::with_site(&site);
    let document = |words: &[&str]| {
        let words = [words, &["--output", "json"]].concat();
        host.call(&words).ok().json()
    };
    let since = ["getPagesChangedSince", "2000-01-01"];
    for words in [
        &["listPages"][..],
        &["listTasks", "--status", "complete"],
        &since,
    ] {
        let one = document(&[words, &["--limit", "10000"]].concat());
        let several = document(&[words, &["--limit", "250", "--all"]].concat());
        assert!(one["rest"]["after"].is_null(), "{}", one["rest"]);
        assert_eq!(several, one, "{words:?}");
    }
    let none = document(&[&NONE[..], &["--all"]].concat());
    assert_eq!(none["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(none, document(&NONE));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_as_json_has_the_notices_of_all_answers() {
    let site = site_of(2000).await;
    let host = Host::with_site(&site);
    let unknown = ["4611686018427387904", "4611686018427387905"];
    let mut ids: Vec<String> = site.site().page_ids().take(600).collect();
    ids.insert(1, unknown[0].to_owned());
    ids.push(unknown[1].to_owned());
    let ids = ids.join(",");
    let words = [
        "listPages",
        "--ids",
        &ids,
        "--limit",
        "100",
        "--all",
        "--output",
        "json",
    ];
    let document = host.call(&words).ok().json();
    assert_eq!(document["items"].as_array().unwrap().len(), 600);
    let notices = document["rest"]["notices"].as_array().unwrap().iter();
    let told: Vec<&str> = notices
        .map(|notice| notice["id"].as_str().unwrap())
        .collect();
    assert_eq!(told, unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_as_json_that_breaks_off_is_no_document_or_says_that_it_stopped() {
    let site = site_of(3000).await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--all", "--output", "json"];
    // The second answer fails as a whole.
    site.set_faults(faults("5:401"));
    let broken = host
        .call(&words)
        .fails(4, &["incomplete", "--after"])
        .stdout;
    assert!(broken.starts_with("{\"items\":[{"), "{}", &broken[..80]);
    assert!(serde_json::from_str::<Value>(&broken).is_err());
    // The first one ends early, and has rows.
    site.set_faults(faults("3:401"));
    let stopped = host
        .call(&words)
        .fails(4, &["incomplete", "--after"])
        .json();
    assert_eq!(stopped["rest"]["stopped"]["kind"], "unauthorized");
    assert_eq!(stopped["items"].as_array().unwrap().len(), 500);
    // Nothing came at all.
    site.set_faults(faults("*:401"));
    assert_eq!(host.call(&words).fails(4, &[]).stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_as_tables_has_a_table_for_each_answer() {
    let site = site_of(600).await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--output", "table", "--columns", "id,status"];
    let of = |more: &[&str]| host.call(&[&words[..], more].concat()).ok().stdout;
    let tables = of(&["--limit", "250", "--all"]);
    assert_eq!(tables.matches("│ id ").count(), 3);
    let shown: Vec<&str> = tables
        .lines()
        .filter_map(|line| line.split(['│', '┆']).nth(1))
        .map(str::trim)
        .filter(|cell| *cell != "id")
        .collect();
    assert_eq!(shown, site.site().page_ids().collect::<Vec<_>>());
    let none = |more: &[&str]| {
        let words = [&NONE[..], &["--output", "table"], more].concat();
        host.call(&words).ok().stdout
    };
    assert_eq!(none(&["--all"]), none(&[]));
    let ended = host.call(&["listPages", "--output", "table", "--all"]).ok();
    assert_eq!(ended.stderr.matches("omits").count(), 1, "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_go_to_standard_output_and_everything_else_to_standard_error() {
    let site = site().await;
    let ended = Host::with_site(&site)
        .call(&["listPages", "--output", "ndjson"])
        .ok();
    assert_eq!(ended.line_ids().len(), 25);
    assert!(ended.stderr.contains("there is more"));
    assert!(
        !ended.stderr.contains('\u{1b}'),
        "no colour into a pipe: {ended:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_had_enough_ends_it_quietly() {
    let site = site_of(20_000).await;
    let host = Host::with_site(&site);
    // More than fits into a pipe, so that it is still written when nobody reads.
    for words in [
        &["call", "listPages", "--all"][..],
        &["call", "listPages", "--all", "--output", "csv"],
        &["call", "listPages", "--all", "--output", "json"],
        &["call", "listPages", "--all", "--output", "table"],
        &["call", "listPages", "--limit", "10000", "--output", "csv"],
        &[
            "call",
            "listPages",
            "--limit",
            "10000",
            "--output",
            "ndjson",
        ],
    ] {
        let mut child = host.start(words);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(!lines.next().unwrap().unwrap().is_empty());
        drop(lines);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{words:?}");
        assert!(output.status.success(), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_help_with_examples() {
    let host = Host::new();
    for words in [
        &["--help"][..],
        &["call", "--help"],
        &["demo", "--help"],
        &["functions", "--help"],
        &["simulator", "serve", "--help"],
    ] {
        let help = host.run(words).ok().stdout;
        assert!(help.contains("Examples:"), "{words:?}: {help}");
    }
    let help = host.run(&["call", "listTasks", "--help"]).ok().stdout;
    assert!(help.contains("--due-date-from"), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_has_a_header_and_every_plain_field_quoted_where_it_must_be() {
    let site = site_of(2000).await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--all", "--output", "csv"];
    let csv = host
        .call(&[&words[..], &["--columns", "id,title,version.number"]].concat())
        .ok()
        .stdout;
    assert!(
        csv.starts_with("id,title,version.number\n"),
        "{}",
        &csv[..80]
    );
    assert_eq!(csv.lines().count(), 2001);
    // RFC 4180: a quote in a field is doubled, and the field quoted.
    assert!(csv.contains("\"\""), "the site has titles with quotes");
    let header = host.call(&words).ok().stdout;
    let header = header.lines().next().unwrap();
    for column in ["spaceId", "version.createdAt", "body.value", "raw"] {
        assert!(header.split(',').any(|name| name == column), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_the_ones_asked_for_in_that_order() {
    let site = site().await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--limit", "2", "--output", "csv", "--columns"];
    let csv = host
        .call(&[&words[..], &["space-id,ID,parent_type"]].concat())
        .ok()
        .stdout;
    assert!(csv.starts_with("spaceId,id,parentType\n"), "{csv}");
    assert_eq!(csv.lines().count(), 3);
    host.call(&[&words[..], &["colour"]].concat())
        .fails(2, &["`colour`", "`title`"]);
    let record = host.call(&["testConnection", "--columns", "email"]).ok();
    assert_eq!(record.stdout, "{\"email\":\"me@example.com\"}\n");
    let table = host
        .call(&["listPages", "-o", "table", "--columns", "title"])
        .ok()
        .stdout;
    assert!(
        table.contains("title") && !table.contains("spaceId"),
        "{table}"
    );
}

#[test]
fn functions_are_found_by_words() {
    let host = Host::new();
    let search = |words: &str, format: &str| {
        host.run(&["functions", "--search", words, "--output", format])
            .ok()
    };
    let found = search("due date", "ndjson").stdout;
    assert_eq!(found.lines().count(), 2, "{found}");
    assert!(found.contains("listTasks") && found.contains("getTasks"));
    let none = search("qqq", "ndjson");
    assert_eq!(none.stdout, "");
    assert!(none.stderr.contains("no function"));
    assert_eq!(search("qqq", "json").json(), Value::Array(Vec::new()));
}

/// What a CSV reader finds: the header, and the rows.
fn separated(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect();
    let header = cells(reader.headers().unwrap());
    let rows = reader.records().map(|row| cells(&row.unwrap())).collect();
    (header, rows)
}

/// Asserts that a row has what an object has, nested values as JSON.
#[track_caller]
fn same(header: &[String], row: &[String], object: &Value) {
    assert_eq!(
        header.len(),
        object.as_object().unwrap().len(),
        "{header:?}"
    );
    for (name, cell) in header.iter().zip(row) {
        match &object[name] {
            Value::Null => assert_eq!(cell, "", "{name}"),
            Value::String(text) => assert_eq!(cell, text, "{name}"),
            other => assert_eq!(
                &serde_json::from_str::<Value>(cell).unwrap(),
                other,
                "{name}"
            ),
        }
    }
}

#[test]
fn functions_are_one_document_or_a_line_or_a_row_each() {
    let host = Host::new();
    let printed = |words: &[&str], format: &str| {
        host.run(&[&["functions"], words, &["--output", format]].concat())
            .ok()
    };
    let all = printed(&[], "json").json();
    let all = all.as_array().unwrap();
    let lines = printed(&[], "ndjson").stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(&lines, all);
    let (header, rows) = separated(&printed(&[], "csv").stdout);
    assert_eq!(rows.len(), all.len());
    for (row, function) in rows.iter().zip(all) {
        same(&header, row, function);
    }
    let one = printed(&["listTasks"], "json").json();
    let listed = all.iter().find(|function| function["name"] == "listTasks");
    assert_eq!(one["signature"], listed.unwrap()["signature"]);
    assert_eq!(one["parameters"][0]["name"], "dueDateFrom");
    assert_eq!(one["parameters"][0]["required"], false);
    let (header, rows) = separated(&printed(&["listTasks"], "csv").stdout);
    same(&header, &rows[0], &one);
    // Nobody who asks for a function's documentation reads JSON, in a pager neither.
    let text = host.run(&["functions", "listTasks"]).ok().stdout;
    assert!(text.starts_with("listTasks("), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_answer_is_a_row_and_an_answer_that_is_a_list_a_row_for_each_item() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    for words in [
        &["connection", "show"][..],
        &["connection", "test"],
        &["component", "inspect"],
        &["call", "testConnection"],
        &["call", "getPageById", &page, "--body-format", "storage"],
        &["call", "getEffectiveReaders", "page", &page],
    ] {
        let printed = |format: &str| {
            let options = ["--output", format];
            host.run(&[words, &options[..]].concat()).ok()
        };
        let whole = printed("json").json();
        let (header, rows) = separated(&printed("csv").stdout);
        assert_eq!(rows.len(), 1, "{words:?}");
        same(&header, &rows[0], &whole);
    }
    let deep = |id: &String| site.site().ancestors_of(id).len() > 1;
    let page = site.site().page_ids().find(deep).unwrap();
    let ancestors = ["getPageAncestors", &page, "--output"];
    let printed = |format: &str| host.call(&[&ancestors[..], &[format]].concat()).ok();
    let whole = printed("json").json();
    let whole = whole.as_array().unwrap();
    let (header, rows) = separated(&printed("csv").stdout);
    assert_eq!(rows.len(), whole.len());
    for (row, ancestor) in rows.iter().zip(whole) {
        same(&header, row, ancestor);
    }
    let ids: Vec<&str> = whole.iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!(printed("ndjson").line_ids(), ids);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn commands_refuse_a_closed_standard_output_before_they_do_anything() {
    let site = site().await;
    let host = Host::with_site(&site);
    let before = site.request_count();
    let run = |line: &str| {
        let line = format!("{} {line}", binary().display());
        let output = host.command_line(&line).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), told)
    };
    for line in [
        "version",
        "--help",
        "functions",
        "call listSpaces",
        "call listPages --all --output csv",
        "read spaces",
        "config list",
    ] {
        let (code, told) = run(&format!("{line} >&-"));
        assert_eq!(code, Some(25), "{line}: {told}");
        assert!(told.contains("standard output is closed"), "{line}: {told}");
    }
    let (_, told) = run("--message-format json call listSpaces >&-");
    assert!(told.starts_with('{'), "{told}");
    assert_eq!(site.request_count(), before);
    // Other streams may be closed, and output may go nowhere, however that is opened.
    for line in [
        "call listSpaces <&-",
        "call listSpaces 2>&-",
        "call listSpaces > /dev/null",
        "call listSpaces 1<> /dev/null",
    ] {
        assert_eq!(run(line), (Some(0), String::new()), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_named_where_output_goes() {
    let site = site().await;
    let host = Host::with_site(&site);
    let copy = host.state().join("copy.db");
    host.run(
        &["sync", "run", "--streams", "spaces", "--to"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("sqlite:{}", copy.display())])
            .collect::<Vec<_>>(),
    )
    .ok();
    let (program, copy) = (binary().display(), copy.display());
    for line in [
        format!("{program} call listSpaces > /dev/full"),
        format!("{program} call listPages --all > /dev/full"),
        format!(
            "{program} call getPageById {} -o csv > /dev/full",
            site.site().page_ids().next().unwrap()
        ),
        format!("{program} read spaces > /dev/full"),
        format!("{program} read spaces --to csv:/dev/full"),
        format!("{program} functions > /dev/full"),
        format!("{program} config list --all -o table > /dev/full"),
        format!("{program} sync status --to sqlite:{copy} > /dev/full"),
        format!("{program} --metrics-file /dev/full call listSpaces"),
        format!("{program} completions bash > /dev/full"),
        format!("{program} --help > /dev/full"),
    ] {
        let output = host.command_line(&line).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(25), "{line}: {told}");
        assert!(told.contains("the disk is full"), "{line}: {told}");
    }
}
