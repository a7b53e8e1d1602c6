//! `host-runner download`.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use host_runner::{AttachmentRequest, Download, MediaTypePattern, Target};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::interruption::interruption;
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::{PrintOptions, Printing, Sheet};
use crate::{output, report};

/// Columns of a receipt.
const COLUMNS: [&str; 7] = [
    "path",
    "bytes",
    "mediaType",
    "sha256",
    "id",
    "version",
    "title",
];

#[derive(Debug, Args)]
pub(crate) struct DownloadArguments {
    /// Attachment id, such as `att98314`
    #[arg(value_name = "ATTACHMENT_ID")]
    id: String,
    /// Version, counted from 1 [default: the current one]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// File or folder to write to, or `-` for standard output [default: the attachment's sanitized
    /// name, in the current folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output_file: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    /// Maximum size in MiB; `download.file-mib` still applies
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    largest: Option<u64>,
    /// Allowed media types, such as `image/*`; `download.allow-media-types` still applies
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    media_types: Vec<MediaTypePattern>,
    #[command(flatten)]
    print: PrintOptions,
}

pub(crate) async fn run(
    session: &SessionOptions,
    arguments: DownloadArguments,
) -> Result<(), Failure> {
    let to_caller = arguments.output_file.as_deref() == Some(Path::new("-"));
    if to_caller {
        refuse_terminal(arguments.print.asked()?.is_some())?;
    }
    let mut target = Target::new(arguments.output_file);
    if arguments.force {
        target = target.overwriting();
    }
    if !to_caller {
        target.check()?;
    }
    let mut request = AttachmentRequest::new(arguments.id);
    request.version = arguments.version;
    request.most_bytes = arguments.largest.map(|mebibytes| mebibytes << 20);
    request.media_types = arguments.media_types;
    let printing = arguments.print.printing()?;
    let host = session.open_to_call()?;
    let download = async {
        let tenant = host.tenant(&session.scope())?;
        let download = tenant.download(&request).await?;
        let progress = progress(download.size());
        let ended = if to_caller {
            pass_on(download, &progress).await
        } else {
            save(download, &target, &progress, &printing).await
        };
        progress.finish_and_clear();
        ended
    };
    let ended = tokio::select! {
        ended = download => ended,
        // The started download is dropped, and its draft with it.
        exit = interruption() => Err(Failure::Interrupted(exit)),
    };
    session.after_calls(&host, ended)
}

/// Standard output carries only the content, and never to a terminal, which content could control.
fn refuse_terminal(wants_receipt: bool) -> Result<(), Failure> {
    let reason = if wants_receipt {
        "standard output carries the content, so there is no place for the receipt: omit the option `--output`"
    } else if io::stdout().is_terminal() {
        "refusing to print content to a terminal, which it could control: redirect it to a file or a pipe"
    } else {
        return Ok(());
    };
    Err(Failure::Usage(reason.to_owned()))
}

async fn save(
    download: Download,
    target: &Target,
    progress: &ProgressBar,
    printing: &Printing,
) -> Result<(), Failure> {
    let mut receipt = receipt(&download);
    let saved = download
        .save(target, |came| progress.set_position(came))
        .await?;
    if let Some(fields) = receipt.as_object_mut() {
        fields.insert("path".to_owned(), json!(saved.path.display().to_string()));
        fields.insert("bytes".to_owned(), json!(saved.bytes));
        fields.insert("sha256".to_owned(), json!(saved.sha256));
    }
    progress.finish_and_clear();
    match printing.format {
        Format::Json => output::document(&receipt, printing),
        // One line per field: a digest leaves no room for other columns.
        Format::Table | Format::Wide => output::object(&receipt, printing),
        _ => output::records(&Sheet::of(&COLUMNS), &[receipt], printing),
    }
}

async fn pass_on(mut download: Download, progress: &ProgressBar) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let ended = loop {
        match download.piece().await {
            Ok(Some(piece)) => out.write_all(&piece).map_err(Failure::output)?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
        progress.set_position(download.came());
    };
    out.flush().map_err(Failure::output)?;
    progress.finish_and_clear();
    if let Err(error) = ended {
        report::warning(&format!(
            "the printed content is incomplete: only {} bytes of it",
            download.came()
        ));
        return Err(error.into());
    }
    report::note(&format!(
        "{} bytes, sha256 {}",
        download.came(),
        download.sha256().unwrap_or_default()
    ));
    Ok(())
}

fn receipt(download: &Download) -> Value {
    json!({
        "path": null,
        "bytes": null,
        "mediaType": download.media_type(),
        "sha256": null,
        "id": download.id(),
        "version": download.version(),
        "title": download.title(),
    })
}

/// A bar of bytes on standard error, where that is a terminal.
fn progress(size: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (progress, template) = match size {
        Some(size) => (
            ProgressBar::new(size),
            "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes}, {bytes_per_sec}, {elapsed}",
        ),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        progress.set_style(style);
    }
    progress
}
