//! Streams that are read anew by the next run.

use super::{SyncError, chosen};
use crate::clock::Millis;
use crate::sink::Sink;

/// Has the next run read streams anew, and returns their names. Patterns are those of a
/// [`SyncRequest`](super::SyncRequest); without any, all streams that the sink has. Rows that the new
/// reading does not have are deleted once it is complete, and never before.
///
/// # Errors
///
/// [`SyncError::NoMatch`] for a pattern that matches no stream of the sink; of the sink, that a run
/// writes into it.
pub async fn reset(
    sink: &mut dyn Sink,
    patterns: &[String],
    at: Millis,
) -> Result<Vec<String>, SyncError> {
    let copied = sink.streams().await?;
    let names: Vec<String> = copied.into_iter().map(|status| status.stream).collect();
    let wanted = chosen::wanted(&names, patterns, |_| true)?;
    let streams: Vec<String> = names
        .into_iter()
        .zip(wanted)
        .filter_map(|(name, is_wanted)| is_wanted.then_some(name))
        .collect();
    sink.reset(&streams, at).await?;
    Ok(streams)
}
