//! Arguments as people type them.

use tests::scripted::{Reply, Scripted, answer};
use tests::{AUTHORIZATION, Host};

use crate::site;

/// The last request's path and query.
fn last(site: &confluence_simulator::Simulator) -> String {
    site.requests().last().unwrap().path_and_query.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn positional_and_named_arguments_mean_the_same() {
    let site = site().await;
    let host = Host::with_site(&site);
    let mut asked = Vec::new();
    for words in [
        &["listSpaces", "null", r#"["ENG","HR"]"#, "100"][..],
        &["list-spaces", "--keys", "ENG,HR", "--limit", "100"],
        &["listSpaces", "--keys=ENG,HR", "--limit=100"],
        &["listSpaces", "--keys", r#"["ENG", "HR"]"#, "--limit", "100"],
        &["list_spaces", "null", r#"["ENG","HR"]"#, "--limit", "100"],
    ] {
        let ended = host.call(words).ok();
        assert_eq!(ended.ids().len(), 2, "{words:?}");
        asked.push(last(&site));
    }
    asked.dedup();
    assert_eq!(asked.len(), 1, "{asked:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_fits_another_argument_is_said_to() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    for (words, other) in [
        (
            &["getPagesBySpace", "65538", "-modified-date"][..],
            "--sort -modified-date",
        ),
        (
            &["getBlogPostsBySpace", "65538", "created-date"],
            "--sort created-date",
        ),
        (&["getPageVersions", &page, "3"], "--limit 3"),
        (&["getLabelsByPage", &page, "5"], "--limit 5"),
        (&["getPageChildren", &page, "3"], "--limit 3"),
        (&["getTasks", "5"], "--limit 5"),
        (&["getTasks", "complete"], "--status complete"),
        (&["getTasks", "null", "open"], "--status open"),
        (
            &["getTasks", "null", "null", "INCOMPLETE"],
            "--status INCOMPLETE",
        ),
        (&["listTasks", "null", "null", "open"], "--status open"),
        (&["getTasks", "-1"], "pass a day"),
        (&["getAuditRecords", "-1"], "pass a day"),
    ] {
        let signature = format!("{}(", words[0]);
        host.call(words)
            .fails(18, &[other, &signature, "signature"]);
    }
    // Nothing has such an id.
    for (words, other) in [
        (
            &["getPagesBySpace", "5"][..],
            "`5` was passed as `space`, but fits `limit`: `--limit 5`",
        ),
        (
            &["getPagesBySpace", "-modified-date"],
            "--sort -modified-date",
        ),
        (&["getTasks", "null", "COMPLETE"], "--status COMPLETE"),
        (&["getLabelsByPage", "5"], "--limit 5"),
    ] {
        let signature = format!("the signature is `{}(", words[0]);
        host.call(words).fails(6, &[other, &signature]);
    }
    let ended = host.call(&["getAttachmentsByPage", &page, "5"]).ok();
    assert!(ended.stderr.contains("--limit 5"), "{ended:#?}");
    // Whatever is wrong, the signature shows what belongs where.
    for (words, code) in [
        (&["getEffectiveReaders", "5"][..], 18),
        (&["getComments", "x", "98304"], 18),
        (&["canRead", "x"], 18),
        (&["getContentProperties", "98304"], 18),
        (&["listLabels", "98304"], 18),
        (&["getPageVersions", "98304", "sideways"], 18),
        (&["getEffectiveReaders", "page"], 2),
    ] {
        let signature = format!("the signature is `{}(", words[0]);
        let ended = host.call(words).fails(code, &[&signature]);
        assert_eq!(
            ended.stderr.matches("the signature").count(),
            1,
            "{ended:#?}"
        );
    }
    // What is where it belongs has no hint.
    for words in [
        &["getPagesBySpace", "65538", "3"][..],
        &["getPageById", &page],
        &["getPageById", "5"],
        &["getPagesBySpace", "65539"],
        &["listPages", "7"],
    ] {
        let ended = host.call(words);
        assert!(!ended.stderr.contains("but fits"), "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scalar_is_a_list_of_one() {
    let site = site().await;
    let host = Host::with_site(&site);
    let id = site.site().page_ids().last().unwrap();
    for words in [
        &["listPages", &id][..],
        &["listPages", "--ids", &id],
        &["listPages", &format!("[{id}]")],
        &["listPages", &format!("\"{id}\"")],
    ] {
        let ended = host.call(words).ok();
        assert_eq!(ended.ids(), std::slice::from_ref(&id), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numeric_ids_keep_all_their_digits() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.call(&["listPages", "[9223372036854775807,9007199254740993]"])
        .ok();
    let asked = last(&site);
    assert!(
        asked.contains("id=9223372036854775807&id=9007199254740993"),
        "{asked}"
    );
    host.call(&["listPages", "9223372036854775808"])
        .fails(18, &["9223372036854775808"]);
    host.call(&["listPages", "[1e3]"]).fails(18, &["1e3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_options_are_named_alike() {
    let site = site().await;
    let host = Host::with_site(&site);
    let named = [
        "listPages",
        "--sort",
        "-modified-date",
        "--status",
        "current,archived",
        "--bodyFormat",
        "storage",
    ];
    let record =
        r#"{"sort":"-modified-date","status":["current","archived"],"bodyFormat":"storage"}"#;
    let first = host.call(&named).ok().ids();
    let asked = last(&site);
    assert!(asked.contains("sort=-modified-date"), "{asked}");
    assert!(asked.contains("status=current&status=archived"), "{asked}");
    assert_eq!(
        host.call(&["listPages", "--options", record]).ok().ids(),
        first
    );
    assert_eq!(last(&site), asked);
    host.call(&["listPages", "--options", r#"{"sortt":"id"}"#])
        .fails(18, &["sortt", "sort"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_stays_text_whatever_it_looks_like() {
    let site = site().await;
    let host = Host::with_site(&site);
    for title in [
        "123",
        "true",
        "[draft]",
        "漢字 & ~ \"x\" \\",
        "a+b=c%2F",
        "\"quoted\" word",
        "-dash",
    ] {
        host.call(&["listBlogPosts", "--title", title]).ok();
        let asked = last(&site);
        let sent = asked
            .split("title=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(decoded(&sent), title);
    }
}

/// Percent-decoding, written out here so that it cannot share a mistake.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        assert_ne!(byte, b'+', "a plus would be read as a blank");
        if byte == b'%' {
            let pair = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn enums_are_taken_in_capitals() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.call(&["listTasks", "--status", "COMPLETE"]).ok();
    assert!(last(&site).contains("status=complete"));
    host.call(&["listTasks", "--status", "done"])
        .fails(18, &["`complete`, `incomplete`", "done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_none_asks_nothing() {
    let site = site().await;
    let host = Host::with_site(&site);
    let before = site.request_count();
    assert_eq!(host.call(&["listPages", "[]"]).ok().ids().len(), 0);
    assert_eq!(site.request_count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_are_days_times_or_milliseconds() {
    let site = site().await;
    let host = Host::with_site(&site);
    for (from, to) in [
        ("2026-03-01", "2026-03-05"),
        ("2026-03-01T00:00:00Z", "2026-03-05T23:59:59.999Z"),
        ("1772323200000", "1772755199999"),
    ] {
        host.call(&["listTasks", from, to]).ok();
        let asked = last(&site);
        assert!(asked.contains("due-at-from=1772323200000"), "{asked}");
        assert!(asked.contains("due-at-to=1772755199999"), "{asked}");
    }
    host.call(&["listTasks", "2026-03-05", "2026-03-01"])
        .fails(18, &["2026-03-05"]);
}

#[test]
fn a_limit_that_is_out_of_range_names_the_range() {
    let host = Host::new();
    for limit in ["-1", "abc", "4294967296", "1.5"] {
        host.call(&["listPages", "--limit", limit])
            .fails(18, &["`limit` must be an integer from 1 to 10000", limit]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_id_names_its_likely_cause() {
    let site = site().await;
    let host = Host::with_site(&site);
    for function in ["getPageById", "getTaskById", "getContentReference"] {
        let ended = host.call(&[function, ""]);
        ended.fails(
            18,
            &[
                "cause: a variable that it comes from is not set",
                "fix: pass an id",
            ],
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_takes_its_value_from_behind_it_and_nothing_else() {
    let site = site().await;
    let host = Host::with_site(&site);
    for (words, raw) in [
        (&["--raw"][..], true),
        (&["--raw", "true"], true),
        (&["--raw", "false"], false),
        (&["--raw=false"], false),
        (&["--raw", "--limit", "1"], true),
        (&["--raw", "null"], true),
    ] {
        let items = host
            .call(&[&["listAttachments"], words].concat())
            .ok()
            .json()["items"]
            .clone();
        let items = items.as_array().unwrap();
        assert!(!items.is_empty(), "{words:?}");
        assert!(
            items.iter().all(|item| item["raw"].is_string() == raw),
            "{words:?}"
        );
        let asked = last(&site);
        assert!(!asked.contains("filename"), "{words:?}: {asked}");
    }
    host.call(&["listAttachments", "--raw", "falsch"]).ok();
    assert!(last(&site).contains("filename=falsch"));
    host.call(&["listAttachments", "--raw=falsch"])
        .fails(18, &["raw", "falsch"]);
}

#[cfg(unix)]
#[test]
fn words_that_are_no_text_are_wrong_usage() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let host = Host::new();
    let odd = OsStr::from_bytes(b"\xff");
    for words in [
        &["--env".as_ref(), odd, "config".as_ref(), "path".as_ref()][..],
        &[odd],
        &["call".as_ref(), odd],
        &["call".as_ref(), "listSpaces".as_ref(), odd],
        &["connection".as_ref(), "show".as_ref(), odd],
        &["config".as_ref(), "get".as_ref(), odd],
    ] {
        let ended = host.run::<&OsStr>(words).fails(2, &["error:"]);
        assert_eq!(ended.stdout, "", "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_are_read_as_people_write_them() {
    let site = site().await;
    let host = Host::with_site(&site);
    let ids: Vec<String> = site.site().page_ids().take(3).collect();
    let by_name = host
        .call(&["listPages", "--ids", &ids.join(",")])
        .ok()
        .ids();
    assert_eq!(
        host.call(&["listPages", &ids.join(",")]).ok().ids(),
        by_name
    );
    assert_eq!(
        host.call(&["listPages", &ids.join(", ")]).ok().ids(),
        by_name
    );
    assert_eq!(host.call(&["listPages", &ids[0]]).ok().ids(), ids[..1]);
    // A variable that is not set.
    for words in [
        &["listPages", ""][..],
        &["listPages", "--ids", ""],
        &["listPages", "--ids", ","],
        &["listPages", "98304,"],
        &["listPages", "--space-ids", ""],
        &["listBlogPosts", "--space-ids", "ENG,,HR"],
        &["listPages", "--status", " "],
        &["listSpaces", "null", " "],
    ] {
        host.call(words).fails(2, &["empty text", "`null`"]);
    }
    let current = host
        .call(&["search", "type=page", "--archived", "false"])
        .ok();
    let found = host.call(&["search", "type=page"]).ok();
    assert_eq!(found.ids(), current.ids());
    host.call(&["search", "type=page", "true"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_why_it_may_be_empty() {
    let site = site().await;
    let host = Host::with_site(&site);
    let none = ["call", "listTasks", "--due-date-to", "1970-01-02"];
    let shown = host.on_terminal(80, &none, &[]).ok().stdout;
    assert!(shown.contains("no tasks match"), "{shown}");
    // There is no table without rows and columns.
    assert!(!shown.contains('┌'), "{shown}");
    let piped = host.run(&none).ok();
    assert!(!piped.stderr.contains("match"), "{piped:#?}");
    let more = host
        .on_terminal(80, &["call", "listPages"], &[])
        .ok()
        .stdout;
    assert!(
        more.contains("`--all`") && !more.contains("--after "),
        "{more}"
    );
}

/// A host whose account sees nothing of its site.
pub(crate) async fn without_access() -> (Scripted, Host) {
    let json = |body: &str| answer("200 OK\r\ncontent-type: application/json", body);
    let empty = json(r#"{"results":[],"totalSize":0,"_links":{}}"#);
    let user = json(r#"{"type":"known","accountId":"712020:5f0c","displayName":"Ada Vogel"}"#);
    let site = Scripted::start(move |asked| {
        let is_user = asked.path().ends_with("/user/current");
        Reply::Sends(if is_user { &user } else { &empty }.clone())
    })
    .await;
    let host = Host::new();
    host.set(&site.url(), AUTHORIZATION, "app").ok();
    (site, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_sees_nothing_gets_the_same_notice_from_every_command() {
    let (_site, host) = without_access().await;
    // In the words of the function that looks for it.
    let test = host.call(&["testConnection"]).ok().json();
    assert_eq!(test["notices"][0]["code"], "nothing-visible");
    let of_spaces = test["notices"][0]["message"].as_str().unwrap().to_owned();
    let of_pages = of_spaces.replace("no space:", "no page:");
    assert_ne!(of_spaces, of_pages);
    for words in [
        &["listSpaces"][..],
        &["listSpaces", "null", "null", "10"],
        &["getSpaces", "--sort", "desc", "--all"],
        &["listPages", "--body-format", "storage", "--raw"],
        &["listPages", "--sort", "-modified-date", "--limit", "5"],
        &["getPages", "--all", "--output", "json"],
        &["getPages", "--all", "--output", "csv"],
        &["listPages", "--output", "table"],
        &["listPages", "--json", "id"],
    ] {
        let ended = host.call(words).ok();
        let message = if words[0].ends_with("Spaces") {
            &of_spaces
        } else {
            &of_pages
        };
        assert_eq!(ended.stderr.matches(message).count(), 1, "{ended:#?}");
        assert!(!ended.stderr.contains(" match"), "{ended:#?}");
        if ended.stdout.starts_with("{\"items\"") {
            let notices = &ended.json()["rest"]["notices"];
            assert_eq!(notices.as_array().unwrap().len(), 1, "{notices}");
            assert_eq!(notices[0]["code"], "nothing-visible");
            assert_eq!(notices[0]["message"], *message);
        }
    }
    // An account that sees everything finds nothing here, either.
    for words in [
        &["listPages", "--ids", "98304"][..],
        &["listPages", "--status", "trashed"],
        &["listPages", "--space-ids", "65538"],
        &["getBlogPosts"],
    ] {
        let ended = host.call(words).ok();
        assert!(!ended.stderr.contains("this account sees"), "{ended:#?}");
        assert!(
            !ended.stdout.contains("nothing-visible"),
            "{words:?} {ended:#?}"
        );
    }
    for words in [
        &["connection", "test"][..],
        &["connection", "test", "--output", "json"],
    ] {
        let ended = host.run(words).ok();
        assert_eq!(ended.stderr.matches(&of_spaces).count(), 1, "{ended:#?}");
    }
    let ended = host.run(&["doctor", "--output", "json"]);
    let checks = ended.json();
    let access = checks.as_array().unwrap().iter();
    let access = access.clone().find(|row| row["check"] == "access").unwrap();
    assert_eq!(access["state"], "warning");
    assert!(access["seen"].as_str().unwrap().contains(&of_spaces));
    let sink = format!("sqlite:{}", host.state().join("site.db").display());
    let sync = ["sync", "run", "--to", &sink, "--streams", "pages,spaces"];
    let ended = host.run(&sync).ok();
    assert_eq!(ended.stderr.matches("this account sees").count(), 1);
    let events = host
        .run(&[&sync[..], &["--message-format", "json"]].concat())
        .ok();
    let notice = events.stdout.lines().find(|line| line.contains("notice"));
    assert!(
        notice.is_some_and(|line| line.contains("nothing-visible")),
        "{events:#?}"
    );
    let narrowed = host.run(&[&sync[..], &["--labels", "faq"]].concat()).ok();
    assert!(!narrowed.stderr.contains("this account sees"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fix_for_a_rejected_token_names_the_command_that_replaces_it() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(crate::faults("*:401"));
    host.call(&["listSpaces"]).fails(
        4,
        &["connection set-token default --env default --app default --level app"],
    );
    assert!(
        host.run(&["version"])
            .ok()
            .stdout
            .starts_with("host-runner ")
    );
    assert_eq!(
        host.run(&["config", "ls", "--all"]).ok().stdout,
        host.run(&["config", "list", "--all"]).ok().stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_another_site_is_rejected_before_anything_is_sent() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    let own = format!("{}/wiki/spaces/ENG/pages/{page}/T", site.site_url());
    let path = format!("/wiki/spaces/ENG/pages/{page}");
    for address in [&own, &path, &page] {
        host.call(&["getPageById", address]).ok();
    }
    let before = site.request_count();
    let other = format!("https://other.example/wiki/spaces/ENG/pages/{page}/T");
    let view = format!("HTTPS://other.example/wiki/pages/viewpage.action?pageId={page}");
    let several = format!("{page},{other}");
    for words in [
        &["getPageById", &other][..],
        &["getPageById", &view],
        &["listPages", "--ids", &several],
        &["getComments", "page", &other, "footer", "false"],
        &["canRead", "712020:5f0c", "--page", &other],
    ] {
        host.call(words)
            .fails(18, &["`other.example`", "127.0.0.1", "pass the id alone"]);
    }
    assert_eq!(site.request_count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_of_other_lists_is_rejected_with_what_this_function_has() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.call(&["getTasks", "--space-ids", "65538"])
        .fails(18, &["pass the parameter `space-id`"]);
    host.call(&["listTasks", "--options", r#"{"status":["complete"]}"#])
        .fails(18, &["pass the parameter `status`"]);
    let ended = host
        .call(&["getPagesChangedSince", "2026-01-01", "--sort", "title"])
        .fails(18, &["`sort` is not accepted", "omit `sort`"]);
    assert!(!ended.stderr.contains("as an argument"), "{ended:#?}");
    host.call(&["getTasks", "20260131"])
        .fails(18, &["pass `2026-01-31`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_content_is_optional_wherever_search_is_described() {
    let host = Host::new();
    for words in [
        &["functions", "search", "-o", "table"][..],
        &["call", "search", "--help"],
    ] {
        let shown = host.run(words).ok().stdout;
        assert!(shown.contains("archived?: bool"), "{shown}");
        assert!(shown.contains("[default: false]"), "{shown}");
        assert!(!shown.contains("archived: bool"), "{shown}");
    }
    let described = host.run(&["functions", "search", "-o", "json"]).ok().json();
    assert_eq!(described["parameters"][1]["name"], "archived");
    assert_eq!(described["parameters"][1]["required"], false);
    assert_eq!(described["parameters"][0]["required"], true);
}
