//! One sink for several streams that are read at once.

use futures_util::lock::Mutex;

use crate::sink::{Sink, SinkFuture};

/// A sink that others use, too: each function waits until the one before it has ended. All of them run
/// in the task of the run.
pub(super) struct SharedSink<'s, 'm>(pub(super) &'m Mutex<&'s mut (dyn Sink + 's)>);

/// Functions of a sink, each under the lock.
macro_rules! locked {
    ($($kind:ident $name:ident<$life:lifetime>($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sink for SharedSink<'_, '_> {$(
            fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
                Box::pin(async move { self.0.lock().await.$name($($argument),*).await })
            }
        )*}
    };
}

crate::sink_functions!(locked);
