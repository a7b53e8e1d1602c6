//! Which part of a site a sync copies.
//!
//! There are two places where a row can be held back: in the sink, by conditions on what it knows of
//! the keys, or here, before a row reaches the sink. Conditions in the sink would need one evaluation
//! in the SQL of every sink, and the tree of pages in a recursive query of each; rows would travel with
//! their bodies before they are refused. So filters are evaluated here, by plain functions on what was
//! seen of each piece of content ([`Facts`]), and a sink does three things only: it keeps those facts as
//! text, it keeps for each key whether the row is in scope, and it marks the rows that leave.
//!
//! Content that filters look into (pages and blog posts) is therefore listed without bodies, all of it
//! is decided at once, since a page that moves takes its descendants along, and only then the rows that
//! are in scope are read by their ids. Everything else follows the content that it belongs to.

mod error;
mod facts;
mod kinds;
mod media;
mod moment;
mod selection;
mod size;
mod tree;

use serde::{Deserialize, Serialize};

pub use error::FilterError;
pub use media::Media;
pub use moment::{AnchorDate, Moment};
pub use selection::Selection;
pub use size::ByteSize;

pub(crate) use facts::{Facts, KnownLabels};
pub(crate) use kinds::Kinds;
pub(crate) use tree::Tree;

use crate::clock::Millis;

/// The statuses of content that is not deleted.
const STATUSES: [&str; 2] = ["current", "archived"];

/// The status of content that is archived.
const ARCHIVED: &str = "archived";

const DAY: Millis = 24 * 60 * 60 * 1_000;

/// What becomes of archived content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Archived {
    /// It is copied.
    #[default]
    Keep,
    /// It is not.
    Drop,
}

/// Which part of a site a sync copies. The default is all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Filters {
    /// Spaces, by key or id.
    #[serde(skip_serializing_if = "Selection::is_empty")]
    pub spaces: Selection,
    /// Kinds of content: `pages`, `blog-posts`, `attachments`, `page-attachments`,
    /// `blog-post-attachments`, `comments`, `page-comments`, `blog-post-comments`.
    #[serde(skip_serializing_if = "Selection::is_empty")]
    pub kinds: Selection,
    /// Pages by id, with all pages below them.
    #[serde(skip_serializing_if = "Selection::is_empty")]
    pub pages: Selection,
    /// Blog posts by id.
    #[serde(skip_serializing_if = "Selection::is_empty")]
    pub blog_posts: Selection,
    /// Names of labels of pages and blog posts.
    #[serde(skip_serializing_if = "Selection::is_empty")]
    pub labels: Selection,
    /// Content that was modified then or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_after: Option<Moment>,
    /// Content that was modified earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_before: Option<Moment>,
    /// Content that was created then or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Moment>,
    /// Content that was created earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Moment>,
    /// Statuses of content: `current`, `archived`. Empty: both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<String>,
    /// Whether archived content is copied.
    #[serde(skip_serializing_if = "is_default")]
    pub archived: Archived,
    /// Content that was modified earlier is not loaded until it is edited.
    #[serde(skip_serializing_if = "is_default")]
    pub anchor_date: AnchorDate,
    /// The same, so many days before each run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_back_days: Option<u32>,
    /// Media types of attachments: `application/pdf`, `image/*`.
    #[serde(skip_serializing_if = "Selection::is_empty")]
    pub media_types: Selection,
    /// Maximum size of attachments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_attachment_size: Option<ByteSize>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Filters {
    /// Checks what can be known of them without a request.
    ///
    /// # Errors
    ///
    /// [`FilterError`] for the first filter that is malformed, or that contradicts another one.
    pub fn check(&self) -> Result<(), FilterError> {
        let lists = [
            ("spaces", &self.spaces),
            ("kinds", &self.kinds),
            ("pages", &self.pages),
            ("blog-posts", &self.blog_posts),
            ("labels", &self.labels),
            ("media-types", &self.media_types),
        ];
        for (filter, selection) in lists {
            selection.check(filter)?;
        }
        for (filter, selection) in [("pages", &self.pages), ("blog-posts", &self.blog_posts)] {
            selection.check_ids(filter)?;
        }
        media::check(&self.media_types, "media-types")?;
        kinds::check(&self.kinds)?;
        for (kind, selection) in [("pages", &self.pages), ("blog-posts", &self.blog_posts)] {
            if selection.has_only() && !self.kinds().has(kind) {
                return Err(FilterError::SelectedKind(kind));
            }
        }
        let ranges = [
            ("modified", &self.modified_after, &self.modified_before),
            ("created", &self.created_after, &self.created_before),
        ];
        for (name, after, before) in ranges {
            if let (Some(after), Some(before)) = (after, before)
                && after.millis() >= before.millis()
            {
                return Err(FilterError::EmptyRange {
                    name,
                    after: after.to_string(),
                    before: before.to_string(),
                });
            }
        }
        let unknown = |status: &&String| !STATUSES.contains(&status.as_str());
        if let Some(status) = self.statuses.iter().find(unknown) {
            return Err(FilterError::Status(status.clone()));
        }
        let only_archived =
            !self.statuses.is_empty() && self.statuses.iter().all(|it| it == ARCHIVED);
        if only_archived && self.archived == Archived::Drop {
            return Err(FilterError::NothingLeft);
        }
        match (&self.anchor_date, self.look_back_days) {
            (AnchorDate::At(_), Some(_)) => Err(FilterError::TwoAnchors),
            (_, Some(0)) => Err(FilterError::NoLookBack),
            _ => Ok(()),
        }
    }

    /// Whether they let everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The kinds of content that are copied.
    pub(crate) const fn kinds(&self) -> Kinds<'_> {
        Kinds::of(&self.kinds)
    }

    /// Whether the kind of a stream is off, so that no row of it is copied.
    #[must_use]
    pub fn have_off(&self, stream: &str) -> bool {
        self.kinds().excludes(stream)
    }

    /// Whether they select a part of what is copied of each kind.
    pub(crate) fn select_within_kinds(&self) -> bool {
        let others = Self {
            kinds: Selection::default(),
            ..self.clone()
        };
        !others.is_empty()
    }

    /// Whether pages and blog posts can be held back for anything but their space and their kind.
    pub(crate) fn look_into_content(&self) -> bool {
        let others = Self {
            spaces: Selection::default(),
            kinds: Selection::default(),
            media_types: Selection::default(),
            max_attachment_size: None,
            ..self.clone()
        };
        !others.is_empty()
    }

    /// The filters as one text, which differs if any of them does.
    pub(crate) fn digest(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From when on content has to have been modified to be loaded, in a run at a time.
    pub(crate) fn anchor(&self, now: Millis) -> Option<Millis> {
        match (&self.anchor_date, self.look_back_days) {
            (AnchorDate::At(moment), _) => Some(moment.millis()),
            (AnchorDate::None, Some(days)) => Some(now.saturating_sub(Millis::from(days) * DAY)),
            (AnchorDate::None, None) => None,
        }
    }

    /// Whether what a piece of content says of itself lets it through. What it does not say fails
    /// each filter that asks for it.
    pub(crate) fn admit_facts(&self, facts: &Facts) -> bool {
        let within = |at: Option<Millis>, after: &Option<Moment>, before: &Option<Moment>| {
            let from = after
                .as_ref()
                .is_none_or(|after| at.is_some_and(|at| at >= after.millis()));
            let to = before
                .as_ref()
                .is_none_or(|before| at.is_some_and(|at| at < before.millis()));
            from && to
        };
        let status = facts.status.as_deref();
        let has_status = self.statuses.is_empty()
            || status.is_some_and(|status| self.statuses.iter().any(|it| it == status));
        let is_kept = self.archived == Archived::Keep || status != Some(ARCHIVED);
        has_status
            && is_kept
            && within(facts.modified, &self.modified_after, &self.modified_before)
            && within(facts.created, &self.created_after, &self.created_before)
    }

    /// Whether the labels of a piece of content let it through. Unknown ones do not.
    pub(crate) fn admit_labels(&self, labels: Option<&KnownLabels>) -> bool {
        self.labels.is_empty()
            || labels.is_some_and(|labels| {
                let has = |name: &str| labels.names.iter().any(|label| label == name);
                let mut only = self.labels.only().peekable();
                (only.peek().is_none() || only.any(has)) && !self.labels.not().any(has)
            })
    }

    /// Whether a file of this type and size may be copied.
    pub(crate) fn admit_file(&self, media_type: Option<&str>, size: Option<i64>) -> bool {
        let is_small = self.max_attachment_size.is_none_or(|max| {
            let size = size.and_then(|size| u64::try_from(size).ok());
            size.is_some_and(|size| size <= max.bytes())
        });
        is_small && Media::of(&self.media_types).admits(media_type)
    }

    /// Whether files are looked at: some may be copied, and others not.
    pub(crate) fn look_at_files(&self) -> bool {
        let kinds = self.kinds();
        !self.media_types.is_empty()
            || self.max_attachment_size.is_some()
            || kinds.has_attachments_of(true) != kinds.has_attachments_of(false)
    }
}

#[cfg(test)]
mod tests;
