//! Compressed answers: asked for, counted, and decompressed before anything else reads them.
//!
//! The host does it, not the guest: the search for an echo of the credential must see what the
//! guest will see, and the limit on the size of an answer must count what the guest will hold.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyDataStream;
use tokio::io::AsyncRead;
use tokio_util::bytes::BytesMut;
use tokio_util::io::{StreamReader, poll_read_buf};
use wasmtime_wasi_http::Error;

use crate::meter::Meter;
use crate::outbound::refusal::{Refusal, RefusalSlot};
use crate::outbound::transport::HttpBody;

/// What is asked for. Atlassian's edge answers gzip and br.
pub(in crate::outbound) const ACCEPTED: HeaderValue = HeaderValue::from_static("zstd, br, gzip");

/// Codings that an error names, of those that are not read.
const KNOWN: [&str; 5] = ["compress", "x-compress", "deflate", "dcb", "dcz"];

/// How many times its size an answer may grow to. JSON of Confluence shrinks to a tenth, and rows
/// that are all alike to a fiftieth; what was made to grow comes to a thousand and more.
pub(in crate::outbound) const MAX_RATIO: u64 = 200;

/// What may come decompressed before the ratio counts, in bytes: short answers shrink to nothing.
const FREE_BYTES: u64 = 64 * 1024;

/// The largest window of zstd that is decompressed, as a power of two: 8 MiB, which RFC 9659 has
/// as the most for HTTP.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How much is decompressed at a time, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// The least room that is left of that for more to be decompressed there, in bytes. A coder that is
/// flushed after each byte fills the room all the same.
const MIN_ROOM: usize = 4 * 1024;

/// A body as the guest is to read it.
pub(in crate::outbound) enum Decoded {
    /// As it came.
    Plain(Counted),
    /// Decompressed.
    Packed(Packed),
}

/// A body that counts what comes over the network.
pub(in crate::outbound) struct Counted {
    body: HttpBody,
    bytes: Arc<AtomicU64>,
    meter: Meter,
}

/// A body that is decompressed.
pub(in crate::outbound) struct Packed {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    /// Where the next piece goes.
    room: BytesMut,
    /// Bytes that have come.
    received: Arc<AtomicU64>,
    /// Bytes that they have become.
    decoded: u64,
    refusal: RefusalSlot,
}

/// Takes the coding off an answer.
///
/// # Errors
///
/// [`Error::HttpResponseContentCoding`] for one that was not asked for: its bytes would be taken
/// for text.
pub(in crate::outbound) fn decode(
    answer: http::Response<HttpBody>,
    refusal: &RefusalSlot,
    meter: &Meter,
) -> Result<http::Response<Decoded>, Error> {
    let (mut head, body) = answer.into_parts();
    let mut codings = head.headers.get_all(header::CONTENT_ENCODING).iter();
    let coding = codings
        .next()
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let is_one = codings.next().is_none();
    let body = Counted {
        body,
        bytes: Arc::default(),
        meter: meter.clone(),
    };
    let received = Arc::clone(&body.bytes);
    let source = |body| StreamReader::new(BodyDataStream::new(body));
    let reader: Box<dyn AsyncRead + Send + Unpin> = match coding.as_deref() {
        None | Some(b"" | b"identity") => {
            return Ok(http::Response::from_parts(head, Decoded::Plain(body)));
        }
        Some(b"gzip" | b"x-gzip") if is_one => {
            let mut decoder = GzipDecoder::new(source(body));
            // A file may be several, one after the other; so may an answer.
            decoder.multiple_members(true);
            Box::new(decoder)
        }
        Some(b"br") if is_one => Box::new(BrotliDecoder::new(source(body))),
        Some(b"zstd") if is_one => Box::new(ZstdDecoder::with_params(
            source(body),
            &[DParameter::window_log_max(ZSTD_WINDOW_LOG)],
        )),
        Some(other) => {
            // The value itself goes nowhere: the site may have copied it from the request.
            let named = KNOWN.iter().find(|known| known.as_bytes() == other);
            refusal.keep(Refusal::Coding {
                named: named.copied(),
            });
            return Err(Error::HttpResponseContentCoding(None));
        }
    };
    // What they say is of the body as it came.
    head.headers.remove(header::CONTENT_ENCODING);
    head.headers.remove(header::CONTENT_LENGTH);
    let body = Decoded::Packed(Packed {
        reader,
        room: BytesMut::new(),
        received,
        decoded: 0,
        refusal: refusal.clone(),
    });
    Ok(http::Response::from_parts(head, body))
}

impl Body for Counted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(piece) = frame.data_ref()
        {
            let length = piece.len() as u64;
            self.bytes.fetch_add(length, Ordering::SeqCst);
            self.meter.received(length);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Packed {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if self.room.capacity() < MIN_ROOM {
            self.room = BytesMut::with_capacity(PIECE_BYTES);
        }
        let read = ready!(poll_read_buf(
            Pin::new(&mut self.reader),
            context,
            &mut self.room
        ));
        Poll::Ready(match read {
            // Of nothing no coding was made, whatever the head says.
            Err(_) if self.received.load(Ordering::SeqCst) == 0 => None,
            // What ends early or is no such coding may come whole the next time.
            Err(_) => Some(Err(Error::HttpResponseIncomplete)),
            Ok(0) => None,
            Ok(length) => {
                self.decoded += length as u64;
                let most = self
                    .received
                    .load(Ordering::SeqCst)
                    .saturating_mul(MAX_RATIO);
                if self.decoded > FREE_BYTES && self.decoded > most {
                    self.refusal.keep(Refusal::Ratio { most: MAX_RATIO });
                    return Poll::Ready(Some(Err(Error::HttpRequestDenied)));
                }
                Some(Ok(self.room.split().freeze()))
            }
        })
    }
}

impl Body for Decoded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.get_mut() {
            Self::Plain(body) => {
                let frame = ready!(Pin::new(body).poll_frame(context));
                Poll::Ready(frame.map(|frame| frame.map_err(|_| Error::HttpResponseIncomplete)))
            }
            Self::Packed(body) => {
                let piece = ready!(body.poll(context));
                Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Plain(body) => body.is_end_stream(),
            Self::Packed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Plain(body) => body.size_hint(),
            Self::Packed(_) => SizeHint::default(),
        }
    }
}
