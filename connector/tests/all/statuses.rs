//! What each status and each failure of the network becomes.

use crate::site::{answer, pages, script, site};
use confluence_connector::{
    Answer, Error, ErrorKind, GetOptions, LimitScope, ListOptions, RateLimit, TaskQuery,
    TransportError, Window,
};

fn failed(answer: Answer) -> Error {
    // Of one row there is no half to ask for.
    pages(&mut script(vec![answer]), 1, None).unwrap_err()
}

/// The same of a request that names something.
fn failed_for_one(answer: Answer) -> Error {
    script(vec![answer])
        .get_page_by_id("5", &GetOptions::default())
        .unwrap_err()
}

const TRACE: (&str, &str) = ("Atl-TraceId", "0123abc");

#[test]
fn every_status_has_its_kind() {
    for (status, kind, code) in [
        (400, ErrorKind::InvalidArgument, "refused-by-upstream"),
        (401, ErrorKind::Unauthorized, "unauthorized"),
        (403, ErrorKind::Forbidden, "forbidden"),
        (404, ErrorKind::NotFound, "not-found"),
        (429, ErrorKind::RateLimited, "rate-limited"),
        (301, ErrorKind::UpstreamFailed, "redirected"),
        (302, ErrorKind::UpstreamFailed, "redirected"),
        (304, ErrorKind::UpstreamFailed, "redirected"),
        (405, ErrorKind::UpstreamFailed, "status-unexpected"),
        (409, ErrorKind::UpstreamFailed, "status-unexpected"),
        (410, ErrorKind::UpstreamFailed, "status-unexpected"),
        (413, ErrorKind::UpstreamFailed, "status-unexpected"),
        (414, ErrorKind::UpstreamFailed, "status-unexpected"),
        (500, ErrorKind::UpstreamFailed, "upstream-failed"),
        (501, ErrorKind::UpstreamFailed, "upstream-failed"),
        (502, ErrorKind::UpstreamFailed, "upstream-failed"),
        (503, ErrorKind::UpstreamFailed, "upstream-failed"),
        (504, ErrorKind::UpstreamFailed, "upstream-failed"),
        (599, ErrorKind::UpstreamFailed, "upstream-failed"),
        (0, ErrorKind::UpstreamFailed, "status-unexpected"),
    ] {
        let error = failed_for_one(answer(status, &[TRACE], r#"{"message":"why"}"#));
        assert_eq!((error.kind, error.code.as_str()), (kind, code), "{status}");
        assert_eq!(
            (error.status, error.request_id.as_deref()),
            (Some(status), Some("0123abc"))
        );
        assert!(!error.cause.is_empty() && !error.resolution.is_empty());
        assert!(
            !error.message.ends_with('.')
                && (error.message.starts_with(char::is_lowercase)
                    || error.message.starts_with("Confluence ")),
            "{error}"
        );
        assert_eq!(error.limit_scope.is_some(), status == 429);
    }
}

#[test]
fn an_answer_without_a_body_is_truncated_and_one_that_says_so_is_of_something_else() {
    assert_eq!(failed(answer(200, &[], "")).kind, ErrorKind::Truncated);
    let error = failed(answer(204, &[], ""));
    assert_eq!(
        (error.kind, error.code.as_str(), error.status),
        (ErrorKind::UnexpectedAnswer, "answer-empty", Some(204))
    );
    assert!(!error.cause.contains("closed the connection"), "{error:?}");
}

#[test]
fn a_time_to_wait_is_in_seconds_or_minutes() {
    for (seconds, words) in [
        ("1", "wait `1` s,"),
        ("119", "`119` s"),
        ("5399", "wait `90` min,"),
    ] {
        let error = failed(answer(429, &[("Retry-After", seconds)], ""));
        assert!(error.resolution.contains(words), "{}", error.resolution);
    }
}

#[test]
fn the_words_of_every_shape_of_error_body_are_quoted() {
    for body in [
        r#"{"errors":[{"status":403,"code":"X","title":"NO WAY","detail":null}]}"#,
        r#"{"statusCode":403,"data":{"authorized":false},"message":"NO WAY"}"#,
        r#"{"code":403,"message":"NO WAY"}"#,
        r#"{"error":"NO WAY"}"#,
        r#"{"error":{"message":"NO WAY"}}"#,
        r#"{"error":"access_denied","error_description":"NO WAY"}"#,
        r#"{"errorMessages":["NO WAY"],"errors":{}}"#,
        r#"{"errors":["NO WAY"]}"#,
        r#"{"statusCode":403,"message":null,"data":{"errors":[{"message":{"key":"k","translation":"NO WAY","args":[]}}]}}"#,
        r#"{"type":"about:blank","title":"NO WAY","status":403}"#,
        r#"{"messages":[{"message":"NO WAY"}]}"#,
        r#"["NO WAY"]"#,
        r#"[{"message":"NO WAY"}]"#,
        r#""NO WAY""#,
        r#"{"message":"<p>NO&#32;<b>WAY</b></p>\u0007"}"#,
        r#"{"message":"NO WAY","#,
        r#"{"fault":{"faultstring":"NO WAY","detail":{"errorcode":"policies.ratelimit"}}}"#,
        r#"{"Fault":{"FaultString":"NO WAY"}}"#,
        r#"{"subErrors":[{"msg":"NO WAY"}]}"#,
        r#"{"status":"FORBIDDEN","sub_errors":[{"field":"x","message":"NO WAY"}]}"#,
        r#"{"Message":"NO WAY"}"#,
        r#"{"MESSAGE":"NO WAY","Code":7}"#,
        r#"{"Error":{"Message":"NO WAY"}}"#,
        r#"{"status-message":"NO WAY"}"#,
        r#"{"status_code":403,"statusMessage":"NO WAY"}"#,
        r#"{"error_message":"NO WAY"}"#,
        r#"{"Errors":[{"Title":"NO WAY"}]}"#,
        r#"{"statusCode":403,"message":{"key":"k","args":["NO WAY"]}}"#,
        r#"{"data":{"errors":[{"message":{"key":"k","args":["NO WAY"],"translation":null}}]}}"#,
        r#"{"message":{"key":"k","args":["7"],"translation":"NO WAY"}}"#,
        "NO WAY\nsecond line",
        "<html><head><title>NO WAY</title></head><body>x</body></html>",
        "<?xml version=\"1.0\"?><status><message>NO WAY</message></status>",
    ] {
        for status in [401, 403, 409] {
            assert!(
                failed(answer(status, &[], body)).cause.contains("`NO WAY`"),
                "{status} {body}"
            );
        }
        let error = failed(answer(400, &[], body));
        assert!(error.message.contains("`NO WAY`"), "{body}");
    }
    for (body, said) in [
        (r#"{"errors":{"name":"too long"}}"#, "`name: too long`"),
        (
            r#"{"message":"A","subErrors":[{"msg":"b"},{"msg":"c"}]}"#,
            "`A; b; c`",
        ),
        (
            r#"{"errors":{"space":["unknown","archived"]}}"#,
            "`unknown; archived`",
        ),
        (
            r#"{"errors":[{"title":"A","detail":"b"},{"title":"C"}]}"#,
            "`A: b; C`",
        ),
    ] {
        assert!(
            failed(answer(403, &[], body)).cause.contains(said),
            "{body}"
        );
    }
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(5_000));
    assert!(failed(answer(403, &[], &long)).cause.len() < 600);
    for body in [
        "",
        "<html>NO WAY</html>",
        "{",
        "[]",
        "7",
        r#"{"errors":[]}"#,
        r#"{"errors":null,"message":{}}"#,
        r#"{"token":"NO WAY"}"#,
        &"[".repeat(50_000),
        &r#"{"errors":"#.repeat(50_000),
    ] {
        let error = failed(answer(403, &[], body));
        assert!(
            !error.cause.contains("NO WAY") && !error.cause.contains("responded"),
            "{body}"
        );
    }
}

#[test]
fn words_in_other_encodings_are_quoted_and_what_is_no_text_is_not() {
    for body in [
        &b"Pump closed \xe9"[..],
        b"{\"message\":\"Pump closed \xe9\"}",
        b"{\"errors\":[{\"title\":\"Pump closed \xfc\"}]}",
        b"<html><title>Pump closed \xdf</title></html>",
        // Cut in the middle of a character.
        b"Pump closed \xc3",
        b"\xef\xbb\xbfPump closed \xe9",
    ] {
        for status in [403, 500] {
            let mut sent = answer(status, &[], "");
            sent.body = body.to_vec();
            let error = failed(sent);
            assert!(error.cause.contains("`Pump closed"), "{error:?}");
            assert!(!error.cause.contains(char::is_control));
        }
    }
    for body in [
        &b"\x1f\x8b\x08\x00\x00\xffPump"[..],
        b"\x00\x01Pump\xff",
        b"\xff\xfeP\x00u\x00m\x00p\x00",
    ] {
        let mut sent = answer(403, &[], "");
        sent.body = body.to_vec();
        assert!(!failed(sent).cause.contains("responded"), "{body:?}");
    }
}

#[test]
fn a_rate_limit_has_the_words_of_its_body() {
    for body in [
        r#"{"message":"NO WAY"}"#,
        r#"{"code":429,"message":"NO WAY"}"#,
        "NO WAY",
        "<html><title>NO WAY</title></html>",
    ] {
        let error = failed(answer(429, &[("Retry-After", "3")], body));
        assert!(error.cause.contains("`NO WAY`"), "{error:?}");
        assert_eq!(error.retry_after_ms, Some(3_000));
    }
    assert!(!failed(answer(429, &[], "")).cause.contains("responded"));
}

#[test]
fn a_refusal_names_basic_for_api_tokens_and_claims_no_scheme() {
    for status in [401, 403] {
        for body in [
            "",
            "Request rejected because caller cannot access Confluence",
            r#"{"message":"Current user not permitted to use Confluence"}"#,
        ] {
            let error = failed(answer(status, &[], body));
            assert!(error.cause.contains("`Basic`"), "{error:?}");
            // Which scheme was sent is not known here.
            assert!(!error.cause.contains("was sent as `Bearer`"), "{error:?}");
        }
    }
}

#[test]
fn a_404_of_confluence_itself_is_not_said_to_be_of_something_else() {
    let v1 = r#"{"statusCode":404,"message":"No handler"}"#;
    let v2 = r#"{"errors":[{"status":404,"code":"NOT_FOUND","title":"Not Found"}]}"#;
    for (headers, body) in [(&[][..], v1), (&[], v2), (&[TRACE], ""), (&[TRACE], v2)] {
        let error = failed(answer(404, headers, body));
        assert_eq!(error.code, "endpoint-not-found");
        assert!(!error.message.contains("is not Confluence"), "{error:?}");
    }
    for body in ["", "<html></html>", r#"{"error":"Not Found"}"#] {
        let error = failed(answer(404, &[], body));
        assert!(error.message.contains("is not Confluence"), "{error:?}");
    }
}

#[test]
fn a_bearer_token_that_the_site_cannot_read_leads_to_basic_and_the_gateway() {
    for status in [401, 403] {
        let error = failed(answer(
            status,
            &[TRACE],
            r#"{"error":"Failed to parse Connect Session Auth Token"}"#,
        ));
        assert_eq!(error.code, "authorization-misplaced");
        assert!(error.resolution.contains("`Basic`") && error.resolution.contains("ex/confluence"));
        assert_eq!(error.status, Some(status));
    }
    assert!(failed(answer(401, &[TRACE], "")).cause.contains("`Basic`"));
}

#[test]
fn a_redirect_names_the_host_that_it_leads_to_and_nothing_else_of_it() {
    for (location, host) in [
        (
            "https://newname.example/wiki/api/v2/pages?limit=25",
            Some("`https://newname.example`"),
        ),
        (
            "https://user:secret@newname.example:8443?secret",
            Some("`https://newname.example:8443`"),
        ),
        (
            "//other.example/wiki?secret",
            Some("`https://other.example`"),
        ),
        (
            "//user:secret@other.example:8443",
            Some("`https://other.example:8443`"),
        ),
        ("http://other.example/x", Some("`http://other.example`")),
        ("HTTPS://Other.example", Some("`HTTPS://Other.example`")),
        ("///secret", None),
        ("//", None),
        ("/elsewhere?secret", None),
        ("javascript://secret", None),
        ("https://", None),
    ] {
        let error = failed(answer(301, &[("Location", location)], ""));
        assert_eq!(error.code, "redirected");
        let text = format!("{error:?}");
        assert!(
            !text.contains("secret") && !text.contains("limit=25"),
            "{text}"
        );
        match host {
            Some(host) => assert!(error.message.contains(host) && error.resolution.contains(host)),
            None => {
                assert!(error.message.contains("redirects, with status"));
                assert!(error.resolution.contains("open the endpoint in a browser"));
            }
        }
    }
}

#[test]
fn a_redirect_to_a_login_page_is_no_new_address_but_a_credential_that_is_not_accepted() {
    for (location, host) in [
        (
            "https://id.atlassian.com/login?continue=secret",
            Some("`https://id.atlassian.com`"),
        ),
        (
            "https://id.atlassian.com/",
            Some("`https://id.atlassian.com`"),
        ),
        (
            "HTTPS://Auth.Atlassian.com/authorize?secret",
            Some("`HTTPS://Auth.Atlassian.com`"),
        ),
        (
            "https://login.other.example/x?secret",
            Some("`https://login.other.example`"),
        ),
        (
            "//site.example/wiki/login.action?os_destination=secret",
            Some("`https://site.example`"),
        ),
        ("/login?secret", None),
        ("/wiki/plugins/servlet/samlsso?secret", None),
    ] {
        let error = failed(answer(302, &[("Location", location)], ""));
        assert_eq!(
            (error.kind, error.code.as_str(), error.status),
            (ErrorKind::Unauthorized, "login-required", Some(302))
        );
        let text = format!("{error:?}");
        assert!(!text.contains("secret"), "{text}");
        assert!(host.is_none_or(|host| error.message.contains(host)));
        assert!(!error.resolution.contains("address"), "{text}");
        assert!(error.cause.contains("authorization"), "{text}");
    }
    // What only a query names is another place.
    let moved = answer(
        302,
        &[("Location", "https://new.example/x?from=/login")],
        "",
    );
    assert_eq!(failed(moved).code, "redirected");
}

#[test]
fn a_missing_scope_is_named_and_told_from_a_bad_token() {
    let by_header = answer(
        401,
        &[("X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")],
        "",
    );
    let by_body = answer(
        401,
        &[],
        r#"{"code":401,"message":"Unauthorized; scope does not match"}"#,
    );
    for answer in [by_header, by_body.clone()] {
        let error = failed(answer);
        assert_eq!(
            (error.kind, error.code.as_str()),
            (ErrorKind::Unauthorized, "scope-missing")
        );
        assert!(error.resolution.contains("read:page:confluence"));
    }
    let error = script(vec![by_body])
        .list_tasks(
            &TaskQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap_err();
    assert!(error.resolution.contains("read:task:confluence"));
    let error = failed(answer(401, &[], ""));
    assert!(error.cause.contains("scoped token on a site URL"));
}

#[test]
fn a_404_that_is_not_confluences_points_to_the_endpoint() {
    for answer in [answer(404, &[], ""), answer(404, &[TRACE], "<html></html>")] {
        let error = failed(answer);
        assert_eq!(
            (error.kind, error.code.as_str()),
            (ErrorKind::NotFound, "endpoint-not-found")
        );
        assert!(error.cause.contains("/wiki"));
    }
    // A request that names nothing cannot miss anything, whoever answers.
    let body = r#"{"errors":[{"status":404,"code":"NOT_FOUND","title":"Not Found"}]}"#;
    assert_eq!(
        failed(answer(404, &[TRACE], body)).code,
        "endpoint-not-found"
    );
}

#[test]
fn a_404_for_something_that_was_named_is_judged_by_its_body_as_well() {
    for (headers, body, looks_right) in [
        (&[TRACE][..], "{}", true),
        (
            &[],
            r#"{"errors":[{"status":404,"code":"NOT_FOUND","title":"Not Found"}]}"#,
            true,
        ),
        (
            &[],
            r#"{"statusCode":404,"message":"No content found with id"}"#,
            true,
        ),
        (&[], r#"{"error":"Not Found","path":"/x"}"#, false),
        (&[], "", false),
    ] {
        let error = failed_for_one(answer(404, headers, body));
        assert_eq!(error.code, "not-found", "{body}");
        assert!(error.cause.contains("hidden from this account"));
        assert_eq!(
            !error.cause.contains("endpoint is wrong"),
            looks_right,
            "{body}"
        );
    }
    let page = failed_for_one(answer(404, &[], "<html><title>nginx</title>"));
    assert_eq!(page.code, "endpoint-not-found");
}

#[test]
fn the_wait_of_a_rate_limit_is_read_in_every_form() {
    const DATE: (&str, &str) = ("Date", "Tue, 28 Apr 2026 07:50:00 GMT");
    for (headers, wait) in [
        (vec![("Retry-After", "1847")], Some(1_847_000)),
        (vec![("retry-after", " 0 ")], Some(0)),
        (vec![("Retry-After", "20.5")], Some(21_000)),
        (vec![("Retry-After", "20.5 s")], None),
        (vec![("Retry-After", "1.2.3")], None),
        (
            vec![DATE, ("Retry-After", "Tue, 28 Apr 2026 07:50:30 GMT")],
            Some(30_000),
        ),
        (
            vec![DATE, ("Retry-After", "Tue, 28 Apr 2026 07:00:00 GMT")],
            Some(0),
        ),
        (vec![("Retry-After", "Tue, 28 Apr 2026 07:50:30 GMT")], None),
        (
            vec![DATE, ("X-RateLimit-Reset", "2026-04-28T08:00Z")],
            Some(600_000),
        ),
        (
            vec![DATE, ("X-RateLimit-Reset", "2026-04-28T08:00:05.5Z")],
            Some(605_500),
        ),
        (
            vec![DATE, ("X-RateLimit-Reset", "1777362610")],
            Some(10_000),
        ),
        (
            vec![
                DATE,
                ("Retry-After", "soon"),
                ("X-RateLimit-Reset", "2026-04-28T07:51Z"),
            ],
            Some(60_000),
        ),
        (
            vec![
                DATE,
                ("Retry-After", "5"),
                ("X-RateLimit-Reset", "2026-04-28T08:00Z"),
            ],
            Some(5_000),
        ),
        (vec![("X-RateLimit-Reset", "2026-04-28T08:00Z")], None),
        (vec![DATE, ("X-RateLimit-Reset", "30")], None),
        (
            vec![
                DATE,
                ("Beta-Retry-After", "9"),
                ("X-Beta-RateLimit-Reset", "2026-04-28T08:00Z"),
            ],
            None,
        ),
        (vec![("Retry-After", "99999999999999999999")], None),
        (
            vec![("Retry-After", "18446744073709551615")],
            Some(u64::MAX),
        ),
        (vec![("Retry-After", "-5")], None),
    ] {
        let error = failed(answer(429, &headers, ""));
        assert_eq!(error.retry_after_ms, wait, "{headers:?}");
    }
    assert_eq!(
        failed(answer(503, &[("Retry-After", "2")], "")).retry_after_ms,
        Some(2_000)
    );
}

#[test]
fn a_503_asks_to_wait_for_a_limit_only_where_that_is_used_up() {
    let reset = ("X-RateLimit-Reset", "2026-04-28T08:00Z");
    for (left, wait) in [
        (Some("64000"), None),
        (None, None),
        (Some("0"), Some(600_000)),
    ] {
        let mut headers = vec![("Date", "Tue, 28 Apr 2026 07:50:00 GMT"), reset];
        headers.extend(left.map(|left| ("X-RateLimit-Remaining", left)));
        assert_eq!(
            failed(answer(503, &headers, "")).retry_after_ms,
            wait,
            "{left:?}"
        );
    }
}

#[test]
fn a_hosts_clock_stands_in_for_a_date_that_is_missing() {
    let date = "Tue, 28 Apr 2026 07:50:30 GMT";
    let now = 1_777_362_600_000;
    for (headers, wait) in [
        (vec![("Retry-After", date)], 30_000),
        (vec![("X-RateLimit-Reset", "1777362610")], 10_000),
        // The site's own clock is what its times are of.
        (vec![("Date", date), ("Retry-After", date)], 0),
    ] {
        let limit = RateLimit::read(&answer(429, &headers, ""), Some(now));
        assert_eq!(limit.wait_ms, Some(wait), "{headers:?}");
    }
}

#[test]
fn of_two_scopes_that_a_call_needs_both_are_named() {
    let headers = [("X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")];
    let by_name = script(vec![answer(401, &headers, "")]).get_label_by_name("runbook");
    let pages = script(vec![answer(401, &headers, "")]).get_pages_by_label(
        "runbook",
        None,
        &Window::default(),
        &ListOptions::default(),
    );
    for error in [by_name.unwrap_err(), pages.unwrap_err()] {
        assert_eq!(error.code, "scope-missing");
        assert_eq!(
            error.message,
            "the token has not the scopes to look up the label"
        );
        assert_eq!(
            error.cause,
            "this call needs the scopes `read:label:confluence` and `read:content:confluence`, and the token was made without at least one of them"
        );
        assert_eq!(
            error.resolution,
            "make a token with `read:label:confluence` and `read:content:confluence`; renewing this one does not help"
        );
    }
}

#[test]
fn the_scope_of_a_rate_limit_is_matched_loosely() {
    for (name, value, scope) in [
        (
            "RateLimit-Reason",
            "confluence-quota-global-based",
            LimitScope::QuotaApp,
        ),
        (
            "RateLimit-Reason",
            "conf-global-based",
            LimitScope::QuotaApp,
        ),
        (
            "ratelimit-reason",
            "Confluence-Quota-Tenant-Based",
            LimitScope::QuotaTenant,
        ),
        ("RateLimit-Reason", "jira-burst-based", LimitScope::Burst),
        ("RateLimit-Reason", "something", LimitScope::Unknown),
        (
            "X-Failure-Category",
            "FAILURE CLIENT RATE LIMITED",
            LimitScope::Gateway,
        ),
        (
            "X-Failure-Category",
            "FAILURE_CLIENT_RATE_LIMITED",
            LimitScope::Gateway,
        ),
        ("X-Other", "x", LimitScope::Unknown),
    ] {
        assert_eq!(
            failed(answer(429, &[(name, value)], "")).limit_scope,
            Some(scope),
            "{value}"
        );
    }
}

#[test]
fn the_trace_id_is_found_under_each_of_its_names() {
    let trace = |headers: &[(&str, &str)]| failed(answer(500, headers, "")).request_id.clone();
    assert_eq!(
        trace(&[("x-trace-id", "b"), ("atl-traceid", "a")]).as_deref(),
        Some("a")
    );
    assert_eq!(
        trace(&[("atl-request-id", "c"), ("x-trace-id", "b")]).as_deref(),
        Some("b")
    );
    assert_eq!(trace(&[("atl-request-id", "c")]).as_deref(), Some("c"));
    assert_eq!(trace(&[]), None);
}

#[test]
fn every_transport_error_has_its_kind_cause_and_way_out() {
    let detail = || "os error 111".to_owned();
    for (failure, kind) in [
        (
            TransportError::Unreachable { detail: detail() },
            ErrorKind::Unreachable,
        ),
        (
            TransportError::Unresolvable { detail: detail() },
            ErrorKind::Unresolvable,
        ),
        (
            TransportError::TimedOut { detail: detail() },
            ErrorKind::TimedOut,
        ),
        (
            TransportError::Insecure { detail: detail() },
            ErrorKind::Insecure,
        ),
        (
            TransportError::Denied { detail: detail() },
            ErrorKind::Denied,
        ),
        (
            TransportError::Truncated { detail: detail() },
            ErrorKind::Truncated,
        ),
        (
            TransportError::TooLarge { detail: detail() },
            ErrorKind::TooLarge,
        ),
        (
            TransportError::Other { detail: detail() },
            ErrorKind::Unreachable,
        ),
    ] {
        let error = pages(&mut site(move |_, _| Err(failure.clone())), 1, None).unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(error.cause.contains("os error 111") && !error.resolution.is_empty());
        assert_eq!(error.status, None);
    }
}

#[test]
fn a_settled_error_passes_unchanged() {
    let settled = Error::new(ErrorKind::NotConfigured, "not-configured", "m", "c", "r");
    let given = settled.clone();
    let mut confluence = site(move |_, _| Err(TransportError::Settled(Box::new(given.clone()))));
    assert_eq!(pages(&mut confluence, 1, None).unwrap_err(), settled);
}
