//! Requests that have left, and whose guest no longer waits for the answer.
//!
//! A guest can drop a request as soon as it has sent it. The site does not notice, or notices late,
//! and works on: a permit that were free at once would let a guest put as much work on a site as it
//! can write requests, ten times what its connection allows. So the answer to such a request is
//! still awaited here, and its permit is held until it has come. The permit is that of the app that
//! dropped the request: to the others it is one app that uses its share, which fair queues bound.
//! To await the answer also keeps the connection, which would have to be closed otherwise.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, response::Parts};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// How long a site may work for a request, from when it left. 30 s is what Confluence itself gives a
/// slow query: after that, nothing is left of it there. Without regard to
/// `limits.first-byte-seconds`, which an app could lower to be rid of its requests.
const MAX_WORK: Duration = Duration::from_secs(30);

/// Bytes of an answer that is read to its end for nobody. A page of 250 rows has about 170 KB; beyond
/// that it costs less to open another connection.
const MAX_UNREAD: usize = 256 * 1024;

/// What is held for a request while a site may work for it.
pub(in crate::outbound) trait InFlightPermit: Send + Sync + 'static {
    /// The answer to a request that nobody waits for has this head.
    fn answered_late(&self, head: &Parts);
}

/// What goes with a request while it is in flight.
#[derive(Clone)]
pub(in crate::outbound) struct InFlight {
    permit: Option<Arc<dyn InFlightPermit>>,
    until: Instant,
    /// Nanoseconds that it waited for leave to open a connection.
    waited: Arc<AtomicU64>,
}

impl InFlight {
    /// Of a request that holds a permit, from when it leaves.
    pub(in crate::outbound) fn holding(permit: Arc<dyn InFlightPermit>) -> Self {
        Self {
            permit: Some(permit),
            ..Self::default()
        }
    }

    /// Counts a wait for leave to open a connection.
    pub(in crate::outbound) fn wait(&self, wait: Duration) {
        let nanoseconds = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        self.waited.fetch_add(nanoseconds, Ordering::SeqCst);
    }

    /// How long it has waited for leave to open connections.
    pub(in crate::outbound) fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited.load(Ordering::SeqCst))
    }

    /// The same answer, which is awaited even when what this returns, or its body, is dropped.
    pub(in crate::outbound) fn follow<F, B, E>(self, request: F) -> Followed<F, B, E>
    where
        F: Future<Output = Result<Response<B>, E>> + Send + 'static,
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        E: Send + 'static,
    {
        Followed {
            request: Some(Box::pin(request)),
            in_flight: self,
        }
    }

    /// Does what is left to do for a request that was dropped.
    fn finish(&self, rest: impl Future<Output = ()> + Send + 'static) {
        let Some(permit) = self.permit.clone() else {
            return;
        };
        // Without a runtime nothing can be awaited, and no connection is open either.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let until = self.until;
        if until <= Instant::now() {
            return;
        }
        runtime.spawn(async move {
            let _ = timeout_at(until, rest).await;
            drop(permit);
        });
    }
}

/// A request that holds no permit, and ends when it is dropped.
impl Default for InFlight {
    fn default() -> Self {
        Self {
            permit: None,
            until: Instant::now() + MAX_WORK,
            waited: Arc::default(),
        }
    }
}

/// A request on its way.
pub(in crate::outbound) struct Followed<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    E: Send + 'static,
{
    request: Option<Pin<Box<F>>>,
    in_flight: InFlight,
}

impl<F, B, E> Future for Followed<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    E: Send + 'static,
{
    type Output = Result<Response<FollowedBody<B>>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(request) = &mut self.request else {
            return Poll::Pending;
        };
        let Poll::Ready(answer) = request.as_mut().poll(context) else {
            return Poll::Pending;
        };
        self.request = None;
        Poll::Ready(answer.map(|answer| {
            answer.map(|body| FollowedBody {
                body: Some(body),
                read: 0,
                in_flight: self.in_flight.clone(),
            })
        }))
    }
}

impl<F, B, E> Drop for Followed<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    E: Send + 'static,
{
    fn drop(&mut self) {
        let (Some(request), Some(permit)) = (self.request.take(), self.in_flight.permit.clone())
        else {
            return;
        };
        self.in_flight.finish(async move {
            if let Ok(answer) = request.await {
                let (head, body) = answer.into_parts();
                permit.answered_late(&head);
                read_for_nobody(body, 0).await;
            }
        });
    }
}

/// The body of an answer on its way.
pub(in crate::outbound) struct FollowedBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    /// `None` once it has ended.
    body: Option<B>,
    /// Bytes that were read so far.
    read: usize,
    in_flight: InFlight,
}

impl<B> Body for FollowedBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = pin!(body).poll_frame(context);
        match &frame {
            Poll::Ready(None | Some(Err(_))) => self.body = None,
            Poll::Ready(Some(Ok(frame))) => self.read += frame.data_ref().map_or(0, Bytes::len),
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) => body.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl<B> Drop for FollowedBody<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            self.in_flight.finish(read_for_nobody(body, self.read));
        }
    }
}

/// Reads on in a body of which something was read, up to a limit, so that its connection can be used
/// again.
async fn read_for_nobody<B: Body<Data = Bytes> + Unpin>(mut body: B, mut read: usize) {
    while read <= MAX_UNREAD
        && let Some(Ok(frame)) = body.frame().await
    {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::convert::Infallible;
    use std::future::Future as _;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Waker};

    use bytes::Bytes;
    use http::{Response, response::Parts};
    use http_body_util::Full;
    use tokio::sync::oneshot;

    use super::{InFlight, InFlightPermit};

    #[derive(Default)]
    struct Held(Arc<Mutex<Vec<u16>>>);

    impl InFlightPermit for Held {
        fn answered_late(&self, head: &Parts) {
            self.0.lock().unwrap().push(head.status.as_u16());
        }
    }

    async fn yields() {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn the_permit_of_a_dropped_request_is_held_until_the_site_has_answered() {
        let heads = Arc::<Mutex<Vec<u16>>>::default();
        let permit: Arc<dyn InFlightPermit> = Arc::new(Held(Arc::clone(&heads)));
        let is_held = Arc::downgrade(&permit);
        let (answers, site) = oneshot::channel::<Response<Full<Bytes>>>();
        let mut request = Box::pin(
            InFlight::holding(permit).follow(async { Ok::<_, Infallible>(site.await.unwrap()) }),
        );
        let mut context = Context::from_waker(Waker::noop());
        assert!(request.as_mut().poll(&mut context).is_pending());
        drop(request);
        yields().await;
        assert!(is_held.upgrade().is_some());
        let answer = Response::builder().status(429).body(Full::default());
        answers.send(answer.unwrap()).unwrap();
        yields().await;
        assert!(is_held.upgrade().is_none());
        assert_eq!(*heads.lock().unwrap(), [429]);
    }

    #[tokio::test]
    async fn the_permit_of_an_answer_that_was_read_is_free_at_once() {
        let permit: Arc<dyn InFlightPermit> = Arc::new(Held::default());
        let is_held = Arc::downgrade(&permit);
        let body = Full::new(Bytes::from_static(b"{}"));
        let request =
            InFlight::holding(permit).follow(async { Ok::<_, Infallible>(Response::new(body)) });
        let answer = request.await.unwrap();
        let read = http_body_util::BodyExt::collect(answer.into_body()).await;
        assert_eq!(read.unwrap().to_bytes(), "{}");
        assert!(is_held.upgrade().is_none());
    }
}
