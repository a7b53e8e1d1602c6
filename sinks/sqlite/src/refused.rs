//! What a transaction may end with.

use sync::{Naming, NamingConflict, NamingError};

use crate::store::StoreError;

/// An error, or the insight that a newer run has begun.
#[derive(Debug)]
pub(crate) enum Refused {
    Sqlite(rusqlite::Error),
    Store(StoreError),
    Superseded,
    Naming { has: Naming, wanted: Naming },
    UnknownNaming(NamingError),
}

impl Refused {
    pub(crate) fn of_naming(conflict: NamingConflict, wanted: Option<Naming>) -> Self {
        let wanted = wanted.unwrap_or_default();
        match conflict {
            NamingConflict::Other { has } => Self::Naming { has, wanted },
            NamingConflict::Unknown(error) => Self::UnknownNaming(error),
        }
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
