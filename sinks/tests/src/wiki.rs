//! A site in memory for filters: spaces, a tree of pages, blog posts, labels, files and comments. It
//! notes what was asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use source::{
    Batch, Column, ColumnType, Observed, Outcome, Pass, Progress, Source, SourceFuture,
    SourceSettings, StepRequest, Stream,
};

use crate::site::{Filled, column, key, stream, time};

/// Rows of one answer.
const PER_STEP: usize = 4;

/// 2026-01-01T00:00:00Z.
const EPOCH: i64 = 1_767_225_600_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub is_page: bool,
    pub space: u32,
    pub parent: Option<u32>,
    pub is_archived: bool,
    pub is_trashed: bool,
    pub created: i64,
    pub modified: i64,
    pub version: i64,
    pub labels: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub on: u32,
    pub media_type: &'static str,
    pub size: i64,
}

#[derive(Debug, Default)]
pub struct State {
    pub now: i64,
    pub spaces: BTreeMap<u32, String>,
    pub content: BTreeMap<u32, Content>,
    pub attachments: BTreeMap<u32, Attachment>,
    /// Comments, and what they are on.
    pub comments: BTreeMap<u32, u32>,
    pub has_index: bool,
    /// Content whose bodies were sent.
    pub bodies: BTreeSet<u32>,
    /// Those that were sent as changes: some are sent again, since changes overlap.
    pub changes: BTreeSet<u32>,
    /// Content whose labels were asked for by id.
    pub labels_of: BTreeSet<u32>,
    /// Content and comments that were asked for by id.
    pub looked_up: BTreeSet<(String, String)>,
    /// Spaces that lists were limited to.
    pub partitions: BTreeSet<String>,
    pub requests: u64,
    /// Streams whose steps fail, and the kind of the error.
    pub failing: BTreeMap<String, &'static str>,
}

#[derive(Debug, Default)]
pub struct Wiki(pub Mutex<State>);

impl Content {
    pub fn text(&self, id: u32) -> String {
        format!("body {id} of {}", self.version)
    }
}

impl State {
    pub fn forget_requests(&mut self) {
        self.bodies.clear();
        self.changes.clear();
        self.labels_of.clear();
        self.looked_up.clear();
        self.partitions.clear();
        self.requests = 0;
    }

    /// Whether content is listed as what is there.
    fn is_there(&self, id: u32) -> bool {
        self.content.get(&id).is_some_and(|it| !it.is_trashed)
    }
}

/// An instant of the site, as a filter has it.
pub fn instant(minutes: i64) -> String {
    time(minutes)
}

fn millis(minutes: i64) -> Option<String> {
    Some((EPOCH + minutes * 60_000).to_string())
}

fn number(text: &str) -> u32 {
    text.trim_start_matches("att").parse().unwrap()
}

pub fn attachment_key(id: u32) -> String {
    format!("att{}", key(id))
}

fn streams() -> Vec<Stream> {
    let text = |name| column(name, ColumnType::Text, name != "id");
    let whole = |name| column(name, ColumnType::Integer, true);
    let at = |name| column(name, ColumnType::Instant, true);
    let content = || {
        vec![
            text("id"),
            text("title"),
            text("status"),
            text("space_id"),
            text("parent_id"),
            text("parent_type"),
            at("created_at"),
            whole("version__number"),
            at("version__created_at"),
            text("body"),
        ]
    };
    let all = [Pass::Full, Pass::Changes, Pass::Census, Pass::LookUp];
    let listed = [Pass::Full, Pass::Census, Pass::LookUp];
    let by_space = |stream: Stream| Stream {
        by_space: true,
        ..stream
    };
    vec![
        stream("spaces", &[], vec![text("id"), text("key")], &listed),
        by_space(stream("pages", &[], content(), &all)),
        by_space(stream("blog_posts", &[], content(), &all)),
        stream(
            "page_labels",
            &["pages"],
            vec![text("id"), text("page_id"), text("name")],
            &[Pass::Details],
        ),
        stream(
            "blog_post_labels",
            &["blog_posts"],
            vec![text("id"), text("blog_post_id"), text("name")],
            &[Pass::Details],
        ),
        stream(
            "attachments",
            &[],
            vec![
                text("id"),
                text("page_id"),
                text("blog_post_id"),
                text("media_type"),
                whole("file_size"),
            ],
            &listed,
        ),
        stream(
            "comments",
            &[],
            vec![text("id"), text("page_id"), text("body")],
            &listed,
        ),
    ]
}

type Row = BTreeMap<&'static str, Option<String>>;

fn content_row(id: u32, it: &Content) -> Row {
    BTreeMap::from([
        ("_key", Some(key(id))),
        ("_parent", Some(key(it.space))),
        ("_container", Some(key(it.space))),
        (
            "_fingerprint",
            Some(format!(
                "{}:{}:{:?}:{}",
                it.version, it.space, it.parent, it.is_archived
            )),
        ),
        ("_deleted", it.is_trashed.then(|| "trashed".to_owned())),
        ("id", Some(key(id))),
        ("title", Some(format!("{id} in {}", it.space))),
        (
            "status",
            Some(
                if it.is_archived {
                    "archived"
                } else {
                    "current"
                }
                .to_owned(),
            ),
        ),
        ("space_id", Some(key(it.space))),
        ("parent_id", it.parent.map(key)),
        ("parent_type", it.parent.map(|_| "page".to_owned())),
        ("created_at", millis(it.created)),
        ("version__number", Some(it.version.to_string())),
        ("version__created_at", millis(it.modified)),
        ("body", Some(it.text(id))),
    ])
}

impl Source for Wiki {
    fn streams<'a>(&'a self, _: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async { Ok(streams()) })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut state = self.0.lock().unwrap();
            state.requests += 1;
            state.now += 1;
            state.partitions.extend(request.partition.clone());
            if let Some(kind) = state.failing.get(&request.stream) {
                return Err(source::SourceError::new(*kind, "status-500", "no"));
            }
            let stream = Stream::find(streams, &request.stream).unwrap();
            let columns: Vec<Column> = stream.projected(&request.projection);
            let mut filled = Filled::of(&columns);
            let mut missing = Vec::new();
            let (rows, next) = rows(&mut state, request, &mut missing)?;
            for row in &rows {
                filled.add(&columns, row);
            }
            let (count, values) = (filled.rows, filled.values);
            let batch =
                Batch::from_values(stream, &request.projection, count, 1_000, values).unwrap();
            let is_more = next.is_some() && request.pass != Pass::Changes;
            let outcome = if is_more {
                Outcome::More
            } else {
                Outcome::Done
            };
            let mut progress = Progress::new(vec![batch], next, outcome);
            progress.observed = Observed::default();
            progress.observed.requests = 1;
            progress.observed.missing_parents = missing;
            progress.observed.site_time = Some(time(state.now));
            Ok(progress)
        })
    }
}

type Answer = Result<(Vec<Row>, Option<String>), source::SourceError>;

fn rows(state: &mut State, request: &StepRequest, missing: &mut Vec<String>) -> Answer {
    match request.stream.as_str() {
        "spaces" => {
            let rows = state.spaces.iter().map(|(id, name)| {
                BTreeMap::from([
                    ("_key", Some(key(*id))),
                    ("_fingerprint", Some(name.clone())),
                    ("id", Some(key(*id))),
                    ("key", Some(name.clone())),
                ])
            });
            Ok((rows.collect(), None))
        }
        "pages" | "blog_posts" => Ok(content(state, request, missing)),
        "page_labels" | "blog_post_labels" => labels(state, request, missing),
        "attachments" => {
            let row = |id: u32, it: &Attachment| {
                let on = if state.content[&it.on].is_page {
                    "page_id"
                } else {
                    "blog_post_id"
                };
                BTreeMap::from([
                    ("_key", Some(attachment_key(id))),
                    ("_parent", Some(key(it.on))),
                    ("_fingerprint", Some(format!("{it:?}"))),
                    ("id", Some(attachment_key(id))),
                    (on, Some(key(it.on))),
                    ("media_type", Some(it.media_type.to_owned())),
                    ("file_size", Some(it.size.to_string())),
                ])
            };
            let all: Vec<(u32, Row)> = state
                .attachments
                .iter()
                .filter(|(_, it)| state.is_there(it.on))
                .map(|(id, it)| (*id, row(*id, it)))
                .collect();
            Ok(listed(state, request, all, missing))
        }
        "comments" => {
            let row = |id: u32, on: u32| {
                BTreeMap::from([
                    ("_key", Some(key(id))),
                    ("_parent", Some(key(on))),
                    ("_fingerprint", Some(format!("{id}"))),
                    ("id", Some(key(id))),
                    ("page_id", Some(key(on))),
                    ("body", Some(format!("comment {id}"))),
                ])
            };
            let all: Vec<(u32, Row)> = state
                .comments
                .iter()
                .filter(|(_, on)| state.is_there(**on))
                .map(|(id, on)| (*id, row(*id, *on)))
                .collect();
            Ok(listed(state, request, all, missing))
        }
        other => panic!("no stream {other}"),
    }
}

/// A list page by page, or the rows of given keys.
fn listed(
    state: &mut State,
    request: &StepRequest,
    all: Vec<(u32, Row)>,
    missing: &mut Vec<String>,
) -> (Vec<Row>, Option<String>) {
    if request.pass == Pass::LookUp {
        let mut found = Vec::new();
        for parent in &request.parents {
            let of = (request.stream.clone(), parent.key.clone());
            state.looked_up.insert(of);
            match all.iter().find(|(id, _)| *id == number(&parent.key)) {
                Some((_, row)) => found.push(row.clone()),
                None => missing.push(parent.key.clone()),
            }
        }
        return (found, None);
    }
    let after: u32 = request
        .state
        .as_deref()
        .map_or(0, |state| state.parse().unwrap());
    let mut rest = all.into_iter().filter(|(id, _)| *id >= after);
    let page: Vec<Row> = rest.by_ref().take(PER_STEP).map(|(_, row)| row).collect();
    (page, rest.next().map(|(id, _)| id.to_string()))
}

fn content(
    state: &mut State,
    request: &StepRequest,
    missing: &mut Vec<String>,
) -> (Vec<Row>, Option<String>) {
    let is_pages = request.stream == "pages";
    let in_space = |it: &Content| {
        let space = request.partition.as_deref();
        space.is_none_or(|spaces| spaces.split(',').any(|space| key(it.space) == space))
    };
    let of_kind: Vec<(u32, Content)> = state
        .content
        .iter()
        .filter(|(_, it)| it.is_page == is_pages && in_space(it))
        .map(|(id, it)| (*id, it.clone()))
        .collect();
    let (rows, next, ids): (Vec<Row>, Option<String>, Vec<u32>) = if request.pass == Pass::Changes {
        let since: Option<i64> = request.state.as_deref().map(|state| state.parse().unwrap());
        let newest = of_kind.iter().map(|(_, it)| it.modified).max();
        let new: Vec<&(u32, Content)> = of_kind
            .iter()
            .filter(|(_, it)| since.is_some_and(|since| it.modified >= since))
            .collect();
        let state = newest.max(since).unwrap_or_default().to_string();
        (
            new.iter().map(|(id, it)| content_row(*id, it)).collect(),
            Some(state),
            new.iter().map(|(id, _)| *id).collect(),
        )
    } else {
        let is_full = request.pass == Pass::Full;
        let all: Vec<(u32, Row)> = of_kind
            .iter()
            .filter(|(_, it)| !is_full || !it.is_trashed)
            .map(|(id, it)| (*id, content_row(*id, it)))
            .collect();
        let (rows, next) = listed(state, request, all, missing);
        let ids = rows.iter().map(|row| number(row["id"].as_deref().unwrap()));
        let ids = ids.collect();
        (rows, next, ids)
    };
    if request.projection.body_format.is_some() {
        if request.pass == Pass::Changes {
            state.changes.extend(&ids);
        }
        state.bodies.extend(ids);
    }
    (rows, next)
}

fn labels(state: &mut State, request: &StepRequest, missing: &mut Vec<String>) -> Answer {
    let is_pages = request.stream == "page_labels";
    let of = |id: u32, it: &Content| -> Vec<Row> {
        let row = |name: &String| {
            let label = format!("{}/{name}", key(id));
            let owner = if is_pages { "page_id" } else { "blog_post_id" };
            BTreeMap::from([
                ("_key", Some(label.clone())),
                ("_parent", Some(key(id))),
                ("_fingerprint", Some(name.clone())),
                ("id", Some(label)),
                (owner, Some(key(id))),
                ("name", Some(name.clone())),
            ])
        };
        it.labels.iter().map(row).collect()
    };
    if request.parents.is_empty() {
        if !state.has_index {
            let (kind, code) = ("invalid-argument", "parents-missing");
            return Err(source::SourceError::new(kind, code, "no"));
        }
        let there = state.content.iter();
        let there = there.filter(|(_, it)| it.is_page == is_pages && !it.is_trashed);
        return Ok((there.flat_map(|(id, it)| of(*id, it)).collect(), None));
    }
    let mut rows = Vec::new();
    for parent in &request.parents {
        let id = number(&parent.key);
        state.labels_of.insert(id);
        match state.content.get(&id).filter(|it| !it.is_trashed) {
            Some(it) => rows.extend(of(id, it)),
            None => missing.push(parent.key.clone()),
        }
    }
    Ok((rows, None))
}
