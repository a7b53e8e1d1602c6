//! Where a sync is written to, as the command line names it.

use std::path::PathBuf;
use std::str::FromStr;

use sink_folder::Format;
use sink_postgresql::{Address, AddressError, Postgresql};
use sink_sqlite::Sqlite;
use sync::Sink;

use crate::exit::Failure;

/// What `--to` takes.
pub(crate) const SINKS: &str = "a sink is `sqlite:FILE`, `postgresql://USER@HOST/DATABASE`, `jsonl:FOLDER`, `csv:FOLDER` or `parquet:FOLDER`; `jsonl+zst:FOLDER` and `csv+zst:FOLDER` are compressed";

/// A sink: `sqlite:site.db`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SinkName {
    Sqlite(PathBuf),
    Folder(Format, PathBuf),
    /// What is wrong with a URL is told once it is opened: the parser of commands would repeat it,
    /// with a password that it may contain.
    Postgresql(Result<Address, AddressError>),
}

impl FromStr for SinkName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", "")) => {
                Err("`sqlite:` needs a file, such as `sqlite:site.db`".to_owned())
            }
            Some(("sqlite", file)) => Ok(Self::Sqlite(PathBuf::from(file))),
            Some(("postgresql" | "postgres", _)) => Ok(Self::Postgresql(text.parse())),
            Some((kind, folder)) => match format_of(kind) {
                Some(_) if folder.is_empty() => {
                    Err(format!("`{kind}:` needs a folder, such as `{kind}:site`"))
                }
                Some(format) => Ok(Self::Folder(format, PathBuf::from(folder))),
                None => Err(format!("`{text}` is not a sink; {SINKS}")),
            },
            None => Err(format!("`{text}` is not a sink; {SINKS}")),
        }
    }
}

impl SinkName {
    /// Opens it, and creates it if it is not there.
    pub(super) async fn open(&self) -> Result<Box<dyn Sink>, Failure> {
        match self {
            Self::Sqlite(file) => Ok(Box::new(Sqlite::open(file)?)),
            Self::Folder(format, folder) => Ok(Box::new(sink_folder::open(folder, *format)?)),
            Self::Postgresql(_) => Ok(Box::new(self.connect().await?)),
        }
    }

    /// Opens it if there is a copy.
    pub(super) async fn open_existing(&self) -> Result<Box<dyn Sink>, Failure> {
        match self {
            Self::Sqlite(file) if !file.exists() => Err(Failure::NotThere(format!(
                "there is no database `{}`; `host-runner sync run --to sqlite:{}` makes one",
                file.display(),
                file.display()
            ))),
            Self::Folder(_, folder) if !folder.exists() => Err(Failure::NotThere(format!(
                "there is no folder `{}`; `host-runner sync run` with the same `--to` makes one",
                folder.display()
            ))),
            Self::Sqlite(_) | Self::Folder(..) => self.open().await,
            Self::Postgresql(address) => {
                let sink = self.connect().await?;
                if sink.has_copy().await? {
                    return Ok(Box::new(sink));
                }
                let schema = address.as_ref().map_or("", Address::schema);
                Err(Failure::NotThere(format!(
                    "the database has no copy in the schema `{schema}`; `host-runner sync run` with the same `--to` makes one"
                )))
            }
        }
    }

    async fn connect(&self) -> Result<Postgresql, Failure> {
        match self {
            Self::Postgresql(Ok(address)) => Ok(Postgresql::connect(address).await?),
            Self::Postgresql(Err(error)) => Err(Failure::Usage(error.to_string())),
            Self::Sqlite(_) | Self::Folder(..) => Err(Failure::Usage(SINKS.to_owned())),
        }
    }
}

/// The format of files that the name of a sink begins with.
fn format_of(kind: &str) -> Option<Format> {
    match kind {
        "jsonl" => Some(Format::JSONL),
        "jsonl+zst" => Some(Format::JSONL_ZST),
        "csv" => Some(Format::CSV),
        "csv+zst" => Some(Format::CSV_ZST),
        "parquet" => Some(Format::new("parquet", sink_parquet::encode)),
        _ => None,
    }
}
