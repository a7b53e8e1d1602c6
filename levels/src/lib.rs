//! Levels: the files that configure a host for a cluster, an environment and an app.
//!
//! A [`Scope`] is one app of one environment. Its settings come from three files, of which the
//! narrower overrides the wider: [`ConfigFolder`] reads them, [`Effective`] has the values in
//! force. A [`ConnectionDefinition`] says where a site is and how a token is presented to it;
//! tokens themselves are not here.
//!
//! Which settings exist is decided above this crate: each module of a program has a table of
//! [`Setting`]s, and the program joins them as [`Settings`].
//!
//! ```
//! use host_levels::{CONNECTION_SETTINGS, ConfigFolder, Level, Scope, Settings};
//!
//! # let folder = tempfile::tempdir()?;
//! static SETTINGS: Settings = Settings::new(&[CONNECTION_SETTINGS]);
//! let config = ConfigFolder::new(folder.path(), SETTINGS);
//! let scope = Scope::default();
//! config.set(&scope, Level::Env, "connection", "docs")?;
//! assert_eq!(config.effective(&scope, &[])?.connection_name().as_str(), "docs");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod address;
mod config;
mod connection;
pub mod durable_file;
pub mod file_name;
pub mod file_stamp;
mod level;
mod oauth_app;
mod owner;
mod plain_name;
mod remedy;
mod sync;
pub mod text;

pub use config::{
    Bound, CONNECTION_SETTINGS, Check, ConfigError, ConfigFolder, ConnectionEntry, Covers,
    EditError, Effective, EffectiveSetting, EndpointDenied, Expected, Kind, LevelFile,
    OauthAppEntry, Precedence, Problem, ProblemKind, SITE_SETTINGS, Setting, Settings, Source,
    SyncEntry, Value, WiderValue, check_host_pattern, check_not_empty, covers_host_pattern,
    json_schema, matches_host,
};
pub use connection::{
    CloudId, CloudIdError, ConcurrencyLimit, ConnectionDefinition, ConnectionName,
    ConnectionNameError, DEFAULT_CONCURRENCY, Date, DateError, DefinitionError, Endpoint,
    EndpointError, MAX_CONCURRENCY, Scheme, TokenKind, is_loopback, is_unambiguous,
};
pub use level::{Level, LevelError, LevelName, LevelNameError, LevelPath, Scope};
pub use oauth_app::{
    MAX_SCOPES, OFFLINE_ACCESS, OauthApp, OauthAppName, RedirectUri, RedirectUriError,
    check_client_id, check_scope,
};
pub use owner::WrongOwner;
pub use plain_name::{PlainName, PlainNameError};
pub use remedy::Remedy;
pub use sync::{
    DurationError, FILE_FIELDS, FILTER_FIELDS, Schedule, ScheduleError, SyncCadences,
    SyncDefinition, SyncName, check_sink_uri, duration_text, parse_duration,
};
