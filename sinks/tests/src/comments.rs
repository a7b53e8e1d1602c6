//! Comments in memory: lists have those that are no replies, and an index says which have some.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use source::{
    Batch, Column, ColumnType, Observed, Outcome, Pass, Progress, ReadParent, Source, SourceFuture,
    SourceSettings, StepRequest, Stream, Values,
};

/// A comment: what it replies to, and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    pub above: Option<u32>,
    pub version: i64,
}

#[derive(Debug, Default)]
pub struct State {
    pub comments: BTreeMap<u32, Comment>,
    /// Comments that the index leaves out.
    pub unindexed: BTreeSet<u32>,
    /// Comments whose replies were asked for, in their order.
    pub asked: Vec<u32>,
    pub surveys: u32,
}

/// A source with one stream, `comments`.
#[derive(Debug, Default)]
pub struct Comments(pub Mutex<State>);

impl Comments {
    /// So many comments that reply to nothing.
    pub fn with_roots(roots: u32) -> Self {
        let comments = Self::default();
        for id in 1..=roots {
            comments.add(id, None);
        }
        comments
    }

    pub fn add(&self, id: u32, above: Option<u32>) {
        let comment = Comment { above, version: 1 };
        self.0.lock().unwrap().comments.insert(id, comment);
    }

    /// All comments that are there, and their versions.
    pub fn rows(&self) -> BTreeSet<(String, String)> {
        let state = self.0.lock().unwrap();
        let rows = state.comments.iter();
        rows.map(|(id, comment)| (id.to_string(), comment.version.to_string()))
            .collect()
    }

    /// Comments whose replies were asked for since the last time.
    pub fn asked(&self) -> Vec<u32> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

fn stream() -> Stream {
    let column = |name: &str, column_type, nullable| Column {
        name: name.to_owned(),
        documentation: String::new(),
        column_type,
        nullable,
        on_request: false,
    };
    Stream {
        name: "comments".to_owned(),
        documentation: String::new(),
        key: vec!["id".to_owned()],
        parents: vec!["comments".to_owned()],
        by_space: false,
        columns: vec![
            column("id", ColumnType::Text, false),
            column("version__number", ColumnType::Integer, true),
        ],
        passes: vec![Pass::Full, Pass::Details, Pass::Survey],
        scopes: Vec::new(),
        points_per_row: 1,
        is_default: true,
        settings: Vec::new(),
    }
}

impl Source for Comments {
    fn streams<'a>(&'a self, _: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async { Ok(vec![stream()]) })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut state = self.0.lock().unwrap();
            let stream = Stream::find(streams, "comments").unwrap();
            let (mut read, mut missing) = (Vec::new(), Vec::new());
            let shown: Vec<(u32, Comment)> = match request.pass {
                Pass::Survey => {
                    state.surveys += 1;
                    let indexed = |id: &u32| !state.unindexed.contains(id);
                    let has_replies =
                        |id: u32| state.comments.values().any(|it| it.above == Some(id));
                    let without = state.comments.keys().copied().filter(indexed);
                    read = without.filter(|id| !has_replies(*id)).collect();
                    let all = state.comments.iter().filter(|(id, _)| indexed(id));
                    all.map(|(id, comment)| (*id, *comment)).collect()
                }
                Pass::Details => {
                    let parents = request.parents.iter();
                    let above: Vec<u32> = parents.map(|it| it.key.parse().unwrap()).collect();
                    state.asked.extend(&above);
                    assert!(state.asked.len() < 10_000, "the run does not end");
                    let is_gone = |id: &&u32| !state.comments.contains_key(*id);
                    missing = above.iter().filter(is_gone).map(u32::to_string).collect();
                    let all = state.comments.iter();
                    all.filter(|(_, it)| it.above.is_some_and(|id| above.contains(&id)))
                        .map(|(id, comment)| (*id, *comment))
                        .collect()
                }
                _ => {
                    let all = state.comments.iter();
                    all.filter(|(_, it)| it.above.is_none())
                        .map(|(id, comment)| (*id, *comment))
                        .collect()
                }
            };
            let columns = stream.projected(&request.projection);
            let values = columns
                .iter()
                .map(|column| values(column, &shown))
                .collect();
            let rows = u32::try_from(shown.len()).unwrap();
            let batch = Batch::from_values(stream, &request.projection, rows, rows, values);
            let mut progress = Progress::new(vec![batch.unwrap()], None, Outcome::Done);
            progress.observed = Observed::default();
            progress.observed.requests = 1;
            let read = read.into_iter().map(|id: u32| ReadParent {
                key: id.to_string(),
                version: None,
            });
            progress.observed.read_parents = read.collect();
            progress.observed.missing_parents = missing;
            Ok(progress)
        })
    }
}

fn values(column: &Column, shown: &[(u32, Comment)]) -> Values {
    let mut values = Values {
        name: column.name.clone(),
        validity: vec![0; shown.len().div_ceil(8)],
        ..Values::default()
    };
    if column.column_type == ColumnType::Integer {
        values.validity.fill(u8::MAX);
        values.numbers = shown.iter().map(|(_, comment)| comment.version).collect();
        return values;
    }
    values.offsets.push(0);
    for (row, (id, comment)) in shown.iter().enumerate() {
        let text = match column.name.as_str() {
            "id" | "_key" => Some(id.to_string()),
            "_parent" => comment.above.map(|above| above.to_string()),
            "_fingerprint" => Some(format!("{id} {}", comment.version)),
            _ => None,
        };
        if text.is_some() {
            values.validity[row / 8] |= 1 << (row % 8);
        }
        values.text.push_str(&text.unwrap_or_default());
        let end = i32::try_from(values.text.len()).unwrap();
        values.offsets.push(end);
    }
    values
}
