//! Settings: what a level's file may hold, outside of its connections.
//!
//! A module that reads a setting has the row that describes it. [`Settings`] joins the tables of
//! a program's modules, and everything else about settings follows from it: what files may hold,
//! the JSON schema, completions.

use crate::connection::{
    CloudId, ConnectionName, DEFAULT_CONCURRENCY, Date, Endpoint, MAX_CONCURRENCY,
};
use crate::oauth_app::{check_client_id, check_redirect_uri, check_scope};
use crate::sync::{check_duration, check_schedule, check_sink_uri};

use super::precedence::Precedence;
use super::value::Value;

/// A setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name, such as `limits.memory-mib`. In the file, what stands before a dot is a table.
    pub key: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// How its values of several levels go together.
    pub precedence: Precedence,
    /// What it does, with unit and reason.
    pub documentation: &'static str,
    /// Its value where no level has one. `None` where there is none by nature.
    pub default: fn() -> Option<Value>,
}

/// What the value of a setting may be.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number between two bounds, both included.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Seconds between 0.001 and 86 400.
    Seconds,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A text, and what it has to be.
    Text(Check),
    /// A list of texts, and what each has to be.
    List(Check),
}

/// Says what is wrong with a text and what it should be, or nothing.
pub type Check = fn(&str) -> Result<(), String>;

/// Maximum of a setting in seconds: a day.
pub(super) const MAX_SECONDS: f64 = 86_400.0;

/// Minimum of a setting in seconds.
pub(super) const MIN_SECONDS: f64 = 0.001;

impl Setting {
    /// Its value where no level has one. `None` where there is none by nature.
    #[must_use]
    pub fn default(&self) -> Option<Value> {
        (self.default)()
    }

    /// What it does, and what a narrower level can do about it.
    #[must_use]
    pub fn description(&self) -> String {
        format!("{} {}", self.documentation, self.precedence.sentence())
    }

    /// All values that it may have, where they are few: for completions.
    #[must_use]
    pub fn choices(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Switch => &["true", "false"],
            Kind::Choice(words) => words,
            _ => &[],
        }
    }
}

/// All settings of a program: the tables of its modules, joined.
#[derive(Debug, Clone, Copy)]
pub struct Settings(&'static [&'static [Setting]]);

impl Settings {
    /// Joins tables. Keys are unique in all of them together.
    #[must_use]
    pub const fn new(tables: &'static [&'static [Setting]]) -> Self {
        Self(tables)
    }

    /// All settings, in the order of the tables.
    pub fn iter(self) -> impl Iterator<Item = &'static Setting> + Clone {
        self.0.iter().copied().flatten()
    }

    /// The setting of a name.
    #[must_use]
    pub fn find(self, key: &str) -> Option<&'static Setting> {
        self.iter().find(|setting| setting.key == key)
    }
}

/// The setting of connections: which one calls go over.
pub const CONNECTION_SETTINGS: &[Setting] = &[Setting {
    key: "connection",
    kind: Kind::Text(connection_name),
    precedence: Precedence::Overrides,
    documentation: "Name of the active connection: calls use it, and set-api-url-and-auth stores it.",
    default: || Some(Value::Text("default".to_owned())),
}];

/// A field of a connection.
#[derive(Debug)]
#[non_exhaustive]
pub(super) struct Field {
    /// Its name, such as `site`.
    pub key: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// What it is, with unit and reason.
    pub documentation: &'static str,
}

/// What a connection, a table `[connections.NAME]`, may hold. Its token is kept apart.
pub(super) static CONNECTION_FIELDS: &[Field] = &[
    Field {
        key: "site",
        kind: Kind::Text(site),
        documentation: "Site: `https://DOMAIN.atlassian.net`, or `https://api.atlassian.com/ex/confluence/CLOUD-ID` for scoped tokens.",
    },
    Field {
        key: "authorization",
        kind: Kind::Choice(&["basic", "bearer", "oauth"]),
        documentation: "Authorization scheme: `basic`, with a user, `bearer`, or `oauth`, with `oauth-app` and `cloud-id`. Default `basic`.",
    },
    Field {
        key: "user",
        kind: Kind::Text(check_not_empty),
        documentation: "E-mail address of the account, for `basic`.",
    },
    Field {
        key: "token-kind",
        kind: Kind::Choice(&["unscoped", "scoped", "service-account"]),
        documentation: "Kind of token. `scoped` and `service-account` tokens work through the gateway only. Default `unscoped`.",
    },
    Field {
        key: "concurrency",
        kind: Kind::Number {
            least: 1,
            most: MAX_CONCURRENCY as i64,
        },
        documentation: "Maximum concurrent requests, 1 to 25. Default 5.",
    },
    Field {
        key: "borrow-concurrency-from",
        kind: Kind::Text(connection_name),
        documentation: "Connection of the same level whose concurrency limit this one shares. For several tokens of one site, because the limit belongs to the site.",
    },
    Field {
        key: "token-expires",
        kind: Kind::Text(date),
        documentation: "Last day on which the token works, as `YYYY-MM-DD`. Reported from 14 days before.",
    },
    Field {
        key: "oauth-app",
        kind: Kind::Text(connection_name),
        documentation: "OAuth app whose login the connection uses, for `oauth`. A login writes it.",
    },
    Field {
        key: "cloud-id",
        kind: Kind::Text(cloud_id),
        documentation: "Id of the site at the API gateway, for `oauth`. A login writes it.",
    },
];

/// What an OAuth app, a table `[oauth-apps.NAME]`, may hold. Its secret is kept apart.
pub(super) static OAUTH_APP_FIELDS: &[Field] = &[
    Field {
        key: "client-id",
        kind: Kind::Text(check_client_id),
        documentation: "Client id of the app, from the settings of the app in the developer console.",
    },
    Field {
        key: "redirect-uri",
        kind: Kind::Text(check_redirect_uri),
        documentation: "Callback URL as registered with the app, `http://localhost:PORT/callback`. It is compared to the letter.",
    },
    Field {
        key: "scopes",
        kind: Kind::List(check_scope),
        documentation: "Scopes to ask for, fewer than 50 with `offline_access`. Default: those that functions and streams need.",
    },
];

/// Maximum of a number of requests or points.
const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// What a sync, a table `[syncs.NAME]`, may hold.
pub(super) static SYNC_FIELDS: &[Field] = &[
    Field {
        key: "connection",
        kind: Kind::Text(connection_name),
        documentation: "Connection whose site is copied. Default: the active connection.",
    },
    Field {
        key: "to",
        kind: Kind::Text(check_sink_uri),
        documentation: "Where rows and state are written: `sqlite:FILE`, `duckdb:FILE`, `postgresql://USER@HOST/DATABASE`, `jsonl:FOLDER`, `csv:FOLDER` or `parquet:FOLDER`, where `FOLDER` can be `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`. A relative path is relative to the folder of this file. Passwords are not allowed here.",
    },
    Field {
        key: "streams",
        kind: Kind::List(check_not_empty),
        documentation: "Streams: names, patterns such as `page_*`, and `!NAME` to omit one. Default: those that are read by default.",
    },
    Field {
        key: "spaces",
        kind: Kind::List(check_not_empty),
        documentation: "Spaces by key or id; `!HR` excludes one. Default: all.",
    },
    Field {
        key: "kinds",
        kind: Kind::List(check_not_empty),
        documentation: "Kinds of content: `pages`, `blog-posts`, `attachments`, `comments`, `page-attachments`, `blog-post-attachments`, `page-comments`, `blog-post-comments`; `!comments` excludes.",
    },
    Field {
        key: "pages",
        kind: Kind::List(check_not_empty),
        documentation: "Pages by id, with all pages below them; `!98304` excludes such a tree.",
    },
    Field {
        key: "blog-posts",
        kind: Kind::List(check_not_empty),
        documentation: "Blog posts by id; `!98304` excludes one.",
    },
    Field {
        key: "labels",
        kind: Kind::List(check_not_empty),
        documentation: "Pages and blog posts with one of these labels; `!draft` excludes those with it.",
    },
    Field {
        key: "modified-after",
        kind: Kind::Text(check_not_empty),
        documentation: "Pages and blog posts modified at or after this date or instant, in UTC.",
    },
    Field {
        key: "modified-before",
        kind: Kind::Text(check_not_empty),
        documentation: "Pages and blog posts modified before this date or instant.",
    },
    Field {
        key: "created-after",
        kind: Kind::Text(check_not_empty),
        documentation: "Pages and blog posts created at or after this date or instant.",
    },
    Field {
        key: "created-before",
        kind: Kind::Text(check_not_empty),
        documentation: "Pages and blog posts created before this date or instant.",
    },
    Field {
        key: "statuses",
        kind: Kind::List(check_not_empty),
        documentation: "Pages and blog posts with these statuses: `current`, `archived`.",
    },
    Field {
        key: "archived",
        kind: Kind::Choice(&["keep", "drop"]),
        documentation: "Whether archived pages are copied. Default `keep`.",
    },
    Field {
        key: "anchor-date",
        kind: Kind::Text(check_not_empty),
        documentation: "Load pages and blog posts modified since this date, and older ones once they are edited; `none` loads all.",
    },
    Field {
        key: "look-back-days",
        kind: Kind::Number {
            least: 1,
            most: MAX_AMOUNT,
        },
        documentation: "Anchor date as a number of days before each run.",
    },
    Field {
        key: "media-types",
        kind: Kind::List(check_not_empty),
        documentation: "Attachments of these media types, such as `image/*`; `!video/*` excludes.",
    },
    Field {
        key: "max-attachment-size",
        kind: Kind::Text(check_not_empty),
        documentation: "Attachments up to this size: bytes, or a number with `KiB`, `MiB` or `GiB`.",
    },
    Field {
        key: "files",
        kind: Kind::Text(check_not_empty),
        documentation: "Also copy the content of attachments, as files in this folder. A relative path is relative to the folder of this file.",
    },
    Field {
        key: "files-by",
        kind: Kind::Choice(&["path", "digest"]),
        documentation: "Names of files: space, attachment, version and title, or the SHA-256 digest of the content. Default `path`.",
    },
    Field {
        key: "files-types",
        kind: Kind::List(check_not_empty),
        documentation: "Media types of files, such as `image/*`; `!video/*` excludes.",
    },
    Field {
        key: "files-max-size",
        kind: Kind::Text(check_not_empty),
        documentation: "Maximum size of a file: bytes, or a number with `KiB`, `MiB` or `GiB`.",
    },
    Field {
        key: "bodies",
        kind: Kind::Choice(&["storage", "atlas_doc_format", "text", "markdown"]),
        documentation: "Also copy bodies, in this format.",
    },
    Field {
        key: "chunk-kinds",
        kind: Kind::List(check_chunk_kind),
        documentation: "Kinds of content that the stream `page_chunks` has: `pages`, `blog-posts`. Default: both.",
    },
    Field {
        key: "raw",
        kind: Kind::Switch,
        documentation: "Also copy each row's JSON from Confluence. Default `false`.",
    },
    Field {
        key: "history",
        kind: Kind::Switch,
        documentation: "Log each change of a row in `STREAM__changes`. Default: unchanged.",
    },
    Field {
        key: "naming",
        kind: Kind::Choice(&["sync", "airbyte", "singer", "dlt"]),
        documentation: "Names of the columns that are added to those of a stream, beside `_sync_*`. Default: as the copy has them, and `sync` for a new one.",
    },
    Field {
        key: "custom-content-types",
        kind: Kind::List(check_not_empty),
        documentation: "Types of custom content, for the stream `custom_content`.",
    },
    Field {
        key: "census-every",
        kind: Kind::Text(check_duration),
        documentation: "How often all keys are listed, which finds rows that were moved or deleted: `6h`, for example. Default: every run.",
    },
    Field {
        key: "details-every",
        kind: Kind::Text(check_duration),
        documentation: "How often labels, properties, restrictions and permissions are read. Default `6h`.",
    },
    Field {
        key: "people-every",
        kind: Kind::Text(check_duration),
        documentation: "How often groups and users are read. Default `24h`.",
    },
    Field {
        key: "replies-every",
        kind: Kind::Text(check_duration),
        documentation: "How often replies to comments that have not changed are read. Default `24h`.",
    },
    Field {
        key: "full-every",
        kind: Kind::Text(check_duration),
        documentation: "How often bodies of unchanged versions are read. Default `7d`.",
    },
    Field {
        key: "schedule",
        kind: Kind::Text(check_schedule),
        documentation: "When the sync is due: an interval such as `60m`, or five fields of cron and a time zone, such as `15 6 * * 1-5 Europe/Berlin`; UTC if there is no zone. Default: it is run by hand.",
    },
    Field {
        key: "max-requests",
        kind: Kind::Number {
            least: 1,
            most: MAX_AMOUNT,
        },
        documentation: "Maximum number of requests of a run. The next run continues.",
    },
    Field {
        key: "max-points",
        kind: Kind::Number {
            least: 1,
            most: MAX_AMOUNT,
        },
        documentation: "Maximum number of rate limit points of a run. The next run continues.",
    },
    Field {
        key: "max-time",
        kind: Kind::Text(check_duration),
        documentation: "Maximum time of a run, such as `30m`. The next run continues.",
    },
];

impl Field {
    /// The field of a connection of a name.
    #[must_use]
    pub(super) fn find(key: &str) -> Option<&'static Self> {
        CONNECTION_FIELDS.iter().find(|field| field.key == key)
    }

    /// The field of a sync of a name.
    #[must_use]
    pub(super) fn of_sync(key: &str) -> Option<&'static Self> {
        SYNC_FIELDS.iter().find(|field| field.key == key)
    }

    /// The field of an OAuth app of a name.
    #[must_use]
    pub(super) fn of_oauth_app(key: &str) -> Option<&'static Self> {
        OAUTH_APP_FIELDS.iter().find(|field| field.key == key)
    }
}

/// The concurrency of a connection that says none.
pub(super) const USUAL_CONCURRENCY: i64 = DEFAULT_CONCURRENCY as i64;

fn cloud_id(text: &str) -> Result<(), String> {
    text.parse::<CloudId>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn date(text: &str) -> Result<(), String> {
    text.parse::<Date>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn connection_name(text: &str) -> Result<(), String> {
    text.parse::<ConnectionName>()
        .map(drop)
        .map_err(|error| error.to_string())
}

fn site(text: &str) -> Result<(), String> {
    Endpoint::parse_site(text)
        .map(drop)
        .map_err(|error| format!("{error}: {}", error.resolution()))
}

/// Checks that a text is not blank.
///
/// # Errors
///
/// That it is empty.
pub fn check_not_empty(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("it is empty".to_owned())
    } else {
        Ok(())
    }
}

/// Checks that a text is a kind of content that can be split into chunks.
fn check_chunk_kind(text: &str) -> Result<(), String> {
    match text {
        "pages" | "blog-posts" => Ok(()),
        _ => Err("a kind of content with chunks is `pages` or `blog-posts`".to_owned()),
    }
}
