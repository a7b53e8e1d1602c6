//! An answer that has arrived completely, handed over in pieces of a fixed size.
//!
//! What a component sees of an answer depends on its bytes alone: not on how they came over the
//! network or out of a decoder, and not on what the search for the credential looked at.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::Error;

use crate::limits::Limits;
use crate::outbound::answer::held::{Held, HeldBytes};

/// Size of all pieces but the last, in bytes: what a decoder makes at a time, and three pieces for 250
/// pages without bodies. Pieces are slices of the answer, not copies.
const PIECE: usize = 64 * 1024;

/// Minimum size of an answer that is kept where it arrived, in bytes. A smaller one is copied: it
/// would keep the buffer around it, of up to 400 KB.
const MIN_KEPT: usize = 4 * 1024;

/// Maximum room that is made for an announced length, in bytes: 250 pages with bodies of 16 KB. A site
/// may announce more than it sends, and room that nothing is written to takes no memory.
const MAX_ROOM: usize = 4 << 20;

/// A body that has arrived.
pub(in crate::outbound) struct Pieces {
    rest: Bytes,
    held: HeldBytes,
}

impl Pieces {
    /// A body of no bytes.
    pub(in crate::outbound) fn none(held: &Held) -> Self {
        Self {
            rest: Bytes::new(),
            held: held.share(),
        }
    }

    /// Takes a complete body in.
    ///
    /// # Errors
    ///
    /// What breaks the body, and [`Error::HttpResponseBodySize`] when the guest leaves more
    /// answers unread than it may have memory for.
    pub(in crate::outbound) async fn collect<B>(
        mut body: B,
        held: &Held,
        limits: &Limits,
    ) -> Result<Self, Error>
    where
        B: Body<Data = Bytes, Error = Error> + Unpin,
    {
        let mut held = held.share();
        let most = limits.memory_bytes as u64;
        let announced = body.size_hint().lower();
        let room = usize::try_from(announced).map_or(MAX_ROOM, |length| length.min(MAX_ROOM));
        let mut only = Bytes::new();
        let mut all = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame?.into_data() else {
                continue;
            };
            if held.add(piece.len() as u64) > most {
                return Err(Error::HttpResponseBodySize(Some(most)));
            }
            if only.is_empty() && all.is_empty() && piece.len() >= MIN_KEPT {
                only = piece;
                continue;
            }
            if all.capacity() == 0 {
                all.reserve(room.max(only.len() + piece.len()));
                all.extend_from_slice(&only);
                only = Bytes::new();
            }
            all.extend_from_slice(&piece);
        }
        let rest = if all.is_empty() {
            only
        } else {
            // Where more was reserved than came.
            all.shrink_to_fit();
            Bytes::from(all)
        };
        Ok(Self { rest, held })
    }

    /// How many bytes are left to be read.
    pub(in crate::outbound) fn count(&self) -> u64 {
        self.held.count()
    }

    /// All that is left to be read.
    pub(in crate::outbound) fn whole(&self) -> &Bytes {
        &self.rest
    }

    /// The last byte that is not blank.
    pub(in crate::outbound) fn last(&self) -> Option<u8> {
        let mut from_behind = self.rest.iter().rev().copied();
        from_behind.find(|byte| !byte.is_ascii_whitespace())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.held.let_go(length as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.held.count())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::VecDeque;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use http_body::{Body, Frame};
    use http_body_util::BodyExt as _;
    use wasmtime_wasi_http::Error;

    use super::{MIN_KEPT, PIECE, Pieces};
    use crate::limits::Limits;
    use crate::outbound::Held;

    /// A body on its way.
    struct Frames(VecDeque<Bytes>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
        }
    }

    /// What arrives of pieces of these sizes.
    async fn arrived(sizes: impl IntoIterator<Item = usize>) -> (Pieces, Bytes) {
        let mut next = 0_u8;
        let pieces: VecDeque<Bytes> = sizes
            .into_iter()
            .map(|size| {
                let piece = (0..size).map(|_| {
                    next = next.wrapping_add(1);
                    next
                });
                piece.collect()
            })
            .collect();
        let whole = pieces.iter().flatten().copied().collect();
        let (held, limits) = (Held::default(), Limits::default());
        let arrived = Pieces::collect(Frames(pieces), &held, &limits).await;
        (arrived.unwrap(), whole)
    }

    /// The sizes of the pieces that are handed over.
    async fn handed_over(mut pieces: Pieces) -> Vec<usize> {
        let mut sizes = Vec::new();
        while let Some(frame) = pieces.frame().await {
            sizes.push(frame.unwrap().into_data().unwrap().len());
        }
        assert_eq!(pieces.count(), 0);
        sizes
    }

    #[tokio::test]
    async fn pieces_are_of_a_fixed_size_however_the_answer_arrived() {
        let length = 2 * PIECE + 500;
        for frames in [
            vec![1; length],
            vec![length],
            vec![1, length - 1],
            vec![length - 1, 1],
            vec![PIECE + 1, PIECE - 1, 500],
            vec![MIN_KEPT - 1, 5, MIN_KEPT, length - 2 * MIN_KEPT - 4],
        ] {
            let (arrived, whole) = arrived(frames).await;
            assert_eq!(*arrived.whole(), whole);
            assert_eq!(arrived.count(), length as u64);
            assert_eq!(arrived.last(), whole.last().copied());
            assert_eq!(handed_over(arrived).await, [PIECE, PIECE, 500]);
        }
        assert!(handed_over(arrived([]).await.0).await.is_empty());
        assert_eq!(handed_over(arrived([0, 3, 0, 4]).await.0).await, [7]);
    }
}
