//! Lists through the whole path: complete, exact, and continued where they ended.

use std::collections::BTreeSet;

use tests::Host;

use crate::{faults, site, site_of};

#[tokio::test(flavor = "multi_thread")]
async fn all_follows_a_list_of_100_000_pages_and_gives_every_id_once() {
    let site = site_of(100_000).await;
    let host = Host::with_site(&site);
    // 10 MiB for the guest: were anything kept from one answer to the next, it would not do.
    let ended = host.call(&["listPages", "--all", "--memory", "10"]).ok();
    let given = ended.line_ids();
    let distinct: BTreeSet<&String> = given.iter().collect();
    assert_eq!(given.len(), 100_000);
    assert_eq!(distinct.len(), 100_000);
    assert!(site.site().page_ids().all(|id| distinct.contains(&id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_gives_ids_beyond_53_bits_digit_by_digit() {
    let site = site().await;
    let ended = Host::with_site(&site).call(&["listPages", "--all"]).ok();
    let expected: BTreeSet<String> = site.site().page_ids().collect();
    assert!(
        expected
            .iter()
            .any(|id| id.parse::<u64>().unwrap() > 1 << 53)
    );
    assert_eq!(
        ended.line_ids().into_iter().collect::<BTreeSet<_>>(),
        expected
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_25_rows_and_says_that_there_is_more() {
    let site = site().await;
    let ended = Host::with_site(&site).call(&["listPages"]).ok();
    assert_eq!(ended.ids().len(), 25);
    assert!(ended.json()["rest"]["after"].is_string());
    assert!(ended.stderr.contains("there is more"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_list_has_neither_after_nor_stopped() {
    let site = site().await;
    let ended = Host::with_site(&site)
        .call(&["listPages", "--limit", "10000"])
        .ok();
    assert_eq!(ended.ids().len(), 200);
    assert!(ended.json()["rest"]["after"].is_null());
    assert!(ended.json()["rest"]["stopped"].is_null());
    assert_eq!(ended.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_goes_on_where_the_answer_ended_whatever_the_limits() {
    let site = site().await;
    let host = Host::with_site(&site);
    let mut given = Vec::new();
    let mut after = "null".to_owned();
    for limit in ["7", "1", "33", "120", "1000"] {
        let ended = host
            .call(&["listPages", "--limit", limit, "--after", &after])
            .ok();
        given.extend(ended.ids());
        match ended.json()["rest"]["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(given, site.site().page_ids().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_of_another_query_is_refused_before_any_request() {
    let site = site().await;
    let host = Host::with_site(&site);
    let ended = host.call(&["listPages", "--limit", "5"]).ok();
    let after = ended.json()["rest"]["after"].as_str().unwrap().to_owned();
    let before = site.request_count();
    host.call(&["listPages", "--sort", "title", "--after", &after])
        .fails(18, &["after"]);
    host.call(&["listSpaces", "--after", &after])
        .fails(18, &["after"]);
    host.call(&["listPages", "--after", "gibberish"])
        .fails(18, &["after"]);
    assert_eq!(site.request_count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_ids_take_four_requests_and_unknown_ones_are_named() {
    let site = site_of(2000).await;
    let host = Host::with_site(&site);
    let mut ids: Vec<String> = site.site().page_ids().take(999).collect();
    ids.push("4611686018427387904".to_owned());
    let before = site.request_count();
    let ended = host
        .call(&["listPages", "--ids", &ids.join(","), "--limit", "1000"])
        .ok();
    assert_eq!(ended.ids().len(), 999);
    assert_eq!(site.request_count() - before, 4);
    let notices = ended.json()["rest"]["notices"].clone();
    assert_eq!(notices.as_array().unwrap().len(), 1);
    assert_eq!(notices[0]["code"], "unknown-id");
    assert_eq!(notices[0]["id"], "4611686018427387904");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_answers_what_the_site_has() {
    let site = site().await;
    let host = Host::with_site(&site);
    let truth = site.site();
    let sorted = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
    let all = |words: &[&str]| sorted(host.call(&[words, &["--all"]].concat()).ok().line_ids());
    let page = truth.page_ids().nth(1).unwrap();
    let space = truth.space_ids().next().unwrap();
    let kind = truth.custom_content_types()[0];

    assert_eq!(all(&["listSpaces"]), truth.space_ids().collect());
    assert_eq!(all(&["listLabels"]), truth.label_ids().collect());
    assert_eq!(all(&["listAttachments"]), truth.attachment_ids().collect());
    assert_eq!(
        all(&["listAttachmentsByPage", &page]),
        truth.attachment_ids_of(&page).collect()
    );
    assert_eq!(all(&["listBlogPosts"]), truth.blog_post_ids().collect());
    assert_eq!(
        all(&["listBlogPostsBySpace", &space]),
        truth.blog_post_ids_in(&space).collect()
    );
    assert_eq!(all(&["listTasks"]), truth.task_ids().collect());
    assert_eq!(
        all(&["listCustomContent", kind]),
        truth.custom_content_ids(kind).collect()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_a_page_and_of_a_space_are_told_from_the_sites() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().nth(2).unwrap();
    let space = site.site().space_ids().next().unwrap();
    assert_eq!(
        host.call(&["listLabels", "page", &page, "--limit", "250"])
            .ok()
            .ids()
            .len(),
        40
    );
    for label in host.call(&["listLabels", "space", &space]).ok().json()["items"]
        .as_array()
        .unwrap()
    {
        assert!(
            ["my", "team"].contains(&label["prefix"].as_str().unwrap()),
            "{label}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_gives_each_row_as_the_site_sent_it() {
    let site = site().await;
    let ended = Host::with_site(&site)
        .call(&["listPages", "--raw", "--limit", "3"])
        .ok();
    for item in ended.json()["items"].as_array().unwrap() {
        let raw: serde_json::Value = serde_json::from_str(item["raw"].as_str().unwrap()).unwrap();
        assert_eq!(raw["id"], item["id"]);
        assert!(
            raw["_links"]["edituiv2"].is_string(),
            "undocumented keys stay: {raw}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_come_when_they_are_asked_for() {
    let site = site().await;
    let host = Host::with_site(&site);
    let body = |words: &[&str]| host.call(words).ok().json()["items"][0]["body"].clone();
    assert!(body(&["listPages", "--limit", "1"]).is_null());
    let storage = body(&["listPages", "--limit", "1", "--body-format", "storage"]);
    assert_eq!(storage["representation"], "storage");
    assert!(storage["value"].as_str().unwrap().contains('<'));
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_content_without_a_type_is_answered_with_how_to_find_one() {
    let site = site().await;
    let before = site.request_count();
    let ended = Host::with_site(&site).call(&["listCustomContent"]);
    let ended = ended.fails(18, &["type", "forge:", "manifest"]);
    assert_eq!(
        ended.json()["rest"]["stopped"]["code"],
        "custom-content-type-required"
    );
    assert_eq!(site.request_count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_needs_a_type_prints_only_the_reason() {
    let site = site().await;
    let host = Host::with_site(&site);
    for function in ["listCustomContent", "getCustomContent"] {
        for words in [
            &["--output", "table"][..],
            &["--output", "csv"],
            &["--output", "wide", "--all"],
            &["--output", "csv", "--all"],
            &["--output", "ndjson", "--all"],
        ] {
            let ended = host.call(&[&[function], words].concat());
            let ended = ended.fails(18, &["custom-content.types", "config set"]);
            assert!(!ended.stdout.contains("nothing"), "{ended:#?}");
            assert!(!ended.stderr.contains("printed"), "{ended:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_content_of_the_configured_types_is_listed_and_read() {
    let site = site().await;
    let host = Host::with_site(&site);
    let truth = site.site();
    let [one, other, ..] = truth.custom_content_types() else {
        panic!("the site has two types")
    };
    let ids = |of_type: &str| truth.custom_content_ids(of_type).collect::<Vec<_>>();
    let types = format!("[\"{one}\", \"{other}\"]");
    host.run(&[
        "config",
        "set",
        "custom-content.types",
        &types,
        "--level",
        "env",
    ])
    .ok();
    let expected = [ids(one), ids(other)].concat();
    let all = ["--all", "--limit", "7", "--output", "json"];
    let listed = |words: &[&str]| host.call(&[words, &all].concat()).ok().ids();
    assert_eq!(listed(&["listCustomContent"]), expected);
    assert_eq!(listed(&["listCustomContent", other]), ids(other));
    let read = host.run(&["read", "custom_content"]).ok();
    assert_eq!(read.stdout.lines().count(), expected.len());
    host.call(&["listCustomContent", "--ids", &expected[0]])
        .fails(18, &["one `type`"]);
    host.run(&["config", "set", "custom-content.types", "[\"a b\"]"])
        .fails(20, &["without spaces"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_in_the_middle_keeps_its_rows_and_says_so() {
    let site = site_of(1000).await;
    let host = Host::with_site(&site);
    // Once for each size from 250 down to one row.
    site.set_faults(faults("3-11:500"));
    let ended = host
        .call(&["listPages", "--limit", "1000", "--output", "json"])
        .fails(8, &["500", "ended early"]);
    assert_eq!(ended.ids().len(), 500);
    let rest = ended.json()["rest"].clone();
    assert_eq!(rest["stopped"]["kind"], "upstream-failed");
    let again = host
        .call(&[
            "listPages",
            "--limit",
            "1000",
            "--after",
            rest["after"].as_str().unwrap(),
        ])
        .ok();
    let mut given = ended.ids();
    given.extend(again.ids());
    assert_eq!(given, site.site().page_ids().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_fails_in_the_middle_is_never_taken_for_complete() {
    let site = site_of(3000).await;
    let host = Host::with_site(&site);
    site.set_faults(faults("6-14:503"));
    let ended = host
        .call(&["listPages", "--all"])
        .fails(8, &["incomplete", "--after"]);
    assert_eq!(ended.line_ids().len(), 1250);
}

/// The continuation that a message names.
fn named_after(stderr: &str) -> &str {
    let rest = stderr.split("`--after ").nth(1);
    rest.and_then(|rest| rest.split('`').next())
        .unwrap_or_else(|| panic!("no continuation in {stderr}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_list_goes_on_behind_its_last_row_with_each_row_once() {
    let site = site_of(3000).await;
    let host = Host::with_site(&site);
    // In the middle of the first thousand, in the middle of the second, and between two.
    for fault in ["3:401", "7:401", "5:401"] {
        for words in [
            &["--all"][..],
            &["--all", "--output", "csv", "--columns", "id"],
            &["--limit", "2000", "--output", "ndjson"],
        ] {
            let ids = |ended: &tests::Ended| -> Vec<String> {
                if words.contains(&"csv") {
                    ended.stdout.lines().skip(1).map(str::to_owned).collect()
                } else {
                    ended.line_ids()
                }
            };
            site.set_faults(faults(fault));
            let broken = host.call(&[&["listPages"], words].concat()).fails(4, &[]);
            let mut given = ids(&broken);
            assert!(!given.is_empty() && given.len() < 2000, "{fault} {words:?}");
            site.set_faults(faults(""));
            let after = ["listPages", "--all", "--after", named_after(&broken.stderr)];
            given.extend(host.call(&after).ok().line_ids());
            let whole: Vec<String> = site.site().page_ids().collect();
            assert_eq!(given, whole, "{fault} {words:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_go_in_circles_end() {
    let site = site_of(1000).await;
    let host = Host::with_site(&site);
    for fault in ["2:repeated-cursor", "2:same-page", "2:empty-pages"] {
        site.set_faults(faults(fault));
        host.call(&["listPages", "--all"]).fails(21, &["fix:"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_the_gateway_every_page_is_asked_of_the_gateway() {
    let site = site_of(600).await;
    let host = Host::new();
    host.set(&site.gateway_endpoint(), tests::AUTHORIZATION, "app")
        .ok();
    let before = site.requests().len();
    assert_eq!(
        host.call(&["listPages", "--all"]).ok().line_ids().len(),
        600
    );
    for request in site.requests().iter().skip(before) {
        assert!(
            request.path_and_query.starts_with("/ex/confluence/"),
            "{request:?}"
        );
        assert_eq!(request.status, 200);
    }
}

/// The most memory that a process had so far, in KiB, as Linux counts it.
#[cfg(target_os = "linux")]
fn peak(child: &std::process::Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_memory_does_not_grow_with_the_list() {
    use std::io::BufRead as _;
    use std::process::{Command, Stdio};

    let site = site_of(50_000).await;
    let host = Host::with_site(&site);
    let mut child = Command::new(tests::binary())
        .args(["call", "listPages", "--all"])
        .env("HOST_RUNNER_STATE_DIR", host.state())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    // The pipe holds a hundred lines: at either place the process has thousands left to write.
    assert_eq!(lines.by_ref().take(5_000).count(), 5_000);
    let early = peak(&child);
    assert_eq!(lines.by_ref().take(40_000).count(), 40_000);
    let late = peak(&child);
    assert_eq!(lines.count(), 5_000);
    assert!(child.wait().unwrap().success());
    assert!(
        late < early + 8192,
        "{early} KiB after 5 000 lines, {late} KiB after 45 000"
    );
}
