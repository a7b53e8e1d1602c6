//! What filters look at: what was seen of a piece of content, as a sink keeps it.

use serde::{Deserialize, Serialize};
use source::Batch;

use crate::clock::Millis;

/// The columns that filters look at, by the names that streams have for them. A stream without one of
/// them has nothing that the filter could look at.
const TREE_PARENT: &str = "parent_id";
const TREE_PARENT_TYPE: &str = "parent_type";
const STATUS: &str = "status";
const MODIFIED: &str = "version__created_at";
const CREATED: &str = "created_at";

/// What filters look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    /// What it is below in the tree of pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<String>,
    /// What that is: a page, a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Millis>,
}

/// The labels of a piece of content, as they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownLabels {
    pub(crate) names: Vec<String>,
    /// The version that it had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i64>,
    pub(crate) read_at: Millis,
    /// Whether the last list of labels did not show them, so that they are read by the key of the content.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_omitted: bool,
}

impl Facts {
    /// Those of a row.
    pub(crate) fn of(batch: &Batch, row: usize) -> Self {
        let text = |column| batch.text(column, row).map(str::to_owned);
        let created = batch.instant(CREATED, row);
        Self {
            parent: text(TREE_PARENT),
            parent_type: text(TREE_PARENT_TYPE),
            status: text(STATUS),
            modified: batch.instant(MODIFIED, row).or(created),
            created,
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl KnownLabels {
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
