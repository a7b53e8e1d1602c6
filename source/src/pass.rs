//! Passes: the ways to read a stream.

/// A way to read a stream from the beginning to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Pass {
    /// Every row, with all columns.
    Full,
    /// What is new or has changed since the pass before. It finds no deletions.
    Changes,
    /// Every row, for keys and positions, never with bodies.
    Census,
    /// Sets that belong to rows of parents, such as labels.
    Details,
    /// All versions of rows of parents.
    Versions,
    /// Who may read rows of parents.
    Access,
    /// Rows whose keys are known, whatever their status.
    LookUp,
    /// What a bulk list has of the sets of parents: never all of it.
    Survey,
}

/// A text that names no pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no pass `{0}`; passes are `full`, `changes`, `census`, `details`, `versions`, `access`, `look-up` and `survey`"
)]
pub struct PassError(String);

impl Pass {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Full,
        Self::Changes,
        Self::Census,
        Self::Details,
        Self::Versions,
        Self::Access,
        Self::LookUp,
        Self::Survey,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Changes => "changes",
            Self::Census => "census",
            Self::Details => "details",
            Self::Versions => "versions",
            Self::Access => "access",
            Self::LookUp => "look-up",
            Self::Survey => "survey",
        }
    }
}

impl std::fmt::Display for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Pass {
    type Err = PassError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|pass| pass.name() == text);
        named.ok_or_else(|| PassError(text.to_owned()))
    }
}
