//! Where a sync is written to, as the command line names it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use host_runner::HostRunner;
use sink_duckdb::Duckdb;
use sink_folder::Format;
use sink_postgresql::{Address, AddressError, Postgresql};
use sink_sqlite::Sqlite;
use sync::Sink;

use super::duckdb;
use super::new_copy::NewCopy;
use super::object_store::StoreCopy;
use crate::exit::Failure;
use crate::options::SessionOptions;

/// What `--to` takes.
pub(crate) const SINKS: &str = "a sink is `sqlite:FILE`, `duckdb:FILE`, `postgresql://USER@HOST/DATABASE`, `jsonl:FOLDER`, `csv:FOLDER` or `parquet:FOLDER`; `jsonl+zst:FOLDER` and `csv+zst:FOLDER` are compressed; `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX` can replace `FOLDER`";

/// A sink: `sqlite:site.db`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SinkName {
    text: String,
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Sqlite(PathBuf),
    Duckdb(PathBuf),
    Folder(Format, PathBuf),
    /// What is wrong with a URL is told once it is opened, for the same reason as below.
    Store(Result<StoreCopy, String>),
    /// What is wrong with a URL is told once it is opened: the parser of commands would repeat it,
    /// with a password that it may contain.
    Postgresql(Result<Address, AddressError>),
}

impl fmt::Debug for SinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may contain a password that nobody has refused yet.
        f.write_str("SinkName")
    }
}

impl FromStr for SinkName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kind = match text.split_once(':') {
            Some(("sqlite", "")) => {
                return Err("`sqlite:` needs a file, such as `sqlite:site.db`".to_owned());
            }
            Some(("sqlite", file)) => Kind::Sqlite(PathBuf::from(file)),
            Some(("duckdb", "")) => {
                return Err("`duckdb:` needs a file, such as `duckdb:site.duckdb`".to_owned());
            }
            Some(("duckdb", file)) => Kind::Duckdb(PathBuf::from(file)),
            Some(("postgresql" | "postgres", _)) => Kind::Postgresql(text.parse()),
            Some(("s3" | "gs" | "az", rest)) if rest.starts_with("//") => Kind::Store(Err(
                "the URL of an object store follows a format, such as `parquet:s3://BUCKET/PREFIX` or `jsonl:s3://BUCKET/PREFIX`".to_owned(),
            )),
            Some((kind, url)) if url.contains("://") && format_of(kind).is_some() => {
                Kind::Store(store_of(kind, url))
            }
            Some((kind, folder)) => match format_of(kind) {
                Some(_) if folder.is_empty() => {
                    return Err(format!("`{kind}:` needs a folder, such as `{kind}:site`"));
                }
                Some(format) => Kind::Folder(format, PathBuf::from(folder)),
                None => return Err(format!("`{text}` is not a sink; {SINKS}")),
            },
            None => return Err(format!("`{text}` is not a sink; {SINKS}")),
        };
        Ok(Self {
            text: text.to_owned(),
            kind,
        })
    }
}

impl SinkName {
    /// The sink of a definition, whose relative path is relative to `folder`.
    pub(super) fn in_folder(text: &str, folder: &Path) -> Result<Self, Failure> {
        let sink: Self = text.parse().map_err(Failure::Usage)?;
        let sink = match sink.kind {
            Kind::Sqlite(path) => Self::at("sqlite", folder.join(path)),
            Kind::Duckdb(path) => Self::at("duckdb", folder.join(path)),
            Kind::Folder(_, path) => {
                let kind = text.split(':').next().unwrap_or_default();
                Self::at(kind, folder.join(path))
            }
            Kind::Store(_) | Kind::Postgresql(_) => Ok(sink),
        };
        sink.map_err(Failure::Usage)
    }

    fn at(kind: &str, path: PathBuf) -> Result<Self, String> {
        format!("{kind}:{}", path.display()).parse()
    }

    /// The same sink by an absolute path.
    pub(super) fn absolute(&self) -> Result<Self, Failure> {
        let folder = std::env::current_dir()
            .map_err(|source| Failure::io("the current folder cannot be found", source))?;
        Self::in_folder(&self.text, &folder)
    }

    /// As it is written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Refuses a URL that is not valid, or that contains a password.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &self.kind {
            Kind::Postgresql(Err(error)) => Err(Failure::Usage(error.to_string())),
            Kind::Store(Err(reason)) => Err(Failure::Usage(reason.clone())),
            _ => Ok(()),
        }
    }

    /// Opens it for a run. If it is not there, it is created when the run begins.
    pub(super) async fn open(
        &self,
        session: &SessionOptions,
        host: &HostRunner,
    ) -> Result<Box<dyn Sink>, Failure> {
        let sink: Box<dyn Sink> = match &self.kind {
            Kind::Store(store) => valid(store)?.open_to_run(session, host)?,
            Kind::Sqlite(file) if file.exists() => Box::new(Sqlite::open(file)?),
            Kind::Sqlite(file) => {
                let file = file.clone();
                Box::new(NewCopy::new(move || Sqlite::open(&file)))
            }
            Kind::Duckdb(file) if file.exists() => Box::new(duckdb::open(session, file)?),
            Kind::Duckdb(file) => {
                let (library, file) = (duckdb::library(session)?, file.clone());
                Box::new(NewCopy::new(move || Duckdb::open(&library, &file)))
            }
            Kind::Folder(format, folder) if sink_folder::is_copy(folder) => {
                Box::new(sink_folder::open(folder, *format)?)
            }
            Kind::Folder(format, folder) => {
                let (folder, format) = (folder.clone(), *format);
                Box::new(NewCopy::new(move || sink_folder::open(&folder, format)))
            }
            Kind::Postgresql(_) => Box::new(self.connect().await?),
        };
        Ok(sink)
    }

    /// Opens it if there is a copy, to write rows as a run does.
    pub(super) async fn open_to_write(
        &self,
        session: &SessionOptions,
    ) -> Result<Box<dyn Sink>, Failure> {
        match &self.kind {
            Kind::Store(store) => {
                let store = valid(store)?;
                store.open_state(session)?;
                Ok(Box::new(store.open(session, &session.open()?)?))
            }
            _ => self.open_existing(session).await,
        }
    }

    /// Rebuilds the state of a copy in an object store, if its manifests are not those that the state
    /// knows. Returns from how many.
    pub(super) async fn take_over(&self, session: &SessionOptions) -> Result<Option<u64>, Failure> {
        match &self.kind {
            Kind::Store(store) => {
                let mut sink = valid(store)?.open(session, &session.open()?)?;
                Ok(sink.take_over().await?)
            }
            _ => Ok(None),
        }
    }

    /// Opens it if there is a copy. Of one in an object store, that is the state.
    pub(super) async fn open_existing(
        &self,
        session: &SessionOptions,
    ) -> Result<Box<dyn Sink>, Failure> {
        match &self.kind {
            Kind::Store(store) => Ok(Box::new(valid(store)?.open_state(session)?)),
            Kind::Sqlite(file) if !file.exists() => Err(Failure::NotThere(format!(
                "there is no database `{}`; `host-runner sync run --to sqlite:{}` makes one",
                file.display(),
                file.display()
            ))),
            Kind::Folder(_, folder) if !folder.exists() => Err(Failure::NotThere(format!(
                "there is no folder `{}`; `host-runner sync run` with the same `--to` makes one",
                folder.display()
            ))),
            Kind::Sqlite(file) => Ok(Box::new(Sqlite::open_to_read(file)?)),
            Kind::Duckdb(file) => Ok(Box::new(duckdb::open_existing(session, file)?)),
            Kind::Folder(format, folder) => {
                Ok(Box::new(sink_folder::open_to_read(folder, *format)?))
            }
            Kind::Postgresql(address) => {
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
        match &self.kind {
            Kind::Postgresql(Ok(address)) => Ok(Postgresql::connect(address).await?),
            Kind::Postgresql(Err(error)) => Err(Failure::Usage(error.to_string())),
            Kind::Sqlite(_) | Kind::Duckdb(_) | Kind::Folder(..) | Kind::Store(_) => {
                Err(Failure::Usage(SINKS.to_owned()))
            }
        }
    }
}

fn valid(store: &Result<StoreCopy, String>) -> Result<&StoreCopy, Failure> {
    let store = store.as_ref();
    store.map_err(|reason| Failure::Usage(reason.clone()))
}

/// The copy in an object store at a URL.
fn store_of(kind: &str, url: &str) -> Result<StoreCopy, String> {
    let location = url.parse();
    let location = location.map_err(|error: sink_store::LocationError| error.to_string())?;
    let format = format_of(kind).ok_or_else(|| SINKS.to_owned())?;
    Ok(StoreCopy {
        kind: kind.to_owned(),
        format,
        location,
    })
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
