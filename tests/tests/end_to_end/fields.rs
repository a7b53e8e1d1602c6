//! Fields that are chosen, JSON that is filtered, pages that are opened, tables that are paged.

use serde_json::{Value, json};
use tests::Host;

use crate::{site, site_of};

#[tokio::test(flavor = "multi_thread")]
async fn columns_choose_fields_in_every_format() {
    let site = site().await;
    let host = Host::with_site(&site);
    let list = ["listPages", "--limit", "3"];
    let run = |more: &[&str]| host.call(&[&list[..], more].concat()).ok();
    let whole = run(&[]).json();
    let chosen: Vec<Value> = whole["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| {
            json!({
                "title": page["title"],
                "version": { "number": page["version"]["number"] },
                "spaceId": page["spaceId"],
            })
        })
        .collect();
    let columns = ["--columns", "title,version.number,space-id"];
    let document = run(&columns).json();
    assert_eq!(document["items"], json!(chosen));
    // What else the answer has stays.
    assert_eq!(document["rest"], whole["rest"]);
    let lines = run(&[&columns[..], &["-o", "ndjson"]].concat()).stdout;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, chosen);
    let all = host
        .call(&["listPages", "--all", "--output", "json", "--columns", "id"])
        .ok()
        .json();
    let ids: Vec<Value> = site
        .site()
        .page_ids()
        .map(|id| json!({ "id": id }))
        .collect();
    assert_eq!(all["items"], json!(ids));
    let csv = run(&[&columns[..], &["-o", "csv"]].concat()).stdout;
    assert!(csv.starts_with("title,version.number,spaceId\n"), "{csv}");

    let page = site.site().page_ids().next().unwrap();
    let one = |more: &[&str]| {
        host.call(&[&["getPageById", &page][..], more].concat())
            .ok()
    };
    let record = one(&["--columns", "id,version.number"]).json();
    assert_eq!(record["id"], page);
    assert_eq!(record.as_object().unwrap().len(), 2);
    let table = one(&["--columns", "id,version", "-o", "table"]).stdout;
    assert!(
        table.contains("version.authorId") && !table.contains("title"),
        "{table}"
    );
    let csv = one(&["--columns", "id,version.number", "-o", "csv"]).stdout;
    assert!(
        csv.starts_with(&format!("id,version.number\n{page},")),
        "{csv}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_an_array_of_the_chosen_fields() {
    let site = site_of(300).await;
    let host = Host::with_site(&site);
    let ids: Vec<Value> = site
        .site()
        .page_ids()
        .map(|id| json!({ "id": id }))
        .collect();
    let one = host
        .call(&["listPages", "--json", "id", "--limit", "7"])
        .ok()
        .json();
    assert_eq!(one, json!(ids[..7]));
    let all = ["listPages", "--all", "--limit", "100", "--json=id"];
    assert_eq!(host.call(&all).ok().json(), json!(ids));
    let page = site.site().page_ids().next().unwrap();
    let record = host
        .call(&["getPageById", &page, "--json", "id"])
        .ok()
        .json();
    assert_eq!(record, ids[0]);
    for words in [
        &["listPages", "--json"][..],
        &["listPages", "--json", "--limit", "3"],
        &["listPages", "--json", "id,nope"],
        &["getPageById", &page, "--json"],
    ] {
        host.call(words)
            .fails(2, &["`title`", "`version.number`", "`version`"]);
    }
    host.call(&["listPages", "--json", "id", "-o", "csv"])
        .fails(2, &["omit `--output`"]);
    let none = ["listTasks", "--due-date-to", "1970-01-02", "--json", "id"];
    assert_eq!(host.call(&none).ok().json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn jq_filters_what_is_printed() {
    let site = site_of(300).await;
    let host = Host::with_site(&site);
    let ids: Vec<String> = site.site().page_ids().collect();
    let lines = |words: &[&str]| -> Vec<String> {
        let shown = host.call(words).ok().stdout;
        shown.lines().map(str::to_owned).collect()
    };
    assert_eq!(
        lines(&["listPages", "--limit", "9", "--jq", ".items[].id"]),
        ids[..9]
    );
    assert_eq!(
        lines(&[
            "listPages",
            "--limit",
            "9",
            "--json",
            "id",
            "--jq",
            ".[].id"
        ]),
        ids[..9]
    );
    // Each response, in constant memory.
    assert_eq!(
        lines(&[
            "listPages",
            "--limit",
            "100",
            "--all",
            "--jq",
            ".items | length"
        ]),
        ["100", "100", "100"]
    );
    assert_eq!(
        lines(&[
            "getPageById",
            &ids[0],
            "--jq",
            "{id, number: (.version.number | type)}"
        ]),
        [format!("{{\"id\":\"{}\",\"number\":\"number\"}}", ids[0])]
    );
    // Wrong ones are refused before anything is sent.
    let before = site.request_count();
    for wrong in [".items[", "nope", "$nope", ".a |"] {
        host.call(&["listPages", "--jq", wrong])
            .fails(2, &["--jq", wrong]);
    }
    assert_eq!(site.request_count(), before);
    // What an expression fails at can be the whole answer.
    let failed = host.call(&["listPages", "--limit", "250", "--jq", ".items.id"]);
    assert!(failed.stderr.len() < 1_000, "{}", failed.stderr.len());
    failed.fails(25, &["`--jq` failed", "id", "fix:"]);
    host.call(&["listPages", "--jq", ".items.title"])
        .fails(25, &["`--jq` failed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn web_prints_the_address_of_the_page_where_there_is_no_terminal() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    let address = host.call(&["getPageById", &page]).ok().json()["webUrl"].clone();
    let ended = host.call(&["getPageById", &page, "--web"]).ok();
    assert_eq!(ended.stdout.trim(), address.as_str().unwrap());
    host.call(&["listPages", "--ids", &page, "--web"]).ok();
    host.call(&["listPages", "--web"]).fails(2, &["25 items"]);
    host.call(&["listPages", "--all", "--web"])
        .fails(2, &["omit `--all`"]);
    host.call(&["listLabels", "--limit", "1", "--web"])
        .fails(2, &["webUrl"]);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_web_starts_the_browser_with_the_address() {
    use std::os::unix::fs::PermissionsExt as _;

    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    let address = host.call(&["getPageById", &page]).ok().json()["webUrl"].clone();
    let browser = host.state().join("browser");
    let opened = host.state().join("opened");
    // A browser that is there as a whole when it is moved.
    let script = format!(
        "#!/bin/sh\necho \"$@\" > {0}.new; mv {0}.new {0}\n",
        opened.display()
    );
    std::fs::write(&browser, script).unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (command, expected) in [
        (
            browser.display().to_string(),
            address.as_str().unwrap().to_owned(),
        ),
        (
            format!("/nonexistent/x:{} --new %s", browser.display()),
            format!("--new {}", address.as_str().unwrap()),
        ),
    ] {
        let variables = [("BROWSER", command.as_str())];
        let words = ["call", "getPageById", &page, "--web"];
        let ended = host.on_terminal(80, &words, &variables).ok();
        assert!(ended.stdout.contains("opened"), "{ended:#?}");
        while !opened.exists() {
            std::thread::yield_now();
        }
        assert_eq!(std::fs::read_to_string(&opened).unwrap().trim(), expected);
        std::fs::remove_file(&opened).unwrap();
    }
    // `xdg-open` without a browser ends with 3.
    for none in [
        "/nonexistent/x",
        "false",
        "false:/nonexistent/x",
        "ls /nonexistent",
    ] {
        let variables = [("BROWSER", none)];
        let words = ["call", "getPageById", &page, "--web"];
        let ended = host.on_terminal(80, &words, &variables).ok();
        assert!(ended.stdout.contains("`BROWSER`"), "{none}: {ended:#?}");
        assert!(ended.stdout.contains(address.as_str().unwrap()));
        assert!(!ended.stdout.contains("opened"), "{none}: {ended:#?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_longer_than_the_terminal_are_paged() {
    let site = site().await;
    let host = Host::with_site(&site);
    let shown = |limit: &str, variables: &[(&str, &str)]| {
        let words = ["call", "listPages", "--columns", "id", "--limit", limit];
        let line = [
            "stty",
            "rows",
            "24",
            "cols",
            "80;",
            &tests::binary().display().to_string(),
        ];
        let line = [&line[..], &words].concat().join(" ");
        let output = host
            .command_line("exec script --quiet --return --command \"$LINE\" /dev/null")
            .env("LINE", line)
            .env("TERM", "xterm")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let pager = ("PAGER", "sed s/^/PAGED/");
    let long = shown("40", &[pager]);
    assert_eq!(long.matches("PAGED").count(), 44, "{long}");
    // What is said on standard error comes after the pager.
    assert!(long.rfind("PAGED") < long.find("there is more"), "{long}");
    assert!(!shown("5", &[pager]).contains("PAGED"));
    assert_eq!(shown("5", &[pager]).matches('│').count(), 12);
    assert!(!shown("40", &[pager, ("HOST_RUNNER_PAGER", "")]).contains("PAGED"));
    assert!(shown("40", &[pager, ("HOST_RUNNER_PAGER", "sed s/^/OWN/")]).contains("OWN"));
    // A pager that ends early is no failure, and a pipe has none.
    shown("40", &[("PAGER", "head -n 2")]);
    let piped = host.run_with(
        &["call", "listPages", "--limit", "100", "-o", "table"],
        "",
        &[pager],
    );
    assert!(!piped.ok().stdout.contains("PAGED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_chosen_by_one_option() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.call(&["listPages", "--json", "id", "--columns", "title"])
        .fails(2, &["`--json` and `--columns`", "omit one"]);
    host.run(&["connection", "list", "--json", "name", "--columns", "site"])
        .fails(2, &["--json", "--columns"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_a_connection_is_a_sentence_for_people() {
    let site = site().await;
    let host = Host::with_site(&site);
    let run = |words: &[&str]| {
        host.call(&[&["testConnection"], words].concat())
            .ok()
            .stdout
    };
    let of_space = run(&["ENG", "-o", "table"]);
    assert_eq!(of_space.lines().count(), 1, "{of_space}");
    assert!(
        of_space.contains("found") && of_space.contains("pages in ENG"),
        "{of_space}"
    );
    let all = run(&["-o", "table"]);
    assert!(
        all.contains("spaces") && all.contains("visible to"),
        "{all}"
    );
    // Everything that it reports is in the other formats.
    assert!(run(&["ENG", "-o", "wide"]).contains("timeZone"));
    assert!(run(&["ENG", "-o", "table", "--columns", "email"]).contains("email"));
    assert!(run(&["ENG"]).contains("timeZone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_this_program_have_fields_named_like_those_of_calls() {
    let site = site().await;
    let host = Host::with_site(&site);
    for words in [
        &["connection", "list"][..],
        &["connection", "show"],
        &["policy"],
        &["config", "list", "--all"],
        &["config", "explain"],
        &["functions"],
        &["streams"],
    ] {
        let json = host
            .run(&[words, &["--output", "json"]].concat())
            .ok()
            .json();
        let row = json.get(0).unwrap_or(&json).as_object().unwrap();
        for name in row.keys() {
            assert!(name.chars().all(char::is_alphanumeric), "{words:?}: {name}");
        }
        let csv = host
            .run(&[words, &["--output", "csv"]].concat())
            .ok()
            .stdout;
        let header = csv.lines().next().unwrap();
        assert!(!header.contains([' ', '-']), "{words:?}: {header}");
    }
    let table = host
        .run(&["connection", "list", "--output", "table"])
        .ok()
        .stdout;
    assert!(table.contains("in use"), "{table}");
}
