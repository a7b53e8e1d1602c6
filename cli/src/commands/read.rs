//! `host-runner read`.

use std::io;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use clap::Args;
use host_runner::typed::Client;
use source::{Batch, Pass, Projection, Source as _, SystemColumn};
use sync::{ReadError, ReadRequest, Reading};

use super::interruption::Interruption;
use super::nothing_visible;
use crate::count::count;
use crate::exit::Failure;
use crate::formats::Format;
use crate::notices::Notices;
use crate::options::SessionOptions;
use crate::row_output::{Destination, RowFormat, RowOutput};
use crate::{progress, report};

pub(crate) const AFTER_HELP: &str = "\
A file is written under a temporary name and renamed once it is complete: if reading fails, there is no file. Rows \
that were already written to standard output stay there, and the exit code is not 0.

Examples:
  host-runner read pages > pages.ndjson
  host-runner read pages --columns id,title,version__created_at --to csv
  host-runner read pages --spaces ENG,HR --bodies markdown --to parquet:pages.parquet
  host-runner read page_labels --to arrow:labels.arrow
  host-runner read spaces --raw";

#[derive(Debug, Args)]
pub(crate) struct ReadArguments {
    /// Stream; `host-runner streams` lists them
    pub(crate) stream: String,
    /// Format, and optionally a file: ndjson, csv, arrow, arrow-stream, parquet
    #[arg(long, value_name = "FORMAT[:FILE]", default_value = "ndjson")]
    pub(crate) to: Destination,
    /// Columns, such as `id,title`. Default: all except those on request
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Also read each row's JSON from Confluence, in the column `raw`
    #[arg(long)]
    pub(crate) raw: bool,
    /// Only rows of these spaces, by key or id
    #[arg(long, value_name = "SPACES", value_delimiter = ',')]
    pub(crate) spaces: Vec<String>,
    /// Also read bodies, in this format: storage, atlas_doc_format, text, markdown
    #[arg(long, value_name = "FORMAT")]
    pub(crate) bodies: Option<String>,
    /// Pass: full, changes, census, details, versions, access. Default: one with all rows and columns
    #[arg(long)]
    pub(crate) pass: Option<Pass>,
    /// Types of custom content, separated by commas, for the stream `custom_content`
    #[arg(long, value_name = "TYPES")]
    pub(crate) custom_content_types: Option<String>,
    /// Write rows in Confluence's order, usually by id. Slower: one request after the other
    #[arg(long)]
    pub(crate) in_order: bool,
    /// Put `'` before cells of CSV that spreadsheets would run as formulas
    #[arg(long)]
    pub(crate) csv_safe: bool,
    /// Print the cost on standard error
    #[arg(long)]
    pub(crate) receipt: bool,
}

pub(crate) async fn run(session: &SessionOptions, arguments: ReadArguments) -> Result<(), Failure> {
    let host = session.open_to_stream()?;
    let tenant = host.tenant(&session.scope())?;
    let client = tenant.client();
    let request = arguments.request(client.concurrency());
    let ended = read(&client, request, &arguments).await;
    if arguments.receipt {
        let format = match arguments.to.format {
            RowFormat::Ndjson => Format::Ndjson,
            _ => Format::Csv,
        };
        report::receipt(&client.receipt(), format);
    }
    session.after_calls(&host, ended)
}

impl ReadArguments {
    fn request(&self, at_once: usize) -> ReadRequest {
        let mut request = ReadRequest::new(self.stream.clone());
        request.projection = Projection {
            columns: self.columns.clone(),
            raw: self.raw,
            body_format: self.bodies.clone().filter(|format| format != "none"),
        };
        request
            .projection
            .columns
            .retain(|name| SystemColumn::named(name).is_none());
        request.pass = self.pass;
        request.spaces.clone_from(&self.spaces);
        request.at_once = at_once;
        request.in_order = self.in_order;
        if let Some(types) = &self.custom_content_types {
            request
                .settings
                .push(("custom-content-types".to_owned(), types.clone()));
        }
        request
    }

    /// Which columns of a batch are written: the stream's own, and others that are named.
    fn shown(&self, schema: &Schema) -> Vec<usize> {
        let is_shown = |name: &String| match SystemColumn::named(name) {
            Some(SystemColumn::Raw) | None => true,
            Some(_) => self.columns.contains(name),
        };
        let fields = schema.fields().iter().enumerate();
        fields
            .filter(|(_, field)| is_shown(field.name()))
            .map(|(index, _)| index)
            .collect()
    }
}

async fn read(
    client: &Client,
    request: ReadRequest,
    arguments: &ReadArguments,
) -> Result<(), Failure> {
    let streams = client.streams(&request.settings).await?;
    let projection = request.projection.clone();
    let mut reading = Reading::start(client, &streams, request).await?;
    let schema = reading.stream().schema(&projection);
    let shown = arguments.shown(&schema);
    let schema = schema
        .project(&shown)
        .map_err(|error| Failure::Output(io::Error::other(error)))?;
    let mut output = RowOutput::open(&arguments.to, &schema, arguments.csv_safe)?;
    let progress = progress::counter("{spinner} {pos} rows, {rate}, {elapsed}");
    let mut interruption = Interruption::expect();
    let mut notices = Notices::default();
    let mut written = 0;
    // The header of CSV, and the schema of Arrow, also of a stream without rows.
    output.write(&RecordBatch::new_empty(Arc::new(schema)))?;
    let ended = loop {
        // Rows that were written to the last one are complete, whatever is interrupted then.
        if reading.has_ended() {
            break Ok(());
        }
        let step = tokio::select! {
            biased;
            exit = interruption.happens() => break Err(Failure::ListInterrupted(exit)),
            step = reading.next() => step,
        };
        match step {
            Some(Ok(step)) => {
                written += write(&mut output, &step.batches, &shown)?;
                progress.set_position(written);
                for notice in &step.notices {
                    notices.tell(&progress, "", &notice.code, &notice.message);
                }
            }
            Some(Err(ReadError::Broken { batches, error })) => {
                written += write(&mut output, &batches, &shown)?;
                break Err((*error).into());
            }
            Some(Err(error)) => break Err(error.into()),
            None => break Ok(()),
        }
    };
    progress.finish_and_clear();
    notices.end(&progress);
    if output.has_removed() {
        report::note("U+0000 was removed from texts, because CSV cannot hold it");
    }
    match ended {
        Ok(()) => {
            output.finish()?;
            if written == 0 {
                tell_of_no_rows(arguments);
            }
            if let Some(file) = &arguments.to.file {
                let rows = count(written, "row");
                report::note(&format!("wrote {rows} to `{}`", file.display()));
            }
            Ok(())
        }
        Err(failure) => {
            let rows = count(written, "row");
            let text = if output.abandon() {
                format!("the output is incomplete: it has {rows}")
            } else {
                format!("no file was written: reading failed after {rows}")
            };
            report::incomplete(&text, None);
            Err(failure)
        }
    }
}

/// Says why there may be no rows, which an empty output does not.
fn tell_of_no_rows(arguments: &ReadArguments) {
    let stream = arguments.stream.as_str();
    let is_narrowed = !arguments.spaces.is_empty() || arguments.pass.is_some();
    let explained = nothing_visible::of_stream(stream).filter(|_| !is_narrowed);
    report::note(
        &explained.unwrap_or_else(|| {
            format!("the stream `{stream}` has no rows that this account can see")
        }),
    );
}

fn write(output: &mut RowOutput, batches: &[Batch], shown: &[usize]) -> Result<u64, Failure> {
    let mut rows = 0;
    for batch in batches {
        let projected = batch.records().project(shown);
        let projected = projected.map_err(|error| Failure::Output(io::Error::other(error)))?;
        output.write(&projected)?;
        rows += projected.num_rows() as u64;
    }
    Ok(rows)
}
