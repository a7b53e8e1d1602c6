//! The body of an answer, including those that never become a proper one.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Sleep;

/// How long the connection stays open behind a body that is cut off, so that what was sent
/// leaves the buffers before it closes.
const LINGER: Duration = Duration::from_millis(20);

/// The body of an answer.
pub(crate) enum Body {
    /// All of it, at once.
    Whole(Option<Bytes>),
    /// A part of it; then the connection closes.
    CutOff(Option<Bytes>, Pin<Box<Sleep>>),
    /// `opening`, `left` bytes (or bytes for ever) out of copies of `chunk`, `closing`.
    Flood {
        opening: Option<Bytes>,
        chunk: Bytes,
        left: Option<u64>,
        closing: Option<Bytes>,
    },
    /// `left` bytes out of copies of `chunk`, with their length told before.
    File { chunk: Bytes, left: u64 },
}

impl Body {
    pub(crate) fn whole(bytes: Vec<u8>) -> Self {
        Self::Whole(Some(Bytes::from(bytes)))
    }

    pub(crate) fn cut_off(bytes: Bytes) -> Self {
        Self::CutOff(Some(bytes), Box::pin(tokio::time::sleep(LINGER)))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::CutOff(part, linger) => match part.take() {
                Some(part) => Poll::Ready(Some(Ok(Frame::data(part)))),
                None => linger
                    .as_mut()
                    .poll(context)
                    .map(|()| Some(Err(io::Error::other("cut off on purpose")))),
            },
            Self::File { chunk, left } => {
                if *left == 0 || chunk.is_empty() {
                    return Poll::Ready(None);
                }
                let size = (chunk.len() as u64).min(*left);
                *left -= size;
                Poll::Ready(Some(Ok(Frame::data(chunk.slice(..size as usize)))))
            }
            Self::Flood {
                opening,
                chunk,
                left,
                closing,
            } => {
                if let Some(opening) = opening.take() {
                    return Poll::Ready(Some(Ok(Frame::data(opening))));
                }
                let data = match left {
                    None => chunk.clone(),
                    Some(0) => {
                        return Poll::Ready(closing.take().map(|closing| Ok(Frame::data(closing))));
                    }
                    Some(left) => {
                        let size = (chunk.len() as u64).min(*left);
                        *left -= size;
                        chunk.slice(..size as usize)
                    }
                };
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::File { left, .. } => SizeHint::with_exact(*left),
            Self::CutOff(..) | Self::Flood { .. } => SizeHint::default(),
        }
    }
}
