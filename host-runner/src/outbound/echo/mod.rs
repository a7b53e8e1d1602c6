//! Answers that repeat the credential: a site, or a proxy in front of it, may copy the headers of
//! a request into its answer, and the component must never hold them.
//!
//! An answer is searched once, after all of it has arrived and before the component sees any of
//! it. Nothing else that the component can observe depends on the credential: not the pieces of an
//! answer, not when they are ready, not errors, retries or receipts. The component has no clock, and
//! the time of a search does not depend on how much of a guess is right before eight consecutive
//! bytes of it are.
//!
//! [`needles`] are the forms of a credential, [`search`] looks for them, and [`escapes`] reads what
//! is escaped or broken into lines.

mod escapes;
mod needles;
mod search;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use memchr::memmem;

use self::search::{EchoSearch, Reading};
use crate::connection::Authorization;

/// The search for echoes in the answers of one call. It is made for the first answer: a call without
/// requests needs none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Echoes(Arc<OnceLock<EchoSearch>>);

impl Echoes {
    /// Whether a complete answer repeats the credential that its request was sent with.
    pub(super) fn has_echo(
        &self,
        authorization: &Authorization,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> bool {
        let search = self.0.get_or_init(|| EchoSearch::new(authorization));
        // All of a JSON document would take 4 ns for each byte, as long as the component takes to decode
        // it.
        let is_json = headers.get(CONTENT_TYPE).is_some_and(is_json);
        let reading = if is_json {
            Reading::AroundEscapes
        } else {
            Reading::Complete
        };
        let in_head = headers.iter().any(|(name, value)| {
            search.finds_in(name.as_str().as_bytes(), Reading::AroundEscapes)
                || search.finds_in(value.as_bytes(), Reading::AroundEscapes)
        });
        in_head || search.finds_in(body, reading)
    }
}

fn is_json(value: &HeaderValue) -> bool {
    memmem::find(&value.as_bytes().to_ascii_lowercase(), b"json").is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, header};

    use super::Echoes;
    use crate::connection::Authorization;

    /// A token in the form of Atlassian's: 12 known letters, random ones, and a checksum.
    const LONG: &str = "ATATT3xFfGF0q7Vn-Zk2LwR8sYp_dXc4TbJ9mHfKe6UaGr1NvBx5QyWzEoSi3PtCjMlDh7uIq0OgAn2VkRw8LxZs\
        Yp4dTcXb9JmfHKe6aUGr1vNBx5yQWzoEiS3tPCjlMDhu7Iq0gOAn2kVRw8xLZsY_p4TdXcb9mJfKHe6UaGrv1NB=1F2E3D4C";
    const SHORT: &str = "sesame-open-0123456789";
    /// What may stand directly before an echo, and is no part of it.
    const MARKS: [&str; 7] = ["", "\\u003e", "\\u201c", "\\u0022", "&", "%;", "&#62;"];

    fn authorizations(token: &str) -> Vec<Authorization> {
        // Of three lengths, so that the token begins at each place of a group of base64.
        let users = ["me@example.com", "you@example.com", "them@example.com"];
        let mut all: Vec<_> = users
            .iter()
            .map(|user| format!("Basic {}", STANDARD.encode(format!("{user}:{token}"))))
            .collect();
        all.push(format!("Bearer {token}"));
        all.iter()
            .map(|text| Authorization::parse(text).unwrap())
            .collect()
    }

    fn found(
        echoes: &Echoes,
        authorization: &Authorization,
        kind: &'static str,
        text: &str,
    ) -> bool {
        let kind = HeaderValue::from_static(kind);
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
        let body = Bytes::copy_from_slice(text.as_bytes());
        echoes.has_echo(authorization, &headers, &body)
    }

    fn each(text: &str, form: impl Fn(char) -> String) -> String {
        text.chars().map(form).collect()
    }

    fn lines(text: &str, length: usize, end: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let lines: Vec<String> = letters.chunks(length).map(String::from_iter).collect();
        lines.join(end)
    }

    /// All forms of a text in which an echo is found.
    fn forms(text: &str) -> Vec<String> {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![text.to_owned(), hex.to_uppercase(), hex];
        for before in ["", "x", "xx"] {
            let inside = format!("{before}{text}{before}");
            forms.push(STANDARD.encode(&inside));
            forms.push(URL_SAFE.encode(&inside));
        }
        forms
            .iter()
            .flat_map(|form| {
                let escapes: [&dyn Fn(char) -> String; 10] = [
                    &|letter| letter.to_string(),
                    &|letter| format!("\\u{:04x}", u32::from(letter)),
                    &|letter| format!("\\u{:04X}", u32::from(letter)),
                    &|letter| format!("&#{};", u32::from(letter)),
                    &|letter| format!("&#x{:x};", u32::from(letter)),
                    &|letter| format!("&#X{:X};", u32::from(letter)),
                    &|letter| format!("%{:02X}", u32::from(letter)),
                    &|letter| format!("\\\\u{:04x}", u32::from(letter)),
                    // Letters as they are among escaped ones of three kinds.
                    &|letter| match u32::from(letter) % 4 {
                        0 => format!("\\u{:04x}", u32::from(letter)),
                        1 => format!("&amp;#{};", u32::from(letter)),
                        2 => format!("%{:02x}", u32::from(letter)),
                        _ => letter.to_string(),
                    },
                    &|letter| format!("{letter} "),
                ];
                let mut all: Vec<String> =
                    escapes.iter().map(|escape| each(form, escape)).collect();
                for end in [
                    "\r\n", "\n", "\\n", "\\r\\n", "\r\n    ", "\\n  ", "%0A", "&#10;",
                ] {
                    all.extend([1, 10, 76].map(|length| lines(form, length, end)));
                }
                all
            })
            .collect()
    }

    #[test]
    fn an_echo_is_found_in_every_form_and_place() {
        let filler = r#"{"title":"A \"page\" &amp; more","n":1,"#.repeat(30);
        for token in [LONG, SHORT] {
            for authorization in authorizations(token) {
                let echoes = Echoes::default();
                for text in [token, authorization.credential(), authorization.expose()] {
                    for form in forms(text) {
                        for (kind, before) in
                            [("application/json", filler.as_str()), ("text/html", "")]
                        {
                            for mark in MARKS {
                                let text = format!("{before}\"{mark}{form}\"}}");
                                let is_found = found(&echoes, &authorization, kind, &text);
                                let scheme = authorization.scheme();
                                assert!(is_found, "{scheme} {kind}: {mark}{form}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_part_of_a_credential_is_no_echo() {
        for token in [LONG, SHORT] {
            for authorization in authorizations(token) {
                let echoes = Echoes::default();
                let credential = authorization.credential().trim_end_matches('=');
                for text in [token, credential] {
                    for length in [1, 8, text.len() / 2] {
                        let (part, _) = text.split_at(length);
                        for form in forms(part) {
                            let is_found = found(&echoes, &authorization, "text/html", &form);
                            assert!(!is_found, "{length}: {form}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_echo_in_a_header_is_found() {
        for authorization in authorizations(LONG) {
            for form in [
                authorization.expose().to_owned(),
                format!("https://a.example/?q={LONG}"),
                each(LONG, |letter| format!("%{:02x}", u32::from(letter))),
            ] {
                let headers = HeaderMap::from_iter([(
                    header::LOCATION,
                    HeaderValue::from_str(&form).unwrap(),
                )]);
                let echoes = Echoes::default();
                assert!(echoes.has_echo(&authorization, &headers, &Bytes::new()));
            }
        }
    }

    #[test]
    fn what_symbols_an_echo_omits_does_not_matter() {
        // `me@example.com:0123456789abcdef/??>`, whose base64 has a slash.
        let text = "Basic bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8/Pz4=";
        let authorization = Authorization::parse(text).unwrap();
        let echoes = Echoes::default();
        for text in [
            r"x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8\/Pz4= x",
            r"x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8\u002fPz4\u003d x",
            "x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8%2FPz4%3D x",
            "x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8 x",
            "x me@example.com:0123456789abcdef/??> x",
            "x 0123456789abcdef/??> x",
        ] {
            assert!(found(&echoes, &authorization, "text/plain", text), "{text}");
        }
    }

    #[test]
    fn a_token_that_is_a_word_is_found_with_its_user() {
        let text = format!("Basic {}", STANDARD.encode("me:sesame"));
        let pair = Authorization::parse(&text).unwrap();
        let echoes = Echoes::default();
        assert!(found(&echoes, &pair, "text/plain", "x me:sesame x"));
        assert!(found(&echoes, &pair, "text/plain", "x bWU6c2VzYW1l x"));
        assert!(!found(&echoes, &pair, "text/plain", "open sesame"));
        let bearer = Authorization::parse("Bearer sesame").unwrap();
        let echoes = Echoes::default();
        assert!(found(&echoes, &bearer, "text/plain", "open sesame"));
        assert!(!found(&echoes, &bearer, "text/plain", "open sesam"));
    }
}
