//! Configuration: levels as files, in a folder that can be reviewed, mounted read-only and kept
//! in git.
//!
//! `cluster.toml` is the widest level, `env/ENV.toml` the environment's, `env/ENV/app/APP.toml`
//! the app's. [`setting`] is what a table of settings is; [`file`] reads a file against
//! it, strictly; [`effective`] lays the three files of a scope over each other, by the [`precedence`] of
//! each setting; [`kept`] has what was
//! read for as long as it is the same; [`edit`] changes a file without losing its comments;
//! [`stray`] finds those that are no level's; [`endpoint_policy`] says where connections may lead.

mod edit;
mod effective;
mod endpoint_policy;
mod file;
mod folder;
mod host_pattern;
mod kept;
mod precedence;
mod problem;
mod schema;
mod setting;
mod stray;
mod sync_record;
#[cfg(test)]
mod test_settings;
mod value;

pub use edit::{EditError, Expected};
pub use effective::{Effective, EffectiveSetting, Source, WiderValue};
pub use endpoint_policy::{EndpointDenied, SITE_SETTINGS};
pub use file::{ConnectionEntry, LevelFile, OauthAppEntry, SyncEntry};
pub use folder::ConfigFolder;
pub use host_pattern::{check_host_pattern, covers_host_pattern, matches_host};
pub use precedence::{Bound, Covers, Precedence};
pub use problem::{ConfigError, Problem, ProblemKind};
pub use schema::json_schema;
pub use setting::{CONNECTION_SETTINGS, Check, Kind, Setting, Settings, check_not_empty};
pub use value::Value;
