//! From a response to the JSON text in it, or to the error that it stands for.

mod ask;
mod complaint;
mod network;
mod retry_after;
mod status;

pub use retry_after::RateLimit;

pub(crate) use ask::Ask;
pub(crate) use network::unanswered;
pub(crate) use status::{leads_to_login, refused};

use crate::{Answer, Error, ErrorKind, error::quoted, find, json::depth};

impl Error {
    /// Adds what the answer says of itself: its status and its trace id.
    pub(crate) fn answered(self, answer: &Answer) -> Self {
        let mut parts = self.into_parts();
        parts.status = Some(answer.status);
        parts.request_id = ["atl-traceid", "x-trace-id", "atl-request-id"]
            .into_iter()
            .find_map(|name| answer.header(name))
            .filter(|value| !value.is_empty())
            .map(|value| quoted(value, 128));
        parts.into()
    }
}

/// The JSON text of an answer: a 2xx, meant for a user, that begins as an object does.
pub(crate) fn text<'a>(answer: &'a Answer, ask: &Ask) -> Result<&'a str, Error> {
    if !(200..300).contains(&answer.status) {
        return Err(refused(answer, ask));
    }
    if answer
        .header("x-seraph-loginreason")
        .is_some_and(|reason| find::has(&reason.to_ascii_uppercase(), "AUTHENTICATED_FAILED"))
    {
        return Err(anonymous(ask.doing).answered(answer));
    }
    if answer.status == 204 {
        let error = unexpected(
            ask.doing,
            "answer-empty",
            "the site responded without content",
        );
        return Err(error.answered(answer));
    }
    readable(&answer.body, ask).map_err(|error| error.answered(answer))
}

/// The site answered, but not to us.
pub(crate) fn anonymous(doing: &str) -> Error {
    Error::new(
        ErrorKind::Unauthorized,
        "anonymous",
        format!("cannot {doing}: the site treated the request as anonymous"),
        "the token has expired or was revoked, or user and token do not match; if anonymous access is enabled, Confluence then returns public content",
        "create a new token and configure it",
    )
}

/// The answer ends before it is complete.
pub(crate) fn truncated(doing: &str, at: &str) -> Error {
    Error::new(
        ErrorKind::Truncated,
        "answer-cut",
        format!("cannot {doing}: the response {at}"),
        "the site or something between closed the connection early",
        "try again; if it repeats, use a smaller limit",
    )
}

/// The answer is no JSON.
pub(crate) fn not_json(doing: &str, code: &str, why: String) -> Error {
    Error::new(
        ErrorKind::NotJson,
        code,
        format!("cannot {doing}: the response is not JSON"),
        why,
        "open the endpoint in a browser from the same network; check that it is the address of a Confluence site",
    )
}

/// The answer is JSON of another shape.
pub(crate) fn unexpected(doing: &str, code: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::UnexpectedAnswer,
        code,
        format!("cannot {doing}: {what}"),
        "the endpoint is not Confluence Cloud, a proxy modifies responses, or the endpoint's API has changed",
        "open the endpoint in a browser, and check its address",
    )
}

/// Whether a text begins like a web page.
pub(crate) fn looks_like_html(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
}

fn readable<'a>(body: &'a [u8], ask: &Ask) -> Result<&'a str, Error> {
    let doing = ask.doing;
    let text = match simdutf8::compat::from_utf8(body) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            return Err(truncated(doing, "ends in the middle of a character"));
        }
        Err(error) => {
            return Err(not_json(
                doing,
                "answer-not-utf8",
                format!(
                    "byte `{}` is not UTF-8: the body is compressed, or of another kind",
                    error.valid_up_to()
                ),
            ));
        }
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.bytes().next() {
        None => return Err(truncated(doing, "has no body")),
        Some(b'{') => {}
        Some(_) if looks_like_html(text) => {
            return Err(not_json(
                doing,
                "answer-is-html",
                "the response is a web page, such as the login page of the site or of a proxy"
                    .to_owned(),
            ));
        }
        Some(_) => {
            if !depth::within(text.as_bytes(), depth::MOST) {
                return Err(too_deep(doing));
            }
            return Err(match serde_json::from_str::<serde::de::IgnoredAny>(text) {
                Ok(_) => unexpected(doing, "answer-no-object", "the response is not an object"),
                Err(error) if error.is_eof() => truncated(doing, "ends early"),
                Err(_) => not_json(
                    doing,
                    "answer-not-json",
                    format!("the response starts with `{}`", quoted(text, 40)),
                ),
            });
        }
    }
    Ok(text)
}

/// The answer nests too deep to be read.
pub(crate) fn too_deep(doing: &str) -> Error {
    Error::new(
        ErrorKind::TooDeep,
        "answer-too-deep",
        format!(
            "cannot {doing}: the response is nested more than `{}` levels deep",
            depth::MOST
        ),
        "no response of Confluence is; the endpoint is not Confluence, or responses are being modified",
        "check the endpoint",
    )
}
