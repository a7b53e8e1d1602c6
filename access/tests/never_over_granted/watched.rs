//! A sink that lets somebody look at the copy after each transaction.

use sink_sqlite::Sqlite;
use source::Parent;
use sync::{
    Begun, Commit, Counts, Hold, Judged, Millis, Missing, NewRun, PassId, PassState, PastRun,
    Registered, Rescope, RowFailure, RunEnd, Sink, SinkFuture, StoredRow, StreamStatus, Table,
    Which,
};

pub(crate) struct Watched<'w> {
    pub(crate) sink: Sqlite,
    pub(crate) look: Box<dyn FnMut(&str) + Send + 'w>,
}

impl Sink for Watched<'_> {
    fn begin<'a>(&'a mut self, run: &'a NewRun) -> SinkFuture<'a, Begun> {
        self.sink.begin(run)
    }
    fn prepare<'a>(&'a mut self, table: &'a Table<'a>) -> SinkFuture<'a, ()> {
        self.sink.prepare(table)
    }
    fn pass_state<'a>(&'a mut self, pass: &'a PassId) -> SinkFuture<'a, PassState> {
        self.sink.pass_state(pass)
    }
    fn commit<'a>(&'a mut self, commit: &'a Commit<'a>) -> SinkFuture<'a, Counts> {
        Box::pin(async move {
            let committed = self.sink.commit(commit).await?;
            (self.look)(&commit.pass.stream);
            Ok(committed)
        })
    }
    fn parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        after: &'a str,
        due: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        self.sink.parents(stream, parent, after, due)
    }
    fn stale<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
        now: Millis,
    ) -> SinkFuture<'a, Vec<Parent>> {
        self.sink.stale(stream, after, now)
    }
    fn count_parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        due: Millis,
        without_rows: bool,
    ) -> SinkFuture<'a, u64> {
        self.sink.count_parents(stream, parent, due, without_rows)
    }
    fn partitions<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<String>> {
        self.sink.partitions(stream)
    }
    fn reset<'a>(&'a mut self, streams: &'a [String], at: Millis) -> SinkFuture<'a, ()> {
        self.sink.reset(streams, at)
    }
    fn resets(&mut self) -> SinkFuture<'_, Vec<String>> {
        self.sink.resets()
    }
    fn settle_reset<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, ()> {
        self.sink.settle_reset(stream)
    }
    fn failures(&mut self) -> SinkFuture<'_, Vec<RowFailure>> {
        self.sink.failures()
    }
    fn missing<'a>(
        &'a mut self,
        stream: &'a str,
        mark: i64,
        containers: Option<&'a [String]>,
        lists_replies: bool,
    ) -> SinkFuture<'a, Vec<Missing>> {
        self.sink.missing(stream, mark, containers, lists_replies)
    }
    fn belonging<'a>(
        &'a mut self,
        stream: &'a str,
        parents: &'a [String],
    ) -> SinkFuture<'a, Vec<String>> {
        self.sink.belonging(stream, parents)
    }
    fn live<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<(Option<String>, u64)>> {
        self.sink.live(stream)
    }
    fn rows<'a>(
        &'a mut self,
        stream: &'a str,
        columns: &'a [&'a str],
        which: Which<'a>,
    ) -> SinkFuture<'a, Vec<StoredRow>> {
        self.sink.rows(stream, columns, which)
    }
    fn reads<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
    ) -> SinkFuture<'a, Vec<(String, Millis)>> {
        self.sink.reads(stream, after)
    }
    fn registered<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<Registered>> {
        self.sink.registered(stream)
    }
    fn rescope<'a>(&'a mut self, rescope: &'a Rescope<'a>) -> SinkFuture<'a, u64> {
        Box::pin(async move {
            let left = self.sink.rescope(rescope).await?;
            (self.look)(rescope.stream);
            Ok(left)
        })
    }
    fn apply_filters<'a>(&'a mut self, run: i64, at: Millis) -> SinkFuture<'a, Vec<(String, u64)>> {
        self.sink.apply_filters(run, at)
    }
    fn judge<'a>(&'a mut self, judged: &'a Judged<'a>) -> SinkFuture<'a, ()> {
        Box::pin(async move {
            self.sink.judge(judged).await?;
            (self.look)(judged.stream);
            Ok(())
        })
    }
    fn counts(&mut self, run: i64) -> SinkFuture<'_, Vec<(String, Counts)>> {
        self.sink.counts(run)
    }
    fn end<'a>(&'a mut self, run: i64, end: &'a RunEnd) -> SinkFuture<'a, ()> {
        self.sink.end(run, end)
    }
    fn runs(&mut self, limit: u32) -> SinkFuture<'_, Vec<PastRun>> {
        self.sink.runs(limit)
    }
    fn streams(&mut self) -> SinkFuture<'_, Vec<StreamStatus>> {
        self.sink.streams()
    }
    fn holds(&mut self) -> SinkFuture<'_, Vec<Hold>> {
        self.sink.holds()
    }
    fn approve<'a>(&'a mut self, stream: &'a str, at: Millis) -> SinkFuture<'a, u64> {
        self.sink.approve(stream, at)
    }
}
