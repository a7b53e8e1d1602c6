//! One stream, read once.

mod error;
mod parents;
mod request;
mod task;

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use source::{Batch, Notice, Observed, Outcome, Pass, Progress, Source, SourceError, Stream};

pub use error::ReadError;
pub use request::ReadRequest;

pub(crate) use parents::{PARENTS_MISSING, Space, spaces_of};

use parents::parents_of;
use task::{Role, Task};

/// The stream whose rows are the spaces.
const SPACES: &str = "spaces";

/// Fewer spaces than this are not read side by side: that costs a request for each.
const MIN_SPACES: usize = 4;

/// More spaces than this are not read side by side: most of them are small, and a request for each
/// costs more than one list of everything.
const MAX_SPACES: usize = 250;

/// A step that has ended.
type Stepped = (Task, Result<Progress, SourceError>);

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
    pass: Pass,
    waiting: VecDeque<Task>,
    running: FuturesUnordered<Pin<Box<dyn Future<Output = Stepped> + Send + 'a>>>,
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
        request: ReadRequest,
    ) -> Result<Self, ReadError> {
        let stream = Stream::find(streams, &request.stream)?;
        let pass = request.check(stream)?;
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
            waiting: VecDeque::new(),
            running: FuturesUnordered::new(),
            rows: 0,
            observed: Observed::default(),
            has_ended: false,
            seen_parents: HashSet::new(),
        };
        let partitions = reading.partitions().await?;
        reading.waiting = partitions.into_iter().map(Task::own).collect();
        Ok(reading)
    }

    /// The stream.
    #[must_use]
    pub const fn stream(&self) -> &'a Stream {
        self.stream
    }

    /// The next rows, or none once everything is read. After an error there are none either, and
    /// what was read is not complete.
    pub async fn next(&mut self) -> Option<Result<ReadProgress, ReadError>> {
        while !self.has_ended {
            self.fill();
            let Some((task, stepped)) = self.running.next().await else {
                break;
            };
            match self.take(task, stepped) {
                Ok(None) => {}
                Ok(Some(progress)) => return Some(Ok(progress)),
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
    fn fill(&mut self) {
        while self.running.len() < self.at_once {
            let Some(task) = self.waiting.pop_front() else {
                return;
            };
            let request = task.request(self.stream, self.streams, &self.request, self.pass);
            let (source, streams) = (self.source, self.streams);
            self.running.push(Box::pin(async move {
                let stepped = source.step(streams, &request).await;
                (task, stepped)
            }));
        }
    }

    fn take(
        &mut self,
        task: Task,
        stepped: Result<Progress, SourceError>,
    ) -> Result<Option<ReadProgress>, ReadError> {
        let progress = match stepped {
            Ok(progress) => progress,
            Err(error) if &*error.code == PARENTS_MISSING && task.is_alone() => {
                for parent in &self.stream.parents {
                    let parent = Role::Parent(parent.clone());
                    self.waiting.push_back(task.of(parent));
                }
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        self.see(&progress.observed);
        let mut batches = progress.batches;
        match &task.role {
            Role::Own => batches.retain(|batch| batch.stream() == self.stream.name),
            Role::Parent(name) => {
                let found = batches.iter().filter(|batch| batch.stream() == name);
                let seen = &mut self.seen_parents;
                let tasks = found.flat_map(|batch| parents_of(batch, name, seen));
                // Before what is already waiting, so that few rows of parents are held.
                for parents in tasks.collect::<Vec<_>>().into_iter().rev() {
                    self.waiting.push_front(task.with_parents(parents));
                }
                batches.clear();
            }
        }
        match progress.outcome {
            Outcome::More => {
                let next = task.after(progress.state);
                match task.role {
                    Role::Own => self.waiting.push_front(next),
                    Role::Parent(_) => self.waiting.push_back(next),
                }
            }
            Outcome::Done => {}
            Outcome::Failed(error) => return Err(self.broken(batches, error)),
            // A kind of parents that this site does not have has no children.
            Outcome::Unsupported(_) if task.role != Role::Own => {}
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
        if task.role != Role::Own && progress.notices.is_empty() {
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

    fn see(&mut self, observed: &Observed) {
        self.observed.rows += observed.rows;
        self.observed.requests += observed.requests;
        self.observed.points += observed.points;
        self.observed.foreign_rows += observed.foreign_rows;
        self.observed.site_time.clone_from(&observed.site_time);
    }

    /// The parts that the stream is read in: spaces, or all of it at once.
    async fn partitions(&mut self) -> Result<Vec<Option<String>>, ReadError> {
        let is_by_space = self.stream.by_space || self.parents_are_by_space();
        let named = self.request.spaces.clone();
        if !named.is_empty() && !is_by_space {
            return Err(ReadError::NotBySpace {
                stream: self.stream.name.clone(),
            });
        }
        let is_side_by_side = self.at_once > 1 && self.stream.by_space;
        if named.is_empty() && !is_side_by_side {
            return Ok(vec![None]);
        }
        let Ok(spaces) = Stream::find(self.streams, SPACES) else {
            return Ok(vec![None]);
        };
        if named.is_empty() && self.stream.name == SPACES {
            return Ok(vec![None]);
        }
        let known = self.spaces(spaces).await?;
        if named.is_empty() {
            let is_worth_it = (MIN_SPACES..=MAX_SPACES).contains(&known.len());
            let ids = known.into_iter().map(|space| Some(space.id));
            return Ok(if is_worth_it {
                ids.collect()
            } else {
                vec![None]
            });
        }
        let mut ids = Vec::with_capacity(named.len());
        for name in &named {
            let found = known
                .iter()
                .find(|space| space.id == *name || space.key.as_ref() == Some(name));
            let Some(space) = found else {
                let is_like = |key: &&str| key.eq_ignore_ascii_case(name);
                let mut keys = known.iter().filter_map(|space| space.key.as_deref());
                return Err(ReadError::NoSuchSpace {
                    space: name.clone(),
                    similar: keys.find(is_like).map(str::to_owned),
                });
            };
            if !ids.contains(&Some(space.id.clone())) {
                ids.push(Some(space.id.clone()));
            }
        }
        Ok(ids)
    }

    fn parents_are_by_space(&self) -> bool {
        !self.stream.parents.is_empty()
            && self.stream.parents.iter().all(|parent| {
                Stream::find(self.streams, parent).is_ok_and(|parent| parent.by_space)
            })
    }

    /// The spaces of the site.
    async fn spaces(&mut self, spaces: &Stream) -> Result<Vec<Space>, ReadError> {
        let mut task = Task::own(None);
        let mut known = Vec::new();
        loop {
            let request = task.of_spaces(spaces, &self.request);
            let progress = self.source.step(self.streams, &request).await?;
            self.see(&progress.observed);
            known.extend(progress.batches.iter().flat_map(spaces_of));
            match progress.outcome {
                Outcome::More => task = task.after(progress.state),
                Outcome::Done => return Ok(known),
                Outcome::Failed(error) => return Err(error.into()),
                Outcome::Unsupported(reason) => {
                    return Err(ReadError::Unsupported {
                        stream: SPACES.to_owned(),
                        reason,
                    });
                }
                _ => return Ok(known),
            }
        }
    }
}
