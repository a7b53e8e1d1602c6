//! The content of attachments beside the rows of a copy, whatever the sink.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use sink_attachments::{FilesFolder, Naming};
use source::{FetchError, Fetched, FetchedFile, FileFuture, FileRequest, FileSource, SourceError};
use sync::{
    FileName, FileStore, Files, RunOutcome, Sink, SinkError, SinkFuture, SyncError, SyncReport,
    SyncRequest,
};
use tempfile::TempDir;

use crate::runs::SiteCopy;
use crate::wiki::{Wiki, attachment_key};

/// Makes tests of what a copy with files has to pass.
#[macro_export]
macro_rules! file_tests {
    ($copy:ty) => {
        $crate::file_tests!($copy:
            files_are_fetched_once_and_go_after_their_rows
            files_follow_attachments_that_a_run_without_files_has_copied
            files_of_deletions_that_wait_for_approval_stay
            files_of_rows_out_of_scope_stay_until_filters_are_applied
            a_run_that_is_dropped_anywhere_leaves_no_half_file_and_is_completed
            a_full_disk_ends_the_run_and_leaves_no_half_file
            content_that_the_site_has_lost_or_fails_at_is_told_apart
            an_attachment_whose_id_is_no_name_is_refused_before_its_content_is_requested
            the_rows_of_files_are_read_once_in_a_run
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::files::$name::<$copy>().await;
                }
            }
        )*
    };
}

/// The content of files: that of an attachment of a size.
#[derive(Default)]
struct Contents {
    sizes: BTreeMap<String, u64>,
    fetched: Vec<String>,
    lost: BTreeSet<String>,
    failing: BTreeSet<String>,
    /// After so many files the disk is full.
    room: Option<usize>,
}

struct Media(Mutex<Contents>);

fn bytes(key: &str, size: u64) -> Vec<u8> {
    key.bytes()
        .cycle()
        .take(usize::try_from(size).unwrap())
        .collect()
}

impl FileSource for Media {
    fn fetch<'a>(&'a self, request: &'a FileRequest) -> FileFuture<'a> {
        Box::pin(async move {
            let key = request.key.clone();
            let content = {
                let mut state = self.0.lock().unwrap();
                state.fetched.push(key.clone());
                let error =
                    |code: &str| FetchError::Source(SourceError::new("not-found", code, "no"));
                if state.lost.contains(&key) {
                    Err(error("content-gone"))
                } else if state.failing.contains(&key) {
                    Err(error("not-found"))
                } else if state.room.is_some_and(|room| state.fetched.len() > room) {
                    let error = io::Error::from(io::ErrorKind::StorageFull);
                    let path = request.path.clone();
                    Err(FetchError::Disk { path, error })
                } else {
                    Ok(bytes(&key, state.sizes[&key]))
                }
            };
            let written = match content {
                Ok(content) => {
                    // Half of it, and then the rest.
                    let (half, _) = content.split_at(content.len() / 2);
                    std::fs::write(&request.path, half).unwrap();
                    tokio::task::yield_now().await;
                    std::fs::write(&request.path, &content).unwrap();
                    Ok(FetchedFile::new(content.len() as u64, "0".repeat(64)))
                }
                Err(error) => Err(error),
            };
            Fetched::new(3, 3, written)
        })
    }
}

/// A wiki, its files, and the folder of a copy of them.
struct Place {
    wiki: Wiki,
    media: Arc<Media>,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            wiki: crate::filters::wiki(),
            media: Arc::new(Media(Mutex::default())),
            folder: TempDir::new().unwrap(),
        };
        place.see();
        place
    }

    /// The content is that of the attachments that there are now.
    fn see(&self) {
        let state = self.wiki.0.lock().unwrap();
        let sizes = state.attachments.iter();
        self.media.0.lock().unwrap().sizes = sizes
            .map(|(id, it)| (attachment_key(*id), it.size.unsigned_abs()))
            .collect();
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    fn store(&self) -> Arc<dyn FileStore> {
        Arc::new(FilesFolder::new(self.root(), Naming::Path))
    }

    fn request(&self) -> SyncRequest {
        let mut request = SyncRequest::default();
        request.cadences.details = 0;
        request.at_once = 2;
        let media = Arc::clone(&self.media);
        request.files = Some(Files::new(self.store(), media));
        request
    }

    async fn try_run(
        &self,
        copy: &impl SiteCopy,
        request: &SyncRequest,
    ) -> Result<SyncReport, SyncError> {
        let mut sink = copy.sink().await;
        sync::sync(&self.wiki, sink.as_mut(), request, &|| 0, &mut |_| ()).await
    }

    async fn run(&self, copy: &impl SiteCopy) -> SyncReport {
        self.try_run(copy, &self.request()).await.unwrap()
    }

    fn later(&self, minutes: i64) {
        self.wiki.0.lock().unwrap().now += minutes;
    }

    /// The attachments whose content was asked for since this was asked last.
    fn fetched(&self) -> BTreeSet<String> {
        let fetched = std::mem::take(&mut self.media.0.lock().unwrap().fetched);
        let all: BTreeSet<String> = fetched.iter().cloned().collect();
        assert_eq!(all.len(), fetched.len(), "{fetched:?}");
        all
    }

    /// The files, by attachment.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root(), &self.root(), &mut files);
        files
    }

    /// What the files should be.
    fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.media.0.lock().unwrap();
        let sizes = state
            .sizes
            .iter()
            .filter(|(key, _)| !state.lost.contains(*key) && !state.failing.contains(*key));
        sizes
            .map(|(key, size)| (key.clone(), bytes(key, *size)))
            .collect()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root).unwrap();
        if relative.to_string_lossy().starts_with('_') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let id = relative
                .iter()
                .nth(1)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let before = files.insert(id, std::fs::read(&path).unwrap());
            assert_eq!(before, None, "{}", path.display());
        }
    }
}

fn of_files(report: &SyncReport) -> &sync::StreamReport {
    let mut streams = report.streams.iter();
    streams.find(|it| it.stream == "attachment_files").unwrap()
}

/// See its name.
pub async fn files_are_fetched_once_and_go_after_their_rows<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    let report = place.run(&copy).await;
    assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
    assert_eq!(place.files(), place.expected());
    assert_eq!(place.fetched().len(), place.expected().len());
    assert_eq!(
        of_files(&report).counts.inserted,
        place.expected().len() as u64
    );
    let rows = copy
        .rows("attachment_files", &["attachment_id", "path", "space_id"])
        .await;
    assert_eq!(rows.len(), place.expected().len());
    for row in rows {
        assert!(
            row[1].starts_with(&format!("{}/{}/", row[2], row[0])),
            "{row:?}"
        );
    }
    place.run(&copy).await;
    assert_eq!(place.fetched(), BTreeSet::new());
    // Other content of one, and one that is gone.
    {
        let mut state = place.wiki.0.lock().unwrap();
        state.attachments.get_mut(&1_013).unwrap().size = 77;
        state.attachments.remove(&1_014);
    }
    let before = place.files();
    place.see();
    place.run(&copy).await;
    assert_eq!(place.fetched(), BTreeSet::from([attachment_key(1_013)]));
    let gone = attachment_key(1_014);
    assert_eq!(place.files()[&gone], before[&gone]);
    place.later(11);
    place.run(&copy).await;
    assert_eq!(place.files(), place.expected());
    assert!(!place.files().contains_key(&gone));
    assert_eq!(
        copy.tombstones("attachment_files").await,
        BTreeMap::from([(gone, "parent".to_owned())])
    );
    // A page that moves to another space takes its files along, without a request.
    place.fetched();
    place
        .wiki
        .0
        .lock()
        .unwrap()
        .content
        .get_mut(&26)
        .unwrap()
        .space = 1;
    place.later(11);
    place.run(&copy).await;
    assert_eq!(place.fetched(), BTreeSet::new());
    assert_eq!(place.files(), place.expected());
    let moved = place
        .root()
        .join(crate::site::key(1))
        .join(attachment_key(1_026));
    assert!(moved.is_dir(), "{}", moved.display());
}

/// See its name.
pub async fn files_follow_attachments_that_a_run_without_files_has_copied<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    place.run(&copy).await;
    place.fetched();
    {
        let mut state = place.wiki.0.lock().unwrap();
        let changed = state.attachments.get_mut(&1_013).unwrap();
        changed.size = 77;
    }
    place.see();
    let mut request = place.request();
    request.files = None;
    place.try_run(&copy, &request).await.unwrap();
    assert_eq!(place.fetched(), BTreeSet::new());
    place.run(&copy).await;
    assert_eq!(place.fetched(), BTreeSet::from([attachment_key(1_013)]));
    assert_eq!(place.files(), place.expected());
}

/// See its name.
pub async fn files_of_deletions_that_wait_for_approval_stay<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    place.run(&copy).await;
    let before = place.files();
    let all = std::mem::take(&mut place.wiki.0.lock().unwrap().attachments);
    assert!(!all.is_empty());
    for _ in 0..2 {
        place.run(&copy).await;
        place.later(11);
    }
    assert_eq!(place.run(&copy).await.outcome, RunOutcome::Held);
    assert_eq!(place.files(), before);
    let mut sink = copy.sink().await;
    let approved = sink.approve("attachments", 0).await.unwrap();
    assert_eq!(approved, all.len() as u64);
    drop(sink);
    place.run(&copy).await;
    assert_eq!(place.files(), BTreeMap::new());
}

/// See its name.
pub async fn files_of_rows_out_of_scope_stay_until_filters_are_applied<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    place.run(&copy).await;
    let before = place.files();
    let mut request = place.request();
    request.filters.pages = ["!000014"].into_iter().collect();
    place.try_run(&copy, &request).await.unwrap();
    assert_eq!(place.files(), before);
    let mut sink = copy.sink().await;
    sync::apply_filters(sink.as_mut(), 0).await.unwrap();
    let removed = sync::sweep_files(sink.as_mut(), place.store().as_ref())
        .await
        .unwrap();
    drop(sink);
    // 14, and 15 and 16 below it.
    assert_eq!(removed, 3);
    for id in [1_014, 1_015, 1_016] {
        assert!(!place.files().contains_key(&attachment_key(id)), "{id}");
    }
    place.fetched();
    place.try_run(&copy, &request).await.unwrap();
    assert_eq!(place.fetched(), BTreeSet::new());
    // Without the filter they come back, and only they are fetched.
    place.run(&copy).await;
    assert_eq!(place.fetched().len(), 3);
    assert_eq!(place.files(), before);
    // What is marked and comes back is not fetched again.
    place.try_run(&copy, &request).await.unwrap();
    place.run(&copy).await;
    assert_eq!(place.fetched(), BTreeSet::new());
    assert_eq!(
        copy.rows("attachment_files", &["path"]).await.len(),
        before.len()
    );
}

/// See its name.
pub async fn a_run_that_is_dropped_anywhere_leaves_no_half_file_and_is_completed<C: SiteCopy>() {
    let mut polls = 1;
    loop {
        let (copy, place) = (C::new().await, Place::new());
        let request = place.request();
        let has_ended = {
            let mut sink = copy.sink().await;
            let mut tell = |_: sync::SyncEvent<'_>| ();
            let mut run = Box::pin(sync::sync(
                &place.wiki,
                sink.as_mut(),
                &request,
                &|| 0,
                &mut tell,
            ));
            let mut has_ended = false;
            for _ in 0..polls {
                let polled =
                    std::future::poll_fn(|context| Poll::Ready(run.as_mut().poll(context)));
                if polled.await.is_ready() {
                    has_ended = true;
                    break;
                }
                tokio::task::yield_now().await;
            }
            has_ended
        };
        let (expected, complete) = (place.expected(), place.files());
        for (key, content) in &complete {
            assert_eq!(content, &expected[key], "{key} after {polls}");
        }
        place.fetched();
        place.run(&copy).await;
        assert_eq!(place.files(), expected, "after {polls}");
        // What had its name is not fetched again.
        assert_eq!(
            place.fetched().len(),
            expected.len() - complete.len(),
            "after {polls}"
        );
        if has_ended {
            return;
        }
        // Each further drop comes later by more where a run takes long.
        polls += if C::CASES == 1 { 7 } else { 7 + polls / 2 };
    }
}

/// See its name.
pub async fn a_full_disk_ends_the_run_and_leaves_no_half_file<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    place.media.0.lock().unwrap().room = Some(5);
    let error = place.try_run(&copy, &place.request()).await.unwrap_err();
    assert!(
        matches!(error, SyncError::Sink(SinkError::Full { .. })),
        "{error}"
    );
    let expected = place.expected();
    let kept = place.files();
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|(key, content)| *content == expected[key]));
    place.fetched();
    place.media.0.lock().unwrap().room = None;
    place.run(&copy).await;
    assert_eq!(place.files(), expected);
    assert_eq!(place.fetched().len(), expected.len() - 5);
}

/// See its name.
pub async fn content_that_the_site_has_lost_or_fails_at_is_told_apart<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    {
        let mut media = place.media.0.lock().unwrap();
        media.lost.insert(attachment_key(1_012));
        media.failing.insert(attachment_key(1_013));
    }
    let report = place.run(&copy).await;
    assert_eq!(report.outcome, RunOutcome::Partial);
    assert_eq!(of_files(&report).failed, 1);
    assert_eq!(place.files(), place.expected());
    // What is lost is not asked for again, and what failed is once it is due.
    place.fetched();
    place.later(11);
    assert_eq!(place.run(&copy).await.outcome, RunOutcome::Partial);
    assert_eq!(place.fetched(), BTreeSet::from([attachment_key(1_013)]));
    place.media.0.lock().unwrap().failing.clear();
    place.later(24 * 60);
    let report = place.run(&copy).await;
    assert_eq!(place.fetched(), BTreeSet::from([attachment_key(1_013)]));
    assert_eq!(report.outcome, RunOutcome::Complete);
    assert_eq!(place.files(), place.expected());
}

/// A folder that has no path for one attachment.
#[derive(Debug)]
struct Refusing(FilesFolder, String);

impl FileStore for Refusing {
    fn place(&self) -> String {
        self.0.place()
    }

    fn check(&self, copy: Option<&str>) -> Result<(), SinkError> {
        self.0.check(copy)
    }

    fn open(&self, copy: &str) -> Result<(), SinkError> {
        self.0.open(copy)
    }

    fn has_path(&self, name: FileName<'_>) -> bool {
        name.attachment != self.1 && self.0.has_path(name)
    }

    fn path(&self, name: FileName<'_>) -> Option<String> {
        self.0.path(name).filter(|_| name.attachment != self.1)
    }

    fn size(&self, path: &str) -> Option<u64> {
        self.0.size(path)
    }

    fn digest(&self, path: &str) -> io::Result<String> {
        self.0.digest(path)
    }

    fn draft(&self, attachment: &str) -> io::Result<PathBuf> {
        self.0.draft(attachment)
    }

    fn keep(&self, draft: &Path, path: &str) -> io::Result<()> {
        self.0.keep(draft, path)
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.link(from, to)
    }

    fn sweep(&self, kept: &BTreeSet<String>) -> io::Result<u64> {
        self.0.sweep(kept)
    }
}

/// See its name.
pub async fn an_attachment_whose_id_is_no_name_is_refused_before_its_content_is_requested<
    C: SiteCopy,
>() {
    let (copy, place) = (C::new().await, Place::new());
    let refused = attachment_key(1_012);
    let folder = FilesFolder::new(place.root(), Naming::Path);
    let mut request = place.request();
    let media = Arc::clone(&place.media);
    request.files = Some(Files::new(
        Arc::new(Refusing(folder, refused.clone())),
        media,
    ));
    let report = place.try_run(&copy, &request).await.unwrap();
    assert_eq!(report.outcome, RunOutcome::Partial);
    assert_eq!(of_files(&report).failed, 1);
    assert!(!place.fetched().contains(&refused));
    let mut expected = place.expected();
    expected.remove(&refused);
    assert_eq!(place.files(), expected);
    let mut sink = copy.sink().await;
    let failures = sink.failures().await.unwrap();
    let failures: Vec<_> = failures.iter().map(|it| (&*it.key, &*it.code)).collect();
    assert_eq!(failures, [(&*refused, "not-a-name")]);
}

/// A sink that counts how often the rows of files were looked up.
struct Counted {
    sink: Box<dyn Sink>,
    of_files: usize,
}

macro_rules! counted {
    ($($kind:ident $name:ident<$life:lifetime>($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sink for Counted {$(
            fn $name<$life>(&$life mut self, $($argument: $type),*) -> SinkFuture<$life, $result> {
                counted!(@$name self, $($argument),*);
                self.sink.$name($($argument),*)
            }
        )*}
    };
    (@registered $self:ident, $stream:ident) => {
        $self.of_files += usize::from($stream == "attachment_files");
    };
    (@$others:ident $self:ident, $($argument:ident),*) => {};
}

sync::sink_functions!(counted);

/// See its name.
pub async fn the_rows_of_files_are_read_once_in_a_run<C: SiteCopy>() {
    let (copy, place) = (C::new().await, Place::new());
    for _ in 0..2 {
        let sink = copy.sink().await;
        let mut sink = Counted { sink, of_files: 0 };
        let request = place.request();
        let report = sync::sync(&place.wiki, &mut sink, &request, &|| 0, &mut |_| ()).await;
        assert_eq!(report.unwrap().outcome, RunOutcome::Complete);
        assert_eq!(sink.of_files, 1);
        assert_eq!(place.files(), place.expected());
        // The second run replaces a file, and removes the one before.
        let mut state = place.wiki.0.lock().unwrap();
        state.attachments.get_mut(&1_013).unwrap().size += 1;
        drop(state);
        place.see();
    }
}
