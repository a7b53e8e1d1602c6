//! Which streams a run reads, and in which order.

use std::sync::Arc;

use source::{NoSuchStream, Stream};

use super::content::PAGES;
use super::{SyncError, SyncRequest};
use crate::derivation::{Derivation, InputReading};
use crate::files::{ATTACHMENTS, FILES_STREAM};
use crate::filter::{FilterError, Kinds};
use crate::folders::is_of_folders;
use crate::history::PastRun;
use crate::sink::{Sink, SinkError};
use crate::split::Split;

/// What a run reads and computes.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    /// Streams that are read, parents first.
    pub(super) streams: Vec<&'a Stream>,
    /// Streams whose rows are looked up by ids that other rows name.
    pub(super) looked_up: Vec<&'a Stream>,
    /// Derivations that the request chose.
    pub(super) derived: Vec<&'a dyn Derivation>,
    /// Derivations that it did not choose, but the copy has: their rows must never be older than those that
    /// they are computed from.
    pub(super) derived_before: Vec<&'a dyn Derivation>,
    /// What is made of bodies.
    pub(super) splits: Vec<&'a dyn Split>,
    /// The stream of files, if their content is copied.
    pub(super) files: Option<&'a Stream>,
}

impl<'a> Chosen<'a> {
    /// Adds what the copy has and is made of bodies. It is made also if this run was not asked for it, so that
    /// a copy never has parts of rows that are gone.
    pub(super) async fn add_splits_of(
        &mut self,
        sink: &mut dyn Sink,
        request: &'a SyncRequest,
    ) -> Result<(), SinkError> {
        let more = in_copy(&request.splits, &self.splits, |one| one.stream(), sink);
        self.splits.extend(more.await?);
        Ok(())
    }

    /// Adds what the copy has and is computed.
    pub(super) async fn add_derivations_of(
        &mut self,
        sink: &mut dyn Sink,
        request: &'a SyncRequest,
    ) -> Result<(), SinkError> {
        let more = in_copy(
            &request.derivations,
            &self.derived,
            |one| one.stream(),
            sink,
        );
        self.derived_before = more.await?;
        Ok(())
    }

    /// All streams that rows are written of. Derivations have rows of their inputs read, chosen or not.
    pub(super) fn written(&self, streams: &'a [Stream]) -> Vec<&'a Stream> {
        let mut written: Vec<&Stream> = self.streams.clone();
        let inputs = self.computed().flat_map(Derivation::inputs);
        let inputs = inputs.filter_map(|input| Stream::find(streams, input.stream).ok());
        let made = self.computed().map(Derivation::stream);
        let made = made.chain(self.splits.iter().map(|split| split.stream()));
        let looked_up = self.looked_up.iter().copied();
        // Pages name the folders that they are in.
        let pages = looked_up.clone();
        let pages = pages.filter_map(|_| Stream::find(streams, PAGES).ok());
        let others = inputs.chain(made).chain(self.files);
        for stream in others.chain(pages).chain(looked_up) {
            if !written.iter().any(|one| one.name == stream.name) {
                written.push(stream);
            }
        }
        written
    }

    /// All that is computed.
    pub(super) fn computed(&self) -> impl Iterator<Item = &'a dyn Derivation> {
        self.derived.iter().chain(&self.derived_before).copied()
    }
}

/// Of what a request can make, what was not chosen and the copy has rows of.
async fn in_copy<'a, T: ?Sized>(
    all: &'a [Arc<T>],
    chosen: &[&'a T],
    stream_of: fn(&T) -> &Stream,
    sink: &mut dyn Sink,
) -> Result<Vec<&'a T>, SinkError> {
    let mut found = Vec::new();
    for one in all {
        let name = &stream_of(one).name;
        let is_chosen = chosen.iter().any(|one| stream_of(one).name == *name);
        if !is_chosen && !sink.live(name).await?.is_empty() {
            found.push(one.as_ref());
        }
    }
    Ok(found)
}

/// The streams that patterns choose, and the parents of those, parents first. Patterns are names,
/// `page_*`, and `!page_versions` to leave out; without any, the defaults of the source. A derivation
/// that is named brings its inputs along; as a default, it is left out if one of them is.
pub(super) fn chosen<'a>(
    streams: &'a [Stream],
    request: &'a SyncRequest,
) -> Result<Chosen<'a>, SyncError> {
    let (patterns, derivations) = (&request.streams, &request.derivations);
    let names: Vec<String> = streams.iter().map(|stream| stream.name.clone()).collect();
    let is_default = |place: usize| streams.get(place).is_some_and(|stream| stream.is_default);
    let mut wanted = wanted(&names, patterns, is_default)?;
    let kinds = request.filters.kinds();
    for (name, is_wanted) in names.iter().zip(&mut wanted) {
        if *is_wanted && kinds.excludes(name) {
            if patterns.contains(name) {
                return Err(FilterError::ExcludedStream(name.clone()).into());
            }
            *is_wanted = false;
        }
    }
    let is_derived = |name: &str| {
        let mut derivations = derivations.iter();
        let mut splits = request.splits.iter();
        derivations.any(|one| one.stream().name == name)
            || splits.any(|one| one.stream().name == name)
            || name == FILES_STREAM
    };
    let mut order = Vec::new();
    for (stream, is_wanted) in streams.iter().zip(&wanted) {
        if *is_wanted && !is_derived(&stream.name) {
            add(streams, kinds, stream, &mut order)?;
        }
    }
    let mut looked_up: Vec<&Stream> = Vec::new();
    let mut derived: Vec<&dyn Derivation> = Vec::new();
    for derivation in derivations {
        let name = &derivation.stream().name;
        let is_wanted = |(stream, is_wanted): (&Stream, &bool)| stream.name == *name && *is_wanted;
        if !streams.iter().zip(&wanted).any(is_wanted) {
            continue;
        }
        let mut inputs = Vec::new();
        for input in derivation.inputs() {
            let stream = Stream::find(streams, input.stream)?;
            if input.reading == InputReading::LookUp {
                looked_up.push(stream);
            } else if !kinds.excludes(&stream.name) {
                inputs.push(stream);
            }
        }
        let is_there = |stream: &&Stream| order.iter().any(|one| one.name == stream.name);
        let is_named = patterns.iter().any(|pattern| matches(pattern, name));
        if !is_named && !inputs.iter().all(is_there) {
            continue;
        }
        for stream in inputs {
            add(streams, kinds, stream, &mut order)?;
        }
        derived.push(derivation.as_ref());
    }
    let mut splits: Vec<&dyn Split> = Vec::new();
    for split in &request.splits {
        let stream = split.stream();
        let is_wanted = |(one, is_wanted): (&Stream, &bool)| one.name == stream.name && *is_wanted;
        if !streams.iter().zip(&wanted).any(is_wanted) {
            continue;
        }
        if request.bodies.as_deref() != Some(split.body_format()) {
            // A pattern that matches others, too, does not ask for it.
            if !patterns.contains(&stream.name) {
                continue;
            }
            return Err(SyncError::NeedsBodies {
                stream: stream.name.clone(),
                format: split.body_format().to_owned(),
                bodies: request.bodies.clone(),
            });
        }
        for parent in &stream.parents {
            add(streams, kinds, Stream::find(streams, parent)?, &mut order)?;
        }
        splits.push(split.as_ref());
    }
    let files = files(streams, request, &mut order)?;
    looked_up.extend(order.iter().filter(|stream| is_of_folders(stream)));
    looked_up.sort_by_key(|stream| &stream.name);
    looked_up.dedup_by_key(|stream| &stream.name);
    // They have keys of other streams for parents, and are read by nothing but look-ups.
    order.retain(|stream| !looked_up.iter().any(|one| one.name == stream.name));
    Ok(Chosen {
        streams: order,
        looked_up,
        derived,
        derived_before: Vec::new(),
        splits,
        files,
    })
}

/// The stream of files, if there are any. What they belong to is read with them.
fn files<'a>(
    streams: &'a [Stream],
    request: &'a SyncRequest,
    order: &mut Vec<&'a Stream>,
) -> Result<Option<&'a Stream>, SyncError> {
    let patterns = &request.streams;
    let stream = streams.iter().find(|stream| stream.name == FILES_STREAM);
    let Some(files) = &request.files else {
        // A pattern that matches others, too, does not ask for it.
        let is_named = patterns.iter().any(|pattern| pattern == FILES_STREAM);
        return match stream.filter(|_| is_named) {
            Some(stream) => Err(SyncError::NeedsFiles {
                stream: stream.name.clone(),
            }),
            None => Ok(None),
        };
    };
    if files.source.is_some() {
        for name in [ATTACHMENTS, FILES_STREAM] {
            let mut last_first = patterns.iter().rev();
            let last = last_first.find(|it| matches(it.strip_prefix('!').unwrap_or(it), name));
            if last.is_some_and(|pattern| pattern.starts_with('!')) {
                return Err(SyncError::ExcludesFiles {
                    stream: name.to_owned(),
                });
            }
        }
        add(
            streams,
            request.filters.kinds(),
            Stream::find(streams, ATTACHMENTS)?,
            order,
        )?;
    }
    Ok(stream)
}

/// Which names patterns choose. Where they only leave out, and where there are none, the others are
/// those for whose place `is_default` is true.
pub(super) fn wanted(
    names: &[String],
    patterns: &[String],
    is_default: impl Fn(usize) -> bool,
) -> Result<Vec<bool>, SyncError> {
    let only_leaves_out = patterns.iter().all(|pattern| pattern.starts_with('!'));
    let mut wanted: Vec<bool> = (0..names.len())
        .map(|place| only_leaves_out && is_default(place))
        .collect();
    for pattern in patterns {
        let (is_wanted, pattern) = match pattern.strip_prefix('!') {
            Some(pattern) => (false, pattern),
            None => (true, pattern.as_str()),
        };
        let mut has_matched = false;
        for (name, slot) in names.iter().zip(&mut wanted) {
            if matches(pattern, name) {
                *slot = is_wanted;
                has_matched = true;
            }
        }
        if !has_matched {
            return Err(SyncError::NoMatch {
                pattern: pattern.to_owned(),
                streams: names.to_vec(),
            });
        }
    }
    Ok(wanted)
}

/// Begins with the stream at which the budget of a past run ended, if one did: otherwise the streams
/// behind it would wait for ever where the first ones take the whole budget of every run. Those before
/// it are complete.
pub(super) fn begin_where_stopped(order: &mut [&Stream], run: &PastRun) {
    let counted = run.streams.as_deref().unwrap_or_default();
    let Ok(counted) = serde_json::from_str::<serde_json::Value>(counted) else {
        return;
    };
    let is_stopped = |stream: &&Stream| {
        let of_stream = counted.get(&stream.name);
        of_stream.and_then(|counts| counts.get("stopped")?.as_bool()) == Some(true)
    };
    // Of a run that began in the middle, the first that was stopped follows one that was not.
    let stopped: Vec<bool> = order.iter().map(is_stopped).collect();
    let before = |place: usize| match place.checked_sub(1) {
        Some(before) => stopped.get(before),
        None => stopped.last(),
    };
    let first = (0..stopped.len())
        .find(|place| stopped.get(*place) == Some(&true) && before(*place) == Some(&false));
    order.rotate_left(first.unwrap_or_default());
}

/// Adds a stream behind its parents. A parent of its own, which a tree has, is there already.
fn add<'a>(
    streams: &'a [Stream],
    kinds: Kinds<'_>,
    stream: &'a Stream,
    order: &mut Vec<&'a Stream>,
) -> Result<(), NoSuchStream> {
    if kinds.excludes(&stream.name) {
        return Ok(());
    }
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
        add(streams, kinds, parent, order)?;
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
