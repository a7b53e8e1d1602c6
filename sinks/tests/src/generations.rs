//! Rows that belong to rows which belong to others: pages, files on pages, and notes on files and on notes.

use std::collections::BTreeMap;
use std::sync::Mutex;

use source::{
    Batch, Column, ColumnType, Observed, Outcome, Pass, Progress, Source, SourceFuture,
    SourceSettings, StepRequest, Stream,
};
use sync::{RunOutcome, SyncReport};

use crate::runs::{SiteCopy, request};
use crate::site::{Filled, column, stream, time};

/// Makes the tests of generations for a [`SiteCopy`].
#[macro_export]
macro_rules! generation_tests {
    ($copy:ty) => {
        $crate::generation_tests!($copy:
            what_belongs_to_what_belongs_to_a_deleted_row_is_deleted_with_it
            what_belongs_to_a_row_that_its_parent_lost_is_deleted_with_it
        );
    };
    ($copy:ty: $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                if <$copy as $crate::SiteCopy>::can_be_tested() {
                    $crate::generations::$name::<$copy>().await;
                }
            }
        )*
    };
}

const STREAMS: [&str; 3] = ["pages", "files", "notes"];

/// What there is: the key of each row, by stream, and what it belongs to.
#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<&'static str, BTreeMap<String, Option<String>>>,
    now: i64,
}

#[derive(Debug, Default)]
struct Family(Mutex<State>);

impl Family {
    /// Three pages. On each a file, on that a note, and on that another one.
    fn new() -> Self {
        let family = Self::default();
        for page in ["p1", "p2", "p3"] {
            family.add("pages", page, None);
            let file = format!("{page}-file");
            family.add("files", &file, Some(page));
            let note = format!("{file}-note");
            family.add("notes", &note, Some(&file));
            family.add("notes", &format!("{note}-reply"), Some(&note));
        }
        family
    }

    fn add(&self, stream: &'static str, key: &str, parent: Option<&str>) {
        let mut state = self.0.lock().unwrap();
        let rows = state.rows.entry(stream).or_default();
        rows.insert(key.to_owned(), parent.map(str::to_owned));
    }

    /// Removes a row, and all rows whose keys begin with its key.
    fn remove(&self, removed: &str) {
        let mut state = self.0.lock().unwrap();
        for rows in state.rows.values_mut() {
            rows.retain(|key, _| !key.starts_with(removed));
        }
    }

    /// All keys that are there.
    fn keys(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        let rows = state.rows.values().flat_map(BTreeMap::keys);
        let mut keys: Vec<String> = rows.cloned().collect();
        keys.sort();
        keys
    }
}

fn streams() -> Vec<Stream> {
    let columns = || -> Vec<Column> { vec![column("id", ColumnType::Text, false)] };
    let details = [Pass::Details];
    vec![
        stream("pages", &[], columns(), &[Pass::Full, Pass::LookUp]),
        stream("files", &["pages"], columns(), &details),
        stream("notes", &["files", "notes"], columns(), &details),
    ]
}

impl Source for Family {
    fn streams<'a>(&'a self, _: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async { Ok(streams()) })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            let mut state = self.0.lock().unwrap();
            state.now += 1;
            if request.pass == Pass::Details && request.parents.is_empty() {
                let (kind, code) = ("invalid-argument", "parents-missing");
                return Err(source::SourceError::new(kind, code, "no"));
            }
            let stream = Stream::find(streams, &request.stream).unwrap();
            let columns = stream.projected(&request.projection);
            let mut filled = Filled::of(&columns);
            let named: Vec<&str> = request.parents.iter().map(|it| it.key.as_str()).collect();
            let none = BTreeMap::new();
            let rows = state.rows.get(stream.name.as_str()).unwrap_or(&none);
            for (key, parent) in rows {
                let is_asked_for = match request.pass {
                    Pass::Full => true,
                    Pass::LookUp => named.contains(&key.as_str()),
                    _ => parent.as_deref().is_some_and(|it| named.contains(&it)),
                };
                if is_asked_for {
                    filled.add(
                        &columns,
                        &BTreeMap::from([
                            ("_key", Some(key.clone())),
                            ("_parent", parent.clone()),
                            ("_fingerprint", Some(key.clone())),
                            ("id", Some(key.clone())),
                        ]),
                    );
                }
            }
            let missing = named
                .iter()
                .filter(|_| request.pass == Pass::LookUp)
                .filter(|key| !rows.contains_key(**key))
                .map(|key| (*key).to_owned())
                .collect();
            let (count, values) = (filled.rows, filled.values);
            let batch = Batch::from_values(stream, &request.projection, count, 100, values);
            let mut progress = Progress::new(vec![batch.unwrap()], None, Outcome::Done);
            progress.observed = Observed::default();
            progress.observed.requests = 1;
            progress.observed.missing_parents = missing;
            progress.observed.site_time = Some(time(state.now));
            Ok(progress)
        })
    }
}

/// A run that reads the list of pages, and the sets that are due.
async fn run(family: &Family, copy: &impl SiteCopy) -> SyncReport {
    family.0.lock().unwrap().now += 11;
    let mut request = request();
    request.bodies = None;
    request.passes = Some(vec![Pass::Full, Pass::Details]);
    let mut sink = copy.sink().await;
    let report = sync::sync(family, sink.as_mut(), &request, &|| 0, &mut |_| ()).await;
    report.unwrap()
}

async fn keys(copy: &impl SiteCopy) -> Vec<String> {
    let mut keys = Vec::new();
    for stream in STREAMS {
        keys.extend(copy.rows(stream, &["id"]).await.into_iter().flatten());
    }
    keys.sort();
    keys
}

/// See its name.
pub async fn what_belongs_to_what_belongs_to_a_deleted_row_is_deleted_with_it<C: SiteCopy>() {
    let (copy, family) = (C::new().await, Family::new());
    run(&family, &copy).await;
    assert_eq!(keys(&copy).await, family.keys());
    family.remove("p2");
    for _ in 0..2 {
        let report = run(&family, &copy).await;
        assert_eq!(report.outcome, RunOutcome::Complete, "{report:?}");
    }
    assert_eq!(keys(&copy).await, family.keys());
    let reasons = copy.tombstones("notes").await;
    let expected = ["p2-file-note", "p2-file-note-reply"];
    assert_eq!(
        reasons,
        expected
            .map(|key| (key.to_owned(), "parent".to_owned()))
            .into()
    );
}

/// See its name.
pub async fn what_belongs_to_a_row_that_its_parent_lost_is_deleted_with_it<C: SiteCopy>() {
    let (copy, family) = (C::new().await, Family::new());
    run(&family, &copy).await;
    family.remove("p1-file");
    family.remove("p3-file-note");
    run(&family, &copy).await;
    assert_eq!(keys(&copy).await, family.keys());
    let notes = copy.tombstones("notes").await;
    let reasons: Vec<(&str, &str)> = notes.iter().map(|(key, it)| (&**key, &**it)).collect();
    assert_eq!(
        reasons,
        [
            ("p1-file-note", "parent"),
            ("p1-file-note-reply", "parent"),
            ("p3-file-note", "removed"),
            ("p3-file-note-reply", "parent"),
        ]
    );
    // It comes back, and is read with all that belongs to it.
    family.add("files", "p1-file", Some("p1"));
    family.add("notes", "p1-file-note", Some("p1-file"));
    run(&family, &copy).await;
    assert_eq!(keys(&copy).await, family.keys());
}
