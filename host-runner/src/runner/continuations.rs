//! Whether the continuation tokens of a list lead on.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::call::PaginationLoop;

/// Maximum number of consecutive results without items. The connector ends a list after 250 pages
/// without one, six to an answer, so that its lists never have as many.
const MAX_EMPTY_ANSWERS: u32 = 100;

/// Maximum number of tokens that are remembered at once: half a mebibyte. Those of a longer list
/// are forgotten together, so that a circle is found in the next round at the latest.
const MAX_TOKENS: usize = 1 << 16;

/// The continuation tokens of a list so far. A component keeps nothing between two calls: a token
/// that was used before leads in a circle.
pub(super) struct Continuations {
    hasher: RandomState,
    tokens: HashSet<u64>,
    empty_answers: u32,
}

impl Continuations {
    /// For a list that begins there.
    pub(super) fn from(after: Option<&str>) -> Self {
        let mut continuations = Self {
            hasher: RandomState::new(),
            tokens: HashSet::new(),
            empty_answers: 0,
        };
        if let Some(after) = after {
            continuations.is_new(after);
        }
        continuations
    }

    /// Follows a token that came with so many rows.
    ///
    /// # Errors
    ///
    /// [`PaginationLoop`] when it leads nowhere.
    pub(super) fn follow(&mut self, after: &str, rows: usize) -> Result<(), PaginationLoop> {
        if !self.is_new(after) {
            return Err(PaginationLoop::Repeated);
        }
        self.empty_answers = if rows == 0 { self.empty_answers + 1 } else { 0 };
        if self.empty_answers >= MAX_EMPTY_ANSWERS {
            return Err(PaginationLoop::Empty {
                answers: self.empty_answers,
            });
        }
        Ok(())
    }

    fn is_new(&mut self, after: &str) -> bool {
        if self.tokens.len() >= MAX_TOKENS {
            self.tokens.clear();
        }
        // The hash has a key of this process, so that nobody can choose two tokens that are alike.
        self.tokens.insert(self.hasher.hash_one(after))
    }
}

#[cfg(test)]
mod tests {
    use super::{Continuations, MAX_EMPTY_ANSWERS, MAX_TOKENS};
    use crate::call::PaginationLoop;

    #[test]
    fn a_token_that_was_used_before_ends_the_list() {
        let mut continuations = Continuations::from(Some("a"));
        assert_eq!(continuations.follow("b", 1), Ok(()));
        assert_eq!(continuations.follow("a", 1), Err(PaginationLoop::Repeated));
    }

    #[test]
    fn answers_without_rows_end_the_list_and_rows_in_between_do_not_count() {
        let mut continuations = Continuations::from(None);
        for number in 1..MAX_EMPTY_ANSWERS {
            assert_eq!(continuations.follow(&number.to_string(), 0), Ok(()));
        }
        assert_eq!(continuations.follow("row", 1), Ok(()));
        for number in 1..MAX_EMPTY_ANSWERS {
            assert_eq!(continuations.follow(&format!("again {number}"), 0), Ok(()));
        }
        let ended = continuations.follow("last", 0);
        let answers = MAX_EMPTY_ANSWERS;
        assert_eq!(ended, Err(PaginationLoop::Empty { answers }));
    }

    #[test]
    fn a_circle_is_found_when_tokens_were_forgotten() {
        let mut continuations = Continuations::from(None);
        let tokens = MAX_TOKENS - 1;
        let follow = |round: usize, continuations: &mut Continuations| {
            (0..tokens).find_map(|number| {
                let token = (number % 1000).to_string();
                let token = if round == 0 && number >= 1000 {
                    number.to_string()
                } else {
                    token
                };
                continuations.follow(&token, 1).err()
            })
        };
        assert_eq!(follow(0, &mut continuations), None);
        assert_eq!(
            follow(1, &mut continuations),
            Some(PaginationLoop::Repeated)
        );
        assert!(continuations.tokens.len() <= MAX_TOKENS);
    }
}
