//! A call cut into requests: which ones it takes, in which order, and which rows belong in their
//! responses.
//!
//! A request takes 250 ids and 100 spaces at most, so a call with more of them is several
//! requests: each chunk of the outer dimension with each chunk of the inner one.

use std::{collections::BTreeMap, ops::Range};

use percent_encoding::percent_encode;

use crate::{
    Error, find,
    paging::{continuation::Request, position::Position},
    query::{
        call::{By, Call, Dimension, Paging, in_several_orders},
        encode::{self, VALUE},
    },
    record::Face,
};

/// Bytes of one dimension's parameters in a URL. 250 ids of 19 digits are 5 750; two dimensions
/// share the space, because edges refuse URLs of more than 8 192 bytes.
const BYTES_ALONE: usize = 6_000;
const BYTES_SHARED: usize = 3_500;

/// A call cut into requests.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) call: &'a Call,
    pub(crate) page_size: u32,
    outer: Vec<Range<usize>>,
    inner: Vec<Range<usize>>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(call: &'a Call, page_size: u32) -> Self {
        let bytes = if call.outer.is_some() && call.inner.is_some() {
            BYTES_SHARED
        } else {
            BYTES_ALONE
        };
        // A chunk of ids is one upstream page, so that its missing ids are known at once. Of an
        // account there may be any number of rows.
        let most = match &call.outer {
            Some(outer) if !outer.by.is_of_one_row() => usize::MAX,
            _ => page_size as usize,
        };
        let outer = chunks(call.outer.as_ref(), most, bytes);
        let inner = chunks(call.inner.as_ref(), usize::MAX, bytes);
        Self {
            call,
            page_size,
            outer,
            inner,
        }
    }

    /// Refuses an order that holds within each of several requests only.
    pub(crate) fn is_in_one_order(&self) -> Result<(), Error> {
        let split = [
            (&self.call.outer, &self.outer),
            (&self.call.inner, &self.inner),
        ];
        let split = split.into_iter().find(|(_, chunks)| chunks.len() > 1);
        match split {
            Some((Some(many), _)) if self.call.sorted => {
                Err(in_several_orders(&self.call.ask, many))
            }
            _ => Ok(()),
        }
    }

    /// Values of the outer chunk that each have one row at most, or none.
    pub(crate) fn tracked(&self, at: &Position) -> &[String] {
        match (&self.call.outer, self.outer.get(at.outer as usize)) {
            (Some(outer), Some(chunk)) if outer.by.is_of_one_row() => {
                outer.values.get(chunk.clone()).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// Those of the tracked values that the request at a position asks for.
    pub(crate) fn part(&self, at: &Position) -> Range<usize> {
        let tracked = self.tracked(at).len();
        let start = usize::from(at.part).min(tracked);
        start..tracked.min(start + at.hunt.rows(self.full(at)) as usize)
    }

    /// Whether the chunk of a position is asked for in parts.
    pub(crate) fn in_parts(&self, at: &Position) -> bool {
        self.part(at) != (0..self.tracked(at).len())
    }

    /// Rows that a request at a position asks for when nothing fails: those of a page, or the
    /// tracked values that are left.
    pub(crate) fn full(&self, at: &Position) -> u32 {
        match u32::try_from(self.tracked(at).len()) {
            Ok(0) | Err(_) => self.page_size,
            Ok(tracked) => tracked.saturating_sub(u32::from(at.part)),
        }
    }

    pub(crate) fn has_part(&self, at: &Position) -> bool {
        at.part == 0 || usize::from(at.part) < self.tracked(at).len()
    }

    /// Finds the tracked value that a row answers.
    pub(crate) fn index(&self, at: &Position) -> Option<Tracker> {
        let outer = self.call.outer.as_ref()?;
        if !outer.by.is_of_one_row() {
            return None;
        }
        // Inserted one by one: collecting sorts, and the sort weighs 8 KB in the guest.
        let mut places = BTreeMap::new();
        for (place, value) in self.tracked(at).iter().enumerate() {
            places.insert(value.to_ascii_lowercase(), place);
        }
        Some(Tracker {
            by_key: outer.by == By::Key,
            places,
        })
    }

    pub(crate) fn has(&self, at: &Position) -> bool {
        (at.outer as usize) < self.outer.len() && (at.inner as usize) < self.inner.len()
    }

    /// The step behind `at`, at its beginning. `skip_inner` leaves out the rest of the inner
    /// dimension.
    pub(crate) fn step_behind(&self, at: &Position, skip_inner: bool) -> Option<Position> {
        let same_outer = Position {
            outer: at.outer,
            inner: at.inner + 1,
            found: at.found.clone(),
            ..Position::default()
        };
        if !skip_inner && self.has(&same_outer) {
            return Some(same_outer);
        }
        let next_outer = Position {
            outer: at.outer + 1,
            ..Position::default()
        };
        self.has(&next_outer).then_some(next_outer)
    }

    /// Path and query of the request at a position.
    pub(crate) fn request(&self, at: &Position) -> Request {
        let tracked = !self.tracked(at).is_empty();
        let limit = if tracked {
            self.page_size
        } else {
            at.hunt.rows(self.page_size)
        };
        let mut request = self.asking(limit, &self.call.fixed);
        let url = &mut request.url;
        if tracked {
            let part = self.part(at);
            let values = self.tracked(at).get(part).unwrap_or_default();
            parameters(url, self.call.outer.as_ref(), values);
        } else {
            append(url, self.call.outer.as_ref(), &self.outer, at.outer);
        }
        append(url, self.call.inner.as_ref(), &self.inner, at.inner);
        self.go_on(&mut request, at);
        request
    }

    /// The request for the one row at a position without its body. None when no body is asked
    /// for, or when the row is known by its id.
    pub(crate) fn bare_request(&self, at: &Position) -> Option<Request> {
        if !self.call.has_bodies() || !self.tracked(at).is_empty() {
            return None;
        }
        let mut request = self.asking(1, &self.call.without_body());
        let url = &mut request.url;
        append(url, self.call.outer.as_ref(), &self.outer, at.outer);
        append(url, self.call.inner.as_ref(), &self.inner, at.inner);
        self.go_on(&mut request, at);
        Some(request)
    }

    /// A light request of the same list that asks for none of the tracked values: whether the
    /// site answers at all.
    pub(crate) fn neutral_request(&self, at: &Position) -> Request {
        let mut request = self.asking(1, &self.call.without_body());
        let url = &mut request.url;
        append(url, self.call.inner.as_ref(), &self.inner, at.inner);
        request
    }

    fn asking(&self, limit: u32, fixed: &str) -> Request {
        let mut query = String::new();
        let limit = self.call.paging.size(limit);
        if self.call.paging != Paging::Whole {
            encode::parameter(&mut query, "limit", &limit.to_string());
        }
        query.push_str(fixed);
        Request {
            url: format!(
                "{}?{}",
                self.call.path(),
                query.strip_prefix('&').unwrap_or_default()
            ),
            rows: limit,
            start: 0,
        }
    }

    /// Adds where a request begins.
    fn go_on(&self, request: &mut Request, at: &Position) {
        let Some(cursor) = &at.cursor else { return };
        request.url.push_str(self.call.paging.parameter());
        request.url.extend(percent_encode(cursor, VALUE));
        if self.call.paging == Paging::Offset {
            let start = std::str::from_utf8(cursor).ok();
            request.start = start.and_then(|start| start.parse().ok()).unwrap_or(0);
        }
    }

    /// Why a row does not belong into the answer to the request at a position.
    ///
    /// Confluence ignores a filter that it does not understand and answers everything; what was
    /// meant to be one space's pages would then be the whole site's.
    pub(crate) fn foreign(
        &self,
        at: &Position,
        tracker: Option<&Tracker>,
        face: &Face<'_>,
    ) -> Option<&'static str> {
        let call = self.call;
        if tracker.is_some_and(|tracker| tracker.place(face).is_none()) {
            return Some(match tracker {
                Some(Tracker { by_key: true, .. }) => "its key was not requested",
                _ => "its id was not requested",
            });
        }
        if let (Some(outer), Some(chunk)) = (&call.outer, self.outer.get(at.outer as usize))
            && outer.by == By::Type
            && !outer.belongs(chunk, face)
        {
            return Some("it is of a type that was not requested");
        }
        if let (Some(inner), Some(chunk)) = (&call.inner, self.inner.get(at.inner as usize))
            && !inner.belongs(chunk, face)
        {
            return Some(match inner.by {
                By::Space => "it is in a space that was not requested",
                _ => "its key was not requested",
            });
        }
        let differs = |wanted: &Option<String>, is: Option<&str>| match (wanted, is) {
            (Some(wanted), Some(is)) => wanted != is,
            _ => false,
        };
        if differs(&call.space, face.space_id) {
            return Some("it is in a space that was not requested");
        }
        if differs(&call.kind, face.kind) {
            return Some("it is of a type that was not requested");
        }
        None
    }
}

/// Adds one chunk of a dimension.
fn append(url: &mut String, dimension: Option<&Dimension>, chunks: &[Range<usize>], place: u32) {
    let values = dimension
        .zip(chunks.get(place as usize))
        .and_then(|(dimension, chunk)| dimension.values.get(chunk.clone()));
    parameters(url, dimension, values.unwrap_or_default());
}

fn parameters(url: &mut String, dimension: Option<&Dimension>, values: &[String]) {
    for value in values {
        encode::parameter(url, dimension.map_or("", |d| d.name), value);
    }
    // Nothing stands before the values where there is no limit.
    let before = find::split(url, "?&").map(|(before, _)| before.len());
    if let Some(before) = before {
        url.remove(before + 1);
    }
}

/// Which of the values of a chunk a row answers.
#[derive(Debug)]
pub(crate) struct Tracker {
    by_key: bool,
    places: BTreeMap<String, usize>,
}

impl Tracker {
    pub(crate) fn place(&self, face: &Face<'_>) -> Option<usize> {
        if !self.by_key {
            return match self.places.get(face.id) {
                Some(place) => Some(*place),
                // Account ids may have capitals.
                None => self.places.get(&face.id.to_ascii_lowercase()).copied(),
            };
        }
        [face.key, face.alias]
            .into_iter()
            .flatten()
            .find_map(|key| self.places.get(&key.to_ascii_lowercase()).copied())
    }
}

/// Cuts a dimension into what one request takes, in order. Without a dimension there is one
/// empty chunk: one request.
fn chunks(dimension: Option<&Dimension>, most: usize, bytes: usize) -> Vec<Range<usize>> {
    let Some(dimension) = dimension else {
        return std::iter::once(0..0).collect();
    };
    let most = most.min(dimension.most);
    let mut chunks = Vec::new();
    let (mut start, mut taken) = (0, 0);
    for (at, value) in dimension.values.iter().enumerate() {
        let size = dimension.name.len() + 2 + encode::encoded_len(value);
        if at > start && (at - start >= most || taken + size > bytes) {
            chunks.push(start..at);
            (start, taken) = (at, 0);
        }
        taken += size;
    }
    if start < dimension.values.len() {
        chunks.push(start..dimension.values.len());
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_all_values_in_order_within_count_and_bytes() {
        let ids = Dimension {
            name: "id",
            by: By::Id,
            values: (0..600)
                .map(|n| format!("{}", 9_000_000_000_000_000_000_u64 + n))
                .collect(),
            most: 250,
        };
        assert_eq!(
            chunks(Some(&ids), 250, BYTES_ALONE),
            [0..250, 250..500, 500..600]
        );
        let by_bytes = chunks(Some(&ids), 250, 2_300);
        assert_eq!(by_bytes.first(), Some(&(0..100)));
        assert_eq!(by_bytes.last().map(|chunk| chunk.end), Some(600));
    }
}
