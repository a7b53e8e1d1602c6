//! A bound on the connections of a pool.
//!
//! Hyper's pool dials for each request that finds no idle connection, also where one is about to
//! become idle: its answer has been read, and the task that owns it has not run since. So five
//! requests at once take six connections over HTTP/1.1 now and then, and ten on a busy machine. With
//! as many slots as requests may be under way, such a request waits for that connection instead.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The slots of a pool.
#[derive(Clone)]
pub(super) struct ConnectionSlots {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl ConnectionSlots {
    /// So many, each of which is waited for so long.
    pub(super) fn new(count: usize, patience: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            patience,
        }
    }

    /// Waits for one.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`]. Whoever has been given an idle connection meanwhile leaves the
    /// dialling behind, and it must not wait for ever.
    pub(super) async fn take(self) -> io::Result<OwnedSemaphorePermit> {
        let taken = tokio::time::timeout(self.patience, self.free.acquire_owned()).await;
        taken.map_err(io::Error::from)?.map_err(io::Error::other)
    }
}

/// A connection, and its slot until it is closed.
pub(super) struct Berthed {
    pub(super) stream: TokioIo<TcpStream>,
    pub(super) _slot: Option<OwnedSemaphorePermit>,
}

impl Connection for Berthed {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl Read for Berthed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Berthed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io;
    use std::time::Duration;

    use super::ConnectionSlots;

    #[tokio::test]
    async fn a_slot_is_free_again_once_its_connection_is_closed() {
        let slots = ConnectionSlots::new(1, Duration::ZERO);
        let slot = slots.clone().take().await.unwrap();
        let none = slots.clone().take().await.unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::TimedOut);
        drop(slot);
        assert!(slots.take().await.is_ok());
    }
}
