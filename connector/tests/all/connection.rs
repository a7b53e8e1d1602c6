//! What a test of the connection says.

use crate::site::{answer, asked, ok, rows, script, with_code};
use confluence_connector::{Answer, Count, ErrorKind};

const USER: &str = r#"{"type":"known","accountId":"712020:a","displayName":"Ada","email":"","timeZone":"Europe/Berlin","profilePicture":{}}"#;

fn user() -> Answer {
    ok(USER)
}

#[test]
fn a_working_connection_says_who_and_how_much() {
    let mut confluence = script(vec![
        user(),
        rows(&[1, 2, 3], None),
        ok(r#"{"results":[],"totalSize":1234}"#),
    ]);
    let report = confluence.test_connection(None).unwrap();
    assert_eq!(
        (report.account_id.as_deref(), report.display_name.as_deref()),
        (Some("712020:a"), Some("Ada"))
    );
    assert_eq!(
        (report.email, report.time_zone.as_deref()),
        (None, Some("Europe/Berlin"))
    );
    assert_eq!(
        report.spaces,
        Count {
            value: 3,
            at_least: false
        }
    );
    assert_eq!(
        report.pages,
        Some(Count {
            value: 1234,
            // Archived and unindexed pages are not in the search index.
            at_least: true
        })
    );
    assert!(report.notices.is_empty());
    assert_eq!(
        asked(&mut confluence),
        [
            "/rest/api/user/current",
            "/api/v2/spaces?limit=250",
            "/rest/api/search?cql=type%3Dpage&limit=1"
        ]
    );
}

#[test]
fn more_spaces_than_a_page_are_counted_as_at_least() {
    let mut confluence = script(vec![
        user(),
        rows(&[1], Some("a")),
        ok(r#"{"totalSize":0}"#),
    ]);
    assert_eq!(
        confluence.test_connection(None).unwrap().spaces,
        Count {
            value: 1,
            at_least: true
        }
    );
}

#[test]
fn an_anonymous_visitor_is_unauthorized() {
    for body in [
        r#"{"type":"anonymous","accountId":"x"}"#,
        r#"{"type":"known","accountId":null}"#,
        "{}",
    ] {
        let error = script(vec![ok(body)]).test_connection(None).unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str()),
            (ErrorKind::Unauthorized, "anonymous"),
            "{body}"
        );
    }
}

#[test]
fn a_search_that_is_refused_leaves_the_pages_out_and_says_why() {
    for refusal in [
        answer(403, &[], ""),
        answer(
            401,
            &[("X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")],
            "",
        ),
        answer(404, &[], ""),
        answer(500, &[], ""),
        answer(400, &[], ""),
        ok("{}"),
    ] {
        let report = script(vec![user(), rows(&[], None), refusal])
            .test_connection(None)
            .unwrap();
        assert_eq!(report.pages, None);
        assert_eq!(with_code(&report.notices, "count-unavailable").len(), 1);
    }
}

#[test]
fn a_search_that_fails_otherwise_fails_the_test() {
    for (failure, kind) in [
        (answer(429, &[], ""), ErrorKind::RateLimited),
        (answer(401, &[], ""), ErrorKind::Unauthorized),
        (ok("<html>"), ErrorKind::NotJson),
    ] {
        let error = script(vec![user(), rows(&[], None), failure])
            .test_connection(None)
            .unwrap_err();
        assert_eq!(error.kind, kind);
    }
}

#[test]
fn a_failure_to_ask_who_or_to_count_spaces_is_the_error() {
    assert_eq!(
        script(vec![answer(401, &[], "")])
            .test_connection(None)
            .unwrap_err()
            .kind,
        ErrorKind::Unauthorized
    );
    assert_eq!(
        script(vec![user(), answer(403, &[], "")])
            .test_connection(None)
            .unwrap_err()
            .kind,
        ErrorKind::Forbidden
    );
}

#[test]
fn an_account_that_sees_nothing_is_told_so() {
    for (pages, notices) in [
        (ok(r#"{"totalSize":0}"#), vec!["nothing-visible"]),
        (ok(r#"{"totalSize":7}"#), vec!["nothing-visible"]),
        (
            answer(403, &[], ""),
            vec!["nothing-visible", "count-unavailable"],
        ),
    ] {
        let mut site = script(vec![user(), rows(&[], None), pages]);
        let report = site.test_connection(None).unwrap();
        let codes: Vec<&str> = report.notices.iter().map(|n| n.code.as_str()).collect();
        assert_eq!(codes, notices);
        assert!(report.notices[0].message.contains("browser"));
    }
    let mut site = script(vec![user(), rows(&[1], None), ok(r#"{"totalSize":0}"#)]);
    assert!(site.test_connection(None).unwrap().notices.is_empty());
}
