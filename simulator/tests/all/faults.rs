//! Each fault does what it says.

use std::collections::BTreeSet;
use std::future::Future;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::client::{Answer, BEARER, Client, cursor_of};
use confluence_simulator::{Fault, Faults, LimitReason, Settings};
use http_body_util::BodyExt;

async fn always(fault: Fault) -> Client {
    Client::with(Settings {
        faults: Faults::none().always(fault),
        ..Settings::default()
    })
    .await
}

async fn under(fault: Fault) -> Answer {
    always(fault).await.get("pages?limit=10").await
}

#[tokio::test]
async fn statuses_come_with_their_bodies() {
    for status in [400, 401, 403, 404, 500] {
        let answer = under(Fault::Status(status)).await;
        assert_eq!(
            (answer.status, answer.json()["errors"][0]["status"].as_u64()),
            (status, Some(u64::from(status)))
        );
    }
    for status in [502, 503, 504] {
        let answer = under(Fault::Status(status)).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, "text/html;charset=UTF-8")
        );
    }
    let limited = under(Fault::Status(429)).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "1"));
}

#[tokio::test]
async fn each_rate_limit_has_its_headers() {
    let limited = async |retry_after, reason| {
        under(Fault::RateLimited {
            retry_after,
            reason,
        })
        .await
    };
    let burst = limited(Some(1), LimitReason::Burst).await;
    assert_eq!(
        (
            burst.header("retry-after"),
            burst.header("ratelimit-reason")
        ),
        ("1", "confluence-burst-based")
    );
    let quota = limited(Some(1_800), LimitReason::QuotaGlobal).await;
    assert_eq!(
        (
            quota.header("retry-after"),
            quota.header("ratelimit-reason")
        ),
        ("1800", "confluence-quota-global-based")
    );
    assert_eq!(quota.header("x-ratelimit-remaining"), "0");
    let tenant = limited(None, LimitReason::QuotaTenant).await;
    assert_eq!(
        (
            tenant.header("retry-after"),
            tenant.header("ratelimit-reason")
        ),
        ("", "confluence-quota-tenant-based")
    );
    let gateway = limited(None, LimitReason::Gateway).await;
    assert_eq!(
        gateway.header("x-failure-category"),
        "FAILURE CLIENT RATE LIMITED"
    );
    assert_eq!(
        gateway.header("x-ratelimit-reset").len(),
        "2026-04-22T16:00Z".len()
    );
    assert_eq!((gateway.status, gateway.header("retry-after")), (429, ""));
}

#[tokio::test]
async fn a_missing_scope_is_401_of_the_gateway() {
    let answer = under(Fault::ScopeMismatch).await;
    assert_eq!(
        (answer.status, answer.header("x-failure-category")),
        (401, "FAILURE_CLIENT_SCOPE_CHECK")
    );
    assert_eq!(
        answer.json()["message"],
        "Unauthorized; scope does not match"
    );
}

#[tokio::test]
async fn an_anonymous_visitor_gets_200_and_sees_nothing() {
    let client = always(Fault::Anonymous).await;
    let pages = client.get("pages").await;
    assert_eq!((pages.status, pages.ids().len()), (200, 0));
    assert_eq!(pages.header("x-seraph-loginreason"), "AUTHENTICATED_FAILED");
    let user = client.path("/wiki/rest/api/user/current").await;
    assert_eq!(
        (user.status, user.json()["type"].as_str()),
        (200, Some("anonymous"))
    );
    assert_eq!(
        client
            .path("/wiki/rest/api/search?cql=type=page")
            .await
            .json()["totalSize"],
        0
    );
}

#[tokio::test]
async fn truncated_json_is_complete_http() {
    let answer = under(Fault::TruncatedJson).await;
    assert_eq!(
        (answer.status, answer.header("content-length")),
        (200, answer.text.len().to_string().as_str())
    );
    let error = serde_json::from_str::<serde_json::Value>(&answer.text).unwrap_err();
    assert!(error.is_eof(), "{error}");
}

#[tokio::test]
async fn a_truncated_body_ends_before_its_length() {
    let client = always(Fault::TruncatedBody).await;
    let response = client
        .send("GET", "/wiki/api/v2/pages", Some(BEARER))
        .await
        .unwrap();
    let promised: usize = response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut body = response.into_body();
    let mut got = 0;
    // A body that merely ended short would end without an error.
    let failed = loop {
        match body.frame().await {
            Some(Ok(frame)) => got += frame.into_data().unwrap().len(),
            other => break other.is_some(),
        }
    };
    assert!(failed);
    assert!(got > 1_000 && got < promised, "{got} of {promised}");
}

#[tokio::test]
async fn pages_that_are_no_listing_come_with_200() {
    let html = under(Fault::Html).await;
    assert_eq!(
        (html.status, html.header("content-type")),
        (200, "text/html;charset=UTF-8")
    );
    let shape = under(Fault::WrongShape).await;
    assert_eq!(
        (shape.status, shape.json()),
        (200, serde_json::json!({"results": {}}))
    );
    let empty = under(Fault::EmptyBody).await;
    assert_eq!(
        (
            empty.status,
            empty.text.as_str(),
            empty.header("content-type")
        ),
        (200, "", "application/json")
    );
}

#[tokio::test]
async fn a_redirect_names_another_host() {
    let answer = under(Fault::Redirect).await;
    assert_eq!(answer.status, 302);
    assert!(
        answer
            .header("location")
            .starts_with("https://elsewhere.example.com/")
    );
}

#[tokio::test]
async fn a_deep_answer_nests_100_000_arrays() {
    let answer = under(Fault::DeepNesting).await;
    assert!(
        answer.text.contains(&"[".repeat(100_000)) && answer.text.contains(&"]".repeat(100_000))
    );
    assert!(answer.text.ends_with('}'));
}

#[tokio::test]
async fn a_huge_answer_is_200_megabytes_of_json() {
    let client = always(Fault::Huge).await;
    let mut body = client
        .send("GET", "/wiki/api/v2/pages", Some(BEARER))
        .await
        .unwrap()
        .into_body();
    let (mut bytes, mut last) = (0, 0);
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        bytes += data.len();
        last = data.last().copied().unwrap_or(last);
    }
    assert!((200_000_000..200_001_000).contains(&bytes), "{bytes}");
    assert_eq!(last, b'}');
}

#[tokio::test]
async fn an_endless_answer_goes_on_beyond_the_huge_one() {
    let client = always(Fault::Endless).await;
    let mut body = client
        .send("GET", "/wiki/api/v2/pages", Some(BEARER))
        .await
        .unwrap()
        .into_body();
    let mut bytes = 0;
    while bytes < 300_000_000 {
        bytes += body
            .frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .len();
    }
}

#[tokio::test]
async fn a_reset_closes_without_an_answer() {
    let client = always(Fault::Reset).await;
    assert!(
        client
            .send("GET", "/wiki/api/v2/pages", Some(BEARER))
            .await
            .is_err()
    );
    let log = client.simulator.requests();
    assert!(!log.is_empty() && log.iter().all(|request| request.status == 0));
}

#[tokio::test]
async fn a_stalled_request_is_logged_and_never_answered() {
    let client = Client::with(Settings {
        faults: Faults::none().at(1, Fault::Stall),
        ..Settings::default()
    })
    .await;
    let mut stalled = Box::pin(client.send("GET", "/wiki/api/v2/pages", Some(BEARER)));
    while client.simulator.request_count() == 0 {
        let poll = stalled
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        tokio::task::yield_now().await;
    }
    // The server's time is enough for other requests, and still there is no answer.
    for _ in 0..20 {
        assert_eq!(client.get("pages").await.status, 200);
    }
    assert!(matches!(
        stalled
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop())),
        Poll::Pending
    ));
    assert!(
        client
            .simulator
            .requests()
            .iter()
            .any(|request| request.number == 1 && request.status == 0)
    );
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    let answer = under(Fault::Slow(Duration::from_millis(1))).await;
    assert_eq!(answer.ids().len(), 10);
}

#[tokio::test]
async fn a_repeated_cursor_comes_back_as_it_was() {
    let client = always(Fault::RepeatedCursor).await;
    let first = client.get("pages?limit=10").await;
    let second = client.path(&first.next().unwrap()).await;
    assert_eq!(
        cursor_of(&second.next().unwrap()),
        cursor_of(&first.next().unwrap())
    );
    assert_ne!(second.ids(), first.ids());
}

#[tokio::test]
async fn the_same_page_comes_under_fresh_cursors_for_ever() {
    let faults = Faults::none().at(2, Fault::SamePage);
    let client = Client::with(Settings {
        faults,
        ..Settings::default()
    })
    .await;
    let mut next = client.get("pages?limit=10").await.next().unwrap();
    let mut seen = BTreeSet::new();
    let expected: Vec<String> = client
        .simulator
        .site()
        .page_ids()
        .skip(10)
        .take(10)
        .collect();
    for _ in 0..50 {
        let answer = client.path(&next).await;
        assert_eq!(answer.ids(), expected);
        next = answer.next().unwrap();
        assert!(seen.insert(cursor_of(&next)));
    }
}

#[tokio::test]
async fn an_empty_page_goes_on_where_it_should_have_begun() {
    let faults = Faults::none().at(2, Fault::EmptyPage);
    let client = Client::with(Settings {
        faults,
        ..Settings::default()
    })
    .await;
    let first = client.get("pages?limit=10").await;
    let empty = client.path(&first.next().unwrap()).await;
    assert_eq!(empty.ids().len(), 0);
    let third = client.path(&empty.next().unwrap()).await;
    assert_eq!(
        third.ids(),
        client
            .simulator
            .site()
            .page_ids()
            .skip(10)
            .take(10)
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn empty_pages_never_end_once_begun() {
    let faults = Faults::none().at(1, Fault::EmptyPagesForEver);
    let client = Client::with(Settings {
        faults,
        ..Settings::default()
    })
    .await;
    let mut answer = client.get("pages?limit=10").await;
    let mut seen = BTreeSet::new();
    for _ in 0..50 {
        assert_eq!(answer.ids().len(), 0);
        let next = answer.next().unwrap();
        assert!(seen.insert(cursor_of(&next)));
        answer = client.path(&next).await;
    }
}

#[tokio::test]
async fn the_last_page_may_link_to_one_that_is_empty() {
    let client = always(Fault::EmptyEnd).await;
    let (mut path, mut sizes) = ("/wiki/api/v2/pages?limit=150".to_owned(), Vec::new());
    loop {
        let answer = client.path(&path).await;
        sizes.push(answer.ids().len());
        match answer.next() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(sizes, [150, 50, 0]);
}

#[tokio::test]
async fn short_pages_lose_nothing() {
    let client = always(Fault::ShortPages).await;
    assert_eq!(client.get("pages?limit=50").await.ids().len(), 25);
    let all: Vec<String> = client.simulator.site().page_ids().collect();
    assert_eq!(client.walk_ids("pages?limit=50").await, all);
    assert_eq!(client.walk_ids("pages?limit=1").await, all);
}

#[tokio::test]
async fn the_next_link_may_stand_in_the_header_alone() {
    let answer = under(Fault::LinkInHeader).await;
    assert_eq!(answer.next(), None);
    assert!(answer.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn pages_with_the_poison_row_fail_and_others_come() {
    let site = Client::start(200).await;
    let ids: Vec<String> = site.simulator.site().page_ids().collect();
    let number = |text: &str| text.parse::<u64>().unwrap();
    let client = always(Fault::Poison(number(&ids[7]))).await;
    for (path, status) in [
        ("pages?limit=7".to_owned(), 200),
        ("pages?limit=8".to_owned(), 500),
        (format!("pages?id={}", ids[7]), 500),
        (format!("pages?id={}", ids[8]), 200),
    ] {
        assert_eq!(client.get(&path).await.status, status, "{path}");
    }
    let client = always(Fault::PoisonBody(number(&ids[7]))).await;
    for (path, status) in [
        ("pages?limit=8", 200),
        ("pages?limit=8&body-format=storage", 500),
        ("pages?limit=7&body-format=storage", 200),
    ] {
        assert_eq!(client.get(path).await.status, status, "{path}");
    }
    let attachment = site.simulator.site().attachment_ids().nth(3).unwrap();
    let client = always(Fault::Poison(number(&attachment[3..]))).await;
    assert_eq!(client.get("attachments").await.status, 500);
}

#[tokio::test]
async fn unknown_words_are_none_of_the_description() {
    let answer = under(Fault::UnknownWords).await;
    let words = ["new-current", "new-archived"];
    for status in answer.column("status") {
        assert!(words.contains(&status.as_str().unwrap()), "{status}");
    }
    let client = always(Fault::UnknownWords).await;
    let kind = client.simulator.site().custom_content_types()[0];
    let content = client.get(&format!("custom-content?type={kind}")).await;
    assert!(content.column("type").iter().all(|is| is == kind));
}

#[tokio::test]
async fn drafts_stand_among_the_others() {
    let statuses = under(Fault::Drafts).await.column("status");
    let drafts = statuses.iter().filter(|status| *status == "draft");
    assert_eq!((statuses.len(), drafts.count()), (10, 5));
}

#[tokio::test]
async fn a_chained_site_is_as_deep_as_its_spaces_are_large() {
    let client = Client::with(Settings {
        pages: 1_200,
        chained: true,
        ..Settings::default()
    })
    .await;
    let site = client.simulator.site();
    let space = site.space_ids().next().unwrap();
    let pages: Vec<String> = site.page_ids_in(&space).collect();
    assert!(pages.len() > 30);
    for (depth, id) in pages.iter().enumerate() {
        let above: Vec<String> = site
            .ancestors_of(id)
            .into_iter()
            .map(|(_, id)| id)
            .collect();
        assert_eq!(above, pages[..depth]);
        let below: Vec<String> = site
            .children_of(id)
            .into_iter()
            .filter(|(kind, _)| *kind == "page")
            .map(|(_, id)| id)
            .collect();
        assert_eq!(
            below,
            pages[depth + 1..]
                .iter()
                .take(1)
                .cloned()
                .collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn an_ignored_filter_answers_everybody() {
    let client = always(Fault::IgnoreFilter).await;
    let site = client.simulator.site();
    let space = site.space_ids().nth(1).unwrap();
    let page = site.page_ids().nth(50).unwrap();
    let expected: Vec<String> = site.page_ids().take(25).collect();
    for path in [
        format!("pages?id={page}"),
        format!("pages?space-id={space}"),
        format!("spaces/{space}/pages"),
    ] {
        assert_eq!(client.get(&path).await.ids(), expected, "{path}");
    }
    assert_eq!(
        client
            .walk_ids(&format!("pages?limit=40&id={page}"))
            .await
            .len(),
        200
    );
}

#[tokio::test]
async fn an_echoed_credential_stands_in_a_header_and_in_the_first_row() {
    let answer = under(Fault::EchoCredential).await;
    assert_eq!(answer.header("x-echo-authorization"), BEARER);
    assert_eq!(answer.json()["results"][0]["echo"], BEARER);
    assert_eq!(answer.ids().len(), 10);
}

#[tokio::test]
async fn null_fields_leave_ids_alone() {
    let answer = under(Fault::NullFields).await;
    assert_eq!(answer.ids().len(), 10);
    for row in answer.json()["results"].as_array().unwrap() {
        assert!(
            row.as_object()
                .unwrap()
                .iter()
                .all(|(name, value)| (name == "id") != value.is_null())
        );
    }
}

#[tokio::test]
async fn unknown_fields_stand_beside_the_known() {
    let plain = Client::start(200).await.get("pages?limit=10").await;
    let answer = under(Fault::UnknownFields).await;
    for (row, plain) in answer.json()["results"]
        .as_array()
        .unwrap()
        .iter()
        .zip(plain.json()["results"].as_array().unwrap())
    {
        assert_eq!(row["zzNumber"], 9_007_199_254_740_993_u64);
        assert!(
            plain
                .as_object()
                .unwrap()
                .iter()
                .all(|(name, value)| &row[name] == value)
        );
    }
}

#[tokio::test]
async fn numeric_ids_are_the_same_numbers() {
    let client = always(Fault::NumericIds).await;
    let answer = client.get("pages?limit=250").await;
    let ids: Vec<String> = answer
        .column("id")
        .iter()
        .map(|id| id.as_u64().unwrap().to_string())
        .collect();
    assert_eq!(ids, client.simulator.site().page_ids().collect::<Vec<_>>());
    assert!(
        answer
            .column("spaceId")
            .iter()
            .all(serde_json::Value::is_u64)
    );
}

#[tokio::test]
async fn bad_rows_stand_among_good_ones() {
    let answer = under(Fault::BadRow).await;
    let body = answer.json();
    let rows = body["results"].as_array().unwrap();
    assert_eq!(rows.len(), 11);
    assert!(rows[0].is_object() && rows[0].get("id").is_none());
    assert_eq!(rows.iter().filter(|row| row.is_string()).count(), 1);
    assert_eq!(rows.iter().filter(|row| row["id"].is_string()).count(), 9);
}

#[tokio::test]
async fn a_bad_next_link_has_no_cursor() {
    let next = under(Fault::BadNextLink).await.next().unwrap();
    assert_eq!(next, "/wiki/api/v2/pages?limit=10");
}

#[tokio::test]
async fn faults_count_from_where_they_were_set() {
    let client = Client::start(20).await;
    assert_eq!(client.get("pages").await.status, 200);
    client
        .simulator
        .set_faults(Faults::none().at(2, Fault::Status(500)));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(client.get("pages").await.status);
    }
    assert_eq!(statuses, [200, 500, 200]);
    assert_eq!(client.simulator.request_count(), 4);
}

#[tokio::test]
async fn faults_hit_every_relation_and_version_1_as_well() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let (page, space) = (
        site.page_ids().next().unwrap(),
        site.space_ids().next().unwrap(),
    );
    let (folder, comment) = (
        site.folder_ids().next().unwrap(),
        site.footer_comment_ids().next().unwrap(),
    );
    for path in [
        format!("/wiki/api/v2/pages/{page}/versions"),
        format!("/wiki/api/v2/pages/{page}/properties"),
        format!("/wiki/api/v2/pages/{page}/direct-children"),
        format!("/wiki/api/v2/pages/{page}/descendants"),
        format!("/wiki/api/v2/folders/{folder}/direct-children"),
        format!("/wiki/api/v2/spaces/{space}/permissions"),
        format!("/wiki/api/v2/footer-comments/{comment}/children"),
        "/wiki/api/v2/inline-comments".to_owned(),
        "/wiki/rest/api/group".to_owned(),
        format!("/wiki/rest/api/content/{page}/restriction"),
        "/wiki/rest/api/search?cql=type=folder".to_owned(),
    ] {
        client.simulator.set_faults(
            Faults::none()
                .at(1, Fault::Status(503))
                .at(2, Fault::BadRow)
                .at(3, Fault::EchoInBody)
                .at(4, Fault::Anonymous),
        );
        assert_eq!(client.path(&path).await.status, 503, "{path}");
        let bad = client.path(&path).await.json();
        let rows = bad["results"].as_array().unwrap();
        assert!(rows.iter().any(|row| row == "not a row"), "{path}");
        let echo = client.path(&path).await.json();
        assert!(echo["results"][0]["echo"].is_string(), "{path}");
        let anonymous = client.path(&path).await;
        assert_eq!(
            anonymous.header("x-seraph-loginreason"),
            "AUTHENTICATED_FAILED"
        );
        let body = anonymous.json();
        assert_eq!(body["results"].as_array().map(Vec::len), Some(0), "{path}");
    }
}
