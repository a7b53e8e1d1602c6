//! The list of the functions of a sink, for sinks that forward them to another one.

/// Calls a macro with all functions of a [`Sink`](crate::Sink), so that a sink which forwards them need not
/// repeat the list. Each is a line `KIND NAME<'a>(ARGUMENT: TYPE, …) -> RESULT;`, in which the kind is
///
/// - `begins`: a run begins,
/// - `changes`: rows are written, marked or deleted,
/// - `notes`: something else is written,
/// - `reads`: nothing is written.
///
/// The crate that uses it depends on `source`.
#[macro_export]
macro_rules! sink_functions {
    ($with:ident) => {
        $with! {
            begins begin<'a>(run: &'a $crate::NewRun) -> $crate::Begun;
            notes prepare<'a>(table: &'a $crate::Table<'a>) -> ();
            reads pass_state<'a>(pass: &'a $crate::PassId) -> $crate::PassState;
            changes commit<'a>(commit: &'a $crate::Commit<'a>) -> $crate::Counts;
            reads parents<'a>(
                stream: &'a str, parent: &'a str, after: &'a str, due: $crate::Millis
            ) -> Vec<::source::Parent>;
            reads count_parents<'a>(
                stream: &'a str, parent: &'a str, due: $crate::Millis, without_rows: bool
            ) -> u64;
            reads partitions<'a>(stream: &'a str) -> Vec<String>;
            notes reset<'a>(streams: &'a [String], at: $crate::Millis) -> ();
            reads resets<'a>() -> Vec<String>;
            notes settle_reset<'a>(stream: &'a str) -> ();
            reads stale<'a>(
                stream: &'a str, after: &'a str, now: $crate::Millis
            ) -> Vec<::source::Parent>;
            reads failures<'a>() -> Vec<$crate::RowFailure>;
            reads missing<'a>(
                stream: &'a str, mark: i64, containers: Option<&'a [String]>, lists_replies: bool
            ) -> Vec<$crate::Missing>;
            reads belonging<'a>(stream: &'a str, parents: &'a [String]) -> Vec<String>;
            reads live<'a>(stream: &'a str) -> Vec<(Option<String>, u64)>;
            reads rows<'a>(
                stream: &'a str, columns: &'a [&'a str], which: $crate::Which<'a>
            ) -> Vec<$crate::StoredRow>;
            reads reads<'a>(stream: &'a str, after: &'a str) -> Vec<(String, $crate::Millis)>;
            reads registered<'a>(stream: &'a str) -> Vec<$crate::Registered>;
            changes rescope<'a>(rescope: &'a $crate::Rescope<'a>) -> u64;
            changes apply_filters<'a>(run: i64, at: $crate::Millis) -> Vec<(String, u64)>;
            changes judge<'a>(judged: &'a $crate::Judged<'a>) -> ();
            reads counts<'a>(run: i64) -> Vec<(String, $crate::Counts)>;
            notes end<'a>(run: i64, end: &'a $crate::RunEnd) -> ();
            reads runs<'a>(limit: u32) -> Vec<$crate::PastRun>;
            reads streams<'a>() -> Vec<$crate::StreamStatus>;
            reads holds<'a>() -> Vec<$crate::Hold>;
            notes approve<'a>(stream: &'a str, at: $crate::Millis) -> u64;
        }
    };
}
