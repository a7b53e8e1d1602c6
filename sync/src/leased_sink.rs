//! A sink that is written to only while a lease lasts.

use source::Parent;

use crate::clock::Millis;
use crate::history::{Hold, PastRun, RowFailure, StreamStatus};
use crate::lease::HeldLease;
use crate::sink::{
    Begun, Commit, Committed, Judged, Missing, NewRun, PassId, PassState, Registered, Rescope,
    RunEnd, Sink, SinkFuture, Table,
};
use crate::stored::{StoredRow, Which};

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
    ($($kind:ident $name:ident $(<$life:lifetime>)? ($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sink for LeasedSink<'_> {
            $(leased!(@$kind $name [$($life)?] ($($argument: $type),*) -> $result);)*
        }
    };
    (@reads $name:ident [$life:lifetime] ($($argument:ident: $type:ty),*) -> $result:ty) => {
        fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
            self.sink.$name($($argument),*)
        }
    };
    (@reads $name:ident [] ($($argument:ident: $type:ty),*) -> $result:ty) => {
        fn $name(&mut self, $($argument: $type),*) -> SinkFuture<'_, $result> {
            self.sink.$name($($argument),*)
        }
    };
    (@writes $name:ident [$life:lifetime] ($($argument:ident: $type:ty),*) -> $result:ty) => {
        fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
            Box::pin(async move {
                self.lease.check()?;
                self.sink.$name($($argument),*).await
            })
        }
    };
}

leased! {
    writes begin<'a>(run: &'a NewRun) -> Begun;
    writes prepare<'a>(table: &'a Table<'a>) -> ();
    reads pass_state<'a>(pass: &'a PassId) -> PassState;
    writes commit<'a>(commit: &'a Commit<'a>) -> Committed;
    reads parents<'a>(stream: &'a str, parent: &'a str, after: &'a str, due: Millis) -> Vec<Parent>;
    reads count_parents<'a>(
        stream: &'a str, parent: &'a str, due: Millis, without_rows: bool
    ) -> u64;
    reads partitions<'a>(stream: &'a str) -> Vec<String>;
    writes reset<'a>(streams: &'a [String], at: Millis) -> ();
    reads resets() -> Vec<String>;
    writes settle_reset<'a>(stream: &'a str) -> ();
    reads stale<'a>(stream: &'a str, after: &'a str, now: Millis) -> Vec<Parent>;
    reads failures() -> Vec<RowFailure>;
    reads missing<'a>(
        stream: &'a str, mark: i64, containers: Option<&'a [String]>
    ) -> Vec<Missing>;
    reads live<'a>(stream: &'a str) -> Vec<(Option<String>, u64)>;
    reads rows<'a>(stream: &'a str, columns: &'a [&'a str], which: Which<'a>) -> Vec<StoredRow>;
    reads reads<'a>(stream: &'a str, after: &'a str) -> Vec<(String, Millis)>;
    reads registered<'a>(stream: &'a str) -> Vec<Registered>;
    writes rescope<'a>(rescope: &'a Rescope<'a>) -> u64;
    writes apply_filters<'a>(run: i64, at: Millis) -> Vec<(String, u64)>;
    writes judge<'a>(judged: &'a Judged<'a>) -> u64;
    writes end<'a>(run: i64, end: &'a RunEnd) -> ();
    reads runs(limit: u32) -> Vec<PastRun>;
    reads streams() -> Vec<StreamStatus>;
    reads holds() -> Vec<Hold>;
    writes approve<'a>(stream: &'a str, at: Millis) -> u64;
}
