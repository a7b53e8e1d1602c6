//! What a run is to do.

use std::sync::Arc;

use source::{Pass, Projection, SourceSettings, Stream};

use super::chosen::Chosen;
use super::drive::INCOMPLETE;
use super::{BODY, Breaker, BudgetLimit, RunBudget, StreamReport};
use crate::clock::Millis;
use crate::derivation::Derivation;
use crate::files::{self, ATTACHMENTS, FILES_STREAM, Files};
use crate::filter::Filters;
use crate::history::{FILTERS, columns_and_filters};
use crate::naming::Naming;
use crate::outcome::BUDGET;
use crate::split::Split;

const HOUR: Millis = 60 * 60 * 1_000;

/// How old what is known may become before it is read again, in milliseconds. 0: in every run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cadences {
    /// Lists of keys, which show what was deleted or moved. Default: every run.
    pub census: Millis,
    /// Groups and users. Default: 24 hours.
    pub people: Millis,
    /// Sets such as labels and properties, and who may read what. Default: 6 hours.
    pub details: Millis,
    /// Replies to comments, which the lists of comments omit: a request for each comment. Those to a
    /// new or edited comment are read in every run. Default: 24 hours.
    pub replies: Millis,
    /// Bodies whose version has not changed. Default: 7 days.
    pub full: Millis,
}

impl Default for Cadences {
    fn default() -> Self {
        Self {
            census: 0,
            people: 24 * HOUR,
            details: 6 * HOUR,
            replies: 24 * HOUR,
            full: 7 * 24 * HOUR,
        }
    }
}

impl Cadences {
    pub(super) fn of_list(&self, stream: &str) -> Millis {
        match stream {
            "groups" | "group_members" | "users" => self.people,
            _ => self.census,
        }
    }

    pub(super) const fn of_sets(&self, pass: Pass) -> Millis {
        match pass {
            // By what has changed alone.
            Pass::Versions => Millis::MAX,
            _ => self.details,
        }
    }
}

/// What a run is to do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SyncRequest {
    /// Names and patterns of streams: `pages`, `page_*`, `!page_versions`. Empty: the defaults.
    pub streams: Vec<String>,
    /// Which part of the site is copied.
    pub filters: Filters,
    /// The format of bodies, or none.
    pub bodies: Option<String>,
    /// Whether rows are kept as the site sent them, too.
    pub raw: bool,
    /// Whether everything is read, whatever is due.
    pub full: bool,
    /// These passes and `changes` are made, whatever is due. `None`: those that are due.
    pub passes: Option<Vec<Pass>>,
    /// What the run may spend.
    pub budget: RunBudget,
    /// Whether the sink logs each change of a row from now on. `None`: as before; a new copy does not.
    pub logs_changes: Option<bool>,
    /// The names of the columns that a sink adds to those of a stream. `None`: as before; a new copy has
    /// `_sync_*` alone.
    pub naming: Option<Naming>,
    /// How many steps run at once, 1 or more.
    pub at_once: usize,
    /// How old what is known may become.
    pub cadences: Cadences,
    /// When deletions wait for approval.
    pub breaker: Breaker,
    /// Settings of the source.
    pub settings: SourceSettings,
    /// Streams that are computed from stored rows.
    pub derivations: Vec<Arc<dyn Derivation>>,
    /// Streams that are made of bodies.
    pub splits: Vec<Arc<dyn Split>>,
    /// Streams of whose bodies nothing is made.
    pub not_split: Vec<String>,
    /// The content of attachments. `None`: it is not copied.
    pub files: Option<Files>,
}

impl Default for SyncRequest {
    fn default() -> Self {
        Self {
            streams: Vec::new(),
            filters: Filters::default(),
            bodies: None,
            raw: false,
            full: false,
            passes: None,
            budget: RunBudget::default(),
            logs_changes: None,
            naming: None,
            at_once: 1,
            cadences: Cadences::default(),
            breaker: Breaker::default(),
            settings: SourceSettings::new(),
            derivations: Vec::new(),
            splits: Vec::new(),
            not_split: Vec::new(),
            files: None,
        }
    }
}

impl SyncRequest {
    /// The streams that a run makes of those of a source. What needs a stream that the source does not
    /// have is not made.
    #[must_use]
    pub fn made_of(&self, streams: &[Stream]) -> Vec<Stream> {
        let has = |name: &str| streams.iter().any(|stream| stream.name == name);
        let derived = self.derivations.iter().filter(|one| {
            let mut inputs = one.inputs().iter();
            inputs.all(|input| has(input.stream))
        });
        let splits = self.splits.iter().filter(|one| {
            let mut parents = one.stream().parents.iter();
            parents.all(|parent| has(parent))
        });
        let derived = derived.map(|one| one.stream().clone());
        // Rows of files that an earlier run copied go with their attachments, whatever this one copies.
        let files = has(ATTACHMENTS).then(files::stream);
        derived
            .chain(splits.map(|one| one.stream().clone()))
            .chain(files)
            .collect()
    }

    /// What is written of the rows of a stream. Rows that are computed have nothing that a source sent.
    pub(super) fn projection(&self, stream: &Stream) -> Projection {
        let has_body = stream.columns.iter().any(|column| column.name == BODY);
        let mut derivations = self.derivations.iter();
        let mut splits = self.splits.iter();
        let is_computed = derivations.any(|one| one.stream().name == stream.name)
            || splits.any(|one| one.stream().name == stream.name)
            || stream.name == FILES_STREAM;
        Projection {
            columns: Vec::new(),
            raw: self.raw && !is_computed,
            body_format: self.bodies.clone().filter(|_| has_body),
        }
    }

    /// Whether rows are written that have not changed, since the last complete run wrote other columns
    /// of them.
    pub(super) fn is_rewrite(&self, settings_before: Option<&str>, chosen: &Chosen<'_>) -> bool {
        let columns = self.columns_written(chosen);
        settings_before.is_some_and(|before| columns_and_filters(before).0 != columns)
    }

    /// Whether the filters are others than those of the last complete run. `has_outside`: rows are
    /// there that some filters excluded.
    pub(super) fn has_other_filters(
        &self,
        settings_before: Option<&str>,
        has_outside: bool,
    ) -> bool {
        let filters = self.filters.digest();
        settings_before.map_or(has_outside, |before| {
            columns_and_filters(before).1 != filters
        })
    }

    /// All that decides what is written, in one text: the columns of a row, then the filters.
    pub(super) fn settings(&self, chosen: &Chosen<'_>) -> String {
        let columns = self.columns_written(chosen);
        match self.filters.digest() {
            filters if filters.is_empty() => columns,
            filters => format!("{columns}{FILTERS}{filters}"),
        }
    }

    /// All that decides what is written of a row, in one text.
    fn columns_written(&self, chosen: &Chosen<'_>) -> String {
        let mut written = format!(
            "bodies={};raw={}",
            self.bodies.as_deref().unwrap_or("none"),
            self.raw
        );
        for split in &chosen.splits {
            written.push_str(";parts=");
            written.push_str(&split.stream().name);
            for stream in &self.not_split {
                written.push_str(";whole=");
                written.push_str(stream);
            }
        }
        written
    }
}

/// What was counted for each stream, as JSON.
pub(super) fn counts_json(reports: &[StreamReport]) -> String {
    let streams: serde_json::Map<String, serde_json::Value> = reports
        .iter()
        .map(|report| {
            let passes = report.passes.iter();
            let passes: Vec<_> = passes.map(|(kind, cost)| cost.to_json(*kind)).collect();
            let counts = serde_json::json!({
                "inserted": report.counts.inserted,
                "updated": report.counts.updated,
                "unchanged": report.counts.unchanged,
                "deleted": report.counts.deleted,
                "missed": report.missed,
                "failed": report.failed,
                "incomplete": report.incomplete,
                "filtered": report.counts.left,
                "suspected": report.suspected,
                "waiting": report.waiting,
                "held": report.held,
                "unsupported": report.unsupported,
                "stopped": report.is_stopped,
                "passes": passes,
                "summary": summary(report),
            });
            (report.stream.clone(), counts)
        })
        .collect();
    serde_json::Value::Object(streams).to_string()
}

/// What a computed stream reports. Null for others.
fn summary(report: &StreamReport) -> serde_json::Value {
    let summary = report.summary.as_deref();
    let parsed = summary.and_then(|text| serde_json::from_str(text).ok());
    parsed.unwrap_or_default()
}

/// That the site does not return all rows of sets of a stream.
fn incomplete(report: &StreamReport) -> Option<serde_json::Value> {
    (report.incomplete > 0).then(|| {
        serde_json::json!({
            "stream": report.stream,
            "kind": "incomplete",
            "code": INCOMPLETE,
            "message": format!(
                "the site does not return all rows of {} sets of `{}`",
                report.incomplete, report.stream
            ),
        })
    })
}

/// Why streams are not complete, as JSON.
pub(super) fn errors_json(reports: &[StreamReport], stopped_by: Option<BudgetLimit>) -> String {
    let stopped = stopped_by.map(|limit| {
        serde_json::json!({
            "kind": BUDGET,
            "code": limit.name(),
            "message": format!("the run reached its limit `{limit}`; the next run continues there"),
        })
    });
    let errors: Vec<serde_json::Value> = reports
        .iter()
        .flat_map(|report| {
            report.failures.iter().map(|error| {
                serde_json::json!({
                    "stream": report.stream,
                    "kind": error.kind,
                    "code": error.code,
                    "message": error.message,
                    "cause": error.cause,
                    "resolution": error.resolution,
                })
            })
        })
        .chain(reports.iter().filter_map(incomplete))
        .chain(stopped)
        .collect();
    serde_json::Value::Array(errors).to_string()
}
