//! Parts that several records share: versions, bodies, links.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::lenient::{self, Fields, Key, ObjectSeed, anything, nothing};

/// One version of a piece of content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// Counts up from 1.
    pub number: Option<u64>,
    /// What its author wrote about it. Often empty.
    pub message: Option<String>,
    /// Whether watchers were spared a notification.
    pub minor_edit: Option<bool>,
    /// The account that wrote it.
    pub author_id: Option<String>,
    /// When it was written, ISO 8601 in UTC.
    pub created_at: Option<String>,
}

impl Fields for Version {
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        _wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "number" => self.number = lenient::natural(map)?,
            "message" => self.message = lenient::text(map)?,
            "minorEdit" => self.minor_edit = lenient::flag(map)?,
            "authorId" => self.author_id = lenient::text(map)?,
            "createdAt" => self.created_at = lenient::text(map)?,
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}

/// A text in one of Confluence's formats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// The format: `storage`, `atlas_doc_format`, `raw`, `plain`, `view`.
    pub representation: String,
    /// The text. For `atlas_doc_format` it is a JSON document.
    pub value: String,
}

/// The next value as a body: of the formats that have a value the wanted one, else the first.
///
/// Without a `body-format` Confluence sends `{}`, which is none.
pub(super) fn body<'de, M: MapAccess<'de>>(
    map: &mut M,
    wanted: &str,
) -> Result<Option<Body>, M::Error> {
    map.next_value_seed(BodySeed(wanted))
}

struct BodySeed<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for BodySeed<'_> {
    type Value = Option<Body>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for BodySeed<'_> {
    type Value = Option<Body>;
    anything!();
    nothing!(unit flag number text list);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Body>, A::Error> {
        let mut best: Option<Body> = None;
        while let Some(Key(format)) = map.next_key::<Key<'de>>()? {
            let written = map.next_value_seed(ObjectSeed::<Written>::new(""))?;
            let Some(value) = written.and_then(|written| written.value) else {
                continue;
            };
            if best.is_none() || format == self.0 {
                best = Some(Body {
                    representation: format.into_owned(),
                    value,
                });
            }
        }
        Ok(best)
    }
}

#[derive(Default)]
struct Written {
    value: Option<String>,
}

impl Fields for Written {
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        _wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "value" => self.value = lenient::text(map)?,
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}

/// The `_links` of a row.
#[derive(Default)]
pub(super) struct RowLinks {
    pub(super) webui: Option<String>,
    pub(super) download: Option<String>,
}

impl Fields for RowLinks {
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        _wanted: &str,
    ) -> Result<(), M::Error> {
        match name {
            "webui" => self.webui = lenient::text(map)?,
            "download" => self.download = lenient::text(map)?,
            _ => lenient::skip(map)?,
        }
        Ok(())
    }
}

/// The next value as a row's links.
pub(super) fn links<'de, M: MapAccess<'de>>(map: &mut M) -> Result<RowLinks, M::Error> {
    Ok(lenient::nested(map, "")?.unwrap_or_default())
}
