//! Parts that several records share: versions, bodies, links.

use crate::json::{Broken, Fields, Value};

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
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "number" => self.number = value.natural()?,
            "message" => value.text_into(&mut self.message)?,
            "minorEdit" => self.minor_edit = value.flag()?,
            "authorId" | "createdBy" => value.text_into(&mut self.author_id)?,
            "createdAt" => value.time_into(&mut self.created_at)?,
            _ => {}
        }
        Ok(())
    }
}

/// A text in one of Confluence's formats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// The format: `storage`, `atlas_doc_format`, `text`, `markdown`, `raw`, `plain`, `view`.
    pub representation: String,
    /// The text. For `atlas_doc_format` it is a JSON document.
    pub value: String,
    /// What `text` or `markdown` do not show as Confluence would, for people. Absent: nothing.
    pub degraded: Option<String>,
}

/// A value as a body: of the formats that have a value the wanted one, else the first.
///
/// Without a `body-format` Confluence sends `{}`, which is none.
pub(crate) fn body(value: &mut Value<'_>) -> Result<Option<Body>, Broken> {
    let mut formats = Formats::default();
    value.object(&mut formats)?;
    Ok(formats.best)
}

#[derive(Default)]
struct Formats {
    best: Option<Body>,
}

impl Fields for Formats {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        let mut written = Written::default();
        value.object(&mut written)?;
        let is_wanted = self.best.is_none() || name == value.wanted();
        if let Some(value) = written.value.filter(|_| is_wanted) {
            self.best = Some(Body {
                representation: name.to_owned(),
                value,
                degraded: None,
            });
        }
        Ok(())
    }
}

#[derive(Default)]
struct Written {
    value: Option<String>,
}

impl Fields for Written {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name == "value" {
            value.text_into(&mut self.value)?;
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
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "webui" => value.text_into(&mut self.webui)?,
            "download" => value.text_into(&mut self.download)?,
            _ => {}
        }
        Ok(())
    }
}

/// A value as a row's links.
pub(super) fn links(value: &mut Value<'_>) -> Result<RowLinks, Broken> {
    let mut links = RowLinks::default();
    value.object(&mut links)?;
    Ok(links)
}

/// A value as a version.
pub(super) fn version(value: &mut Value<'_>) -> Result<Option<Version>, Broken> {
    let mut version = Version::default();
    Ok(value.object(&mut version)?.then_some(version))
}
