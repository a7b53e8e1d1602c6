//! What is sent with a request: all of it, or nothing.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};

/// Why what was sent is not acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The connection ended before the announced length, or a chunk is malformed: what is missing may
    /// change what the rest means.
    CutOff,
    /// It is longer than is accepted.
    TooLong {
        /// Bytes that are accepted.
        max: usize,
    },
}

impl Unread {
    /// The status of the answer.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::CutOff => 400,
            Self::TooLong { .. } => 413,
        }
    }

    /// What a person reads.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::CutOff => {
                "the body of the request is incomplete: the connection or a chunk was cut off"
                    .to_owned()
            }
            Self::TooLong { max } => format!("the body of the request has more than {max} bytes"),
        }
    }
}

/// Reads all that is sent with a request.
pub(crate) async fn sent(body: &mut Incoming, max: usize) -> Result<Bytes, Unread> {
    let mut bytes = Vec::new();
    while !body.is_end_stream() {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => break,
            Some(Err(_)) => return Err(Unread::CutOff),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    bytes.extend_from_slice(&data);
                }
            }
        }
        if bytes.len() > max {
            return Err(Unread::TooLong { max });
        }
    }
    Ok(Bytes::from(bytes))
}
