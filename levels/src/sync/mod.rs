//! Definitions of syncs: which part of a site is copied where, and when.

mod cron;
mod definition;
mod duration;
mod schedule;
mod sink_uri;

pub use definition::{FILE_FIELDS, FILTER_FIELDS, SyncCadences, SyncDefinition, SyncName};
pub use duration::{DurationError, duration_text, parse_duration};
pub use schedule::{Schedule, ScheduleError};
pub use sink_uri::check_sink_uri;

pub(crate) use duration::check_duration;
pub(crate) use schedule::check_schedule;
