//! One sink for several streams that are read at once.

use futures_util::lock::Mutex;
use source::Parent;

use crate::clock::Millis;
use crate::history::{Hold, PastRun, RowFailure, StreamStatus};
use crate::sink::{
    Begun, Commit, Committed, Judged, Missing, NewRun, PassId, PassState, Registered, Rescope,
    RunEnd, Sink, SinkFuture, Table,
};
use crate::stored::{StoredRow, Which};

/// A sink that others use, too: each function waits until the one before it has ended. All of them run
/// in the task of the run.
pub(super) struct SharedSink<'s, 'm>(pub(super) &'m Mutex<&'s mut (dyn Sink + 's)>);

/// Functions of a sink, each under the lock.
macro_rules! locked {
    ($(fn $name:ident $(<$life:lifetime>)? ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        impl Sink for SharedSink<'_, '_> {
            $(locked!(@one $name [$($life)?] ($($argument: $kind),*) -> $result);)*
        }
    };
    (@one $name:ident [$life:lifetime] ($($argument:ident: $kind:ty),*) -> $result:ty) => {
        fn $name<$life>(&$life mut self, $($argument: $kind),*) -> SinkFuture<$life, $result> {
            Box::pin(async move { self.0.lock().await.$name($($argument),*).await })
        }
    };
    (@one $name:ident [] ($($argument:ident: $kind:ty),*) -> $result:ty) => {
        fn $name(&mut self, $($argument: $kind),*) -> SinkFuture<'_, $result> {
            Box::pin(async move { self.0.lock().await.$name($($argument),*).await })
        }
    };
}

locked! {
    fn begin<'a>(run: &'a NewRun) -> Begun;
    fn prepare<'a>(table: &'a Table<'a>) -> ();
    fn pass_state<'a>(pass: &'a PassId) -> PassState;
    fn commit<'a>(commit: &'a Commit<'a>) -> Committed;
    fn parents<'a>(stream: &'a str, parent: &'a str, after: &'a str, due: Millis) -> Vec<Parent>;
    fn count_parents<'a>(
        stream: &'a str, parent: &'a str, due: Millis, without_rows: bool
    ) -> u64;
    fn partitions<'a>(stream: &'a str) -> Vec<String>;
    fn reset<'a>(streams: &'a [String], at: Millis) -> ();
    fn resets() -> Vec<String>;
    fn settle_reset<'a>(stream: &'a str) -> ();
    fn stale<'a>(stream: &'a str, after: &'a str, now: Millis) -> Vec<Parent>;
    fn failures() -> Vec<RowFailure>;
    fn missing<'a>(
        stream: &'a str, mark: i64, containers: Option<&'a [String]>
    ) -> Vec<Missing>;
    fn live<'a>(stream: &'a str) -> Vec<(Option<String>, u64)>;
    fn rows<'a>(stream: &'a str, columns: &'a [&'a str], which: Which<'a>) -> Vec<StoredRow>;
    fn reads<'a>(stream: &'a str, after: &'a str) -> Vec<(String, Millis)>;
    fn registered<'a>(stream: &'a str) -> Vec<Registered>;
    fn rescope<'a>(rescope: &'a Rescope<'a>) -> u64;
    fn apply_filters<'a>(run: i64, at: Millis) -> Vec<(String, u64)>;
    fn judge<'a>(judged: &'a Judged<'a>) -> u64;
    fn end<'a>(run: i64, end: &'a RunEnd) -> ();
    fn runs(limit: u32) -> Vec<PastRun>;
    fn streams() -> Vec<StreamStatus>;
    fn holds() -> Vec<Hold>;
    fn approve<'a>(stream: &'a str, at: Millis) -> u64;
}
