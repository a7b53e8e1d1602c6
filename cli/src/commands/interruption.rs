//! Ctrl-C, and the signal that asks programs to end.

use std::thread;

use tokio::sync::oneshot;

use crate::exit::Exit;

/// Waits for Ctrl-C, or for what asks programs to end.
pub(super) async fn interruption() -> Exit {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = tokio::signal::ctrl_c() => Exit::Interrupted,
                _ = terminated.recv() => Exit::Terminated,
            };
        }
    }
    let _ = tokio::signal::ctrl_c().await;
    Exit::Interrupted
}

/// The first interruption, for a command that says where it stopped.
pub(super) struct Interruption(oneshot::Receiver<Exit>);

impl Interruption {
    /// Listens from now on, on a thread of its own: the second signal ends the program at once,
    /// also where the first one is not noticed, since nobody reads standard output.
    pub(super) fn expect() -> Self {
        let (sender, receiver) = oneshot::channel();
        let listen = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            let first = runtime.block_on(interruption());
            let _ = sender.send(first);
            let second = runtime.block_on(interruption());
            std::process::exit(i32::from(second as u8));
        };
        // Without the thread, signals end the program as they do other programs.
        let _ = thread::Builder::new()
            .name("signals".to_owned())
            .spawn(listen);
        Self(receiver)
    }

    /// Waits for it. Safe to be dropped and waited for again.
    pub(super) async fn happens(&mut self) -> Exit {
        match (&mut self.0).await {
            Ok(exit) => exit,
            Err(_) => std::future::pending().await,
        }
    }
}
