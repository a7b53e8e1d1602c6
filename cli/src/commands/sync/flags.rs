//! The options that say which part of a site is copied, and what a run may cost. A definition has the
//! same as fields.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use host_runner::{SyncDefinition, duration_text, parse_duration};
use host_sync::{InvalidSync, Sync};
use source::Pass;
use sync::Naming;

use super::files::{self, FileFlags};
use super::filter::{self, FilterOptions};
use crate::exit::Failure;

/// What is copied.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CopyFlags {
    /// Streams: names, patterns such as `page_*`, and `!NAME` to omit one. Default: those that `host-runner streams NAME` marks as default
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// Also copy bodies, in this format: storage, atlas_doc_format, text, markdown
    #[arg(long, value_name = "FORMAT")]
    pub(crate) bodies: Option<String>,
    /// Kinds of content that the stream `page_chunks` has. Default: both
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = ["pages", "blog-posts"])]
    pub(crate) chunk_kinds: Vec<String>,
    /// Also copy each row's JSON from Confluence, into the column `raw`
    #[arg(long)]
    pub(crate) raw: bool,
    /// Whether each change of a row is logged in the table `STREAM__changes` from this run on [default: as in the last run]; files keep every change in any case
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub(crate) history: Option<History>,
    /// Also add the columns that another loader adds to tables and files. A copy keeps the naming of its first run
    #[arg(long, value_name = "NAMING", value_parser = naming())]
    pub(crate) naming: Option<Naming>,
    /// Types of custom content, separated by commas, for the stream `custom_content`
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub(crate) custom_content_types: Vec<String>,
    /// How often all keys are listed, such as `6h`. Default: every run
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) census_every: Option<Duration>,
    /// How often labels, properties, restrictions and permissions are read. Default: 6h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) details_every: Option<Duration>,
    /// How often groups and users are read. Default: 24h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) people_every: Option<Duration>,
    /// How often replies to unchanged comments are read. Default: 24h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) replies_every: Option<Duration>,
    /// How often bodies of unchanged versions are read. Default: 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) full_every: Option<Duration>,
    #[command(flatten)]
    pub(crate) budget: BudgetFlags,
    /// Spaces by key or id; `!HR` excludes one
    #[arg(
        long,
        value_name = "SPACES",
        value_delimiter = ',',
        help_heading = "Filters"
    )]
    pub(crate) spaces: Vec<String>,
    #[command(flatten)]
    pub(crate) filters: FilterOptions,
    #[command(flatten)]
    pub(crate) files: FileFlags,
}

/// What a run may spend.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct BudgetFlags {
    /// Maximum number of requests. The run ends between two batches, and the next run continues
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_requests: Option<u64>,
    /// Maximum number of rate limit points; the last request can exceed it
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_points: Option<u64>,
    /// Maximum time, such as `30m`; the current batch is completed
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) max_time: Option<Duration>,
}

/// What is read in this run alone.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DueFlags {
    /// Read everything again, even if it is not due
    #[arg(long)]
    pub(crate) full: bool,
    /// Read changes and exactly these passes, due or not: census, details, versions, access, full
    #[arg(long, value_name = "PASSES", value_delimiter = ',', value_parser = pass, conflicts_with = "full")]
    pub(crate) passes: Vec<Pass>,
}

/// Whether changes are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum History {
    On,
    Off,
}

/// Names, for the shell to complete.
fn naming() -> impl TypedValueParser<Value = Naming> {
    let names = ["sync", "airbyte", "singer", "dlt"];
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

fn pass(text: &str) -> Result<Pass, String> {
    let pass: Pass = text
        .parse()
        .map_err(|error: source::PassError| error.to_string())?;
    match pass {
        Pass::Census | Pass::Details | Pass::Versions | Pass::Access | Pass::Full => Ok(pass),
        _ => Err("passes are `census`, `details`, `versions`, `access` and `full`; `changes` is always read".to_owned()),
    }
}

impl CopyFlags {
    /// A definition that says the same.
    pub(super) fn definition(&self, to: &str) -> SyncDefinition {
        let mut definition = SyncDefinition::new(to);
        definition.streams.clone_from(&self.streams);
        definition.spaces.clone_from(&self.spaces);
        definition.filters = self.filters.fields();
        definition.files = self.files.fields();
        definition.bodies = self.bodies.clone().filter(|format| format != "none");
        definition.chunk_kinds.clone_from(&self.chunk_kinds);
        definition.raw = self.raw;
        definition.history = self.history.map(|history| history == History::On);
        definition.naming = self.naming.map(|naming| naming.to_string());
        definition
            .custom_content_types
            .clone_from(&self.custom_content_types);
        definition.cadences.census = self.census_every;
        definition.cadences.details = self.details_every;
        definition.cadences.people = self.people_every;
        definition.cadences.replies = self.replies_every;
        definition.cadences.full = self.full_every;
        self.budget.apply(&mut definition);
        definition
    }

    /// Whether one of them says what is copied, and not only what a run may spend.
    pub(super) fn define_something(&self) -> bool {
        let only_budget = Self {
            budget: self.budget.clone(),
            ..Self::default()
        };
        self.definition("") != only_budget.definition("")
    }

    /// Refuses an option whose value is not that of a definition: a run of it would not be the one that
    /// its name says.
    pub(super) fn check_against(
        &self,
        name: &str,
        definition: &SyncDefinition,
    ) -> Result<(), Failure> {
        let cadences = &definition.cadences;
        let list = |given: &Vec<String>, own: &Vec<String>| {
            (!given.is_empty() && given != own).then(|| own.join(","))
        };
        let cadence = |given: Option<Duration>, own: Option<Duration>| {
            let shown = || own.map_or_else(|| "the default".to_owned(), duration_text);
            (given.is_some() && given != own).then(shown)
        };
        let bodies = || definition.bodies.as_deref().unwrap_or("none").to_owned();
        let wanted = self.bodies.as_deref();
        let has_history = self.history.map(|history| history == History::On);
        let contradictions = [
            ("streams", list(&self.streams, &definition.streams)),
            ("spaces", list(&self.spaces, &definition.spaces)),
            (
                "chunk-kinds",
                list(&self.chunk_kinds, &definition.chunk_kinds),
            ),
            (
                "bodies",
                wanted
                    .filter(|wanted| *wanted != bodies())
                    .map(|_| bodies()),
            ),
            (
                "raw",
                (self.raw && !definition.raw).then(|| "false".to_owned()),
            ),
            (
                "history",
                (has_history.is_some() && has_history != definition.history).then(|| {
                    let is_on = definition.history.unwrap_or_default();
                    if is_on { "on" } else { "off" }.to_owned()
                }),
            ),
            (
                "naming",
                self.naming
                    .filter(|wanted| definition.naming.as_deref() != Some(wanted.name()))
                    .map(|_| definition.naming.clone().unwrap_or_default()),
            ),
            (
                "custom-content-types",
                list(&self.custom_content_types, &definition.custom_content_types),
            ),
            ("census-every", cadence(self.census_every, cadences.census)),
            (
                "details-every",
                cadence(self.details_every, cadences.details),
            ),
            ("people-every", cadence(self.people_every, cadences.people)),
            (
                "replies-every",
                cadence(self.replies_every, cadences.replies),
            ),
            ("full-every", cadence(self.full_every, cadences.full)),
        ];
        for (option, own) in contradictions {
            if let Some(own) = own {
                return Err(contradiction(name, option, &own));
            }
        }
        let fields = [
            (self.filters.fields(), &definition.filters),
            (self.files.fields(), &definition.files),
        ];
        for (given, own) in fields {
            if let Some((option, own)) = filter::contradiction(given, own) {
                return Err(contradiction(name, &option, &own));
            }
        }
        Ok(())
    }
}

/// That an option contradicts a definition.
pub(super) fn contradiction(name: &str, option: &str, own: &str) -> Failure {
    let own = if own.is_empty() {
        "does not set it".to_owned()
    } else {
        format!("has `{own}`")
    };
    Failure::Usage(format!(
        "`--{option}` contradicts the sync `{name}`, which {own}: change the definition with `host-runner config set syncs.{name}.{option}`, or use `--to` in place of the name"
    ))
}

impl BudgetFlags {
    /// Limits of this run in place of those of a definition.
    pub(super) fn apply(&self, definition: &mut SyncDefinition) {
        definition.max_requests = self.max_requests.or(definition.max_requests);
        definition.max_points = self.max_points.or(definition.max_points);
        definition.max_time = self.max_time.or(definition.max_time);
    }
}

/// What a run of a definition does.
pub(super) fn sync(definition: &SyncDefinition, due: &DueFlags) -> Result<Sync, Failure> {
    files::check(definition)?;
    let mut builder = Sync::builder().definition(definition)?.full(due.full);
    if !due.passes.is_empty() {
        builder = builder.passes(due.passes.iter().copied());
    }
    Ok(builder.build()?)
}

impl From<InvalidSync> for Failure {
    fn from(error: InvalidSync) -> Self {
        Self::Usage(error.to_string())
    }
}
