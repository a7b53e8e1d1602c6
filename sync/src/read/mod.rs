//! One stream, read once.

mod error;
mod parents;
mod request;
mod task;

use std::collections::{HashSet, VecDeque};

use source::{
    Batch, Notice, Observed, Outcome, Parent, Pass, Progress, Projection, Source, SourceError,
    Stream,
};

pub use error::ReadError;
pub use request::ReadRequest;

pub(crate) use parents::needs_parents;

use parents::{folders_of, parents_of};
use task::{Task, listing};

use crate::folders::{PLACE, is_of_folders};
use crate::lanes::{LANE_BYTES, lanes};
use crate::running::Running;
use crate::spaces::{SPACES, Spaces};

/// Fewer spaces than this are not read side by side: that costs a request for each.
const MIN_SPACES: usize = 4;

/// A step that has ended.
type Stepped<'a> = (Task<'a>, Result<Progress, SourceError>);

/// What one step of a reading brought.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadProgress {
    /// Rows of the stream.
    pub batches: Vec<Batch>,
    /// What was omitted or unusual.
    pub notices: Vec<Notice>,
    /// Rows of the stream so far.
    pub rows: u64,
    /// What all steps so far saw, together.
    pub observed: Observed,
}

/// A stream that is being read.
///
/// Steps run while [`Reading::next`] is polled. Dropped, it ends them.
pub struct Reading<'a> {
    source: &'a dyn Source,
    streams: &'a [Stream],
    stream: &'a Stream,
    request: ReadRequest,
    /// What the caller wants of each row.
    projection: Projection,
    pass: Pass,
    waiting: VecDeque<Task<'a>>,
    running: Running<'a, Stepped<'a>>,
    /// What is returned next.
    ready: Option<ReadProgress>,
    at_once: usize,
    rows: u64,
    observed: Observed,
    has_ended: bool,
    /// Ids of parents whose rows stand for something else that may be there several times.
    seen_parents: HashSet<String>,
}

impl<'a> Reading<'a> {
    /// Checks a request, and prepares to read. Spaces that the request names are looked up.
    ///
    /// # Errors
    ///
    /// [`ReadError`] for a name that does not exist, and for what the stream cannot do; of the
    /// source, for the look-up of spaces.
    pub async fn start(
        source: &'a dyn Source,
        streams: &'a [Stream],
        mut request: ReadRequest,
    ) -> Result<Self, ReadError> {
        let stream = Stream::find(streams, &request.stream)?;
        let pass = request.check(stream)?;
        let projection = request.projection.clone();
        if is_of_folders(stream) {
            request.projection.add(&PLACE);
        }
        let mut reading = Self {
            source,
            streams,
            stream,
            pass,
            at_once: if request.in_order {
                1
            } else {
                request.at_once.max(1)
            },
            request,
            projection,
            waiting: VecDeque::new(),
            running: Running::new(),
            ready: None,
            rows: 0,
            observed: Observed::default(),
            has_ended: false,
            seen_parents: HashSet::new(),
        };
        let partitions = reading.partitions().await?;
        if partitions.len() > 1 && reading.at_once > 1 {
            reading.request.budget.bytes.get_or_insert(LANE_BYTES);
        }
        // Without parents, sets are read for all spaces.
        let is_of_parents = !reading.request.spaces.is_empty() && !stream.by_space;
        for partition in partitions {
            let task = Task::own(stream, partition);
            if !is_of_parents || !reading.wait_for_parents(&task) {
                reading.waiting.push_back(task);
            }
        }
        Ok(reading)
    }

    /// The stream.
    #[must_use]
    pub const fn stream(&self) -> &'a Stream {
        self.stream
    }

    /// Whether everything is read: [`Reading::next`] returns none from now on.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.has_ended || self.waiting.is_empty() && self.running.len() == 0 && self.ready.is_none()
    }

    /// The next rows, or none once everything is read. After an error there are none either, and
    /// what was read is not complete.
    pub async fn next(&mut self) -> Option<Result<ReadProgress, ReadError>> {
        while !self.has_ended {
            // The network is busy while the caller has the rows.
            self.fill().await;
            if let Some(ready) = self.ready.take() {
                return Some(Ok(ready));
            }
            let Some((task, stepped)) = self.running.next().await else {
                break;
            };
            match self.take(task, stepped) {
                Ok(ready) => self.ready = ready,
                Err(error) => {
                    self.end();
                    return Some(Err(error));
                }
            }
        }
        self.end();
        None
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.waiting.clear();
        self.running.clear();
    }

    /// Starts steps, as many as may run.
    async fn fill(&mut self) {
        while self.running.len() < self.at_once {
            let Some(task) = self.waiting.pop_front() else {
                return;
            };
            let request = task.request(&self.request, self.pass);
            let (source, streams) = (self.source, self.streams);
            self.running
                .begin(async move {
                    let stepped = source.step(streams, &request).await;
                    (task, stepped)
                })
                .await;
        }
    }

    fn take(
        &mut self,
        task: Task<'a>,
        stepped: Result<Progress, SourceError>,
    ) -> Result<Option<ReadProgress>, ReadError> {
        let progress = match stepped {
            Ok(progress) => progress,
            Err(error)
                if needs_parents(&error) && task.is_alone() && self.wait_for_parents(&task) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        self.observed.add(progress.observed);
        let mut batches = progress.batches;
        batches.retain(|batch| batch.stream() == task.stream.name);
        let seen = &mut self.seen_parents;
        let parents: Vec<Vec<Parent>> = if is_of_folders(task.child()) {
            batches.iter().flat_map(|it| folders_of(it, seen)).collect()
        } else if task.is_own() {
            Vec::new()
        } else {
            let name = &task.stream.name;
            let of_batch = batches.iter().flat_map(|it| parents_of(it, name, seen));
            of_batch.collect()
        };
        // Before what is already waiting, so that few rows of parents are held.
        for parents in parents.into_iter().rev() {
            self.waiting.push_front(task.with_parents(parents));
        }
        if !task.is_own() {
            batches.clear();
        } else if is_of_folders(task.stream) {
            let narrowed = |batch: Batch| batch.narrowed(task.stream, &self.projection);
            batches = batches.into_iter().map(narrowed).collect();
        }
        match progress.outcome {
            Outcome::More => {
                let next = task.after(progress.state);
                if task.is_own() {
                    self.waiting.push_front(next);
                } else {
                    self.waiting.push_back(next);
                }
            }
            Outcome::Done => {}
            Outcome::Failed(error) => return Err(self.broken(batches, error)),
            // A kind of parents that this site does not have has no children.
            Outcome::Unsupported(_) if !task.is_own() => {}
            Outcome::Unsupported(reason) => {
                return Err(ReadError::Unsupported {
                    stream: self.stream.name.clone(),
                    reason,
                });
            }
            _ => {}
        }
        let rows: usize = batches.iter().map(Batch::rows).sum();
        self.rows += rows as u64;
        if !task.is_own() && progress.notices.is_empty() {
            return Ok(None);
        }
        Ok(Some(ReadProgress {
            batches,
            notices: progress.notices,
            rows: self.rows,
            observed: self.observed.clone(),
        }))
    }

    /// A pass broke off. The rows of its last step are valid.
    fn broken(&mut self, batches: Vec<Batch>, error: SourceError) -> ReadError {
        let rows: usize = batches.iter().map(Batch::rows).sum();
        self.rows += rows as u64;
        ReadError::Broken {
            batches,
            error: Box::new(error),
        }
    }

    /// Reads the parents of a task's rows first. False: it is not known which they are, as of a stream
    /// that lists only the children of its own rows.
    fn wait_for_parents(&mut self, task: &Task<'a>) -> bool {
        let streams = self.streams;
        let parents = task.stream.parents.iter();
        // Folders name other folders once they are read.
        let parents =
            parents.filter(|name| !is_of_folders(task.stream) || **name != task.stream.name);
        let parents: Option<Vec<&'a Stream>> = parents
            .map(|name| {
                let parent = Stream::find(streams, name).ok()?;
                (listing(parent).is_some() || !task.is_for(name)).then_some(parent)
            })
            .collect();
        let parents = parents.unwrap_or_default();
        for parent in &parents {
            self.waiting.push_back(task.of(parent));
        }
        !parents.is_empty()
    }

    /// The parts that the stream is read in: spaces, or all of it at once.
    async fn partitions(&mut self) -> Result<Vec<Option<String>>, ReadError> {
        let named = &self.request.spaces;
        if !named.is_empty() && !self.stream.by_space && !self.parents_are_by_space() {
            return Err(ReadError::NotBySpace {
                stream: self.stream.name.clone(),
            });
        }
        let is_side_by_side =
            self.at_once > 1 && self.stream.by_space && self.stream.name != SPACES;
        if named.is_empty() && !is_side_by_side {
            return Ok(vec![None]);
        }
        let settings = &self.request.settings;
        let (spaces, observed) = Spaces::read(self.source, self.streams, settings).await?;
        self.observed.add(observed);
        if !named.is_empty() {
            return Ok(spaces.ids(named)?.into_iter().map(Some).collect());
        }
        let has_gaps = spaces.has_gaps();
        let all = spaces.into_ids();
        Ok(if all.len() >= MIN_SPACES && !has_gaps {
            let lanes = lanes(&all).into_iter();
            lanes.map(|lane| Some(lane.spaces)).collect()
        } else {
            vec![None]
        })
    }

    fn parents_are_by_space(&self) -> bool {
        !self.stream.parents.is_empty()
            && self.stream.parents.iter().all(|parent| {
                Stream::find(self.streams, parent).is_ok_and(|parent| parent.by_space)
            })
    }
}
