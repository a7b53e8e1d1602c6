//! Where rows go, and what is known of them: rows, keys and state are committed together.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::iter::Sum;
use std::pin::Pin;

use source::{Batch, Parent, Pass, ReadParent, Stream};

use crate::admission::{Admission, Admitted};
use crate::change::Change;
use crate::children::Children;
use crate::clock::Millis;
use crate::derivation::View;
use crate::history::{Hold, PastRun, RowFailure, StreamStatus};
use crate::naming::Naming;
use crate::outcome::RunOutcome;
use crate::path_fault::PathFault;
use crate::stored::{StoredRow, Which};

/// Why a sink could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// Another run writes into the sink.
    #[error("another run is writing into `{sink}`")]
    Busy {
        /// The sink.
        sink: String,
    },
    /// A newer run has taken over: nothing more is written by this one.
    #[error("a newer run has taken over `{sink}`")]
    Superseded {
        /// The sink.
        sink: String,
    },
    /// Another host has written first: what this run has committed on its machine is not in the copy.
    #[error("another host has written to `{sink}` first: its `{path}` is not the one of this run")]
    Overtaken {
        /// The sink.
        sink: String,
        /// The manifest that both have written.
        path: String,
    },
    /// There is a table of the same name that is not a sync's.
    #[error("`{sink}` has a table `{table}` that does not belong to a sync")]
    ForeignTable {
        /// The sink.
        sink: String,
        /// The table.
        table: String,
    },
    /// It was written by another sync, or by a later version.
    #[error("`{sink}` cannot be used: {reason}")]
    Unusable {
        /// The sink.
        sink: String,
        /// Why.
        reason: String,
    },
    /// The manifests of its files are not those that its state on this machine knows: another machine
    /// writes the copy, or one of the two was restored or lost.
    #[error("the manifests in `{sink}` are not those that the state in `{state}` knows: {reason}")]
    UnknownManifests {
        /// The sink.
        sink: String,
        /// The folder of its state.
        state: String,
        /// In what they differ.
        reason: String,
    },
    /// The columns that the sink adds have other names than the run wants.
    #[error("the copy in `{sink}` was made with the naming `{has}`, and not `{wanted}`")]
    OtherNaming {
        /// The sink.
        sink: String,
        /// What it has.
        has: Naming,
        /// What the run wants.
        wanted: Naming,
    },
    /// Its files have another format than the run writes. Readers of one format would miss rows.
    #[error("the files of the copy in `{sink}` have the format `{has}`, and not `{wanted}`")]
    OtherFormat {
        /// The sink.
        sink: String,
        /// What it has.
        has: String,
        /// What the run writes.
        wanted: String,
    },
    /// Another program has it open.
    #[error("`{sink}` is in use: {reason}")]
    InUse {
        /// The sink.
        sink: String,
        /// What is known of the other program.
        reason: String,
    },
    /// It cannot grow. What was committed before is whole.
    #[error("`{sink}` has no room left to write: {error}")]
    Full {
        /// The sink.
        sink: String,
        /// What it says.
        #[source]
        error: Box<dyn Error + Send + Sync>,
    },
    /// Its file or folder cannot be opened.
    #[error("cannot open `{sink}`: {fault}")]
    Path {
        /// The sink.
        sink: String,
        /// What is wrong with its path.
        #[source]
        fault: PathFault,
    },
    /// What the sink itself says.
    #[error("`{sink}` failed: {error}")]
    Failed {
        /// The sink.
        sink: String,
        /// What it says.
        #[source]
        error: Box<dyn Error + Send + Sync>,
    },
}

/// What a new run says of itself.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// When it began.
    pub started: Millis,
    /// All settings that decide which columns of a row are written, in one text.
    pub settings: String,
    /// The names of the columns that the sink adds; `None`: those of the copy, and `_sync_*` for a new one.
    pub naming: Option<Naming>,
}

/// A run that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its number.
    pub run: i64,
    /// The settings of the last run that was complete, if there was one.
    pub settings_before: Option<String>,
    /// Whether there are keys that are out of scope.
    pub has_outside: bool,
}

/// How far a pass over one partition has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassState {
    /// What the source goes on from.
    pub state: Option<String>,
    /// The number of the run in which the pass began. Rows that it saw have it as their mark.
    pub mark: i64,
    /// Whether it has begun and not ended.
    pub is_open: bool,
    /// When it was complete last.
    pub completed: Option<Millis>,
}

/// The place of a pass: its stream, what it is, and the partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassId {
    /// The stream.
    pub stream: String,
    /// The pass.
    pub pass: Pass,
    /// The partition; empty for the whole site.
    pub partition: String,
}

/// Whose sets of rows a commit completes: rows of the stream that were not seen are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completes {
    /// Nobody's.
    Nothing,
    /// Those of all parents.
    All,
    /// Those of the parents, of these streams, of which the pass saw rows. Other parents whose rows
    /// are known are due again: an index that omits them is no proof that they have none.
    Seen(Vec<String>),
    /// Those of these parents.
    Of(Vec<Parent>),
    /// The rows are sketches, and nothing of them is written. A live row of the same parent and version
    /// is seen. The set that a sketch does not fit into is due: the one of its parent, and the one of its
    /// own if that is known to be empty. Behind the last sketch, sets of which all live rows were seen
    /// are read, and those of others are due.
    Sketched,
    /// Those of these parents, by key, which a list of all sets showed.
    Read {
        /// Their keys, also of parents whose sets are empty.
        keys: Vec<String>,
        /// The streams that the parents are rows of. Keys that none of them has are passed over.
        streams: Vec<String>,
        /// Whether the list is complete: other parents whose rows are known are due again.
        is_complete: bool,
    },
}

/// A row that could not be read, and whose key is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// Its key.
    pub key: String,
    /// The code of the error.
    pub code: String,
    /// What happened.
    pub message: String,
}

impl FailedRow {
    /// How long after a failed attempt the row is read again, in milliseconds: 10 minutes after the
    /// first one, twice as long after each further one, 24 hours at most.
    #[must_use]
    pub fn distance(attempts: i64) -> Millis {
        const FIRST: Millis = 10 * 60 * 1_000;
        const LONGEST: Millis = 24 * 60 * 60 * 1_000;
        let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 8)).unwrap_or_default();
        (FIRST << doublings).min(LONGEST)
    }
}

/// A live key of a stream, as a sink knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The key.
    pub key: String,
    /// The id of its space.
    pub container: Option<String>,
    /// The number of its version.
    pub version: Option<i64>,
    /// Whether it is in scope.
    pub is_inside: bool,
    /// Whether it is in scope, or its row is there although it is not.
    pub is_loaded: bool,
    /// What filters look at, as it came with the row.
    pub facts: Option<String>,
    /// What is known of its labels, as [`Rescope`] noted it.
    pub labels: Option<String>,
}

/// Keys of a stream that enter the scope of a sync or leave it.
#[derive(Debug)]
pub struct Rescope<'a> {
    /// The number of the run.
    pub run: i64,
    /// When it is.
    pub at: Millis,
    /// The stream.
    pub stream: &'a str,
    /// Keys that enter: their rows are to be read, and what belongs to them is due.
    pub enters: &'a [String],
    /// Keys that leave: their rows are marked as out of scope, with all that belongs to them.
    pub leaves: &'a [String],
    /// What is known of the labels of keys.
    pub labels: &'a [(String, String)],
    /// The streams whose rows belong to rows of this one, or to rows that do.
    pub followers: &'a [String],
    /// Those of them that are listed as a whole: their next list is due, and a complete one.
    pub listed: &'a [String],
}

/// Rows that are made of rows of the same commit, and replace those that were made of them before.
#[derive(Debug)]
pub struct Parts {
    /// The rows.
    pub batch: Batch,
    /// The keys of all rows that they are made of, also of those that have none.
    pub of: Vec<String>,
}

/// What belongs together: the rows of a step, what is known of them, and the state behind them.
#[derive(Debug)]
pub struct Commit<'a> {
    /// The number of the run.
    pub run: i64,
    /// The mark that rows get, if the pass sees all rows of its scope.
    pub mark: Option<i64>,
    /// When it is.
    pub at: Millis,
    /// Rows.
    pub batches: &'a [Batch],
    /// What filters say of each row of each batch; empty where there are no filters.
    pub admitted: &'a [Vec<Admitted>],
    /// The streams whose rows are out of scope once a row of this one is.
    pub followers: &'a [String],
    /// What is made of the rows.
    pub parts: &'a [Parts],
    /// Whether the rows have all that is wanted of them, bodies among it. Of other rows, those that
    /// are new or have another version are noted as stale and not written: half of a row is none.
    pub is_whole: bool,
    /// Whether rows are written that have not changed, too: with other columns than before.
    pub is_rewrite: bool,
    /// What goes with rows of this stream.
    pub children: &'a Children,
    /// Where the pass stands behind these rows.
    pub pass: &'a PassId,
    /// How it stands.
    pub state: PassState,
    /// Whose sets it completes.
    pub completes: Completes,
    /// Rows of the streams `parents` of which these batches have every row, so that they are not due
    /// again. A parent that has further live rows, which the pass has not seen, is due: what a bulk
    /// list says is no proof that they are gone.
    pub read_parents: &'a [ReadParent],
    /// The streams whose rows are the parents of the stream's rows.
    pub parents: &'a [String],
    /// Rows of the stream that could not be read. They are there, so that nothing takes them for
    /// missing; the attempts of one run count as one.
    pub failed: &'a [FailedRow],
    /// Keys that were looked up and did not fail: they are no failures any more, and neither are rows
    /// that are written.
    pub settled: &'a [String],
    /// Keys of parents whose sets should have been shown and were not: when they were read before is
    /// forgotten, so that they are due.
    pub unread: &'a [String],
    /// Columns that are written for rows that have not changed, too. No log has such a change.
    pub ages: &'a [&'a str],
    /// Keys of parents that cannot be found. Their sets are read, and none of their rows is removed: what
    /// belongs to them is deleted with them.
    pub missing: &'a BTreeSet<String>,
}

impl<'a> Commit<'a> {
    /// A commit of nothing but how far a pass has come.
    pub(crate) const fn of_state(run: i64, at: Millis, pass: &'a PassId, state: PassState) -> Self {
        Self {
            run,
            mark: None,
            at,
            batches: &[],
            admitted: &[],
            followers: &[],
            parts: &[],
            is_whole: true,
            is_rewrite: false,
            children: Children::NONE,
            pass,
            state,
            completes: Completes::Nothing,
            read_parents: &[],
            parents: &[],
            failed: &[],
            settled: &[],
            unread: &[],
            ages: &[],
            missing: const { &BTreeSet::new() },
        }
    }

    /// What filters say of a row of a batch.
    #[must_use]
    pub fn admission(&self, batch: usize, row: usize) -> Admission {
        let admitted = self.admitted.get(batch).and_then(|rows| rows.get(row));
        admitted.map_or(Admission::Inside, |admitted| admitted.admission)
    }

    /// What of a row of a batch is noted for filters.
    #[must_use]
    pub fn facts(&self, batch: usize, row: usize) -> Option<&str> {
        let admitted = self.admitted.get(batch).and_then(|rows| rows.get(row))?;
        admitted.facts.as_deref()
    }
}

/// Rows of a stream in one commit, or in one run. Several commits of a run can contain the same row;
/// [`Sink::counts`] counts it once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows that were added: new ones, and deleted ones that are back.
    pub inserted: u64,
    /// Rows that were there before, and were written again, also those that are in scope again.
    pub updated: u64,
    /// Rows that are there and were not written.
    pub unchanged: u64,
    /// Rows that were there before, and were marked as deleted.
    pub deleted: u64,
    /// Rows that are out of scope now.
    pub left: u64,
}

impl Counts {
    /// Counts a row that arrived.
    pub const fn count(&mut self, change: Change) {
        match change {
            Change::Unchanged => self.unchanged += 1,
            Change::Stale | Change::Outside => {}
            Change::Inserted => self.inserted += 1,
            Change::Updated => self.updated += 1,
        }
    }

    /// Rows that are there.
    #[must_use]
    pub const fn present(self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }

    /// Adds others.
    pub const fn add(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.deleted += other.deleted;
        self.left += other.left;
    }

    /// What `_sync_runs` has of them: the columns `inserted`, `updated`, `unchanged` and `deleted`.
    #[must_use]
    pub fn columns(self) -> [i64; 4] {
        [self.inserted, self.updated, self.unchanged, self.deleted]
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, counts| {
            sum.add(counts);
            sum
        })
    }
}

/// A key that a complete census did not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The key.
    pub key: String,
    /// The key of the row that it belongs to.
    pub parent: Option<String>,
    /// The id of its space.
    pub container: Option<String>,
    /// Since when it is missing, if an earlier census did not see it either.
    pub since: Option<Millis>,
}

/// What becomes of a key that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is there: the list did not show it.
    Present,
    /// It is missing, and another census has to confirm it.
    Suspected,
    /// It is deleted, for this reason.
    Deleted(&'static str),
    /// So many are missing that a person has to approve it.
    Held,
}

/// What becomes of the missing keys of a stream.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The number of the run.
    pub run: i64,
    /// When it is.
    pub at: Millis,
    /// The stream.
    pub stream: &'a str,
    /// Keys, and what becomes of them.
    pub verdicts: &'a [(String, Verdict)],
    /// What goes with rows of this stream.
    pub children: &'a Children,
}

impl Judged<'_> {
    /// The keys of one verdict.
    #[must_use]
    pub fn of(&self, wanted: Verdict) -> Vec<String> {
        let those = self.verdicts.iter();
        let those = those.filter(|(_, verdict)| *verdict == wanted);
        those.map(|(key, _)| key.clone()).collect()
    }

    /// The keys that are deleted, by reason.
    #[must_use]
    pub fn deleted(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut deleted: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (key, verdict) in self.verdicts {
            if let Verdict::Deleted(reason) = verdict {
                deleted.entry(reason).or_default().push(key.clone());
            }
        }
        deleted
    }
}

/// A table of a stream: its name and columns.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// The stream.
    pub stream: &'a Stream,
    /// Names of the columns that are written, in the order of the stream; `raw` at the end, if it is
    /// written.
    pub columns: Vec<source::Column>,
    /// Whether each change of a row is logged from now on; `None`: as before. A log that begins takes
    /// in all rows that there are.
    pub logs_changes: Option<bool>,
    /// Columns that [`Sink::rows`] has to return.
    pub read_back: &'a [&'a str],
    /// Views that are there once all tables are.
    pub views: &'a [View],
}

/// What a run is recorded with.
#[derive(Debug, Clone)]
pub struct RunEnd {
    /// When it began: by the clock of the site, which is known by now.
    pub started: Millis,
    /// When it ended.
    pub ended: Millis,
    /// How.
    pub outcome: RunOutcome,
    /// Requests.
    pub requests: u64,
    /// Points.
    pub points: u64,
    /// Rows, all streams together.
    pub counts: Counts,
    /// What was counted for each stream, as JSON.
    pub streams: String,
    /// Errors, as JSON.
    pub errors: String,
}

/// What a function of a [`Sink`] returns. Dropped before it is ready, nothing of it is written, or all.
pub type SinkFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SinkError>> + Send + 'a>>;

/// A place that rows are written to.
///
/// All functions of a run come from one task, one after the other.
pub trait Sink: Send {
    /// Begins a run. An earlier one that has not ended is recorded as interrupted, with what it did to rows.
    ///
    /// # Errors
    ///
    /// [`SinkError::Busy`] while another run writes.
    fn begin<'a>(&'a mut self, run: &'a NewRun) -> SinkFuture<'a, Begun>;

    /// Creates the table of a stream, or adds the columns that it lacks.
    ///
    /// # Errors
    ///
    /// [`SinkError::ForeignTable`] for a table that is not a sync's.
    fn prepare<'a>(&'a mut self, table: &'a Table<'a>) -> SinkFuture<'a, ()>;

    /// How far a pass has come. It can be asked before a run begins.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn pass_state<'a>(&'a mut self, pass: &'a PassId) -> SinkFuture<'a, PassState>;

    /// Commits rows, keys and state in one transaction, or nothing. Returns what the commit did to rows
    /// of its stream.
    ///
    /// # Errors
    ///
    /// [`SinkError::Superseded`] once a newer run has begun.
    fn commit<'a>(&'a mut self, commit: &'a Commit<'a>) -> SinkFuture<'a, Counts>;

    /// Up to 250 live rows in scope of a parent stream behind a key whose children in `stream` are due: those
    /// that were never read, whose version has changed, or that were read before `due`.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        after: &'a str,
        due: Millis,
    ) -> SinkFuture<'a, Vec<Parent>>;

    /// How many rows [`Sink::parents`] has in all. `without_rows`: only those that have no live rows in
    /// `stream`.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn count_parents<'a>(
        &'a mut self,
        stream: &'a str,
        parent: &'a str,
        due: Millis,
        without_rows: bool,
    ) -> SinkFuture<'a, u64>;

    /// The spaces by which a stream was read, by id.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn partitions<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<String>>;

    /// Forgets how far the passes of these streams have come, and notes that the streams are read anew.
    /// Their rows stay.
    ///
    /// # Errors
    ///
    /// [`SinkError::Busy`] while a run writes.
    fn reset<'a>(&'a mut self, streams: &'a [String], at: Millis) -> SinkFuture<'a, ()>;

    /// The streams that are read anew, and were not read to their end since.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn resets(&mut self) -> SinkFuture<'_, Vec<String>>;

    /// Notes that a stream was read anew.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn settle_reset<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, ()>;

    /// Up to 250 live rows in scope of a stream behind a key, of which a census saw more than is stored; without
    /// those that failed, and that are to be read again after `now`.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn stale<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
        now: Millis,
    ) -> SinkFuture<'a, Vec<Parent>>;

    /// Rows that could not be read, in the order of streams and keys.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn failures(&mut self) -> SinkFuture<'_, Vec<RowFailure>>;

    /// The live rows of a stream that a complete pass with this mark did not see, in these
    /// containers, or in all. Unless lists have replies, without those that belong to another row of the
    /// stream.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn missing<'a>(
        &'a mut self,
        stream: &'a str,
        mark: i64,
        containers: Option<&'a [String]>,
        lists_replies: bool,
    ) -> SinkFuture<'a, Vec<Missing>>;

    /// The keys of the live rows of a stream that belong to rows with these keys, without those whose rows
    /// filters kept from being loaded.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn belonging<'a>(
        &'a mut self,
        stream: &'a str,
        parents: &'a [String],
    ) -> SinkFuture<'a, Vec<String>>;

    /// How many live rows of a stream there are, by container, without keys whose rows filters kept from
    /// being loaded. It can be asked before a run begins.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn live<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<(Option<String>, u64)>>;

    /// Rows of a stream with the values of these columns. A column that the copy does not have is
    /// null, and so are all of a row of which only the key is known. A stream that was never copied has
    /// no rows.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn rows<'a>(
        &'a mut self,
        stream: &'a str,
        columns: &'a [&'a str],
        which: Which<'a>,
    ) -> SinkFuture<'a, Vec<StoredRow>>;

    /// When the sets of parents in a stream were read, in the order of the parents' keys and after a
    /// key; as many as the sink returns at once.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn reads<'a>(
        &'a mut self,
        stream: &'a str,
        after: &'a str,
    ) -> SinkFuture<'a, Vec<(String, Millis)>>;

    /// The live keys of a stream, in scope or not.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn registered<'a>(&'a mut self, stream: &'a str) -> SinkFuture<'a, Vec<Registered>>;

    /// Records which keys enter the scope and which leave it. Returns how many rows are out of scope
    /// now that were not, what belongs to the keys included.
    ///
    /// # Errors
    ///
    /// [`SinkError::Superseded`] once a newer run has begun.
    fn rescope<'a>(&'a mut self, rescope: &'a Rescope<'a>) -> SinkFuture<'a, u64>;

    /// Deletes the rows that are out of scope, for the reason [`FILTERED`](crate::reason::FILTERED).
    /// Returns how many, by stream.
    ///
    /// # Errors
    ///
    /// [`SinkError::Superseded`] once a newer run has begun.
    fn apply_filters<'a>(&'a mut self, run: i64, at: Millis) -> SinkFuture<'a, Vec<(String, u64)>>;

    /// Records what becomes of missing keys, and deletes what is to be: what belongs to them, too.
    /// Deletions that waited for approval and whose rows are there again no longer wait.
    ///
    /// # Errors
    ///
    /// [`SinkError::Superseded`] once a newer run has begun.
    fn judge<'a>(&'a mut self, judged: &'a Judged<'a>) -> SinkFuture<'a, ()>;

    /// What a run has done to the rows of each stream so far, in all of its commits together: each row
    /// counts once. Rows in scope that it has not written are unchanged, whether it read them or not, so
    /// that `inserted`, `updated` and `unchanged` are all rows that the copy has.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn counts(&mut self, run: i64) -> SinkFuture<'_, Vec<(String, Counts)>>;

    /// Records how a run ended.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn end<'a>(&'a mut self, run: i64, end: &'a RunEnd) -> SinkFuture<'a, ()>;

    /// The last runs, newest first.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn runs(&mut self, limit: u32) -> SinkFuture<'_, Vec<PastRun>>;

    /// How current each stream is.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn streams(&mut self) -> SinkFuture<'_, Vec<StreamStatus>>;

    /// Deletions that wait for approval.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn holds(&mut self) -> SinkFuture<'_, Vec<Hold>>;

    /// Approves the deletions of a stream that wait: the next run makes them, if the rows are still
    /// missing then. Returns how many.
    ///
    /// # Errors
    ///
    /// What the sink says.
    fn approve<'a>(&'a mut self, stream: &'a str, at: Millis) -> SinkFuture<'a, u64>;
}
