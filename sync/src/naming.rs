//! Names of the columns that a sink adds to those of a stream.

use std::fmt;
use std::str::FromStr;

/// Whose names the columns have that a sink adds to those of a stream. The columns `_sync_*` are there
/// in any case: a sink reads them itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Naming {
    /// `_sync_*` alone.
    #[default]
    Sync,
    /// Those of destinations of Airbyte, too.
    Airbyte,
    /// Those of targets of Singer, too.
    Singer,
    /// Those of dlt, too.
    Dlt,
}

/// What an added column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedValue {
    /// The key of the row.
    Key,
    /// When the row was last written.
    WrittenAt,
    /// The same in milliseconds since 1970.
    WrittenAtMillis,
    /// The number of the run that last wrote the row, as text.
    Run,
    /// When the row was deleted.
    DeletedAt,
    /// The number of the run in a JSON object: `{"sync_id": 12, "changes": []}`.
    Meta,
    /// The integer 0.
    Zero,
}

/// A column that a sink adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedColumn {
    /// Its name.
    pub name: &'static str,
    /// What it has.
    pub value: AddedValue,
}

const fn added(name: &'static str, value: AddedValue) -> AddedColumn {
    AddedColumn { name, value }
}

const AIRBYTE: &[AddedColumn] = &[
    added("_airbyte_raw_id", AddedValue::Key),
    added("_airbyte_extracted_at", AddedValue::WrittenAt),
    added("_airbyte_meta", AddedValue::Meta),
    // It grows with refreshes that replace all rows, which a sync does not make.
    added("_airbyte_generation_id", AddedValue::Zero),
    added("_ab_cdc_deleted_at", AddedValue::DeletedAt),
];

const SINGER: &[AddedColumn] = &[
    added("_sdc_extracted_at", AddedValue::WrittenAt),
    added("_sdc_received_at", AddedValue::WrittenAt),
    added("_sdc_batched_at", AddedValue::WrittenAt),
    added("_sdc_deleted_at", AddedValue::DeletedAt),
    added("_sdc_sequence", AddedValue::WrittenAtMillis),
    // It grows with tables that are replaced.
    added("_sdc_table_version", AddedValue::Zero),
];

const DLT: &[AddedColumn] = &[
    added("_dlt_load_id", AddedValue::Run),
    added("_dlt_id", AddedValue::Key),
];

/// That a text is not a naming.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a naming; use `sync`, `airbyte`, `singer` or `dlt`")]
pub struct NamingError(String);

/// Why a run cannot add columns to a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamingConflict {
    /// The copy has other names than the run wants.
    Other {
        /// What it has.
        has: Naming,
    },
    /// The copy has names that this version does not know.
    Unknown(NamingError),
}

impl Naming {
    const ALL: [Self; 4] = [Self::Sync, Self::Airbyte, Self::Singer, Self::Dlt];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Airbyte => "airbyte",
            Self::Singer => "singer",
            Self::Dlt => "dlt",
        }
    }

    /// The columns that are added to `_sync_*`.
    #[must_use]
    pub const fn columns(self) -> &'static [AddedColumn] {
        match self {
            Self::Sync => &[],
            Self::Airbyte => AIRBYTE,
            Self::Singer => SINGER,
            Self::Dlt => DLT,
        }
    }

    /// The naming of a run: that of the copy. `recorded` is what the copy says of itself; one that says
    /// nothing and has tables is older than namings.
    ///
    /// # Errors
    ///
    /// [`NamingConflict`] if the run wants another one than the copy has, or the copy has an unknown one.
    pub fn of_copy(
        recorded: Option<&str>,
        has_tables: bool,
        wanted: Option<Self>,
    ) -> Result<Self, NamingConflict> {
        let has = match recorded {
            Some(name) => name.parse().map_err(NamingConflict::Unknown)?,
            None if has_tables => Self::Sync,
            None => return Ok(wanted.unwrap_or_default()),
        };
        match wanted {
            Some(wanted) if wanted != has => Err(NamingConflict::Other { has }),
            _ => Ok(has),
        }
    }
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Naming {
    type Err = NamingError;

    fn from_str(text: &str) -> Result<Self, NamingError> {
        let found = Self::ALL.into_iter().find(|naming| naming.name() == text);
        found.ok_or_else(|| NamingError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Naming, NamingConflict, NamingError};

    #[test]
    fn a_copy_keeps_the_names_that_it_has() {
        let of_copy = Naming::of_copy;
        let (airbyte, dlt) = (Some(Naming::Airbyte), Some(Naming::Dlt));
        assert_eq!(of_copy(None, false, airbyte), Ok(Naming::Airbyte));
        assert_eq!(of_copy(None, false, None), Ok(Naming::Sync));
        assert_eq!(of_copy(Some("airbyte"), true, None), Ok(Naming::Airbyte));
        assert_eq!(of_copy(Some("airbyte"), true, airbyte), Ok(Naming::Airbyte));
        let other = |has| Err(NamingConflict::Other { has });
        assert_eq!(of_copy(Some("airbyte"), true, dlt), other(Naming::Airbyte));
        assert_eq!(of_copy(Some("sync"), true, dlt), other(Naming::Sync));
        // It is older than namings.
        assert_eq!(of_copy(None, true, dlt), other(Naming::Sync));
        // It is newer than this version, and not one without names.
        let unknown = NamingConflict::Unknown(NamingError("later".to_owned()));
        for wanted in [None, dlt] {
            assert_eq!(of_copy(Some("later"), true, wanted), Err(unknown.clone()));
        }
    }
}
