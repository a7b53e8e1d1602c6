//! A sink that is written to only while a lease lasts.

use crate::lease::HeldLease;
use crate::sink::{Sink, SinkFuture};

/// A sink whose writes are refused once the lease is lost.
pub struct LeasedSink<'a> {
    sink: &'a mut dyn Sink,
    lease: &'a HeldLease,
}

impl<'a> LeasedSink<'a> {
    /// A sink that is written to under a lease.
    pub fn new(sink: &'a mut dyn Sink, lease: &'a HeldLease) -> Self {
        Self { sink, lease }
    }
}

/// Functions of a sink: those that write check the lease first.
macro_rules! leased {
    ($($kind:ident $name:ident<$life:lifetime>($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sink for LeasedSink<'_> {$(
            fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
                leased!(@$kind self, self.sink.$name($($argument),*))
            }
        )*}
    };
    (@reads $self:ident, $call:expr) => {
        $call
    };
    (@$writes:ident $self:ident, $call:expr) => {
        Box::pin(async move {
            $self.lease.check()?;
            $call.await
        })
    };
}

crate::sink_functions!(leased);
