//! The streams of a component: a client is a [`Source`].
//!
//! What a component says is not trusted: descriptions of streams are checked before anything is read,
//! and the values of each batch before Arrow sees them.

use std::future::{self, Future};
use std::panic;

use source::{
    Batch, BatchError, Column, ColumnType, Notice, Observed, Outcome, Pass, Progress, ReadParent,
    Source, SourceError, SourceFuture, SourceSettings, StepRequest, Stream, StreamError, Values,
};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinSet;
use tracing::Instrument as _;
use wasmtime::{Store, component};

use super::Error;
use super::bindings::exports::confluence::connector::source as wit;
use super::client::Client;
use crate::call::{CallError, CallState, ComponentError, MAX_MESSAGE_BYTES, MAX_WORD_BYTES, cut};
use crate::runner::Tenant;

/// The interface that has streams.
const SOURCE: &str = "source";

/// Maximum number of notices of a step that are kept.
const MAX_NOTICES: usize = 1_000;

/// In a runtime with several threads, a step runs in a task of its own: it goes on while the caller does
/// something else, such as writing what another step has read.
impl Source for Client {
    fn streams<'a>(&'a self, settings: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async move {
            let described = self.call(SOURCE, "streams", async |store, function| {
                let function =
                    function.typed::<_, (Result<Vec<wit::StreamDescription>, Error>,)>(&store)?;
                let (answer,) = function.call_async(store, (settings.as_slice(),)).await?;
                Ok(answer)
            });
            let described = described.await.map_err(not_called)?;
            let streams: Vec<_> = described.into_iter().map(stream).collect();
            Stream::check_all(&streams).map_err(|error| malformed_stream(&error))?;
            Ok(streams)
        })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move {
            let before = self.receipt().waited;
            let mut asked = asked(request);
            if let Ok(stream) = Stream::find(streams, &request.stream) {
                let missing = self.missing_setting(stream, &request.settings);
                asked.settings.extend(missing.map_err(not_called)?);
            }
            let tenant = self.tenant().clone();
            let (stepped, receipt) = beside(async move {
                let step = async |store: &mut Store<CallState>, function: &component::Func| {
                    let function = function.typed::<_, (Result<wit::Progress, Error>,)>(&store)?;
                    let (answer,) = function.call_async(store, (&asked,)).await?;
                    Ok(answer)
                };
                tenant.call_typed(SOURCE, "step", step).await
            })
            .await;
            self.add(&receipt);
            let progress = stepped.map_err(not_called)?;
            let mut progress = read(streams, request, progress)?;
            progress.waited = self.receipt().waited.saturating_sub(before);
            Ok(progress)
        })
    }
}

/// Each function through a client of its own: what it costs is not told.
impl Source for Tenant {
    fn streams<'a>(&'a self, settings: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        Box::pin(async move { self.client().streams(settings).await })
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        Box::pin(async move { self.client().step(streams, request).await })
    }
}

/// Runs a future in a task of its own, where the runtime has threads for it: steps go on while what they
/// have read is written.
async fn beside<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return future.await;
    }
    // Dropped with this future, it ends the task.
    let mut task = JoinSet::new();
    task.spawn(future.in_current_span());
    match task.join_next().await {
        Some(Ok(value)) => value,
        Some(Err(error)) if error.is_panic() => panic::resume_unwind(error.into_panic()),
        // The runtime ends, and this future with it.
        _ => future::pending().await,
    }
}

fn asked(request: &StepRequest) -> wit::Request {
    let parents = request.parents.iter().map(|parent| wit::Parent {
        stream: parent.stream.clone(),
        key: parent.key.clone(),
        version: parent.version,
        container: parent.container.clone(),
    });
    wit::Request {
        stream: request.stream.clone(),
        pass: match request.pass {
            Pass::Changes => wit::Pass::Changes,
            Pass::Census => wit::Pass::Census,
            Pass::Details => wit::Pass::Details,
            Pass::Versions => wit::Pass::Versions,
            Pass::Access => wit::Pass::Access,
            Pass::LookUp => wit::Pass::LookUp,
            Pass::Survey => wit::Pass::Survey,
            // No other passes exist; a later one is described by none of today's components.
            _ => wit::Pass::Full,
        },
        partition: request.partition.clone(),
        state: request.state.clone(),
        parents: parents.collect(),
        projection: wit::Projection {
            columns: request.projection.columns.clone(),
            raw: request.projection.raw,
            body_format: request.projection.body_format.clone(),
        },
        budget: wit::Budget {
            rows: request.budget.rows,
            bytes: request.budget.bytes,
            requests: request.budget.requests,
            page_size: request.budget.page_size,
        },
        settings: request.settings.clone(),
    }
}

fn read(
    streams: &[Stream],
    request: &StepRequest,
    progress: wit::Progress,
) -> Result<Progress, SourceError> {
    let too_long = progress
        .state
        .as_ref()
        .map(String::len)
        .filter(|length| *length > source::MAX_STATE_BYTES);
    if let Some(length) = too_long {
        return Err(contract(
            "state-too-long",
            format!(
                "the state of a step has {length} bytes; at most {} are allowed",
                source::MAX_STATE_BYTES
            ),
        ));
    }
    let max_rows = request.budget.max_rows();
    let mut batches: Vec<Batch> = Vec::with_capacity(progress.batches.len().min(streams.len()));
    for batch in progress.batches {
        if batches.iter().any(|known| known.stream() == batch.stream) {
            return Err(contract(
                "batch-twice",
                format!(
                    "a step has two batches of the stream `{}`",
                    cut(&batch.stream, MAX_WORD_BYTES)
                ),
            ));
        }
        let stream = Stream::find(streams, &batch.stream).map_err(|error| {
            contract(
                "batch-of-unknown-stream",
                format!(
                    "a step has rows of the stream `{}`, which does not exist",
                    cut(&error.name, MAX_WORD_BYTES)
                ),
            )
        })?;
        let columns = batch.columns.into_iter().map(values).collect();
        let checked =
            Batch::from_values(stream, &request.projection, batch.rows, max_rows, columns);
        batches.push(checked.map_err(|error| malformed_batch(&error))?);
    }
    let outcome = match progress.outcome {
        wit::Outcome::More => Outcome::More,
        wit::Outcome::Done => Outcome::Done,
        wit::Outcome::Failed(error) => Outcome::Failed(failed(error.into())),
        wit::Outcome::Unsupported(reason) => Outcome::Unsupported(cut(&reason, MAX_MESSAGE_BYTES)),
    };
    if matches!(outcome, Outcome::More) {
        // Without one, or with the same one and no rows, it would never end.
        let is_stuck = progress.state.is_none()
            || progress.state == request.state && batches.iter().all(|batch| batch.rows() == 0);
        if is_stuck {
            return Err(contract(
                "step-without-progress",
                format!(
                    "a step of the stream `{}` says that there is more and has not moved on",
                    cut(&request.stream, MAX_WORD_BYTES)
                ),
            ));
        }
    }
    let mut read = Progress::new(batches, progress.state, outcome);
    read.observed = observed(progress.observed);
    read.notices = progress
        .notices
        .into_iter()
        .take(MAX_NOTICES)
        .map(|notice| {
            Notice::new(
                cut(&notice.code, MAX_WORD_BYTES),
                cut(&notice.message, MAX_MESSAGE_BYTES),
                notice.id.map(|id| cut(&id, MAX_WORD_BYTES)),
            )
        })
        .collect();
    Ok(read)
}

fn observed(observed: wit::Observed) -> Observed {
    let mut seen = Observed::default();
    seen.rows = observed.rows;
    seen.requests = observed.requests;
    seen.points = observed.points;
    seen.foreign_rows = observed.foreign_rows;
    seen.missing_parents = observed.missing_parents;
    seen.missing_parents.truncate(source::MAX_PARENTS);
    let read = observed.read_parents.into_iter();
    seen.read_parents = read
        .take(source::MAX_READ_PARENTS)
        .map(|parent| ReadParent {
            key: parent.key,
            version: parent.version,
        })
        .collect();
    seen.site_time = observed.site_time;
    seen
}

fn values(column: wit::Column) -> Values {
    Values {
        name: column.name,
        validity: column.validity,
        offsets: column.offsets,
        text: column.text,
        numbers: column.numbers,
        flags: column.flags,
    }
}

fn stream(described: wit::StreamDescription) -> Stream {
    let column = |column: wit::ColumnDescription| Column {
        name: column.name,
        documentation: cut(&column.documentation, MAX_MESSAGE_BYTES),
        column_type: match column.type_ {
            wit::ColumnType::Text => ColumnType::Text,
            wit::ColumnType::Json => ColumnType::Json,
            wit::ColumnType::Integer => ColumnType::Integer,
            wit::ColumnType::Instant => ColumnType::Instant,
            wit::ColumnType::Boolean => ColumnType::Boolean,
        },
        nullable: column.nullable,
        on_request: column.on_request,
    };
    let pass = |pass: wit::Pass| match pass {
        wit::Pass::Full => Pass::Full,
        wit::Pass::Changes => Pass::Changes,
        wit::Pass::Census => Pass::Census,
        wit::Pass::Details => Pass::Details,
        wit::Pass::Versions => Pass::Versions,
        wit::Pass::Access => Pass::Access,
        wit::Pass::LookUp => Pass::LookUp,
        wit::Pass::Survey => Pass::Survey,
    };
    Stream {
        name: described.name,
        documentation: cut(&described.documentation, MAX_MESSAGE_BYTES),
        key: described.key,
        parents: described.parents,
        by_space: described.by_space,
        columns: described.columns.into_iter().map(column).collect(),
        passes: described.passes.into_iter().map(pass).collect(),
        scopes: described.scopes,
        points_per_row: described.points_per_row,
        is_default: described.default,
        settings: described.settings,
    }
}

/// A call that failed. It is the source of the error, so that a program can tell what the call says
/// of levels and limits.
pub(super) fn not_called(error: CallError) -> SourceError {
    let mut told = match &error {
        CallError::Component { error, .. } => component_error(error),
        error => SourceError::new(
            error.kind().as_str(),
            error.kind().as_str(),
            error.to_string(),
        ),
    };
    if told.cause.is_none() {
        told.cause = std::error::Error::source(&error).map(|cause| cause.to_string().into());
    }
    told.with_source(error)
}

/// An error of the component that ended a pass after rows.
fn failed(error: ComponentError) -> SourceError {
    component_error(&error).with_source(CallError::Component {
        error: Box::new(error),
        supplied_by: None,
    })
}

fn component_error(error: &ComponentError) -> SourceError {
    let mut told = SourceError::new(
        error.kind.as_str(),
        error.code.as_str(),
        error.message.as_str(),
    );
    told.cause = Some(error.cause.as_str().into());
    told.resolution = Some(error.resolution.as_str().into());
    told.status = error.status;
    told.retry_after = error.retry_after_ms.map(std::time::Duration::from_millis);
    told
}

/// The component breaks the contract.
fn contract(code: &str, message: String) -> SourceError {
    let error = CallError::Contract {
        reason: message.clone(),
    };
    SourceError::new(error.kind().as_str(), code, message).with_source(error)
}

fn malformed_batch(error: &BatchError) -> SourceError {
    contract(error.code(), error.to_string())
}

fn malformed_stream(error: &StreamError) -> SourceError {
    contract("stream-malformed", error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use std::future::{pending, poll_fn};
    use std::sync::mpsc;
    use std::task::Poll;
    use std::time::Duration;

    use super::beside;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_runs_beside_its_caller_ends_when_it_is_dropped() {
        let (send, ended) = mpsc::channel::<()>();
        let (begin, mut has_begun) = tokio::sync::mpsc::channel(1);
        let mut future = Box::pin(beside(async move {
            let _held = send;
            begin.send(()).await.unwrap();
            pending::<()>().await;
        }));
        let begun = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        assert!(begun.is_pending());
        has_begun.recv().await.unwrap();
        drop(future);
        let ended = ended.recv_timeout(Duration::from_secs(60));
        assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    #[should_panic(expected = "as it is")]
    async fn a_panic_beside_the_caller_is_one_of_the_caller() {
        beside(async { panic!("as it is") }).await
    }
}
