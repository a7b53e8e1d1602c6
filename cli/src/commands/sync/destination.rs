//! Where a sync is written to, as the command line names it.

use std::path::PathBuf;
use std::str::FromStr;

use sink_sqlite::Sqlite;

use crate::exit::Failure;

/// A sink: `sqlite:site.db`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SinkName {
    Sqlite(PathBuf),
}

impl FromStr for SinkName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", "")) => {
                Err("`sqlite:` needs a file, such as `sqlite:site.db`".to_owned())
            }
            Some(("sqlite", file)) => Ok(Self::Sqlite(PathBuf::from(file))),
            _ => Err(format!(
                "`{text}` is not a sink; a sink is `sqlite:FILE`, such as `sqlite:site.db`"
            )),
        }
    }
}

impl SinkName {
    /// Opens it, and creates it if it is not there.
    pub(super) fn open(&self) -> Result<Sqlite, Failure> {
        match self {
            Self::Sqlite(file) => Ok(Sqlite::open(file)?),
        }
    }

    /// Opens it if it is there.
    pub(super) fn open_existing(&self) -> Result<Sqlite, Failure> {
        match self {
            Self::Sqlite(file) if !file.exists() => Err(Failure::NotThere(format!(
                "there is no database `{}`; `host-runner sync run --to sqlite:{}` makes one",
                file.display(),
                file.display()
            ))),
            Self::Sqlite(_) => self.open(),
        }
    }
}
