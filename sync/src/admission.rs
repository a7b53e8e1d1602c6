//! What filters say of a row that arrives.

/// What filters say of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Admission {
    /// It is in scope.
    #[default]
    Inside,
    /// It is not: nothing of it is written. A row that is there is marked as out of scope, with all
    /// that belongs to it.
    Outside,
    /// That is decided once more is known: its key is noted, and nothing of it is written. A row that
    /// was not there is out of scope until [`Sink::rescope`](crate::Sink::rescope) says otherwise.
    Undecided,
}

/// What filters say of a row, and what of it they will look at again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// What they say.
    pub admission: Admission,
    /// A text for [`Registered::facts`](crate::Registered::facts).
    pub facts: Option<String>,
}
