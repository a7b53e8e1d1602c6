//! The answer on its way in: how large, how slow, and whether it repeats the credential.
//!
//! The credential is looked for because a site, or a proxy before it, may echo a request's
//! headers in an error page. The guest would then hold what it must never hold.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http_body::{Body, Frame};
use memchr::memmem;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;
use zeroize::Zeroizing;

use super::refusal::{Refusal, RefusalSlot};
use crate::connection::Authorization;
use crate::limits::Limits;

/// Shortest run of letters and digits that is looked for, in bytes. Atlassian's tokens have 24 and
/// more; a shorter one (`token`, in a test) is also a word that pages contain.
const RUN_BYTES: usize = 16;

/// Longest head of an answer, all names and values together, in bytes. Confluence's have about 2 KB.
const MOST_HEAD_BYTES: usize = 64 * 1024;

/// Puts the guards around an answer.
///
/// # Errors
///
/// [`Error::HttpRequestDenied`] when a header repeats the credential,
/// [`Error::HttpResponseHeaderSectionSize`] when the head is too long, and
/// [`Error::HttpResponseBodySize`] when the announced length is beyond the limit.
pub(super) fn watch<B>(
    answer: http::Response<B>,
    authorization: Option<&Authorization>,
    limits: &Limits,
    slot: &RefusalSlot,
) -> Result<http::Response<Guarded<B>>, Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let echo = authorization.map_or_else(EchoSearch::default, EchoSearch::new);
    let head_bytes: usize = answer
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if head_bytes > MOST_HEAD_BYTES {
        return Err(Error::HttpResponseHeaderSectionSize(
            u32::try_from(head_bytes).ok(),
        ));
    }
    if answer
        .headers()
        .values()
        .any(|value| echo.found_in(value.as_bytes()))
    {
        slot.keep(Refusal::Echo);
        return Err(Error::HttpRequestDenied);
    }
    if answer.body().size_hint().lower() > limits.answer_bytes {
        return Err(Error::HttpResponseBodySize(Some(limits.answer_bytes)));
    }
    let is_text = answer.headers().get(CONTENT_TYPE).is_none_or(is_text);
    Ok(answer.map(|body| Guarded {
        body,
        echo,
        held: Bytes::new(),
        left: limits.answer_bytes,
        limit: limits.answer_bytes,
        between_bytes: limits.between_bytes,
        patience: Box::pin(tokio::time::sleep(limits.between_bytes)),
        slot: slot.clone(),
        // What is no text is no answer of the interface, whatever its size: the head says so.
        ended: !is_text,
    }))
}

/// Whether a type is one that an answer of Confluence, or of a proxy before it, has: JSON, or a
/// page that says what is wrong.
fn is_text(value: &HeaderValue) -> bool {
    let value = value.as_bytes().to_ascii_lowercase();
    value.starts_with(b"text/")
        || [&b"json"[..], b"xml"]
            .iter()
            .any(|kind| memmem::find(&value, kind).is_some())
}

/// A body that ends in an error instead of growing, waiting or telling too much.
pub(super) struct Guarded<B> {
    body: B,
    echo: EchoSearch,
    /// The end of what has arrived, when it could be the start of the credential.
    held: Bytes,
    left: u64,
    limit: u64,
    between_bytes: Duration,
    patience: Pin<Box<Sleep>>,
    slot: RefusalSlot,
    ended: bool,
}

impl<B> Guarded<B>
where
    B: Body<Data = Bytes, Error = Error> + Unpin,
{
    /// Takes a piece and answers the part of it that may go on to the guest.
    fn pass(&mut self, piece: Bytes) -> Result<Bytes, Error> {
        let length = piece.len() as u64;
        self.left = self
            .left
            .checked_sub(length)
            .ok_or(Error::HttpResponseBodySize(Some(self.limit)))?;
        let mut piece = if self.held.is_empty() {
            piece
        } else {
            let mut joined = BytesMut::with_capacity(self.held.len() + piece.len());
            joined.extend_from_slice(&self.held);
            joined.extend_from_slice(&piece);
            joined.freeze()
        };
        if self.echo.found_in(&piece) {
            self.slot.keep(Refusal::Echo);
            return Err(Error::HttpRequestDenied);
        }
        let held = self.echo.could_start_in(&piece);
        self.held = piece.split_off(piece.len() - held);
        Ok(piece)
    }

    fn end<T>(&mut self, error: Error) -> Poll<Option<Result<T, Error>>> {
        self.ended = true;
        Poll::Ready(Some(Err(error)))
    }
}

impl<B> Body for Guarded<B>
where
    B: Body<Data = Bytes, Error = Error> + Unpin,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        loop {
            if this.ended {
                return Poll::Ready(None);
            }
            let frame = match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    ready!(this.patience.as_mut().poll(cx));
                    return this.end(Error::ConnectionReadTimeout);
                }
            };
            this.patience
                .as_mut()
                .reset(Instant::now() + this.between_bytes);
            let piece = match frame {
                None => {
                    this.ended = true;
                    let held = std::mem::take(&mut this.held);
                    return Poll::Ready((!held.is_empty()).then(|| Ok(Frame::data(held))));
                }
                Some(Err(error)) => return this.end(error),
                // Confluence sends no trailers, and the connector reads none.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => piece,
                    Err(_) => continue,
                },
            };
            match this.pass(piece) {
                Ok(piece) if piece.is_empty() => {}
                Ok(piece) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
                Err(error) => return this.end(error),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

/// Looks for a credential in the forms that an echo takes.
///
/// What an echo does to `+`, `/` and `=` cannot be foreseen (`\u003d`, `%3D`, `&#61;`, `\/`, left
/// out), so the runs of letters and digits between them are looked for: any long one gives the
/// credential away.
#[derive(Default)]
struct EchoSearch {
    needles: Vec<Zeroizing<Vec<u8>>>,
}

impl EchoSearch {
    fn new(authorization: &Authorization) -> Self {
        let credential = authorization.credential();
        let mut needles = runs(credential.as_bytes());
        if authorization.scheme() == "Basic"
            && let Ok(pair) = STANDARD.decode(credential).map(Zeroizing::new)
        {
            if let Some(colon) = pair.iter().position(|byte| *byte == b':')
                && let Some(token) = pair.get(colon + 1..)
                && token.len() >= RUN_BYTES
            {
                needles.extend(runs(token));
            }
            needles.push(pair);
        }
        Self { needles }
    }

    fn found_in(&self, text: &[u8]) -> bool {
        self.needles
            .iter()
            .any(|needle| memmem::find(text, needle).is_some())
    }

    /// How many bytes at the end of `text` are the beginning of a form of the credential.
    fn could_start_in(&self, text: &[u8]) -> usize {
        self.needles
            .iter()
            .map(|needle| {
                (1..needle.len().min(text.len() + 1))
                    .rev()
                    .find(|length| text.get(text.len() - length..) == needle.get(..*length))
                    .unwrap_or(0)
            })
            .max()
            .unwrap_or(0)
    }
}

/// The runs of letters and digits in a secret that are long enough to be told from words; the
/// whole of it where there is none.
fn runs(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let long: Vec<_> = secret
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|run| run.len() >= RUN_BYTES)
        .map(|run| Zeroizing::new(run.to_vec()))
        .collect();
    if long.is_empty() {
        vec![Zeroizing::new(secret.to_vec())]
    } else {
        long
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use bytes::Bytes;
    use http_body::{Body, Frame};
    use http_body_util::BodyExt as _;
    use wasmtime_wasi_http::Error;

    use super::{EchoSearch, watch};
    use crate::connection::Authorization;
    use crate::limits::Limits;
    use crate::outbound::RefusalSlot;

    #[test]
    fn an_echo_is_found_in_every_form() {
        // `me@example.com:0123456789abcdef/??>`, whose base64 has a slash.
        let authorization =
            Authorization::parse("Basic bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8/Pz4=").unwrap();
        let echo = EchoSearch::new(&authorization);
        for text in [
            "x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8/Pz4= x",
            r"x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8\/Pz4= x",
            r"x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8\u002fPz4\u003d x",
            "x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8%2FPz4%3D x",
            "x bWVAZXhhbXBsZS5jb206MDEyMzQ1Njc4OWFiY2RlZi8 x",
            "x me@example.com:0123456789abcdef/??> x",
            "x 0123456789abcdef/??> x",
        ] {
            assert!(echo.found_in(text.as_bytes()), "{text}");
        }
        assert!(!echo.found_in(b"me@example.com"));
    }

    #[test]
    fn a_credential_that_could_go_on_is_held_back() {
        let echo = EchoSearch::new(&Authorization::parse("Bearer sesame-open").unwrap());
        assert_eq!(echo.could_start_in(b"sesame-open, and then"), 0);
        assert_eq!(echo.could_start_in(b"abc ses"), 3);
        assert_eq!(echo.could_start_in(b"abc sesame-ope"), 10);
        assert_eq!(echo.could_start_in(b"ses abc"), 0);
        assert_eq!(echo.could_start_in(b"s"), 1);
        assert_eq!(echo.could_start_in(b""), 0);
    }

    /// A body that gives these pieces, and then ends or says nothing more.
    struct Pieces {
        left: Vec<&'static [u8]>,
        ends: bool,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            if self.left.is_empty() {
                return if self.ends {
                    Poll::Ready(None)
                } else {
                    Poll::Pending
                };
            }
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(
                self.left.remove(0),
            )))))
        }
    }

    /// What arrives of the pieces behind the guard, and the error that ends them.
    async fn arrives(left: &[&'static [u8]], ends: bool) -> (Vec<u8>, Option<Error>) {
        let limits = Limits {
            between_bytes: Duration::from_millis(5),
            answer_bytes: 64,
            ..Limits::default()
        };
        let authorization = Authorization::parse("Bearer sesame-open").unwrap();
        let body = Pieces {
            left: left.to_vec(),
            ends,
        };
        let answer = http::Response::new(body);
        let answer = watch(
            answer,
            Some(&authorization),
            &limits,
            &RefusalSlot::default(),
        )
        .unwrap();
        let mut body = answer.into_body();
        let mut arrived = Vec::new();
        loop {
            match body.frame().await {
                None => return (arrived, None),
                Some(Ok(frame)) => arrived.extend_from_slice(&frame.into_data().unwrap()),
                Some(Err(error)) => return (arrived, Some(error)),
            }
        }
    }

    #[tokio::test]
    async fn not_a_byte_of_an_echo_arrives_however_it_is_cut() {
        for pieces in [
            &[&b"x sesame-open x"[..]][..],
            &[b"x sesa", b"me-open x"],
            &[b"x ses", b"ame-", b"open x"],
            &[b"x s", b"e", b"same-ope", b"n"],
        ] {
            let (arrived, error) = arrives(pieces, true).await;
            assert!(
                matches!(error, Some(Error::HttpRequestDenied)),
                "{pieces:?}"
            );
            assert!(b"x ".starts_with(&arrived[..]), "{pieces:?}: {arrived:?}");
        }
    }

    #[tokio::test]
    async fn what_only_looked_like_an_echo_arrives_whole() {
        for pieces in [
            &[&b"x sesa"[..], b"mes"][..],
            &[b"sesame-ope"],
            &[b"s", b"s", b"sesame"],
        ] {
            let (arrived, error) = arrives(pieces, true).await;
            assert!(error.is_none());
            assert_eq!(arrived, pieces.concat());
        }
    }

    #[tokio::test]
    async fn an_answer_that_stops_coming_is_given_up() {
        let (arrived, error) = arrives(&[b"x ses"], false).await;
        assert_eq!(arrived, b"x ");
        assert!(matches!(error, Some(Error::ConnectionReadTimeout)));
    }

    #[tokio::test]
    async fn an_answer_ends_at_its_limit_though_no_length_was_announced() {
        let piece: &'static [u8] = &[b'x'; 40];
        let (arrived, error) = arrives(&[piece, piece], true).await;
        assert_eq!(arrived, piece);
        assert!(matches!(error, Some(Error::HttpResponseBodySize(Some(64)))));
    }

    #[tokio::test]
    async fn what_is_no_text_is_not_read() {
        let arrived = async |kind: &'static str| {
            let body = Pieces {
                left: vec![b"a body"],
                ends: true,
            };
            let mut answer = http::Response::new(body);
            let value = http::HeaderValue::from_static(kind);
            answer.headers_mut().insert("content-type", value);
            let authorization = Authorization::parse("Bearer sesame-open").unwrap();
            let slot = RefusalSlot::default();
            let answer = watch(answer, Some(&authorization), &Limits::default(), &slot).unwrap();
            answer.into_body().collect().await.unwrap().to_bytes().len()
        };
        for kind in [
            "application/json",
            "application/problem+json; charset=utf-8",
            "TEXT/HTML",
            "application/xml",
        ] {
            assert_eq!(arrived(kind).await, 6, "{kind}");
        }
        for kind in ["application/octet-stream", "image/png", "video/mp4", ""] {
            assert_eq!(arrived(kind).await, 0, "{kind}");
        }
    }

    #[tokio::test]
    async fn a_head_without_end_is_not_handed_on() {
        let mut answer = http::Response::new(Pieces {
            left: Vec::new(),
            ends: true,
        });
        let long = http::HeaderValue::from_bytes(&[b'x'; 40_000]).unwrap();
        answer.headers_mut().insert("x-one", long.clone());
        let authorization = Authorization::parse("Bearer sesame-open").unwrap();
        let watched = |answer| {
            let slot = RefusalSlot::default();
            watch(answer, Some(&authorization), &Limits::default(), &slot)
        };
        let mut longer = http::Response::new(Pieces {
            left: Vec::new(),
            ends: true,
        });
        *longer.headers_mut() = answer.headers().clone();
        longer.headers_mut().insert("x-two", long);
        assert!(watched(answer).is_ok());
        assert!(matches!(
            watched(longer),
            Err(Error::HttpResponseHeaderSectionSize(Some(_)))
        ));
    }
}
