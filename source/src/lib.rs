//! The vocabulary that moves data out of a source: streams, columns, batches, passes and steps.
//!
//! A [`Source`] describes its [`Stream`]s, and reads them in bounded steps: a [`StepRequest`] names
//! a stream, a [`Pass`] and the state of the step before, and its [`Progress`] has [`Batch`]es of
//! rows as Arrow columns. What reads a source, such as a file writer, needs to know nothing of the
//! site behind it, and nothing of how it is reached.
//!
//! [`Values`] are the columns of a source that is not trusted. [`Batch::from_values`] checks all of
//! them before Arrow sees any, and copies none of them.

mod batch;
mod check;
mod column;
mod error;
mod file;
mod nearest;
mod pass;
mod projection;
mod step;
mod stream;
mod system;
mod values;

use std::future::Future;
use std::pin::Pin;

pub use batch::{Batch, BatchError};
pub use check::{MAX_COLUMNS, MAX_NAME_BYTES, MAX_STREAMS, StreamError};
pub use column::{BODY, Column, ColumnType, VERSION_NUMBER, is_json};
pub use error::SourceError;
pub use file::{FetchError, Fetched, FetchedFile, FileFuture, FileRequest, FileSource};
pub use nearest::known_names;
pub use pass::{Pass, PassError};
pub use projection::Projection;
pub use step::{
    Budget, DEFAULT_ROWS, MAX_PARENTS, MAX_READ_PARENTS, MAX_ROWS_OF_RESPONSE, MAX_STATE_BYTES,
    Notice, Observed, Outcome, Parent, Progress, ReadParent, SourceSettings, StepRequest,
};
pub use stream::{NoSuchStream, Stream};
pub use system::SystemColumn;
pub use values::{Values, ValuesError};

/// What a function of a source returns.
pub type SourceFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SourceError>> + Send + 'a>>;

/// Something that has streams of rows.
///
/// It is stateless: whatever a step needs of the steps before it is in its request.
pub trait Source: Send + Sync {
    /// Describes the streams, without asking the site.
    fn streams<'a>(&'a self, settings: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>>;

    /// Reads the next rows of a pass. `streams` are the descriptions of [`Source::streams`], which
    /// the batches are checked against.
    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress>;
}
