//! Long lists of a site are read in lanes of spaces, side by side: a single list has one cursor, and so
//! one request at a time.
//!
//! The pass keeps the state of a list of everything. While it is read in lanes that state is [`LANES`],
//! and each lane has one of its own with the same mark. Rows of a space that no list of spaces has are
//! missing then, which deletes nothing: missing rows are looked up.

use source::{Pass, SourceError, Stream};

use super::drive::Work;
use super::permits::ENDED;
use super::{Engine, StreamReport, SyncError, is_fatal};
use crate::lanes::lanes;
use crate::sink::{PassId, PassState};
use crate::spaces::Spaces;

/// The state of a pass that is read in lanes.
const LANES: &str = "lanes";

/// A list of more rows is long. Of one that was never read, its first step says so.
const LONG: u64 = 1_000;

/// Requests of the first step of a list that was never read, which have as many rows.
pub(super) const FIRST_REQUESTS: u32 = 4;

impl Engine<'_> {
    /// The work of a list of everything: in lanes, if it is long. `None`: it cannot be gone on with in
    /// this run, and the report has the reason.
    pub(super) async fn in_lanes(
        &mut self,
        stream: &Stream,
        mark: i64,
        work: Vec<Work>,
        report: &mut StreamReport,
    ) -> Result<Option<Vec<Work>>, SyncError> {
        let is_possible =
            stream.by_space && self.request.at_once > 1 && !self.request.budget.is_limited();
        let work = match <[Work; 1]>::try_from(work) {
            Ok([work]) if work.pass.partition.is_empty() => work,
            Ok([work]) => return Ok(Some(vec![work])),
            Err(several) => return Ok(Some(several)),
        };
        match work.state.as_deref() {
            Some(LANES) if is_possible => return self.lanes_of(stream, mark, work, report).await,
            Some(LANES) => return Ok(Some(vec![work.in_one_list(LANES)])),
            Some(_) => return Ok(Some(vec![work])),
            None if is_possible => {}
            None => return Ok(Some(vec![work])),
        }
        let live = self.sink.live(&stream.name).await?;
        if live.iter().map(|(_, rows)| rows).sum::<u64>() > LONG {
            return self.lanes_of(stream, mark, work, report).await;
        }
        let mut was_read = false;
        for pass in [Pass::Full, Pass::Census] {
            let id = PassId {
                pass,
                ..work.pass.clone()
            };
            was_read |= self.sink.pass_state(&id).await?.completed.is_some();
        }
        // Changes were read before it, which are some rows of many.
        Ok(Some(vec![if was_read {
            work
        } else {
            work.first_of(FIRST_REQUESTS)
        }]))
    }

    /// What is left to read of a list in lanes. Where the spaces of the site are not all known, the list
    /// itself. `None`: lanes of it were read before, and which ones there are cannot be read now. The
    /// report has the reason, and a later run goes on with them.
    pub(super) async fn lanes_of(
        &mut self,
        stream: &Stream,
        mark: i64,
        work: Work,
        report: &mut StreamReport,
    ) -> Result<Option<Vec<Work>>, SyncError> {
        let settings = &self.request.settings;
        let (spaces, observed) = match Spaces::read(self.source, self.streams, settings).await {
            Ok(read) => read,
            // Lanes save time and nothing else: the list alone has all rows, too.
            Err(error) if work.state.as_deref() != Some(LANES) && !ends_run(&error) => {
                return Ok(Some(vec![work.in_one_list(LANES)]));
            }
            Err(error) => {
                super::drive::unfinished(&work, report);
                self.failed(stream, error, report);
                return Ok(None);
            }
        };
        let cost = super::drive::cost_of(&work, report);
        cost.requests += u64::from(observed.requests);
        cost.points += observed.points;
        self.see(observed);
        let has_gaps = spaces.has_gaps();
        let lanes = lanes(&spaces.into_ids());
        if has_gaps || lanes.len() < 2 {
            return Ok(Some(vec![work.in_one_list(LANES)]));
        }
        let state = PassState {
            state: Some(LANES.to_owned()),
            mark,
            is_open: true,
            completed: None,
        };
        self.set_pass(&work.pass, state).await?;
        let mut left = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let pass = PassId {
                partition: lane.name,
                ..work.pass.clone()
            };
            let state = self.sink.pass_state(&pass).await?;
            let from = match (state.mark == mark, state.is_open) {
                (true, false) => continue,
                (true, true) => state.state,
                (false, _) => None,
            };
            left.push(Work::of_lane(pass, from, lane.spaces));
        }
        Ok(Some(left))
    }

    /// Notes that a list is complete, of which all lanes are.
    pub(super) async fn end_lanes(&mut self, pass: &PassId, mark: i64) -> Result<(), SyncError> {
        let state = self.sink.pass_state(pass).await?;
        if state.is_open && state.state.as_deref() == Some(LANES) {
            let ended = PassState {
                state: None,
                mark,
                is_open: false,
                completed: Some(self.clock.now()),
            };
            self.set_pass(pass, ended).await?;
        }
        Ok(())
    }
}

/// Whether nothing more is read after an error.
fn ends_run(error: &SourceError) -> bool {
    is_fatal(&error.kind) || &*error.code == ENDED
}
