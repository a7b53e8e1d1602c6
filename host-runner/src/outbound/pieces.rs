//! An answer that has arrived whole, in the pieces that it came in.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::Error;

use super::held::{Held, HeldBytes};
use crate::limits::Limits;

/// The least of a piece that is kept where it is, in bytes. A smaller one is copied behind others: a
/// site that sends single bytes would have the host keep the buffer around each of them.
const LEAST_PIECE: usize = 4 * 1024;

/// How much small pieces come to at most before they are one, in bytes.
const MOST_JOINED: usize = 64 * 1024;

/// A body that has arrived.
pub(super) struct Pieces {
    pieces: VecDeque<Bytes>,
    held: HeldBytes,
}

impl Pieces {
    /// A body of no bytes.
    pub(super) fn none(held: &Held) -> Self {
        Self {
            pieces: VecDeque::new(),
            held: held.share(),
        }
    }

    /// Takes a whole body in.
    ///
    /// # Errors
    ///
    /// What breaks the body, and [`Error::HttpResponseBodySize`] when the guest leaves more
    /// answers unread than it may have memory for.
    pub(super) async fn collect<B>(mut body: B, held: &Held, limits: &Limits) -> Result<Self, Error>
    where
        B: Body<Data = Bytes, Error = Error> + Unpin,
    {
        let mut arrived = Self::none(held);
        let mut small = Vec::new();
        let most = limits.memory_bytes as u64;
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame?.into_data() else {
                continue;
            };
            if arrived.held.add(piece.len() as u64) > most {
                return Err(Error::HttpResponseBodySize(Some(most)));
            }
            if piece.len() < LEAST_PIECE {
                small.extend_from_slice(&piece);
            }
            if piece.len() >= LEAST_PIECE || small.len() >= MOST_JOINED {
                arrived.join(&mut small);
            }
            if piece.len() >= LEAST_PIECE {
                arrived.pieces.push_back(piece);
            }
        }
        arrived.join(&mut small);
        Ok(arrived)
    }

    /// Small pieces become one, of just their size.
    fn join(&mut self, small: &mut Vec<u8>) {
        if !small.is_empty() {
            self.pieces.push_back(Bytes::copy_from_slice(small));
            small.clear();
        }
    }

    /// How many bytes are left to be read.
    pub(super) fn count(&self) -> u64 {
        self.held.count()
    }

    /// All of it in one piece.
    pub(super) fn whole(&self) -> Bytes {
        match self.pieces.front() {
            Some(piece) if self.pieces.len() == 1 => piece.clone(),
            _ => self.pieces.iter().flatten().copied().collect(),
        }
    }

    /// The last byte that is not blank.
    pub(super) fn last(&self) -> Option<u8> {
        let from_behind = self
            .pieces
            .iter()
            .rev()
            .flat_map(|piece| piece.iter().rev());
        from_behind
            .copied()
            .find(|byte| !byte.is_ascii_whitespace())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(piece) = self.pieces.pop_front() else {
            return Poll::Ready(None);
        };
        self.held.let_go(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
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
    use wasmtime_wasi_http::Error;

    use super::{LEAST_PIECE, Pieces};
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

    #[tokio::test]
    async fn small_pieces_are_joined_and_all_stay_in_their_order() {
        let (one_by_one, whole) = arrived(std::iter::repeat_n(1, 100_000)).await;
        assert_eq!(one_by_one.whole(), whole);
        assert_eq!(one_by_one.pieces.len(), 2);
        let mixed = [1, LEAST_PIECE, 2, 3, LEAST_PIECE + 1, LEAST_PIECE - 1, 5];
        let (mixed, whole) = arrived(mixed).await;
        assert_eq!(mixed.whole(), whole);
        assert_eq!(mixed.count(), whole.len() as u64);
        assert_eq!(mixed.pieces.len(), 5);
        assert_eq!(mixed.last(), whole.last().copied());
    }
}
