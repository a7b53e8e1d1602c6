//! One request on its way to its answer: what it asks, and the checks that all resources share.

use crate::cursor::Cursor;
use crate::fault::Fault;
use crate::query::Query;
use crate::random::mix;
use crate::refusal::Refusal;
use crate::site::Site;

/// Most rows that one request may ask for.
const MAX_ROWS: i32 = 250;

/// What selects or orders rows, and so binds a cursor. `limit` and formats may change under way.
const BINDING: [&str; 33] = [
    "id",
    "ids",
    "keys",
    "space-id",
    "status",
    "sort",
    "title",
    "subtype",
    "depth",
    "type",
    "prefix",
    "label-id",
    "labels",
    "filename",
    "mediaType",
    "task-id",
    "page-id",
    "blogpost-id",
    "created-by",
    "assigned-to",
    "completed-by",
    "created-at-from",
    "created-at-to",
    "due-at-from",
    "due-at-to",
    "include-blank-tasks",
    "cql",
    "includeArchivedSpaces",
    "key",
    "resolution-status",
    "role-id",
    "completed-at-from",
    "completed-at-to",
];

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) site: &'a Site,
    pub(crate) site_url: &'a str,
    pub(crate) media_url: &'a str,
    /// The path below the site, also for requests that came through the gateway.
    pub(crate) path: &'a str,
    pub(crate) query: Query,
    pub(crate) number: u64,
    pub(crate) fault: Option<&'a Fault>,
    pub(crate) authorization: Option<&'a str>,
    /// Milliseconds since 1970.
    pub(crate) now: u64,
    /// Empty, but for the few requests that are no `GET`.
    pub(crate) sent: &'a [u8],
}

impl Call<'_> {
    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.fault == Some(fault)
    }

    /// 1 to 250.
    pub(crate) fn limit(&self, default: usize) -> Result<usize, Refusal> {
        let Some(text) = self.query.last("limit") else {
            return Ok(default);
        };
        let limit: i32 = text
            .parse()
            .map_err(|_| Refusal::wrong_type("limit", "int"))?;
        if !(1..=MAX_ROWS).contains(&limit) {
            return Err(Refusal::invalid(
                &format!("'limit' is {limit}, which is out of range."),
                &format!("'limit' must be between 1 and {MAX_ROWS}."),
            ));
        }
        Ok(limit as usize)
    }

    /// The ids of a repeated parameter. `None`: not given. Ids that nothing can have are kept:
    /// they match nothing, but they filter.
    pub(crate) fn ids(&self, name: &str, most: usize) -> Result<Option<Vec<u64>>, Refusal> {
        let mut ids = Vec::new();
        for text in self.query.all(name) {
            let id: i64 = text
                .parse()
                .map_err(|_| Refusal::wrong_type(name, "long"))?;
            ids.push(u64::try_from(id).unwrap_or(u64::MAX));
        }
        self.bounded(name, ids, most)
    }

    /// The words of a repeated parameter. `None`: not given.
    pub(crate) fn words(&self, name: &str, most: usize) -> Result<Option<Vec<String>>, Refusal> {
        self.bounded(
            name,
            self.query.all(name).map(str::to_owned).collect(),
            most,
        )
    }

    fn bounded<T>(
        &self,
        name: &str,
        values: Vec<T>,
        most: usize,
    ) -> Result<Option<Vec<T>>, Refusal> {
        if values.len() > most {
            return Err(Refusal::invalid(
                &format!("'{name}' has {} values, which is too many.", values.len()),
                &format!("'{name}' may have at most {most} values."),
            ));
        }
        Ok(Some(values).filter(|values| !values.is_empty() && !self.has(&Fault::IgnoreFilter)))
    }

    /// A parameter with a closed set of values.
    pub(crate) fn one_of<'k>(
        &self,
        name: &str,
        known: &[&'k str],
    ) -> Result<Option<&'k str>, Refusal> {
        self.query
            .last(name)
            .map(|value| known_value(name, value, known))
            .transpose()
    }

    /// A repeated parameter with a closed set of values.
    pub(crate) fn many_of<'k>(
        &self,
        name: &str,
        known: &[&'k str],
    ) -> Result<Vec<&'k str>, Refusal> {
        self.query
            .all(name)
            .map(|value| known_value(name, value, known))
            .collect()
    }

    /// `field` or `-field`: the field, and whether it falls.
    pub(crate) fn sort<'k>(&self, fields: &[&'k str]) -> Result<Option<(&'k str, bool)>, Refusal> {
        let Some(value) = self.query.last("sort") else {
            return Ok(None);
        };
        let (name, falling) = value
            .strip_prefix('-')
            .map_or((value, false), |name| (name, true));
        match fields.iter().find(|field| **field == name) {
            Some(field) => Ok(Some((field, falling))),
            None => Err(Refusal::not_one_of("sort", value, fields)),
        }
    }

    /// Milliseconds since 1970.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let instant = self.query.last(name).map(str::parse::<i64>).transpose();
        instant.map_err(|_| Refusal::wrong_type(name, "long"))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.query
            .last(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// What a cursor is bound to: the resource, its filters and its order.
    pub(crate) fn fingerprint(&self) -> String {
        let mut pairs: Vec<(&str, &str)> = self
            .query
            .pairs()
            .iter()
            .filter(|(name, _)| BINDING.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        pairs.sort_unstable();
        let mut hash = hash_text(self.path);
        for (name, value) in pairs {
            hash = mix(hash, hash_text(name), hash_text(value));
        }
        format!("{hash:016x}")
    }

    /// The cursor, when there is one.
    ///
    /// # Errors
    ///
    /// It is none, or it belongs to another query.
    pub(crate) fn cursor(&self, fingerprint: &str) -> Result<Option<Cursor>, Refusal> {
        let Some(text) = self.query.last("cursor") else {
            return Ok(None);
        };
        let cursor = Cursor::decode(text).filter(|cursor| cursor.query == fingerprint);
        cursor.map(Some).ok_or_else(Refusal::cursor)
    }
}

fn known_value<'k>(name: &str, value: &str, known: &[&'k str]) -> Result<&'k str, Refusal> {
    let found = known.iter().find(|candidate| **candidate == value).copied();
    found.ok_or_else(|| Refusal::not_one_of(name, value, known))
}

/// A number for a text, the same in every run.
pub(crate) fn hash_text(text: &str) -> u64 {
    text.bytes().fold(text.len() as u64, |hash, byte| {
        mix(hash, 5, u64::from(byte))
    })
}
