//! One call of a list or of a single resource, with its arguments checked.

use std::ops::Range;

use crate::{
    Error,
    answer::Ask,
    fingerprint::Fingerprint,
    query::{encode, function::Function, ids},
    record::Face,
};

/// The maximum number of rows of one upstream page.
pub(crate) const MOST_PER_PAGE: u32 = 250;

/// How a list continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// With the cursor in a link to the next page.
    Cursor,
    /// With the number of rows so far.
    Offset,
    /// All comes at once, and there is no limit to ask for.
    Whole,
}

impl Paging {
    /// Rows of a page, when so many are wanted. v1 refuses more than 200 of a group's members.
    pub(crate) fn size(self, wanted: u32) -> u32 {
        match self {
            Self::Offset => wanted.min(200),
            Self::Cursor | Self::Whole => wanted,
        }
    }

    /// What stands before the place where the next page begins.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Offset => "&start=",
            Self::Cursor | Self::Whole => "&cursor=",
        }
    }
}

/// What the values of a dimension are, and so which rows belong to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Id,
    Key,
    Space,
    /// The type that an app gives its content.
    Type,
    /// Rows are not checked against it.
    Account,
}

impl By {
    /// Whether each value has one row at most, so that it can be told which have none.
    pub(crate) const fn is_of_one_row(self) -> bool {
        matches!(self, Self::Id | Self::Key | Self::Space)
    }
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
    pub(crate) fn belongs(&self, chunk: &Range<usize>, face: &Face<'_>) -> bool {
        let among = |value: &str| {
            self.values
                .get(chunk.clone())
                .is_some_and(|values| values.iter().any(|one| one.eq_ignore_ascii_case(value)))
        };
        match self.by {
            By::Id => among(face.id),
            By::Key => face.key.is_none_or(among) || face.alias.is_some_and(among),
            By::Space => face.space_id.is_none_or(among),
            By::Type => face.kind.is_none_or(among),
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
    pub(crate) function: Function,
    pub(crate) paging: Paging,
    path: String,
    /// Parameters that are the same in all requests: `&name=value&…`.
    pub(crate) fixed: String,
    /// Where in them the body format stands.
    body: Range<usize>,
    /// The ids or keys asked for; what no row came back for is told. Or accounts.
    pub(crate) outer: Option<Dimension>,
    pub(crate) inner: Option<Dimension>,
    pub(crate) raw: bool,
    /// How the name of a row has to begin. Confluence has no such filter: the others are skipped.
    pub(crate) name_prefix: Option<String>,
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
    /// Tells this call from others in place of its arguments.
    pub(crate) identity: Option<u64>,
}

impl Call {
    /// The same call of what is below its path.
    pub(crate) fn below(mut self, name: &str) -> Self {
        self.path.push('/');
        self.path.push_str(name);
        self
    }

    pub(crate) fn new(
        function: Function,
        doing: &'static str,
        scope: &'static str,
        path: impl Into<String>,
    ) -> Self {
        let path = path.into();
        let names = path.split('/').any(|part| {
            part == SPACE || part.contains(|c: char| c.is_ascii_digit()) && part != "v2"
        });
        Self {
            ask: Ask {
                doing,
                scope,
                names,
                wanted: String::new(),
                rendered: None,
                mention_names: false,
            },
            function,
            paging: Paging::Cursor,
            path,
            fixed: String::new(),
            body: 0..0,
            outer: None,
            inner: None,
            raw: false,
            name_prefix: None,
            kind: None,
            space: None,
            named: None,
            sorted: false,
            nothing: false,
            identity: None,
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

    pub(crate) fn path(&self) -> String {
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
    pub(crate) fn without_body(&self) -> String {
        let mut fixed = self.fixed.clone();
        fixed.replace_range(self.body.clone(), "");
        fixed
    }

    /// Adds the dimension that is walked slowest. Of ids and keys it is told when nothing came
    /// back for them.
    pub(crate) fn outer(&mut self, dimension: Option<Dimension>) {
        self.ask.names |= dimension.is_some();
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
        if let Some(identity) = self.identity {
            return identity;
        }
        let mut fingerprint = Fingerprint::new();
        fingerprint.add(self.path.as_bytes());
        fingerprint.add(self.fixed.as_bytes());
        fingerprint.add(if self.raw { b"raw" } else { b"" });
        if let Some(prefix) = &self.name_prefix {
            fingerprint.add(prefix.as_bytes());
        }
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

    /// Whether a row is one of those that were asked for, beyond what Confluence can filter by.
    pub(crate) fn is_wanted(&self, face: &Face<'_>) -> bool {
        match &self.name_prefix {
            // Letters of other scripts have to be given in lower case, as Confluence has them.
            Some(prefix) => face
                .name
                .and_then(|name| name.get(..prefix.len()))
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
            None => true,
        }
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
        if self.name_prefix.is_some() {
            return MOST_PER_PAGE;
        }
        let together = match &self.outer {
            Some(outer) if self.sorted && outer.by.is_of_one_row() => outer.values.len(),
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

/// The error for a sorted list whose values take several requests.
pub(crate) fn in_several_orders(ask: &Ask, many: &Dimension) -> Error {
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
}
