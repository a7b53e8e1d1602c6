//! Configuration: levels as files, in a folder that can be reviewed, mounted read-only and kept
//! in git.
//!
//! `cluster.toml` is the widest level, `env/ENV.toml` the environment's, `env/ENV/app/APP.toml`
//! the app's. [`setting`] is the one table of what a file may hold; [`file`] reads a file against
//! it, strictly; [`effective`] lays the three files of a scope over each other, by the [`precedence`] of
//! each setting; [`kept`] has what was
//! read for as long as it is the same; [`edit`] changes a file without losing its comments;
//! [`stray`] finds those that are no level's.

mod edit;
mod effective;
mod file;
mod folder;
mod host_pattern;
mod kept;
mod precedence;
mod problem;
mod schema;
mod setting;
mod stray;
mod value;

pub use edit::{Basis, EditError};
pub use effective::{Effective, Explained, NotAllowed, Source, WiderValue};
pub use file::{ConnectionEntry, LevelFile};
pub use folder::ConfigFolder;
pub use precedence::{Bound, Covers, Precedence};
pub use problem::{ConfigError, Problem, ProblemKind};
pub use schema::json_schema;
pub use setting::{SETTINGS, Setting};
pub use value::Value;

pub(crate) use host_pattern::matches_host;
pub(crate) use setting::{APP_CALLS_AT_ONCE, CALLS_AT_ONCE, EMBEDDED};
