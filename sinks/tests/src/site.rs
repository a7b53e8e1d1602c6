//! A site in memory: pages with labels, in spaces. It is a source, and what a copy of it is compared
//! with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use source::{
    Batch, Column, ColumnType, Notice, Observed, Outcome, Pass, Progress, Source, SourceError,
    SourceFuture, SourceSettings, StepRequest, Stream, Values,
};

/// Rows of one answer: small, so that a few pages are several steps.
const PER_STEP: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub title: String,
    pub space: u32,
    pub version: i64,
    pub body: String,
    pub modified: i64,
    pub is_trashed: bool,
    pub is_hidden: bool,
    pub labels: BTreeSet<String>,
}

impl Page {
    fn is_listed(&self) -> bool {
        !self.is_trashed && !self.is_hidden
    }
}

#[derive(Debug, Default)]
pub struct State {
    pub pages: BTreeMap<u32, Page>,
    pub now: i64,
    pub requests: u64,
    /// After so many further steps, each one fails.
    pub fails_after: Option<u64>,
    /// Whether there is a list of the labels of all pages.
    pub has_index: bool,
    /// Pages whose labels that list leaves out.
    pub unindexed: BTreeSet<u32>,
    /// Labels that that list still has of pages that are gone.
    pub lagging: BTreeSet<u32>,
    /// Pages that lists leave out although they are there.
    pub unlisted: BTreeSet<u32>,
    /// Pages whose bodies the site fails at: they are left out by name where bodies are asked for.
    pub poisoned: BTreeSet<u32>,
}

#[derive(Debug, Default)]
pub struct Site(pub Mutex<State>);

impl Site {
    /// One with so many pages.
    pub fn with_pages(pages: u32) -> Self {
        let site = Self::default();
        {
            let mut state = site.0.lock().unwrap();
            for id in 1..=pages {
                state.now += 1;
                let page = page(id, state.now);
                state.pages.insert(id, page);
            }
        }
        site
    }

    /// What a copy of it should have: the title, version and body of each page, by key.
    pub fn pages(&self) -> BTreeMap<String, (String, i64, String)> {
        let state = self.0.lock().unwrap();
        let listed = state.pages.iter().filter(|(_, page)| page.is_listed());
        listed
            .map(|(id, page)| {
                let row = (page.title.clone(), page.version, page.body.clone());
                (key(*id), row)
            })
            .collect()
    }

    pub fn labels(&self) -> BTreeSet<String> {
        let state = self.0.lock().unwrap();
        let listed = state.pages.iter().filter(|(_, page)| page.is_listed());
        listed
            .flat_map(|(id, page)| {
                page.labels
                    .iter()
                    .map(|name| format!("{}/{name}", key(*id)))
            })
            .collect()
    }
}

/// A page that was modified at a time.
pub fn page(id: u32, now: i64) -> Page {
    Page {
        title: format!("page {id}"),
        space: id % 2,
        version: 1,
        body: format!("body {id}"),
        modified: now,
        is_trashed: false,
        is_hidden: false,
        labels: BTreeSet::from([format!("label {}", id % 3)]),
    }
}

/// Keys in the order of texts are in the order of numbers.
pub fn key(id: u32) -> String {
    format!("{id:06}")
}

pub(crate) fn column(name: &str, column_type: ColumnType, nullable: bool) -> Column {
    Column {
        name: name.to_owned(),
        documentation: String::new(),
        column_type,
        nullable,
        on_request: name == "body",
    }
}

pub(crate) fn stream(
    name: &str,
    parents: &[&str],
    columns: Vec<Column>,
    passes: &[Pass],
) -> Stream {
    Stream {
        name: name.to_owned(),
        documentation: String::new(),
        key: vec!["id".to_owned()],
        parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
        by_space: false,
        columns,
        passes: passes.to_vec(),
        scopes: Vec::new(),
        points_per_row: 1,
        is_default: true,
        settings: Vec::new(),
    }
}

pub fn streams() -> Vec<Stream> {
    let text = |name, nullable| column(name, ColumnType::Text, nullable);
    let number = |name| column(name, ColumnType::Integer, true);
    vec![
        stream(
            "pages",
            &[],
            vec![
                text("id", false),
                text("title", true),
                number("version__number"),
                column("modified", ColumnType::Instant, true),
                text("body", true),
            ],
            &[Pass::Full, Pass::Changes, Pass::Census, Pass::LookUp],
        ),
        stream(
            "page_labels",
            &["pages"],
            vec![text("id", false), text("name", true)],
            &[Pass::Details],
        ),
    ]
}

/// Columns that are filled one row after the other.
pub(crate) struct Filled {
    pub(crate) values: Vec<Values>,
    pub(crate) rows: u32,
}

impl Filled {
    pub(crate) fn of(columns: &[Column]) -> Self {
        let values = columns.iter().map(|column| Values {
            name: column.name.clone(),
            offsets: match column.column_type {
                ColumnType::Text => vec![0],
                _ => Vec::new(),
            },
            ..Values::default()
        });
        Self {
            values: values.collect(),
            rows: 0,
        }
    }

    pub(crate) fn add(&mut self, columns: &[Column], row: &BTreeMap<&str, Option<String>>) {
        let at = self.rows as usize;
        self.rows += 1;
        for (values, column) in self.values.iter_mut().zip(columns) {
            let value = row.get(column.name.as_str()).cloned().flatten();
            values.validity.resize(at / 8 + 1, 0);
            if value.is_some() {
                values.validity[at / 8] |= 1 << (at % 8);
            }
            match column.column_type {
                ColumnType::Text => {
                    values.text.push_str(value.as_deref().unwrap_or_default());
                    values.offsets.push(values.text.len() as i32);
                }
                _ => values
                    .numbers
                    .push(value.map_or(0, |value| value.parse().unwrap())),
            }
        }
    }
}

impl Source for Site {
    fn streams<'a>(&'a self, _: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async { Ok(streams()) })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            // As a request would, so that a run can be dropped here.
            tokio::task::yield_now().await;
            let mut state = self.0.lock().unwrap();
            state.requests += 1;
            state.now += 1;
            if let Some(left) = &mut state.fails_after {
                if *left == 0 {
                    return Err(SourceError::new("upstream-failed", "status-500", "no"));
                }
                *left -= 1;
            }
            let stream = Stream::find(streams, &request.stream).unwrap();
            let columns = stream.projected(&request.projection);
            let mut filled = Filled::of(&columns);
            let mut poisoned = BTreeSet::new();
            let (next, missing) = if stream.name == "pages" {
                pages(&state, request, &columns, &mut filled, &mut poisoned)
            } else {
                if request.parents.is_empty() && !state.has_index {
                    return Err(SourceError::new(
                        "invalid-argument",
                        "parents-missing",
                        "no",
                    ));
                }
                labels(&state, request, &columns, &mut filled)
            };
            let rows = filled.rows;
            let batch =
                Batch::from_values(stream, &request.projection, rows, 100, filled.values).unwrap();
            let (cursor, is_done) = next;
            let outcome = if is_done {
                Outcome::Done
            } else {
                Outcome::More
            };
            let mut progress = Progress::new(vec![batch], cursor, outcome);
            progress.notices = poisoned.into_iter().map(poison).collect();
            progress.observed = Observed::default();
            progress.observed.requests = 1;
            progress.observed.missing_parents = missing;
            progress.observed.site_time = Some(time(state.now));
            Ok(progress)
        })
    }
}

/// A time of the site, in minutes after an epoch of its own.
pub(crate) fn time(minutes: i64) -> String {
    let (days, rest) = (minutes / 1440, minutes % 1440);
    let (year, day) = (2026 + days / 28, days % 28 + 1);
    format!("{year}-01-{day:02}T{:02}:{:02}:00Z", rest / 60, rest % 60)
}

type Next = ((Option<String>, bool), Vec<String>);

fn poison(id: u32) -> Notice {
    let message = "the site cannot read it".to_owned();
    Notice::new("poison-item".to_owned(), message, Some(key(id)))
}

fn pages(
    state: &State,
    request: &StepRequest,
    columns: &[Column],
    filled: &mut Filled,
    poisoned: &mut BTreeSet<u32>,
) -> Next {
    let has_bodies = request.projection.body_format.is_some();
    let mut add = |filled: &mut Filled, id: u32, row: &BTreeMap<&str, Option<String>>| {
        if has_bodies && state.poisoned.contains(&id) {
            poisoned.insert(id);
        } else {
            filled.add(columns, row);
        }
    };
    let row = |id: u32, page: &Page| {
        BTreeMap::from([
            ("_key", Some(key(id))),
            ("_container", Some(page.space.to_string())),
            (
                "_fingerprint",
                Some(format!("{}:{}:{}", page.title, page.version, page.space)),
            ),
            ("_deleted", page.is_trashed.then(|| "trashed".to_owned())),
            ("id", Some(key(id))),
            ("title", Some(page.title.clone())),
            ("version__number", Some(page.version.to_string())),
            ("modified", Some(page.modified.to_string())),
            ("body", Some(page.body.clone())),
        ])
    };
    match request.pass {
        Pass::LookUp => {
            let mut missing = Vec::new();
            for parent in &request.parents {
                let id: u32 = parent.key.parse().unwrap();
                match state.pages.get(&id).filter(|page| !page.is_hidden) {
                    Some(page) => add(filled, id, &row(id, page)),
                    None => missing.push(parent.key.clone()),
                }
            }
            ((None, true), missing)
        }
        Pass::Changes => {
            let since: Option<i64> = request.state.as_deref().map(|state| state.parse().unwrap());
            let mut listed: Vec<_> = state
                .pages
                .iter()
                .filter(|(_, page)| page.is_listed())
                .collect();
            listed.sort_by_key(|(id, page)| (-page.modified, **id));
            let newest = listed.first().map_or(0, |(_, page)| page.modified);
            for (place, (id, page)) in listed.into_iter().enumerate() {
                let is_new = since.map_or(place < PER_STEP, |since| page.modified >= since);
                if is_new {
                    add(filled, *id, &row(*id, page));
                }
            }
            let state = newest.max(since.unwrap_or_default()).to_string();
            ((Some(state), true), Vec::new())
        }
        _ => {
            let after: u32 = request
                .state
                .as_deref()
                .map_or(0, |state| state.parse().unwrap());
            let listed = state
                .pages
                .range(after..)
                .filter(|(id, page)| page.is_listed() && !state.unlisted.contains(id));
            let mut last = None;
            for (id, page) in listed {
                if filled.rows as usize == PER_STEP {
                    last = Some(id.to_string());
                    break;
                }
                add(filled, *id, &row(*id, page));
            }
            let is_done = last.is_none();
            ((last, is_done), Vec::new())
        }
    }
}

fn labels(state: &State, request: &StepRequest, columns: &[Column], filled: &mut Filled) -> Next {
    let mut missing = Vec::new();
    if request.parents.is_empty() {
        for (id, page) in &state.pages {
            let is_indexed = page.is_listed() && !state.unindexed.contains(id);
            if is_indexed || state.lagging.contains(id) {
                labels_of(&key(*id), page, columns, filled);
            }
        }
    }
    for parent in &request.parents {
        let id: u32 = parent.key.parse().unwrap();
        match state.pages.get(&id).filter(|page| page.is_listed()) {
            Some(page) => labels_of(&parent.key, page, columns, filled),
            None => missing.push(parent.key.clone()),
        }
    }
    ((None, true), missing)
}

fn labels_of(page_key: &str, page: &Page, columns: &[Column], filled: &mut Filled) {
    for name in &page.labels {
        let key = format!("{page_key}/{name}");
        let row = BTreeMap::from([
            ("_key", Some(key.clone())),
            ("_parent", Some(page_key.to_owned())),
            ("_fingerprint", Some(name.clone())),
            ("id", Some(key)),
            ("name", Some(name.clone())),
        ]);
        filled.add(columns, &row);
    }
}
