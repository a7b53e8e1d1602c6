//! What a transaction may end with.

use sync::Naming;

use crate::store::StoreError;

/// An error, or the insight that a newer run has begun.
#[derive(Debug)]
pub(crate) enum Refused {
    Sqlite(rusqlite::Error),
    Store(StoreError),
    Superseded,
    Naming { has: Naming, wanted: Naming },
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
