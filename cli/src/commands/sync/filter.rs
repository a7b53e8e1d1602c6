//! Which part of a site a sync copies.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use sync::{AnchorDate, ByteSize, Filters, Moment};

use super::history::CopyArguments;
use super::now;
use crate::count::count;
use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::output::Sheet;
use crate::{output, report};

/// The filters of a sync, as options.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterOptions {
    /// Kinds of content: pages, blog-posts, attachments, comments; or only those of pages or of blog posts: page-attachments, blog-post-attachments, page-comments, blog-post-comments. `!comments` excludes
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub(crate) kinds: Vec<String>,
    /// Pages by id, with all pages below them; `!98304` excludes such a tree
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) pages: Vec<String>,
    /// Blog posts by id; `!98304` excludes one
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) blog_posts: Vec<String>,
    /// Pages and blog posts with one of these labels; `!draft` excludes those with it
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
    /// Pages and blog posts modified at or after this date or instant, in UTC
    #[arg(long, value_name = "INSTANT")]
    pub(crate) modified_after: Option<Moment>,
    /// Pages and blog posts modified before this date or instant
    #[arg(long, value_name = "INSTANT")]
    pub(crate) modified_before: Option<Moment>,
    /// Pages and blog posts created at or after this date or instant
    #[arg(long, value_name = "INSTANT")]
    pub(crate) created_after: Option<Moment>,
    /// Pages and blog posts created before this date or instant
    #[arg(long, value_name = "INSTANT")]
    pub(crate) created_before: Option<Moment>,
    /// Pages and blog posts with these statuses: current, archived
    #[arg(long, value_name = "STATUSES", value_delimiter = ',')]
    pub(crate) statuses: Vec<String>,
    /// Whether archived pages are copied [default: keep]
    #[arg(long, value_enum, value_name = "KEEP|DROP")]
    pub(crate) archived: Option<Archived>,
    /// Pages and blog posts modified at or after this date, and older ones once they are edited; `none` for all
    #[arg(long, value_name = "DATE")]
    pub(crate) anchor_date: Option<AnchorDate>,
    /// Anchor date as a number of days before each run
    #[arg(long, value_name = "DAYS", conflicts_with = "anchor_date")]
    pub(crate) look_back_days: Option<u32>,
    /// Attachments of these media types, such as `application/pdf` or `image/*`; `!video/*` excludes
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub(crate) media_types: Vec<String>,
    /// Attachments up to this size: bytes, or a number with KiB, MiB or GiB
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_attachment_size: Option<ByteSize>,
}

/// What becomes of archived pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Archived {
    Keep,
    Drop,
}

impl FilterOptions {
    /// The fields of a definition that say the same.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let selection = |entries: &[String]| entries.iter().map(|entry| entry.trim()).collect();
        let filters = Filters {
            kinds: selection(&self.kinds),
            pages: selection(&self.pages),
            blog_posts: selection(&self.blog_posts),
            labels: selection(&self.labels),
            modified_after: self.modified_after.clone(),
            modified_before: self.modified_before.clone(),
            created_after: self.created_after.clone(),
            created_before: self.created_before.clone(),
            statuses: self.statuses.clone(),
            archived: match self.archived {
                Some(Archived::Drop) => sync::Archived::Drop,
                _ => sync::Archived::Keep,
            },
            anchor_date: self.anchor_date.clone().unwrap_or_default(),
            look_back_days: self.look_back_days,
            media_types: selection(&self.media_types),
            max_attachment_size: self.max_attachment_size,
            ..Filters::default()
        };
        match serde_json::to_value(&filters) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }
}

/// The first field that a definition does not have like this, and what the definition has.
pub(super) fn contradiction(
    given: Map<String, Value>,
    own: &Map<String, Value>,
) -> Option<(String, String)> {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let entries = list.iter().filter_map(Value::as_str);
            entries.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    };
    given.into_iter().find_map(|(key, value)| {
        let own = own.get(&key);
        (own != Some(&value)).then(|| (key, own.map(shown).unwrap_or_default()))
    })
}

pub(super) const APPLY_HELP: &str = "\
Rows that filters no longer admit are marked with `_sync_filtered_at` by `sync run`. This command deletes \
them: `_sync_deleted_reason` is `filtered`, and bodies are emptied. Files of their attachments are removed. \
It sends no request.

Examples:
  host-runner sync apply-filters --to sqlite:site.db";

/// Deletes what filters exclude.
pub(super) async fn apply(
    session: &SessionOptions,
    arguments: &CopyArguments,
) -> Result<(), Failure> {
    let mut sink = arguments.copy.sink(session)?.open_to_write(session).await?;
    let printing = arguments.print.printing()?;
    let deleted = sync::apply_filters(sink.as_mut(), now()).await?;
    let files = super::files::sweep(sink.as_mut()).await?;
    if files > 0 {
        report::note(&format!("removed {}", count(files, "file")));
    }
    if deleted.is_empty() {
        report::note("no rows are out of scope");
    }
    let rows: Vec<Value> = deleted
        .into_iter()
        .map(|(stream, rows)| json!({"stream": stream, "deleted": rows}))
        .collect();
    output::records(&Sheet::of(&["stream", "deleted"]), &rows, &printing)
}
