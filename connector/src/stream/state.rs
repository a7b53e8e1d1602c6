//! The state of a pass: a text that the caller keeps between steps.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 8 | digest of stream, pass, partition and settings |
//! | 4 | part of the pass |
//! | 1 | bit 0: the order was not kept; bit 1: a row is missing |
//! | 8, 8 | instant of the newest row of this pass, and of the pass before; the least number is none |
//! | n | position in the part's list, as text; none at the end of a pass |
//! | 4 | check sum |
//!
//! In base64url without padding. It is trusted with nothing: a forged one starts at another place of
//! the same pass.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{Error, fingerprint::Fingerprint};

const VERSION: u8 = 1;

/// Longest state that is read, in characters.
const MAX_CHARACTERS: usize = 16 * 1024;

/// State of a pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Part of the pass: a pass can be several lists.
    pub(super) part: u32,
    /// Instant of the newest row that this pass has seen.
    pub(super) newest: Option<i64>,
    /// The same of the pass before.
    pub(super) before: Option<i64>,
    /// Rows are not sorted as was asked for.
    pub(super) unordered: bool,
    /// A row could not be read.
    pub(super) gap: bool,
    /// Position in the part's list.
    pub(super) after: Option<String>,
}

impl State {
    pub(super) fn write(&self, digest: u64) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(digest.to_le_bytes());
        bytes.extend(self.part.to_le_bytes());
        bytes.push(u8::from(self.unordered) | u8::from(self.gap) << 1);
        for instant in [self.newest, self.before] {
            bytes.extend(instant.unwrap_or(i64::MIN).to_le_bytes());
        }
        bytes.extend(self.after.as_deref().unwrap_or_default().as_bytes());
        bytes.extend(check_sum(&bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(super) fn read(text: &str, digest: u64) -> Result<Self, Error> {
        if text.len() > MAX_CHARACTERS {
            return Err(malformed());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed())?;
        let (content, check) = bytes.split_last_chunk::<4>().ok_or_else(malformed)?;
        if check_sum(content) != *check {
            return Err(malformed());
        }
        // A later version has its own layout, but begins and ends alike.
        match content.first() {
            Some(&VERSION) => {}
            _ => {
                return Err(Error::argument(
                    "state-of-another-version",
                    "the value of `state` was issued by another version of the component",
                    "its format has changed since",
                    "use the version that issued it, or start the pass without `state`",
                ));
            }
        }
        let (head, after) = content.split_first_chunk::<30>().ok_or_else(malformed)?;
        if head.get(1..9) != Some(&digest.to_le_bytes()) {
            return Err(Error::argument(
                "state-of-another-stream",
                "the value of `state` belongs to another pass",
                "the stream, the pass, the partition, the parents or a setting has changed since",
                "pass the arguments of the step that returned it, or start the pass without `state`",
            ));
        }
        let number = |at: usize| {
            let bytes = head.get(at..at + 8)?.try_into().ok()?;
            Some(i64::from_le_bytes(bytes)).filter(|number| *number != i64::MIN)
        };
        let part = head.get(9..13).and_then(|bytes| bytes.try_into().ok());
        let after = std::str::from_utf8(after).map_err(|_| malformed())?;
        Ok(Self {
            part: part.map(u32::from_le_bytes).unwrap_or_default(),
            newest: number(14),
            before: number(22),
            unordered: head[13] & 1 != 0,
            gap: head[13] & 2 != 0,
            after: (!after.is_empty()).then(|| after.to_owned()),
        })
    }
}

pub(super) fn malformed() -> Error {
    Error::argument(
        "state-malformed",
        "the value of `state` was not issued by this component",
        "it was cut, changed or made up",
        "pass `state` of the previous step unchanged, or start the pass without it",
    )
}

fn check_sum(bytes: &[u8]) -> [u8; 4] {
    let hash = Fingerprint::of(bytes);
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    u32::try_from(folded).unwrap_or_default().to_le_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn state() -> State {
        State {
            part: 3,
            newest: Some(-1),
            before: None,
            unordered: false,
            gap: true,
            after: Some("abc".to_owned()),
        }
    }

    fn code(text: &str, digest: u64) -> String {
        State::read(text, digest).unwrap_err().code.clone()
    }

    #[test]
    fn a_state_survives_its_text() {
        for state in [state(), State::default()] {
            assert_eq!(State::read(&state.write(7), 7).unwrap(), state);
        }
    }

    #[test]
    fn states_of_other_passes_and_versions_and_changed_ones_have_codes_of_their_own() {
        let text = state().write(7);
        assert_eq!(code(&text, 8), "state-of-another-stream");
        let mut bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        bytes.truncate(bytes.len() - 4);
        bytes[0] = VERSION + 1;
        bytes.extend(b"longer");
        bytes.extend(check_sum(&bytes));
        assert_eq!(
            code(&URL_SAFE_NO_PAD.encode(&bytes), 7),
            "state-of-another-version"
        );
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                code(&String::from_utf8(changed).unwrap(), 7),
                "state-malformed"
            );
            assert_eq!(code(&text[..at], 7), "state-malformed");
        }
        assert_eq!(code(&"A".repeat(MAX_CHARACTERS + 1), 7), "state-malformed");
    }
}
