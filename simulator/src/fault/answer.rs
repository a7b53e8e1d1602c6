//! Faults that take the place of the answer.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::{Fault, LimitReason};
use crate::answer::{Answer, HTML};
use crate::body::Body;
use crate::refusal::Refusal;
use crate::timestamp::{iso, iso_minute};

/// 200 MB, three times what a component may hold.
const HUGE: u64 = 200_000_000;
const DEPTH: usize = 100_000;
const CHUNK: usize = 64 * 1024;

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Log in with your account</title></head>\
<body><form action=\"/login\" method=\"post\"><label>Email <input name=\"username\" /></label></form></body></html>\n";

/// The answer that this fault gives whatever was asked, if it is such a fault.
pub(crate) fn instead(fault: &Fault, gateway: bool) -> Option<Answer> {
    Some(match fault {
        Fault::Status(status) => status_answer(*status, gateway),
        Fault::RateLimited {
            retry_after,
            reason,
        } => rate_limited(*retry_after, *reason),
        Fault::ScopeMismatch => Answer::json(
            401,
            br#"{"code":401,"message":"Unauthorized; scope does not match"}"#.to_vec(),
        )
        .with("x-failure-category", "FAILURE_CLIENT_SCOPE_CHECK"),
        Fault::Html => Answer::text(200, HTML, LOGIN_PAGE),
        Fault::DeepNesting => {
            let mut body = br#"{"results":[{"id":"1","title":"deep","value":"#.to_vec();
            body.resize(body.len() + DEPTH, b'[');
            body.resize(body.len() + DEPTH, b']');
            body.extend_from_slice(br#"}],"_links":{"base":"http://127.0.0.1/wiki"}}"#);
            Answer::json(200, body)
        }
        Fault::Huge => flood(Some(HUGE)),
        Fault::Endless => flood(None),
        Fault::Redirect => Answer::text(302, HTML, "").with(
            "location",
            "https://elsewhere.example.com/wiki/api/v2/pages",
        ),
        Fault::WrongShape => Answer::json(200, br#"{"results": {}}"#.to_vec()),
        Fault::EmptyBody => Answer::json(200, Vec::new()),
        _ => return None,
    })
}

fn flood(bytes: Option<u64>) -> Answer {
    let body = Body::Flood {
        opening: Some(Bytes::from_static(br#"{"results":[{"id":"1","title":""#)),
        chunk: Bytes::from(vec![b'a'; CHUNK]),
        left: bytes,
        closing: Some(Bytes::from_static(
            br#""}],"_links":{"base":"http://127.0.0.1/wiki"}}"#,
        )),
    };
    let mut answer = Answer::json(200, Vec::new());
    answer.body = body;
    answer
}

fn status_answer(status: u16, gateway: bool) -> Answer {
    match status {
        400 => Refusal::invalid(
            "The request is not valid.",
            "One of its parameters is not what it should be.",
        )
        .answer(),
        401 => Refusal::unauthorized().answer_for(gateway),
        403 => Refusal::new(
            403,
            "FORBIDDEN",
            "Forbidden",
            "This account may not do that.",
        )
        .answer(),
        404 => Refusal::not_found("Not Found").answer(),
        429 => rate_limited(Some(1), LimitReason::Burst),
        500 => Refusal::internal().answer(),
        502 => page(502, "Bad Gateway"),
        503 => page(503, "Service Unavailable"),
        504 => page(504, "Gateway Timeout"),
        other => Answer::json(other, Vec::new()),
    }
}

fn page(status: u16, title: &str) -> Answer {
    Answer::text(
        status,
        HTML,
        &format!(
            "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body><h1>{status} {title}</h1></body>\r\n</html>\r\n"
        ),
    )
}

fn rate_limited(retry_after: Option<u64>, reason: LimitReason) -> Answer {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64);
    let reset = now + retry_after.unwrap_or(600) * 1000;
    let answer = Answer::json(
        429,
        br#"{"code":429,"message":"Rate limit exceeded"}"#.to_vec(),
    );
    let answer = match retry_after {
        Some(seconds) => answer.with("retry-after", &seconds.to_string()),
        None => answer,
    };
    let quota = |answer: Answer, name| {
        answer
            .with("x-ratelimit-limit", "65000")
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", &iso(reset, false))
            .with("ratelimit-reason", name)
    };
    match reason {
        LimitReason::Burst => answer
            .with("x-ratelimit-limit", "100")
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-nearlimit", "true")
            .with("ratelimit-reason", "confluence-burst-based"),
        LimitReason::QuotaGlobal => quota(answer, "confluence-quota-global-based"),
        LimitReason::QuotaTenant => quota(answer, "confluence-quota-tenant-based"),
        LimitReason::Gateway => answer
            .with("x-failure-category", "FAILURE CLIENT RATE LIMITED")
            .with("x-ratelimit-limit", "360000")
            .with("x-ratelimit-remaining", "0")
            // Rounded up: a client that waits until then must not come too early.
            .with("x-ratelimit-reset", &iso_minute(reset + 59_999)),
    }
}
