//! What a store answered, as far as it is kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match &self.code {
            Some(code) => write!(f, " {code}"),
            None => Ok(()),
        }
    }
}

/// The last answer of a store, if it was an error.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<Option<Answer>>>);

impl Answers {
    pub(crate) fn note(&self, answer: Option<Answer>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    pub(crate) fn last(&self) -> Option<Answer> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.clone()
    }
}
