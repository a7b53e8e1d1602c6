//! The content of attachments: what is to be fetched of it, and what is to be removed.
//!
//! A file gets its path once its content is complete and on the disk, and then its row is committed. So
//! a run that ends in between leaves files that no row names: the next one takes those whose path says
//! what they are, without a request, and removes the others. A file is removed after its row, never
//! before.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, Hasher as _};

use serde::{Deserialize, Serialize};
use source::{FetchError, Fetched, FileRequest, Pass, SourceError};

use super::budget::{Allowance, BudgetLimit};
use super::drive::ONCE;
use super::{Engine, PassCost, PassKind, StreamReport, SyncError, SyncEvent, derived, is_fatal};
use crate::children::Children;
use crate::clock::Millis;
use crate::derivation::{DerivedRow, DerivedValue};
use crate::files::{
    ATTACHMENTS, COLUMNS, FILES_STREAM, FileName, FileStore, Files, disk_error, stream,
};
use crate::history::RowFailure;
use crate::reason;
use crate::running::Running;
use crate::sink::{Commit, FailedRow, Judged, PassId, PassState, Sink, SinkError, Verdict};
use crate::stored::{StoredRow, Which};

/// Requests of one download: what the attachment is, where its content is, and the content.
pub(super) const REQUESTS: u64 = 3;

/// Files of one commit.
const FILES: usize = 50;

/// Bytes after which a commit has fewer files: what a run that is killed fetches once more.
const BYTES: u64 = 64 << 20;

/// After so many downloads in a row that failed for the network or the site, no more are begun.
const FAILURES: u32 = 10;

/// Kinds of failures that others will most likely have, too.
const OF_ALL: [&str; 6] = [
    "unreachable",
    "unresolvable",
    "timed-out",
    "insecure",
    "rate-limited",
    "upstream-failed",
];

/// The code of content that the site no longer has.
const GONE: &str = "content-gone";

/// The columns of attachments that files depend on.
const OF_ATTACHMENTS: [&str; 7] = [
    "title",
    "media_type",
    "file_size",
    "file_id",
    "page_id",
    "blog_post_id",
    "custom_content_id",
];

/// The streams of what attachments are on.
const OWNERS: [&str; 3] = ["pages", "blog_posts", "custom_content"];

/// What a copy knows of its files, beside their rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FilesState {
    /// What identifies the copy.
    copy: String,
    /// Where they are.
    folder: String,
    /// A digest of the paths of all files, if no others are there.
    swept: Option<String>,
}

/// The columns that are read back of a stream for files.
pub(super) fn read_back(stream: &str) -> &'static [&'static str] {
    match stream {
        ATTACHMENTS => &OF_ATTACHMENTS,
        FILES_STREAM => &COLUMNS,
        _ => &[],
    }
}

/// The pass under which a sink keeps what it knows. Its name is that of no stream, so that nobody reads
/// it anew.
fn state_id() -> PassId {
    PassId {
        stream: "_files".to_owned(),
        pass: Pass::Full,
        partition: ONCE.to_owned(),
    }
}

/// What a copy knows of its files.
pub(super) async fn state(sink: &mut dyn Sink) -> Result<Option<FilesState>, SinkError> {
    let state = sink.pass_state(&state_id()).await?.state;
    Ok(state.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Where the files of a copy are, if it has some.
///
/// # Errors
///
/// What the sink says.
pub async fn folder_of_files(sink: &mut dyn Sink) -> Result<Option<String>, SinkError> {
    Ok(state(sink).await?.map(|state| state.folder))
}

/// Removes files whose rows are deleted, and returns how many.
///
/// # Errors
///
/// What the sink and the store say.
pub async fn sweep_files(sink: &mut dyn Sink, store: &dyn FileStore) -> Result<u64, SinkError> {
    let Some(state) = state(sink).await? else {
        return Ok(0);
    };
    store.check(Some(&state.copy))?;
    let rows = rows(sink).await?;
    let kept = rows.into_values().filter_map(|(row, _)| row.path).collect();
    store
        .sweep(&kept)
        .map_err(|error| disk_error(store.place(), error))
}

/// Refuses a place for files that is not that of the copy, before anything is requested.
pub(super) async fn check(sink: &mut dyn Sink, files: Option<&Files>) -> Result<(), SinkError> {
    let Some(files) = files else { return Ok(()) };
    let state = state(sink).await?;
    files.store.check(state.as_ref().map(|state| &*state.copy))
}

/// What is known of the content of an attachment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FileRow {
    key: String,
    space: Option<String>,
    version: Option<i64>,
    file_id: Option<String>,
    media_type: Option<String>,
    size: Option<u64>,
    sha256: Option<String>,
    path: Option<String>,
    absent: Option<String>,
}

impl FileRow {
    fn stored(row: &StoredRow) -> Self {
        let text = |place| row.value(place).map(str::to_owned);
        Self {
            key: row.key.clone(),
            space: text(1),
            version: row.value(2).and_then(|text| text.parse().ok()),
            file_id: text(3),
            media_type: text(4),
            size: row.value(5).and_then(|text| text.parse().ok()),
            sha256: text(6),
            path: text(7),
            absent: text(8),
        }
    }

    /// Whether it is about the same content.
    fn has_content_of(&self, other: &Self) -> bool {
        (self.version, &self.file_id, self.size) == (other.version, &other.file_id, other.size)
    }

    fn derived(&self) -> DerivedRow {
        let number = |number: Option<i64>| number.map_or(DerivedValue::Null, DerivedValue::Number);
        DerivedRow {
            key: self.key.clone(),
            parent: Some(self.key.clone()),
            container: self.space.clone(),
            values: vec![
                self.key.clone().into(),
                self.space.clone().into(),
                number(self.version),
                self.file_id.clone().into(),
                self.media_type.clone().into(),
                number(self.size.and_then(|size| i64::try_from(size).ok())),
                self.sha256.clone().into(),
                self.path.clone().into(),
                self.absent.clone().into(),
            ],
        }
    }
}

/// An attachment whose content is to be there.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    row: FileRow,
    title: Option<String>,
}

impl Wanted {
    fn name<'a>(&'a self, sha256: Option<&'a str>) -> FileName<'a> {
        FileName {
            space: self.row.space.as_deref(),
            attachment: &self.row.key,
            version: self.row.version,
            title: self.title.as_deref(),
            sha256,
        }
    }

    fn path(&self, store: &dyn FileStore, sha256: Option<&str>) -> Option<String> {
        store.path(self.name(sha256))
    }
}

/// What there is to do.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Content that is fetched.
    pub(super) fetch: Vec<Wanted>,
    /// Content that is under its path already, although no row says so.
    adopt: Vec<Wanted>,
    /// Rows that are to change although the content has not, and the path that it has.
    change: Vec<(FileRow, Option<String>)>,
    /// Keys of rows whose attachments are gone.
    gone: Vec<String>,
    /// Keys of rows that are not wanted any more.
    leaves: Vec<String>,
    /// Keys of attachments that cannot be part of a path.
    unusable: Vec<String>,
    /// The path of each file that a row names, by the key of the row.
    paths: BTreeMap<String, String>,
    /// How many attachments are not wanted.
    skipped: u64,
}

/// The rows of files, and whether they are in scope.
async fn rows(sink: &mut dyn Sink) -> Result<BTreeMap<String, (FileRow, bool)>, SinkError> {
    let known = sink.registered(FILES_STREAM).await?;
    let loaded: Vec<_> = known.into_iter().filter(|row| row.is_loaded).collect();
    let mut rows = BTreeMap::new();
    for part in loaded.chunks(source::MAX_PARENTS) {
        let keys: Vec<String> = part.iter().map(|row| row.key.clone()).collect();
        let read = sink.rows(FILES_STREAM, &COLUMNS, Which::Keyed(&keys));
        for row in read.await? {
            let known = part.iter().find(|known| known.key == row.key);
            let is_inside = known.is_some_and(|known| known.is_inside);
            rows.insert(row.key.clone(), (FileRow::stored(&row), is_inside));
        }
    }
    Ok(rows)
}

/// Compares the attachments of a copy with its files. `is_anew`: all content is fetched again.
pub(super) async fn survey(
    sink: &mut dyn Sink,
    files: &Files,
    is_anew: bool,
    failures: &[RowFailure],
    due: Millis,
) -> Result<Survey, SinkError> {
    let mut survey = Survey::default();
    let mut rows = rows(sink).await?;
    let attachments = sink.registered(ATTACHMENTS).await?;
    let live: BTreeSet<String> = attachments.into_iter().map(|row| row.key).collect();
    let gone = rows.keys().filter(|key| !live.contains(*key));
    survey.gone = gone.cloned().collect();
    let named = rows
        .iter()
        .filter_map(|(key, (row, _))| Some((key.clone(), row.path.clone()?)));
    survey.paths = named.collect();
    // Files are removed after their rows: those rows are, before any other file is.
    for key in &survey.gone {
        survey.paths.remove(key);
    }
    if files.source.is_none() {
        return Ok(survey);
    }
    let spaces = spaces(sink).await?;
    let waits: BTreeSet<&str> = failures
        .iter()
        .filter(|failure| failure.stream == FILES_STREAM && failure.next > due)
        .map(|failure| failure.key.as_str())
        .collect();
    let store = files.store.as_ref();
    let mut after = String::new();
    loop {
        let read = sink
            .rows(ATTACHMENTS, &OF_ATTACHMENTS, Which::After(&after))
            .await?;
        let Some(last) = read.last() else { break };
        after.clone_from(&last.key);
        for row in &read {
            // Only its key is known.
            if row.changed == 0 {
                continue;
            }
            let wanted = wanted(row, &spaces);
            let known = rows.remove(&row.key);
            survey.judge(files, store, wanted, known, is_anew, &waits);
        }
    }
    Ok(survey)
}

/// The spaces of what attachments are on.
async fn spaces(sink: &mut dyn Sink) -> Result<HashMap<String, String>, SinkError> {
    let mut spaces = HashMap::new();
    for stream in OWNERS {
        for owner in sink.registered(stream).await? {
            if let Some(space) = owner.container {
                spaces.insert(owner.key, space);
            }
        }
    }
    Ok(spaces)
}

fn wanted(row: &StoredRow, spaces: &HashMap<String, String>) -> Wanted {
    let text = |place| row.value(place).map(str::to_owned);
    let owner = (4..7).find_map(|place| row.value(place));
    Wanted {
        row: FileRow {
            key: row.key.clone(),
            space: owner.and_then(|owner| spaces.get(owner).cloned()),
            version: row.version,
            file_id: text(3),
            media_type: text(1),
            size: row.value(2).and_then(|text| text.parse().ok()),
            ..FileRow::default()
        },
        title: text(0),
    }
}

impl Survey {
    fn judge(
        &mut self,
        files: &Files,
        store: &dyn FileStore,
        wanted: Wanted,
        known: Option<(FileRow, bool)>,
        is_anew: bool,
        waits: &BTreeSet<&str>,
    ) {
        if !files.admit(wanted.row.media_type.as_deref(), wanted.row.size) {
            self.skipped += 1;
            if known.is_some_and(|(_, is_inside)| is_inside) {
                self.leaves.push(wanted.row.key);
            }
            return;
        }
        if !store.has_path(wanted.name(None)) {
            if !waits.contains(wanted.row.key.as_str()) {
                self.unusable.push(wanted.row.key);
            }
            return;
        }
        let known = known.filter(|(row, _)| !is_anew && row.has_content_of(&wanted.row));
        if let Some((row, is_inside)) = known {
            let is_there = row
                .path
                .as_ref()
                .is_some_and(|path| store.size(path) == row.size || row.size.is_none());
            if is_there || row.absent.is_some() {
                let path = match &row.path {
                    Some(_) => wanted
                        .path(store, row.sha256.as_deref())
                        .or_else(|| row.path.clone()),
                    None => None,
                };
                let wanted = FileRow {
                    sha256: row.sha256.clone(),
                    path,
                    absent: row.absent.clone(),
                    ..wanted.row
                };
                if wanted != row || !is_inside {
                    self.change.push((wanted, row.path));
                }
                return;
            }
        }
        let path = wanted.path(store, None);
        let size = path.and_then(|path| store.size(&path));
        if !is_anew && size.is_some() && size == wanted.row.size {
            self.adopt.push(wanted);
        } else if !waits.contains(wanted.row.key.as_str()) {
            self.fetch.push(wanted);
        }
    }
}

/// Files that are done, and wait to be committed together.
#[derive(Debug, Default)]
struct Pending {
    rows: Vec<FileRow>,
    failed: Vec<FailedRow>,
    bytes: u64,
    /// The path of each file that a committed row names, by the key of the row.
    paths: BTreeMap<String, String>,
}

impl Pending {
    fn new(paths: BTreeMap<String, String>) -> Self {
        Self {
            paths,
            ..Self::default()
        }
    }
}

/// What was done, for the report.
#[derive(Debug, Default)]
struct Done {
    files: u64,
    bytes: u64,
    removed: u64,
    absent: u64,
}

impl Engine<'_> {
    /// Forgets that files could not be fetched whose attachments are deleted or out of scope.
    pub(super) async fn forget_files_that_are_gone(&mut self) -> Result<(), SinkError> {
        let failures = self.sink.failures().await?;
        let of_files = failures
            .into_iter()
            .filter(|row| row.stream == FILES_STREAM);
        let failed: Vec<String> = of_files.map(|row| row.key).collect();
        if failed.is_empty() {
            return Ok(());
        }
        let attachments = self.sink.registered(ATTACHMENTS).await?.into_iter();
        let live = attachments.filter(|row| row.is_inside).map(|row| row.key);
        let live: BTreeSet<String> = live.collect();
        let gone: Vec<String> = failed
            .into_iter()
            .filter(|key| !live.contains(key))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let pass = PassId {
            stream: FILES_STREAM.to_owned(),
            pass: Pass::LookUp,
            partition: ONCE.to_owned(),
        };
        let at = self.clock.now();
        self.sink
            .commit(&Commit {
                settled: &gone,
                ..Commit::of_state(self.run, at, &pass, PassState::default())
            })
            .await?;
        Ok(())
    }

    /// Fetches what is to be fetched, and removes what is to be removed.
    pub(super) async fn keep_files(&mut self) -> Result<Option<StreamReport>, SyncError> {
        let Some(files) = &self.request.files else {
            return Ok(None);
        };
        let (stream, store) = (stream(), files.store.as_ref());
        let mut report = StreamReport::of(&stream);
        (self.tell)(SyncEvent::Started {
            stream: FILES_STREAM,
            pass: Pass::Details,
        });
        let mut state = self.claim(store).await?;
        let is_anew = self.is_reset(FILES_STREAM);
        let failures = self.sink.failures().await?;
        let now = self.clock.now();
        let due = if self.request.full { Millis::MAX } else { now };
        let survey = survey(self.sink, files, is_anew, &failures, due).await?;
        let has_work = !survey.fetch.is_empty() || !survey.change.is_empty();
        if has_work && state.swept.is_some() {
            state.swept = None;
            self.note(&state).await?;
        }
        self.leave(&survey, &mut report).await?;
        let mut done = Done::default();
        let mut pending = Pending::new(survey.paths);
        for key in survey.unusable {
            pending.failed.push(no_name(key));
            self.commit_files(&mut pending, false, &mut report).await?;
        }
        for (row, path) in survey.change {
            if let (Some(from), Some(to)) = (&path, &row.path)
                && from != to
            {
                let linked = store.link(from, to);
                linked.map_err(|error| disk_error(store.place(), error))?;
            }
            pending.rows.push(row);
            self.commit_files(&mut pending, false, &mut report).await?;
        }
        for wanted in survey.adopt {
            let mut row = wanted.row.clone();
            if let Some(path) = wanted.path(store, None) {
                let digest = store.digest(&path);
                let digest = digest.map_err(|error| disk_error(store.place(), error))?;
                (row.sha256, row.path) = (Some(digest), Some(path));
                pending.rows.push(row);
                self.commit_files(&mut pending, false, &mut report).await?;
            }
        }
        self.commit_files(&mut pending, true, &mut report).await?;
        self.fetch(files, survey.fetch, &mut pending, &mut done, &mut report)
            .await?;
        let kept = pending.paths.into_values().collect();
        let digest = digest(&kept);
        if state.swept.as_ref() != Some(&digest) {
            let removed = store.sweep(&kept);
            done.removed = removed.map_err(|error| disk_error(store.place(), error))?;
            state.swept = Some(digest);
            self.note(&state).await?;
        }
        if is_anew && !report.is_stopped && report.failures.is_empty() {
            self.settle(&stream).await?;
        }
        let summary = serde_json::json!({
            "fetched": done.files,
            "bytes": done.bytes,
            "removed": done.removed,
            "absent": done.absent,
            "skipped": survey.skipped,
        });
        report.summary = Some(summary.to_string());
        Ok(Some(report))
    }

    /// Makes the store the copy's own: what identifies the copy is committed first, so that a run that
    /// ends in between finds it.
    async fn claim(&mut self, store: &dyn FileStore) -> Result<FilesState, SyncError> {
        let folder = store.place();
        let state = match state(self.sink).await? {
            Some(state) if state.folder == folder => state,
            // The files may be in another place now, or others.
            Some(state) => FilesState {
                folder,
                swept: None,
                ..state
            },
            None => FilesState {
                copy: random(),
                folder,
                swept: None,
            },
        };
        self.note(&state).await?;
        store.open(&state.copy)?;
        Ok(state)
    }

    async fn note(&mut self, state: &FilesState) -> Result<(), SinkError> {
        let pass = state_id();
        let at = self.clock.now();
        let state = PassState {
            state: serde_json::to_string(state).ok(),
            mark: self.run,
            is_open: false,
            completed: Some(at),
        };
        let commit = Commit::of_state(self.run, at, &pass, state);
        self.sink.commit(&commit).await?;
        Ok(())
    }

    /// Deletes rows whose attachments are gone, and marks those that are not wanted any more.
    async fn leave(&mut self, survey: &Survey, report: &mut StreamReport) -> Result<(), SyncError> {
        if !survey.gone.is_empty() {
            let gone = survey.gone.iter().cloned();
            let verdicts: Vec<_> = gone
                .map(|key| (key, Verdict::Deleted(reason::PARENT)))
                .collect();
            let judged = Judged {
                run: self.run,
                at: self.clock.now(),
                stream: FILES_STREAM,
                verdicts: &verdicts,
                children: Children::NONE,
            };
            self.sink.judge(&judged).await?;
        }
        if !survey.leaves.is_empty() {
            let left = self.leave_rows(FILES_STREAM, &survey.leaves, &[]).await?;
            report.counts.left += left;
        }
        Ok(())
    }

    /// Commits files that are done, once there are many, or all of them.
    async fn commit_files(
        &mut self,
        pending: &mut Pending,
        is_last: bool,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let count = pending.rows.len() + pending.failed.len();
        if count == 0 || !is_last && count < FILES && pending.bytes < BYTES {
            return Ok(());
        }
        let rows = std::mem::take(&mut pending.rows);
        let failed = std::mem::take(&mut pending.failed);
        pending.bytes = 0;
        let derived: Vec<DerivedRow> = rows.iter().map(FileRow::derived).collect();
        let batch = derived::batch(&stream(), &[], &derived);
        let batch = batch.map_err(|error| SyncError::Derived {
            stream: FILES_STREAM.to_owned(),
            error: Box::new(error),
        })?;
        let settled: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        let pass = PassId {
            stream: FILES_STREAM.to_owned(),
            pass: Pass::Details,
            partition: ONCE.to_owned(),
        };
        let at = self.clock.now();
        let state = PassState {
            state: None,
            mark: self.run,
            is_open: false,
            completed: Some(at),
        };
        let batches = [batch];
        let commit = Commit {
            mark: Some(self.run),
            batches: &batches,
            failed: &failed,
            settled: &settled,
            ..Commit::of_state(self.run, at, &pass, state)
        };
        let committed = self.sink.commit(&commit).await?;
        for FileRow { key, path, .. } in rows {
            match path {
                Some(path) => pending.paths.insert(key, path),
                None => pending.paths.remove(&key),
            };
        }
        report.counts.add(committed);
        (self.tell)(SyncEvent::Committed {
            stream: FILES_STREAM,
            rows: report.counts.present(),
        });
        Ok(())
    }

    /// Fetches content, several files at once.
    async fn fetch(
        &mut self,
        files: &Files,
        wanted: Vec<Wanted>,
        pending: &mut Pending,
        done: &mut Done,
        report: &mut StreamReport,
    ) -> Result<(), SyncError> {
        let (Some(source), false) = (&files.source, wanted.is_empty()) else {
            return Ok(());
        };
        let store = files.store.as_ref();
        let disk = |error| SyncError::Sink(disk_error(store.place(), error));
        let mut cost = PassCost {
            parts: 1,
            ..PassCost::NOTHING
        };
        let mut waiting = wanted.into_iter().peekable();
        let mut running = Running::new();
        let (mut reserved, mut in_a_row, mut ends) = (0, 0, false);
        let mut full = None;
        loop {
            while !ends && waiting.peek().is_some() && running.len() < self.request.at_once.max(1) {
                match self.may_fetch(reserved) {
                    Allowance::Wait => break,
                    Allowance::Stop(limit) => {
                        self.stopped_by = Some(limit);
                        report.is_stopped = true;
                        ends = true;
                    }
                    Allowance::Step(_) => {
                        let Some(wanted) = waiting.next() else { break };
                        let draft = store.draft(&wanted.row.key).map_err(disk)?;
                        let version = wanted.row.version.and_then(|it| u32::try_from(it).ok());
                        let request = FileRequest::new(wanted.row.key.clone(), version, draft);
                        reserved += REQUESTS;
                        running
                            .begin(async move {
                                let fetched = source.fetch(&request).await;
                                (wanted, request.path, fetched)
                            })
                            .await;
                    }
                }
            }
            let Some((wanted, draft, fetched)) = running.next().await else {
                break;
            };
            reserved -= REQUESTS;
            let Fetched {
                requests,
                points,
                file,
                ..
            } = fetched;
            self.observed.requests = self
                .observed
                .requests
                .saturating_add(u32::try_from(requests).unwrap_or(u32::MAX));
            self.observed.points += points;
            cost.requests += requests;
            cost.points += points;
            cost.parents += 1;
            match file {
                Ok(file) => {
                    let sha256 = Some(file.sha256);
                    let Some(path) = wanted.path(store, sha256.as_deref()) else {
                        // The digest is none; what is left of the draft is removed by the next run.
                        pending.failed.push(no_name(wanted.row.key));
                        continue;
                    };
                    store.keep(&draft, &path).map_err(disk)?;
                    in_a_row = 0;
                    done.files += 1;
                    done.bytes += file.bytes;
                    pending.bytes += file.bytes;
                    pending.rows.push(FileRow {
                        sha256,
                        path: Some(path),
                        ..wanted.row
                    });
                }
                Err(FetchError::Source(error)) if *error.code == *GONE => {
                    done.absent += 1;
                    pending.rows.push(FileRow {
                        absent: Some(GONE.to_owned()),
                        ..wanted.row
                    });
                }
                Err(FetchError::Source(error)) => {
                    in_a_row += u32::from(OF_ALL.contains(&&*error.kind));
                    pending.failed.push(failed(&wanted.row.key, &error));
                    // A host that is denied is that of one file.
                    let is_of_all = is_fatal(&error.kind) && *error.kind != *"denied";
                    if !ends && (is_of_all || in_a_row >= FAILURES) {
                        ends = true;
                        (self.tell)(SyncEvent::Failed {
                            stream: FILES_STREAM,
                            error: &error,
                        });
                        report.failures.push(error);
                    }
                }
                // Others are on their way, and may be small enough.
                Err(FetchError::Disk { error, .. }) => {
                    ends = true;
                    full.get_or_insert(error);
                }
            }
            self.commit_files(pending, false, report).await?;
        }
        self.commit_files(pending, true, report).await?;
        report
            .passes
            .insert(PassKind::by_parents(Pass::Details), cost);
        full.map_or(Ok(()), |error| Err(disk(error)))
    }

    /// Whether another download may begin.
    fn may_fetch(&self, reserved: u64) -> Allowance {
        let budget = &self.request.budget;
        let spent = self.spent(reserved);
        match budget.allowance(spent, 0) {
            Allowance::Step(Some(left)) if u64::from(left) < REQUESTS => {
                if reserved > 0 {
                    return Allowance::Wait;
                }
                let is_of_requests = budget
                    .max_requests
                    .is_some_and(|max| max.saturating_sub(spent.requests) < REQUESTS);
                Allowance::Stop(if is_of_requests {
                    BudgetLimit::Requests
                } else {
                    BudgetLimit::Points
                })
            }
            other => other,
        }
    }
}

fn failed(key: &str, error: &SourceError) -> FailedRow {
    FailedRow {
        key: key.to_owned(),
        code: error.code.to_string(),
        message: error.message.to_string(),
    }
}

fn no_name(key: String) -> FailedRow {
    FailedRow {
        key,
        code: "not-a-name".to_owned(),
        message: "the id of the attachment cannot be part of a path".to_owned(),
    }
}

fn digest(paths: &BTreeSet<String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for path in paths {
        hasher.update(path.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex().to_string()
}

/// 32 hexadecimal digits that no other copy has.
fn random() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}
