//! Where a sync is written to, as the command line names it.

use std::path::PathBuf;
use std::str::FromStr;

use sink_postgresql::{Address, AddressError, Postgresql};
use sink_sqlite::Sqlite;
use sync::Sink;

use crate::exit::Failure;

/// What `--to` takes.
pub(crate) const SINKS: &str = "a sink is `sqlite:FILE` or `postgresql://USER@HOST/DATABASE`";

/// A sink: `sqlite:site.db`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SinkName {
    Sqlite(PathBuf),
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
            _ => Err(format!("`{text}` is not a sink; {SINKS}")),
        }
    }
}

impl SinkName {
    /// Opens it, and creates it if it is not there.
    pub(super) async fn open(&self) -> Result<Box<dyn Sink>, Failure> {
        match self {
            Self::Sqlite(file) => Ok(Box::new(Sqlite::open(file)?)),
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
            Self::Sqlite(_) => self.open().await,
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
            Self::Sqlite(_) => Err(Failure::Usage(SINKS.to_owned())),
        }
    }
}
