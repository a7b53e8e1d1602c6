//! One list call as a plan: which requests it takes, in which order, and what belongs into
//! their answers.
//!
//! A request takes 250 ids and 100 spaces at most, so a call with more of them is several
//! requests: each chunk of the outer dimension with each chunk of the inner one.

use std::{collections::BTreeMap, ops::Range};

use confluence_rendering::Format;
use percent_encoding::percent_encode;

use crate::{
    Error,
    after::Position,
    fingerprint::Fingerprint,
    paging::Paging,
    query::{
        encode::{self, VALUE},
        ids,
    },
    record::Face,
};

/// The most rows of one upstream page.
pub(crate) const MOST_PER_PAGE: u32 = 250;

/// Bytes of one dimension's parameters in a URL. 250 ids of 19 digits are 5 750; two dimensions
/// share the space, because edges refuse URLs of more than 8 192 bytes.
const BYTES_ALONE: usize = 6_000;
const BYTES_SHARED: usize = 3_500;

/// What is asked, for errors and for decoding.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// Stands behind "cannot": `list pages`.
    pub(crate) doing: &'static str,
    /// The OAuth scopes that the call needs, all of them, with a space between two.
    pub(crate) scope: &'static str,
    /// The body format asked for, or empty.
    pub(crate) wanted: String,
    /// What bodies in that format are rendered to.
    pub(crate) rendered: Option<Format>,
}

/// What the values of a dimension are, and so which rows belong to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Id,
    Key,
    Space,
    /// Rows are not checked against it.
    Account,
}

/// A parameter with many values.
#[derive(Debug, Clone)]
pub(crate) struct Dimension {
    pub(crate) name: &'static str,
    pub(crate) by: By,
    pub(crate) values: Vec<String>,
    /// Values that one request takes.
    pub(crate) most: usize,
}

impl Dimension {
    fn belongs(&self, chunk: &Range<usize>, face: &Face<'_>) -> bool {
        let among = |value: &str| {
            self.values
                .get(chunk.clone())
                .is_some_and(|values| values.iter().any(|one| one.eq_ignore_ascii_case(value)))
        };
        match self.by {
            By::Id => among(face.id),
            By::Key => face.key.is_none_or(among) || face.alias.is_some_and(among),
            By::Space => face.space_id.is_none_or(among),
            By::Account => true,
        }
    }
}

/// Stands in a path for the id of the space that [`Call::within`] names.
const SPACE: &str = "{space}";

/// One call with its arguments checked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) ask: Ask,
    /// Tells functions apart in `after`.
    pub(crate) function: u8,
    pub(crate) paging: Paging,
    path: String,
    /// Parameters that are the same in all requests: `&name=value&…`.
    fixed: String,
    /// Where in them the body format stands.
    body: Range<usize>,
    /// The ids or keys asked for; what no row came back for is told. Or accounts.
    outer: Option<Dimension>,
    inner: Option<Dimension>,
    pub(crate) raw: bool,
    /// The type that rows have to have.
    pub(crate) kind: Option<String>,
    /// The space that rows have to be in, when it stands in the path.
    pub(crate) space: Option<String>,
    /// The space of the path as it was given: an id or a key.
    named: Option<String>,
    /// Rows have an order.
    pub(crate) sorted: bool,
    /// A list of values was given and is empty: nothing belongs into the answer.
    pub(crate) nothing: bool,
}

impl Call {
    pub(crate) fn new(
        function: u8,
        doing: &'static str,
        scope: &'static str,
        path: impl Into<String>,
    ) -> Self {
        Self {
            ask: Ask {
                doing,
                scope,
                wanted: String::new(),
                rendered: None,
            },
            function,
            paging: Paging::Cursor,
            path: path.into(),
            fixed: String::new(),
            body: 0..0,
            outer: None,
            inner: None,
            raw: false,
            kind: None,
            space: None,
            named: None,
            sorted: false,
            nothing: false,
        }
    }

    /// Puts a space, given by id or key, into the `{space}` of the path.
    pub(crate) fn within(&mut self, space: String) {
        self.space = ids::is_id(&space).then(|| space.clone());
        self.named = Some(space);
    }

    /// Whether the path waits for the id of a space.
    pub(crate) fn waits_for_space(&self) -> bool {
        self.named.is_some() && self.space.is_none()
    }

    /// The space keys whose ids are needed.
    pub(crate) fn keys(&self) -> Vec<String> {
        let listed = [&self.outer, &self.inner]
            .into_iter()
            .flatten()
            .filter(|dimension| dimension.by == By::Space)
            .flat_map(|dimension| &dimension.values);
        self.named
            .iter()
            .chain(listed)
            .filter(|space| !ids::is_id(space))
            .cloned()
            .collect()
    }

    /// Puts ids in the place of keys.
    ///
    /// # Errors
    ///
    /// What `id` fails with, for the first key that has none.
    pub(crate) fn resolve(
        &mut self,
        id: &dyn Fn(&str) -> Result<String, Error>,
    ) -> Result<(), Error> {
        if self.waits_for_space()
            && let Some(key) = &self.named
        {
            self.space = Some(id(key)?);
        }
        for dimension in [&mut self.outer, &mut self.inner].into_iter().flatten() {
            if dimension.by != By::Space {
                continue;
            }
            let mut values: Vec<String> = Vec::with_capacity(dimension.values.len());
            for space in std::mem::take(&mut dimension.values) {
                let space = if ids::is_id(&space) {
                    space
                } else {
                    id(&space)?
                };
                if !values.contains(&space) {
                    values.push(space);
                }
            }
            dimension.values = values;
        }
        Ok(())
    }

    /// Path and query of a call that is one request.
    pub(crate) fn single(&self) -> String {
        let mut url = self.path();
        url.push_str(&self.fixed.replacen('&', "?", 1));
        url
    }

    fn path(&self) -> String {
        match (&self.named, &self.space) {
            (Some(_), Some(id)) => self.path.replace(SPACE, id),
            _ => self.path.clone(),
        }
    }

    /// Adds a parameter when it has a value.
    pub(crate) fn parameter(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            encode::parameter(&mut self.fixed, name, value);
        }
    }

    /// Adds the parameter that asks for bodies.
    pub(crate) fn body(&mut self, name: &str, format: &str) {
        let start = self.fixed.len();
        encode::parameter(&mut self.fixed, name, format);
        self.body = start..self.fixed.len();
    }

    /// Whether rows come with bodies.
    pub(crate) fn has_bodies(&self) -> bool {
        !self.body.is_empty()
    }

    /// The parameters that are the same in all requests, without the body format.
    fn without_body(&self) -> String {
        let mut fixed = self.fixed.clone();
        fixed.replace_range(self.body.clone(), "");
        fixed
    }

    /// Adds the dimension that is walked slowest. Of ids and keys it is told when nothing came
    /// back for them.
    pub(crate) fn outer(&mut self, dimension: Option<Dimension>) {
        self.outer = self.dimension(dimension);
    }

    /// Adds the dimension that is walked for each chunk of the outer one.
    pub(crate) fn inner(&mut self, dimension: Option<Dimension>) {
        self.inner = self.dimension(dimension);
    }

    fn dimension(&mut self, dimension: Option<Dimension>) -> Option<Dimension> {
        self.nothing |= dimension.as_ref().is_some_and(|d| d.values.is_empty());
        dimension
    }

    /// Tells this call's arguments from others'. The limit is no part of it.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut fingerprint = Fingerprint::new();
        fingerprint.add(self.path.as_bytes());
        fingerprint.add(self.fixed.as_bytes());
        fingerprint.add(if self.raw { b"raw" } else { b"" });
        if let Some(space) = &self.named {
            fingerprint.add(space.to_ascii_lowercase().as_bytes());
        }
        for dimension in [&self.outer, &self.inner].into_iter().flatten() {
            fingerprint.add(dimension.name.as_bytes());
            for value in &dimension.values {
                fingerprint.add(value.as_bytes());
            }
            fingerprint.add(b"");
        }
        fingerprint.value()
    }

    /// Asks for an order.
    pub(crate) fn sort(&mut self, sort: &str) {
        self.parameter("sort", Some(sort));
        self.sorted = true;
    }

    /// Refuses an order of more values than one request takes: it holds within one only.
    pub(crate) fn is_in_one_order(&self) -> Result<(), Error> {
        let mut dimensions = [&self.outer, &self.inner].into_iter().flatten();
        match dimensions.find(|dimension| dimension.values.len() > dimension.most) {
            Some(many) if self.sorted => Err(in_several_orders(&self.ask, many)),
            _ => Ok(()),
        }
    }

    /// Upstream rows a page for a first call. All ids of a call in an order are asked for together:
    /// which of them come first is known of all of them only.
    pub(crate) fn rows_of_page(&self, limit: u32) -> u32 {
        let together = match &self.outer {
            Some(outer) if self.sorted && outer.by != By::Account => outer.values.len(),
            _ => 0,
        };
        let together = u32::try_from(together).unwrap_or(MOST_PER_PAGE);
        Self::page_size(limit).max(together.min(MOST_PER_PAGE))
    }

    /// The fewest pages, and of those the smallest, so that a limit of 300 costs two pages of 150
    /// and not 500 rows.
    fn page_size(limit: u32) -> u32 {
        limit
            .div_ceil(limit.div_ceil(MOST_PER_PAGE).max(1))
            .clamp(1, MOST_PER_PAGE)
    }
}

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
            Some(outer) if outer.by == By::Account => usize::MAX,
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
            (Some(outer), Some(chunk)) if outer.by != By::Account => {
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
        if outer.by == By::Account {
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
    pub(crate) fn request(&self, at: &Position) -> String {
        let tracked = !self.tracked(at).is_empty();
        let limit = if tracked {
            self.page_size
        } else {
            at.hunt.rows(self.page_size)
        };
        let mut url = self.url(limit, &self.call.fixed);
        if tracked {
            let part = self.part(at);
            let values = self.tracked(at).get(part).unwrap_or_default();
            parameters(&mut url, self.call.outer.as_ref(), values);
        } else {
            append(&mut url, self.call.outer.as_ref(), &self.outer, at.outer);
        }
        append(&mut url, self.call.inner.as_ref(), &self.inner, at.inner);
        cursor(&mut url, self.call, at);
        url
    }

    /// The request for the one row at a position without its body. None when no body is asked
    /// for, or when the row is known by its id.
    pub(crate) fn bare_request(&self, at: &Position) -> Option<String> {
        if !self.call.has_bodies() || !self.tracked(at).is_empty() {
            return None;
        }
        let mut url = self.url(1, &self.call.without_body());
        append(&mut url, self.call.outer.as_ref(), &self.outer, at.outer);
        append(&mut url, self.call.inner.as_ref(), &self.inner, at.inner);
        cursor(&mut url, self.call, at);
        Some(url)
    }

    /// A light request of the same list that asks for none of the tracked values: whether the
    /// site answers at all.
    pub(crate) fn neutral_request(&self, at: &Position) -> String {
        let mut url = self.url(1, &self.call.without_body());
        append(&mut url, self.call.inner.as_ref(), &self.inner, at.inner);
        url
    }

    fn url(&self, limit: u32, fixed: &str) -> String {
        let mut query = String::new();
        if self.call.paging != Paging::Whole {
            let limit = self.call.paging.size(limit);
            encode::parameter(&mut query, "limit", &limit.to_string());
        }
        query.push_str(fixed);
        format!(
            "{}?{}",
            self.call.path(),
            query.strip_prefix('&').unwrap_or_default()
        )
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
    if let Some(at) = url.find("?&") {
        url.remove(at + 1);
    }
}

fn cursor(url: &mut String, call: &Call, at: &Position) {
    if let Some(cursor) = &at.cursor {
        url.push_str(call.paging.parameter());
        url.extend(percent_encode(cursor, VALUE));
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
fn in_several_orders(ask: &Ask, many: &Dimension) -> Error {
    let (name, count) = (many.name, many.values.len());
    Error::argument(
        "order-of-several-requests",
        format!(
            "cannot {} in an order: one request does not accept `{count}` values of `{name}`",
            ask.doing
        ),
        format!(
            "one request accepts `{}` of them, fewer if they are long, and each request is ordered separately",
            many.most
        ),
        "ask for fewer at a time, or leave `sort` out and order the items once all of them are read",
    )
}

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
    fn a_page_is_as_small_as_the_fewest_pages_allow() {
        for (limit, size) in [
            (1, 1),
            (25, 25),
            (250, 250),
            (251, 126),
            (300, 150),
            (10_000, 250),
        ] {
            assert_eq!(Call::page_size(limit), size, "{limit}");
        }
    }

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
