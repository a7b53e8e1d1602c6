//! What a sync is.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::duration::duration_text;
use super::schedule::Schedule;
use crate::connection::ConnectionName;
use crate::plain_name::PlainName;

/// The name of a sync, in a table `[syncs.NAME]`.
pub type SyncName = PlainName;

/// The fields of a sync that select a part of its spaces.
pub const FILTER_FIELDS: [&str; 14] = [
    "kinds",
    "pages",
    "blog-posts",
    "labels",
    "modified-after",
    "modified-before",
    "created-after",
    "created-before",
    "statuses",
    "archived",
    "anchor-date",
    "look-back-days",
    "media-types",
    "max-attachment-size",
];

/// The fields of a sync that say which content of attachments is copied, and where to.
pub const FILE_FIELDS: [&str; 4] = ["files", "files-by", "files-types", "files-max-size"];

/// A sync: which part of a site is copied where, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncDefinition {
    /// The connection whose site is copied. `None`: the active one.
    pub connection: Option<ConnectionName>,
    /// Where to, as `KIND:PLACE`. A relative path is relative to the folder of the level's file.
    pub to: String,
    /// Names and patterns of streams. Empty: the defaults.
    pub streams: Vec<String>,
    /// Keys or ids of spaces. Empty: all.
    pub spaces: Vec<String>,
    /// Which part of the spaces: the fields of [`FILTER_FIELDS`] that the file has, with their values.
    pub filters: Map<String, Value>,
    /// The content of attachments: the fields of [`FILE_FIELDS`] that the file has, with their values. A
    /// relative path is relative to the folder of the level's file.
    pub files: Map<String, Value>,
    /// The format of bodies.
    pub bodies: Option<String>,
    /// Kinds of content whose bodies are split into chunks: `pages`, `blog-posts`. Empty: both.
    pub chunk_kinds: Vec<String>,
    /// Whether each row's JSON is copied, too.
    pub raw: bool,
    /// Whether each change of a row is logged. `None`: as before.
    pub history: Option<bool>,
    /// Whose names the added columns have. `None`: as before.
    pub naming: Option<String>,
    /// Types of custom content.
    pub custom_content_types: Vec<String>,
    /// How old what is known may become.
    pub cadences: SyncCadences,
    /// When it is due. `None`: never by itself.
    pub schedule: Option<Schedule>,
    /// Maximum number of requests of a run.
    pub max_requests: Option<u64>,
    /// Maximum number of points of a run.
    pub max_points: Option<u64>,
    /// Maximum time of a run.
    pub max_time: Option<Duration>,
}

/// How old what is known may become before it is read again. `None`: the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncCadences {
    /// Lists of all rows.
    pub census: Option<Duration>,
    /// Labels, properties, restrictions, permissions.
    pub details: Option<Duration>,
    /// Groups and users.
    pub people: Option<Duration>,
    /// Replies to comments.
    pub replies: Option<Duration>,
    /// Bodies whose version has not changed.
    pub full: Option<Duration>,
}

impl SyncDefinition {
    /// A sync of everything to a sink.
    #[must_use]
    pub fn new(to: impl Into<String>) -> Self {
        Self {
            connection: None,
            to: to.into(),
            streams: Vec::new(),
            spaces: Vec::new(),
            filters: Map::new(),
            files: Map::new(),
            bodies: None,
            chunk_kinds: Vec::new(),
            raw: false,
            history: None,
            naming: None,
            custom_content_types: Vec::new(),
            cadences: SyncCadences::default(),
            schedule: None,
            max_requests: None,
            max_points: None,
            max_time: None,
        }
    }

    /// Its fields as the file has them, without those that it does not have.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        let list = |list: &[String]| (!list.is_empty()).then(|| json!(list));
        let duration = |duration: Option<Duration>| duration.map(|it| json!(duration_text(it)));
        let cadences = &self.cadences;
        let mut fields = vec![
            (
                "connection",
                self.connection.as_ref().map(|name| json!(name.as_str())),
            ),
            ("to", Some(json!(self.to))),
            ("streams", list(&self.streams)),
            ("spaces", list(&self.spaces)),
            ("bodies", self.bodies.as_ref().map(|format| json!(format))),
            ("chunk-kinds", list(&self.chunk_kinds)),
            ("raw", self.raw.then_some(json!(true))),
            ("history", self.history.map(|is_on| json!(is_on))),
            ("naming", self.naming.as_ref().map(|naming| json!(naming))),
            ("custom-content-types", list(&self.custom_content_types)),
            ("census-every", duration(cadences.census)),
            ("details-every", duration(cadences.details)),
            ("people-every", duration(cadences.people)),
            ("replies-every", duration(cadences.replies)),
            ("full-every", duration(cadences.full)),
            (
                "schedule",
                self.schedule.as_ref().map(|it| json!(it.as_str())),
            ),
            ("max-requests", self.max_requests.map(|max| json!(max))),
            ("max-points", self.max_points.map(|max| json!(max))),
            ("max-time", duration(self.max_time)),
        ];
        let filters = FILTER_FIELDS.iter();
        fields.extend(filters.map(|key| (*key, self.filters.get(*key).cloned())));
        let files = FILE_FIELDS.iter();
        fields.extend(files.map(|key| (*key, self.files.get(*key).cloned())));
        fields
    }

    /// The definition as JSON, with the fields of the file.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let fields = self.fields().into_iter();
        let fields = fields.filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Value::Object(fields.collect::<Map<_, _>>())
    }
}
