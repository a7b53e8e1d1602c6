//! The answer on its way in: how large, how slow, and of which kind.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http_body::{Body, Frame};
use memchr::memmem;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

use crate::limits::Limits;

/// Longest head of an answer, all names and values together, in bytes. Confluence's have about 2 KB.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Puts the guards around an answer.
///
/// # Errors
///
/// [`Error::HttpResponseHeaderSectionSize`] when the head is too long, and
/// [`Error::HttpResponseBodySize`] when the announced length is beyond the limit.
pub(in crate::outbound) fn watch<B>(
    answer: http::Response<B>,
    limits: &Limits,
) -> Result<http::Response<Guarded<B>>, Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let head_bytes: usize = answer
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if head_bytes > MAX_HEAD_BYTES {
        return Err(Error::HttpResponseHeaderSectionSize(
            u32::try_from(head_bytes).ok(),
        ));
    }
    if answer.body().size_hint().lower() > limits.answer_bytes {
        return Err(Error::HttpResponseBodySize(Some(limits.answer_bytes)));
    }
    let is_text = answer.headers().get(CONTENT_TYPE).is_none_or(is_text);
    Ok(answer.map(|body| Guarded {
        body,
        left: limits.answer_bytes,
        limit: limits.answer_bytes,
        between_bytes: limits.between_bytes,
        patience: Box::pin(tokio::time::sleep(limits.between_bytes)),
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

/// A body that ends in an error instead of growing or waiting.
pub(in crate::outbound) struct Guarded<B> {
    body: B,
    left: u64,
    limit: u64,
    between_bytes: Duration,
    patience: Pin<Box<Sleep>>,
    ended: bool,
}

impl<B> Guarded<B>
where
    B: Body<Data = Bytes, Error = Error> + Unpin,
{
    /// Counts a piece.
    fn count(&mut self, piece: &Bytes) -> Result<(), Error> {
        let length = piece.len() as u64;
        self.left = self
            .left
            .checked_sub(length)
            .ok_or(Error::HttpResponseBodySize(Some(self.limit)))?;
        Ok(())
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
                    return Poll::Ready(None);
                }
                Some(Err(error)) => return this.end(error),
                // Confluence sends no trailers, and the connector reads none.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => piece,
                    Err(_) => continue,
                },
            };
            if let Err(error) = this.count(&piece) {
                return this.end(error);
            }
            if !piece.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use bytes::Bytes;
    use http_body::{Body, Frame};
    use http_body_util::BodyExt as _;
    use wasmtime_wasi_http::Error;

    use super::watch;
    use crate::limits::Limits;

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
        let body = Pieces {
            left: left.to_vec(),
            ends,
        };
        let answer = http::Response::new(body);
        let answer = watch(answer, &limits).unwrap();
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
    async fn an_answer_that_stops_coming_is_given_up() {
        let (arrived, error) = arrives(&[b"x ses"], false).await;
        assert_eq!(arrived, b"x ses");
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
            let answer = watch(answer, &Limits::default()).unwrap();
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
        let watched = |answer| watch(answer, &Limits::default());
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
