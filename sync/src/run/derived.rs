//! Streams that are computed from stored rows, at the end of a run.

use std::collections::{BTreeMap, BTreeSet};

use source::{Batch, BatchError, ColumnType, Parent, Pass, Projection, Stream, Values};

use super::content::PAGES;
use super::drive::Work;
use super::due::set_pass;
use super::{Engine, StreamReport, SyncError, SyncEvent};
use crate::clock::Millis;
use crate::derivation::{Derivation, Derived, DerivedRow, DerivedValue, InputReading, Stored};
use crate::sink::{Commit, Completes, PassId, PassState, SinkError};

/// Rows of one commit.
const ROWS: usize = 1_000;

/// How many past runs are looked at for the one that began a list. What an older one read is not trusted.
const MAX_RUNS: u32 = 1_000;

/// How often rows are computed again because something had to be read first. A folder shows its parent
/// once it was read: as many as folders are nested.
const MAX_ROUNDS: usize = 64;

impl Engine<'_> {
    /// Computes the rows of a derivation. What it wants to be read first is read, and counted in the
    /// report of its stream.
    pub(super) async fn derive(
        &mut self,
        derivation: &dyn Derivation,
        reports: &mut Vec<StreamReport>,
    ) -> Result<StreamReport, SyncError> {
        let stream = derivation.stream();
        let mut report = StreamReport::of(stream);
        (self.tell)(SyncEvent::Started {
            stream: &stream.name,
            pass: Pass::Full,
        });
        let mut stored = Stored {
            run: self.run,
            began: self.began(),
            ..Stored::default()
        };
        let own: Vec<&str> = stream
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        self.load_rows(&stream.name, &own, &mut stored).await?;
        for input in derivation.inputs() {
            if input.reading != InputReading::Beside {
                self.load_rows(input.stream, input.columns, &mut stored)
                    .await?;
                self.load_reads(input.stream, &mut stored).await?;
                let due = if self.due().is_full || self.is_reset(input.stream) {
                    self.began()
                } else {
                    self.began() - self.request.cadences.details
                };
                stored.due.insert(input.stream.to_owned(), due);
            }
        }
        self.load_above(derivation, &mut stored).await?;
        let open = self.open_sweeps(derivation).await?;
        let mut asked = BTreeSet::new();
        let mut listed = BTreeSet::new();
        let mut rounds = 0;
        let derived = loop {
            stored.incomplete = incomplete(reports, stored.began);
            stored.is_stopped = self.stopped_by.is_some();
            stored.is_continued = reports.iter().any(|report| report.is_continued);
            for (stream, since) in &open {
                stored.incomplete.entry(stream.clone()).or_insert(*since);
            }
            let mut derived = derivation.derive(&stored, self.clock.now());
            rounds += 1;
            let mut unseen = std::mem::take(&mut derived.unseen);
            unseen.retain(|name| {
                let is_readable = !stored.is_stopped && !stored.incomplete.contains_key(*name);
                is_readable && rounds < MAX_ROUNDS && listed.insert(*name)
            });
            if !unseen.is_empty() {
                for name in unseen {
                    self.list_again(name, reports).await?;
                    self.load_input(derivation, name, &mut stored).await?;
                }
                self.load_above(derivation, &mut stored).await?;
                continue;
            }
            let mut wanted = std::mem::take(&mut derived.wanted);
            for (name, parents) in &mut wanted {
                parents.retain(|parent| !asked.contains(&(*name, parent.key.clone())));
            }
            wanted.retain(|(_, parents)| !parents.is_empty() && rounds < MAX_ROUNDS);
            // Rows that are looked up show which sets are needed.
            if wanted
                .iter()
                .any(|(name, _)| is_looked_up(derivation, name))
            {
                wanted.retain(|(name, _)| is_looked_up(derivation, name));
            }
            let mut has_read = false;
            for (name, parents) in wanted {
                asked.extend(parents.iter().map(|parent| (name, parent.key.clone())));
                self.read_first(derivation, name, parents, reports).await?;
                has_read = true;
                self.load_input(derivation, name, &mut stored).await?;
            }
            if !has_read {
                break derived;
            }
            // A folder that was looked up shows what it is in.
            self.load_above(derivation, &mut stored).await?;
        };
        self.write(derivation, derived, &mut report).await?;
        self.settle(stream).await?;
        self.settle_inputs(derivation, reports).await?;
        Ok(report)
    }

    /// What is looked up and read anew was read to its end, unless something of it was not read.
    async fn settle_inputs(
        &mut self,
        derivation: &dyn Derivation,
        reports: &[StreamReport],
    ) -> Result<(), SyncError> {
        for input in derivation.inputs() {
            let report = reports.iter().find(|report| report.stream == input.stream);
            let has_gaps = report.is_some_and(|report| {
                !report.failures.is_empty() || report.is_stopped || report.missed > 0
            });
            if input.reading == InputReading::LookUp && !has_gaps {
                self.settle(Stream::find(self.streams, input.stream)?)
                    .await?;
            }
        }
        Ok(())
    }

    /// Lists of all sets that a run began and none has completed, and when that run began.
    async fn open_sweeps(
        &mut self,
        derivation: &dyn Derivation,
    ) -> Result<BTreeMap<String, Millis>, SinkError> {
        let mut open = BTreeMap::new();
        for input in derivation.inputs() {
            let pass = PassId {
                stream: input.stream.to_owned(),
                pass: Pass::Access,
                partition: String::new(),
            };
            let state = self.sink.pass_state(&pass).await?;
            if !state.is_open {
                continue;
            }
            let runs = self.sink.runs(MAX_RUNS).await?;
            let began = runs.iter().find(|run| run.run == state.mark);
            let began = began.map_or(self.began(), |run| run.started);
            open.insert(input.stream.to_owned(), began);
        }
        Ok(open)
    }

    /// Loads what was read again of an input.
    async fn load_input(
        &mut self,
        derivation: &dyn Derivation,
        name: &str,
        stored: &mut Stored,
    ) -> Result<(), SinkError> {
        let mut inputs = derivation.inputs().iter();
        if let Some(input) = inputs.find(|input| input.stream == name) {
            self.load_rows(name, input.columns, stored).await?;
            self.load_reads(name, stored).await?;
        }
        Ok(())
    }

    async fn load_rows(
        &mut self,
        stream: &str,
        columns: &[&str],
        stored: &mut Stored,
    ) -> Result<(), SinkError> {
        let rows = self.all_rows(stream, columns).await?;
        stored.rows.insert(stream.to_owned(), rows);
        Ok(())
    }

    /// Loads rows that filters exclude, and that rows in scope are below.
    async fn load_above(
        &mut self,
        derivation: &dyn Derivation,
        stored: &mut Stored,
    ) -> Result<(), SinkError> {
        let mut inputs = derivation.inputs().iter();
        if let Some(input) = inputs.find(|input| input.stream == PAGES) {
            let above = self.above().await?.into_iter();
            let rows = above.map(|page| page.row(input.columns)).collect();
            stored.above.insert(PAGES.to_owned(), rows);
        }
        Ok(())
    }

    async fn load_reads(&mut self, stream: &str, stored: &mut Stored) -> Result<(), SinkError> {
        let reads = self.reads_of(stream).await?;
        stored.reads.insert(stream.to_owned(), reads);
        Ok(())
    }

    /// Reads a list from its beginning, and what follows from it.
    async fn list_again(
        &mut self,
        name: &str,
        reports: &mut Vec<StreamReport>,
    ) -> Result<(), SyncError> {
        let stream = Stream::find(self.streams, name)?.clone();
        let Some(report) = report_of(&stream, reports) else {
            return Ok(());
        };
        let (pass, partitions) = (stream.census(), self.partitions(&stream));
        let Some((mark, driven)) = self.read_list(&stream, pass, &partitions, report).await? else {
            return Ok(());
        };
        self.refresh(&stream, report).await?;
        if driven.is_complete {
            self.judge(&stream, mark, &partitions, report).await?;
        }
        Ok(())
    }

    /// Reads what a derivation wants to be read.
    async fn read_first(
        &mut self,
        derivation: &dyn Derivation,
        name: &str,
        parents: Vec<Parent>,
        reports: &mut Vec<StreamReport>,
    ) -> Result<(), SyncError> {
        let stream = Stream::find(self.streams, name)?.clone();
        let Some(report) = report_of(&stream, reports) else {
            return Ok(());
        };
        let is_looked_up = is_looked_up(derivation, name);
        let work = parents.chunks(source::MAX_PARENTS).map(|part| {
            if is_looked_up {
                Work::look_up(name, part.to_vec())
            } else {
                Work::of_parents(
                    name,
                    set_pass(&stream).unwrap_or(Pass::Details),
                    part.to_vec(),
                )
            }
        });
        let work = work.collect();
        self.drive(&stream, work, Some(self.run), report).await?;
        self.read_one_by_one(&stream, report).await?;
        Ok(())
    }

    /// Commits the rows.
    async fn write(
        &mut self,
        derivation: &dyn Derivation,
        derived: Derived,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let stream = derivation.stream();
        let pass = pass_of(derivation);
        let mut parts: Vec<&[DerivedRow]> = derived.rows.chunks(ROWS).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        let count = parts.len();
        for (place, rows) in parts.into_iter().enumerate() {
            let is_last = place + 1 == count;
            let batch = batch(derivation.stream(), derivation.ages(), rows).map_err(|error| {
                SyncError::Derived {
                    stream: stream.name.clone(),
                    error: Box::new(error),
                }
            })?;
            let at = self.clock.now();
            let state = PassState {
                state: None,
                mark: self.run,
                is_open: !is_last,
                completed: is_last.then_some(at),
            };
            let committed = self
                .sink
                .commit(&Commit {
                    mark: Some(self.run),
                    batches: &[batch],
                    is_rewrite: self.is_reset(&stream.name),
                    completes: if is_last {
                        Completes::All
                    } else {
                        Completes::Nothing
                    },
                    ages: derivation.ages(),
                    ..Commit::of_state(self.run, at, &pass, state)
                })
                .await?;
            report.counts.add(committed);
        }
        for notice in &derived.notices {
            (self.tell)(SyncEvent::Notice {
                stream: &stream.name,
                notice,
            });
        }
        report.summary = derived.summary;
        Ok(())
    }
}

/// The report of a stream, which may have to be made.
pub(super) fn report_of<'a>(
    stream: &Stream,
    reports: &'a mut Vec<StreamReport>,
) -> Option<&'a mut StreamReport> {
    let place = reports
        .iter()
        .position(|report| report.stream == stream.name);
    let place = place.unwrap_or_else(|| {
        reports.push(StreamReport::of(stream));
        reports.len() - 1
    });
    reports.get_mut(place)
}

/// Whether rows of a stream are read by their keys alone.
fn is_looked_up(derivation: &dyn Derivation, name: &str) -> bool {
    let mut inputs = derivation.inputs().iter();
    inputs.any(|input| input.stream == name && input.reading == InputReading::LookUp)
}

/// The pass under which a sink keeps how a derivation stands.
fn pass_of(derivation: &dyn Derivation) -> PassId {
    PassId {
        stream: derivation.stream().name.clone(),
        pass: Pass::Full,
        partition: String::new(),
    }
}

/// Streams of which something could not be read in this run, which began at a time.
fn incomplete(reports: &[StreamReport], began: Millis) -> BTreeMap<String, Millis> {
    let has_gaps = |report: &&StreamReport| !report.failures.is_empty() || report.missed > 0;
    let those = reports.iter().filter(has_gaps);
    those.map(|report| (report.stream.clone(), began)).collect()
}

/// Rows as a batch. Their fingerprint is that of all columns that are not ages.
pub(super) fn batch(
    stream: &Stream,
    ages: &[&str],
    rows: &[DerivedRow],
) -> Result<Batch, BatchError> {
    let projection = Projection::default();
    let mut columns: Vec<Filled> = stream
        .projected(&projection)
        .into_iter()
        .map(|column| Filled::new(column.name, column.column_type))
        .collect();
    for row in rows {
        let mut hasher = blake3::Hasher::new();
        for (column, value) in stream.columns.iter().zip(&row.values) {
            if ages.contains(&column.name.as_str()) {
                continue;
            }
            // Lengths keep values apart from each other.
            let text = match value {
                DerivedValue::Null => None,
                DerivedValue::Text(text) => Some(text.clone()),
                DerivedValue::Number(number) => Some(number.to_string()),
            };
            hasher.update(
                &text
                    .as_ref()
                    .map_or(u64::MAX, |text| text.len() as u64)
                    .to_le_bytes(),
            );
            hasher.update(text.unwrap_or_default().as_bytes());
        }
        let fingerprint: String = hasher.finalize().to_hex().chars().take(16).collect();
        let system = [
            DerivedValue::Text(row.key.clone()),
            row.parent.clone().into(),
            row.container.clone().into(),
            DerivedValue::Text(fingerprint),
            DerivedValue::Null,
        ];
        let values = system.iter().chain(&row.values);
        for (column, value) in columns.iter_mut().zip(values) {
            column.add(value);
        }
    }
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let values = columns.into_iter().map(|column| column.values).collect();
    Batch::from_values(stream, &projection, count, count, values)
}

/// A column that is filled one value after the other.
struct Filled {
    values: Values,
    is_text: bool,
    rows: usize,
}

impl Filled {
    fn new(name: String, column_type: ColumnType) -> Self {
        let is_text = matches!(column_type, ColumnType::Text | ColumnType::Json);
        Self {
            values: Values {
                name,
                offsets: if is_text { vec![0] } else { Vec::new() },
                ..Values::default()
            },
            is_text,
            rows: 0,
        }
    }

    fn add(&mut self, value: &DerivedValue) {
        let (byte, bit) = (self.rows / 8, self.rows % 8);
        self.rows += 1;
        self.values.validity.resize(byte + 1, 0);
        let mut is_there = false;
        let mut number = 0;
        match value {
            DerivedValue::Text(text) if self.is_text => {
                self.values.text.push_str(text);
                is_there = true;
            }
            DerivedValue::Number(given) if !self.is_text => {
                number = *given;
                is_there = true;
            }
            _ => {}
        }
        if self.is_text {
            let end = i32::try_from(self.values.text.len()).unwrap_or(i32::MAX);
            self.values.offsets.push(end);
        } else {
            self.values.numbers.push(number);
        }
        if is_there && let Some(bits) = self.values.validity.get_mut(byte) {
            *bits |= 1 << bit;
        }
    }
}
