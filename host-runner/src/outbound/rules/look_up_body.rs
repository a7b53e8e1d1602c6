//! The body of a look-up, as the guest writes it: taken in whole, up to a limit, before the request
//! has a place, so that a guest that never ends its body keeps nobody else waiting.
//!
//! What has been taken in is the host's memory until the answer is there, and counts as such: a
//! guest with 255 look-ups open would have the host hold 16 MiB.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use wasmtime_wasi_http::Error;

use crate::limits::Limits;
use crate::outbound::answer::held::{Held, HeldBytes};
use crate::outbound::refusal::{Refusal, RefusalSlot};

/// Most bytes of a body. The longest that Confluence takes has 250 account ids of up to 128
/// characters each: 33 KB.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A body that is held until this is dropped, when its request has been answered.
pub(in crate::outbound) struct LookUpBody {
    bytes: Bytes,
    _held: HeldBytes,
}

impl LookUpBody {
    /// Takes a body in, for as long as the call lasts.
    ///
    /// # Errors
    ///
    /// [`Error::HttpRequestBodySize`] with the limit that the body passes: its own, or the memory
    /// of the call. [`Error::ConnectionWriteTimeout`] when it does not end before the call does,
    /// and what the guest breaks it off with.
    pub(in crate::outbound) async fn collect<B>(
        mut body: B,
        left: Duration,
        held: &Held,
        limits: &Limits,
        slot: &RefusalSlot,
    ) -> Result<Self, Error>
    where
        B: Body<Data = Bytes, Error = Error> + Unpin,
    {
        let mut held = held.share();
        let taking = async {
            let mut taken = BytesMut::new();
            while let Some(frame) = body.frame().await {
                // Trailers are no part of a look-up.
                let Ok(piece) = frame?.into_data() else {
                    continue;
                };
                if taken.len() + piece.len() > MAX_BODY_BYTES {
                    slot.keep(Refusal::Body {
                        most: MAX_BODY_BYTES,
                    });
                    return Err(Error::HttpRequestBodySize(Some(MAX_BODY_BYTES as u64)));
                }
                taken.extend_from_slice(&piece);
                let (length, most) = (piece.len() as u64, limits.memory_bytes as u64);
                if held.add(length) > most {
                    return Err(Error::HttpRequestBodySize(Some(most)));
                }
            }
            Ok(taken.freeze())
        };
        let taken = tokio::time::timeout(left, taking).await;
        Ok(Self {
            bytes: taken.map_err(|_| Error::ConnectionWriteTimeout)??,
            _held: held,
        })
    }

    /// The body, to be sent while this is held.
    pub(in crate::outbound) fn to_bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use bytes::Bytes;
    use http_body::{Body, Frame};
    use http_body_util::{BodyExt as _, Full};
    use wasmtime_wasi_http::Error;

    use super::{Held, LookUpBody, RefusalSlot};
    use crate::limits::Limits;

    /// A body that its guest does not go on with.
    struct Endless;

    impl Body for Endless {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_is_given_up_with_its_call() {
        let (held, slot) = (Held::default(), RefusalSlot::default());
        let left = Duration::from_millis(1);
        let taken = LookUpBody::collect(Endless, left, &held, &Limits::default(), &slot).await;
        assert!(matches!(taken.err(), Some(Error::ConnectionWriteTimeout)));
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused_with_its_limit() {
        let body = Full::new(Bytes::from(vec![b'1'; 65_537])).map_err(|never| match never {});
        let (held, slot) = (Held::default(), RefusalSlot::default());
        let left = Duration::from_secs(60);
        let taken = LookUpBody::collect(body, left, &held, &Limits::default(), &slot).await;
        assert!(matches!(
            taken.err(),
            Some(Error::HttpRequestBodySize(Some(65_536)))
        ));
        let told = slot.take().map(|refusal| refusal.to_string());
        assert!(told.is_some_and(|told| told.contains("64 KiB")));
    }
}
