//! What PostgreSQL says, and whether trying again helps.

use std::error::Error;

use sync::{Naming, NamingConflict, NamingError};
use tokio_postgres::error::SqlState;

/// Why a statement or a connection failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// A newer run has begun.
    #[error("a newer run has begun")]
    Superseded,
    /// Another run holds the lock.
    #[error("another run is writing")]
    Busy,
    /// A table of the same name is not a sync's.
    #[error("there is a table `{0}`")]
    Foreign(String),
    /// The copy has other names than the run wants.
    #[error("it has the naming `{has}`")]
    Naming {
        /// What it has.
        has: Naming,
        /// What the run wants.
        wanted: Naming,
    },
    /// The copy has names that this version does not know.
    #[error("its columns are those of a later version: {0}")]
    UnknownNaming(NamingError),
    /// The tables are those of a later version.
    #[error("its tables have the format {0}, and this version knows {1}")]
    Later(i64, i64),
    /// What a certificate or a file of them says.
    #[error("{0}")]
    Tls(#[source] std::io::Error),
    /// What the server or the client library says.
    #[error("{}", said(.0))]
    Postgresql(#[from] tokio_postgres::Error),
}

impl Refused {
    pub(crate) fn of_naming(conflict: NamingConflict, wanted: Option<Naming>) -> Self {
        let wanted = wanted.unwrap_or_default();
        match conflict {
            NamingConflict::Other { has } => Self::Naming { has, wanted },
            NamingConflict::Unknown(error) => Self::UnknownNaming(error),
        }
    }

    /// Whether the server has no room left.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Postgresql(error) if error.code() == Some(&SqlState::DISK_FULL))
    }

    /// Whether the same may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        let Self::Postgresql(error) = self else {
            return false;
        };
        let Some(state) = error.code() else {
            // Anything but what the server says is about the connection.
            return is_of_connection(error);
        };
        [
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::LOCK_NOT_AVAILABLE,
            &SqlState::ADMIN_SHUTDOWN,
            &SqlState::CRASH_SHUTDOWN,
            &SqlState::CANNOT_CONNECT_NOW,
            &SqlState::TOO_MANY_CONNECTIONS,
        ]
        .contains(&state)
            || state.code().starts_with("08")
    }
}

fn is_of_connection(error: &tokio_postgres::Error) -> bool {
    let is_io = error
        .source()
        .is_some_and(|source| source.downcast_ref::<std::io::Error>().is_some());
    error.is_closed() || is_io
}

/// In words: what the server says with its code, or what the library says with its reasons.
fn said(error: &tokio_postgres::Error) -> String {
    if let Some(database) = error.as_db_error() {
        let code = database.code();
        let hint = if *code == SqlState::INVALID_PASSWORD {
            "; put the password into the variable `PGPASSWORD` or the file `~/.pgpass`"
        } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            "; the user needs `CREATE` and `TEMPORARY` on the database, or to own the schema"
        } else {
            ""
        };
        return format!(
            "{} (SQLSTATE {}){hint}",
            database.message(),
            database.code().code()
        );
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        let reason_text = reason.to_string();
        if !text.contains(&reason_text) {
            text = format!("{text}: {reason_text}");
        }
        source = reason.source();
    }
    if text.contains("password missing") {
        text.push_str("; put it into the variable `PGPASSWORD` or the file `~/.pgpass`");
    }
    text
}
