//! `--columns`, `--json` and `--jq` of the commands that print rows or an object of this program's own.

use serde_json::{Value, json};
use tests::Host;

use crate::site;

/// Commands that print a list of objects, and two of its fields.
const LISTS: [(&[&str], [&str; 2]); 9] = [
    (&["connection", "list"], ["site", "name"]),
    (&["config", "list"], ["value", "key"]),
    (&["config", "list", "--all"], ["default", "key"]),
    (&["config", "explain"], ["level", "key"]),
    (&["streams"], ["passes", "name"]),
    (&["functions"], ["signature", "name"]),
    (&["component", "list"], ["bytes", "digest"]),
    (&["policy"], ["rule", "about"]),
    (&["doctor", "--offline"], ["state", "check"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_chosen_in_every_format_of_every_list() {
    let site = site().await;
    let host = Host::with_site(&site);
    for (command, [first, second]) in LISTS {
        let run = |more: &[&str]| host.run(&[command, more].concat());
        let whole = run(&["--output", "json"]).ok().json();
        let whole = whole.as_array().unwrap();
        assert!(!whole.is_empty(), "{command:?}");
        let names = format!("{first},{second}");
        let expected: Vec<Value> = whole
            .iter()
            .map(|row| json!({first: row[first], second: row[second]}))
            .collect();
        for more in [
            &["--json", &names][..],
            &["--columns", &names, "-o", "json"],
            &["--columns", &names],
        ] {
            let printed = run(more).ok();
            assert_eq!(
                printed.json(),
                Value::Array(expected.clone()),
                "{command:?} {more:?}"
            );
        }
        let lines = run(&["--columns", &names, "-o", "ndjson"]).ok().stdout;
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, expected, "{command:?}");
        let csv = run(&["--columns", &names, "-o", "csv"]).ok().stdout;
        assert_eq!(csv.lines().next(), Some(names.as_str()), "{command:?}");
        let table = run(&["--columns", &names, "-o", "table"]).ok();
        assert!(!table.stderr.contains("--output wide"), "{table:#?}");
        let heads: Vec<&str> = table
            .stdout
            .lines()
            .nth(1)
            .unwrap()
            .split(['│', '┆'])
            .map(str::trim)
            .collect();
        assert_eq!(
            heads,
            ["", first, second, ""],
            "{command:?}: {}",
            table.stdout
        );
        let filter = format!("map(.[\"{second}\"]) | length");
        let counted = run(&["--jq", &filter]).ok().stdout;
        assert_eq!(counted.trim(), whole.len().to_string(), "{command:?}");
        let narrowed = run(&["--json", first, "--jq", ".[0] | keys[]"]).ok().stdout;
        assert_eq!(narrowed.trim(), first, "{command:?}");
        run(&["--json"]).fails(2, &["`--json` needs fields", first, second]);
        run(&["--columns", "nope"]).fails(2, &["unknown column `nope`", second]);
        run(&["--jq", ".["]).fails(2, &["`--jq`"]);
        run(&["--jq", ".", "-o", "csv"]).fails(2, &["omit `--output`"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_one_object_are_chosen_and_filtered() {
    let site = site().await;
    let host = Host::with_site(&site);
    for (command, field) in [
        (&["connection", "show"][..], "site"),
        (&["connection", "test"], "spaces"),
        (&["component", "inspect"], "bytes"),
        (&["functions", "listPages"], "signature"),
        (&["streams", "pages"], "passes"),
    ] {
        let run = |more: &[&str]| host.run(&[command, more].concat());
        let whole = run(&["--output", "json"]).ok().json();
        let chosen = run(&["--json", field]).ok().json();
        assert_eq!(chosen, json!({field: whole[field]}), "{command:?}");
        let filtered = run(&["--jq", &format!(".{field} == null")]).ok().stdout;
        assert_eq!(filtered, "false\n", "{command:?}");
        run(&["--json", "nope"]).fails(2, &["unknown column `nope`", field]);
    }
    // A name with a blank is written as a field of JSON often is.
    let rows = host
        .run(&["connection", "list", "--json", "inUse,name"])
        .ok()
        .json();
    assert_eq!(rows, json!([{"inUse": true, "name": "default"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_syncs_are_chosen_and_filtered() {
    let site = site().await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let target = format!("sqlite:{}", folder.path().join("site.db").display());
    let copy = ["--to", target.as_str(), "--streams", "spaces"];
    let run = |command: &[&str], more: &[&str]| host.run(&[&["sync"], command, more].concat());
    let plan = run(&["plan"], &[&copy[..], &["--jq", "type"]].concat()).ok();
    assert_eq!(plan.stdout, "object\n");
    let summary = run(
        &["run"],
        &[&copy[..], &["--jq", ".streams[].stream"]].concat(),
    )
    .ok();
    assert_eq!(summary.stdout, "spaces\n");
    let to = ["--to", target.as_str()];
    for (command, field, filter, value) in [
        (&["runs"][..], "outcome", ".[].outcome", "complete\n"),
        (&["status"], "rows", ".[].stream", "spaces\n"),
        (&["failures"], "key", "length", "0\n"),
        (&["holds"], "key", "length", "0\n"),
    ] {
        let rows = run(command, &[&to[..], &["--json", field]].concat())
            .ok()
            .json();
        let rows = rows.as_array().unwrap();
        assert!(
            rows.iter().all(|row| row.as_object().unwrap().len() == 1),
            "{rows:?}"
        );
        let filtered = run(command, &[&to[..], &["--jq", filter]].concat()).ok();
        assert_eq!(filtered.stdout, value, "{command:?}");
    }
    let definition = [&["add", "docs"][..], &copy].concat();
    run(&definition, &[]).ok();
    let listed = run(&["list"], &["--json", "name,state"]).ok().json();
    assert_eq!(listed[0]["name"], "docs", "{listed}");
    assert_eq!(listed[0].as_object().unwrap().len(), 2);
    let shown = run(&["show", "docs"], &["--jq", ".name"]).ok().stdout;
    assert_eq!(shown, "docs\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_names_of_an_unknown_column_are_named() {
    let site = site().await;
    let host = Host::with_site(&site);
    for words in [
        &["call", "listPages", "--columns", "titel"][..],
        &["call", "listPages", "--json", "titel"],
        &["call", "getPageById", "98304", "--columns", "titel"],
        &["call", "listPages", "--all", "--columns", "titel"],
    ] {
        let ended = host.run(words);
        ended.fails(2, &["unknown column `titel`; did you mean `title`"]);
    }
    host.run(&["config", "list", "--columns", "keys"])
        .fails(2, &["unknown column `keys`; did you mean `key`?"]);
    host.run(&["read", "pages", "--columns", "titel"])
        .fails(2, &["no column `titel`; did you mean `title`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_a_column_for_each_of_its_fields_and_no_column_is_printed_twice() {
    let site = site().await;
    let host = Host::with_site(&site);
    let csv = |columns: &str| {
        let words = [
            "listPages",
            "--limit",
            "2",
            "-o",
            "csv",
            "--columns",
            columns,
        ];
        let text = host.call(&words).ok().stdout;
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        csv("id,version"),
        "id,version.number,version.message,version.minorEdit,version.authorId,version.createdAt"
    );
    assert_eq!(csv("id,title,id,web-url,webUrl"), "id,title,webUrl");
    assert_eq!(
        csv("version.number,version")
            .matches("version.number")
            .count(),
        1
    );
    let words = ["listPages", "--limit", "1", "--json", "version,id,version"];
    let rows = host.call(&words).ok().json();
    assert_eq!(rows[0].as_object().unwrap().len(), 2);
    assert!(rows[0]["version"]["number"].is_u64(), "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_not_valid_names_the_place() {
    let host = Host::new();
    for (filter, place) in [
        (".items[.id", "at character 7: `[` is not closed"),
        (".a | \"x", "at character 6: `\"` is not closed"),
        ("\"é\" | \"x", "at character 7: `\"` is not closed"),
        (".[0] as", "at character 8: expected pattern"),
        (". §", "at character 3: expected token"),
    ] {
        host.run(&["functions", "--jq", filter])
            .fails(2, &["`--jq`", place]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_flat_in_csv() {
    let site = site().await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let target = format!("sqlite:{}", folder.path().join("site.db").display());
    let to = ["--to", target.as_str()];
    let run = [&["sync", "run"], &to[..], &["--streams", "spaces,groups"]].concat();
    host.run(&run).ok();
    let csv = host
        .run(&[&["sync", "runs", "-o", "csv"], &to[..]].concat())
        .ok()
        .stdout;
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(header.len(), row.len(), "{csv}");
    let cell = |name: &str| row[header.iter().position(|there| *there == name).unwrap()];
    assert_eq!(cell("streams"), "groups spaces");
    assert_eq!(cell("errors"), "");
    assert!(!csv.contains(['{', '=']), "{csv}");
}
