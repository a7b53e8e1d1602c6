//! Which streams a run reads, and in which order.

use source::{NoSuchStream, Stream};

use super::SyncError;

/// The streams that patterns choose, and the parents of those, parents first. Patterns are names,
/// `page_*`, and `!page_versions` to leave out; without any, the defaults of the source.
pub(super) fn chosen<'a>(
    streams: &'a [Stream],
    patterns: &[String],
) -> Result<Vec<&'a Stream>, SyncError> {
    let mut wanted: Vec<bool> = vec![false; streams.len()];
    let only_leaves_out = patterns.iter().all(|pattern| pattern.starts_with('!'));
    if only_leaves_out {
        wanted = streams.iter().map(|stream| stream.is_default).collect();
    }
    for pattern in patterns {
        let (is_wanted, name) = match pattern.strip_prefix('!') {
            Some(name) => (false, name),
            None => (true, pattern.as_str()),
        };
        let mut has_matched = false;
        for (stream, slot) in streams.iter().zip(&mut wanted) {
            if matches(name, &stream.name) {
                *slot = is_wanted;
                has_matched = true;
            }
        }
        if !has_matched {
            return Err(SyncError::NoMatch {
                pattern: name.to_owned(),
                streams: streams.iter().map(|stream| stream.name.clone()).collect(),
            });
        }
    }
    let mut order = Vec::new();
    for (stream, is_wanted) in streams.iter().zip(wanted) {
        if is_wanted {
            add(streams, stream, &mut order)?;
        }
    }
    Ok(order)
}

/// Adds a stream behind its parents. A parent of its own, which a tree has, is there already.
fn add<'a>(
    streams: &'a [Stream],
    stream: &'a Stream,
    order: &mut Vec<&'a Stream>,
) -> Result<(), NoSuchStream> {
    let is_there = |order: &[&Stream]| order.iter().any(|known| known.name == stream.name);
    if is_there(order) {
        return Ok(());
    }
    for parent in stream.parents.iter().filter(|name| **name != stream.name) {
        let parent = Stream::find(streams, parent)?;
        // A circle of parents ends here: each is visited once on the way down.
        if parent.parents.contains(&stream.name) {
            continue;
        }
        add(streams, parent, order)?;
    }
    if !is_there(order) {
        order.push(stream);
    }
    Ok(())
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            name.len() >= before.len() + after.len()
                && name.starts_with(before)
                && name.ends_with(after)
        }
    }
}
