//! Syncs that levels define.

use std::time::Duration;

use host_runner::SyncDefinition;
use serde_json::Value;
use sync::{FilterError, Filters, Millis, NamingError, SyncRequest};

/// Why a sync cannot be run, whatever the site.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSync {
    /// The filters of a definition have another form.
    #[error(transparent)]
    Fields(#[from] serde_json::Error),
    /// Filters are malformed, or contradict each other.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// There is no such format of bodies.
    #[error(
        "`{format}` is not a format of bodies: use `storage`, `atlas_doc_format`, `text` or `markdown`"
    )]
    Bodies {
        /// What was given.
        format: String,
    },
    /// There is no such naming.
    #[error(transparent)]
    Naming(#[from] NamingError),
}

/// The formats of bodies that Confluence has, and those that the connector makes of them.
const BODIES: [&str; 4] = ["storage", "atlas_doc_format", "text", "markdown"];

/// Refuses bodies in a format that there is not.
pub(crate) fn check_bodies(request: &SyncRequest) -> Result<(), InvalidSync> {
    match &request.bodies {
        Some(format) if !BODIES.contains(&format.as_str()) => Err(InvalidSync::Bodies {
            format: format.clone(),
        }),
        _ => Ok(()),
    }
}

/// Has a request do what a definition says.
pub(crate) fn apply(
    definition: &SyncDefinition,
    request: &mut SyncRequest,
) -> Result<(), InvalidSync> {
    request.streams.clone_from(&definition.streams);
    request.filters = filters(definition)?;
    request.bodies.clone_from(&definition.bodies);
    request.raw = definition.raw;
    let kinds = &definition.chunk_kinds;
    let is_whole = |kind: &str| !kinds.is_empty() && !kinds.iter().any(|it| it == kind);
    let streams = [("pages", "pages"), ("blog-posts", "blog_posts")];
    let whole = streams.into_iter().filter(|(kind, _)| is_whole(kind));
    request.not_split = whole.map(|(_, stream)| stream.to_owned()).collect();
    request.logs_changes = definition.history;
    let naming = definition.naming.as_deref().map(str::parse);
    request.naming = naming.transpose()?;
    let own = &definition.cadences;
    let cadences = &mut request.cadences;
    for (cadence, own) in [
        (&mut cadences.census, own.census),
        (&mut cadences.details, own.details),
        (&mut cadences.people, own.people),
        (&mut cadences.replies, own.replies),
        (&mut cadences.full, own.full),
    ] {
        if let Some(own) = own {
            *cadence = millis(own);
        }
    }
    request.budget.max_requests = definition.max_requests;
    request.budget.max_points = definition.max_points;
    request.budget.max_time = definition.max_time.map(millis);
    custom_content_types(&definition.custom_content_types, request);
    Ok(())
}

fn filters(definition: &SyncDefinition) -> Result<Filters, InvalidSync> {
    let fields = Value::Object(definition.filters.clone());
    let mut filters: Filters = serde_json::from_value(fields)?;
    let spaces = definition.spaces.iter();
    filters.spaces = spaces.map(|space| space.trim()).collect();
    Ok(filters)
}

/// Names the types of custom content that are read.
pub(crate) fn custom_content_types(types: &[String], request: &mut SyncRequest) {
    const SETTING: &str = "custom-content-types";
    request.settings.retain(|(name, _)| name != SETTING);
    if !types.is_empty() {
        request.settings.push((SETTING.to_owned(), types.join(",")));
    }
}

pub(crate) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}
