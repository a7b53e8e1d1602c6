//! What is remembered of changes that were given: for the next call of a list, and for the next list.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::change::{Change, OVERLAP_MS};
use crate::{ListOptions, fingerprint::Fingerprint};

/// Changes that are remembered, so that they are not given twice. With more in five minutes, or
/// behind a row that could not be read, some come twice.
const MOST_REMEMBERED: usize = 512;

const VERSION: &str = "cp2.";

/// Whether a text is a checkpoint, whatever it holds.
pub(super) fn is_checkpoint(text: &str) -> bool {
    // A later version's, too: it is none of the instants that may stand there.
    text.starts_with("cp")
}

/// The query that a checkpoint belongs to: changes of other spaces or in other states were not in
/// its list.
pub(super) fn query(function: u8, options: &ListOptions) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.add(&[function]);
    for values in [&options.status, &options.space_ids] {
        let mut sorted = BTreeSet::new();
        sorted.extend(values.iter().map(|value| value.to_ascii_lowercase()));
        for value in sorted {
            fingerprint.add(value.as_bytes());
        }
        fingerprint.add(b"");
    }
    fingerprint.value()
}

/// Where a row lies that could not be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    /// Before the row that comes next.
    Open,
    /// Before a row of this instant.
    Before(i64),
}

/// An instant, and the changes around it that are known, the newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) newest: Option<i64>,
    hashes: Vec<u64>,
    /// So many of them are as late as the newest, but for the overlap.
    recent: usize,
    gap: Gap,
}

impl Seen {
    /// What is known of an instant that a caller gave.
    pub(super) fn at(instant: i64) -> Self {
        Self {
            newest: Some(instant),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, change: &Change) {
        let Some(at) = change.at else { return };
        if self.gap == Gap::Open {
            self.gap = Gap::Before(at);
        }
        let newest = self.newest.map_or(at, |newest| newest.max(at));
        self.newest = Some(newest);
        if self.hashes.len() < MOST_REMEMBERED && !self.has(change) {
            self.hashes.push(change.hash);
            if at >= newest.saturating_sub(OVERLAP_MS) {
                self.recent = self.hashes.len();
            }
        }
    }

    pub(super) fn has(&self, change: &Change) -> bool {
        self.hashes.contains(&change.hash)
    }

    /// A row was left out, somewhere before the row that comes next.
    pub(super) fn left_out(&mut self) {
        self.gap = Gap::Open;
    }

    /// The checkpoint of a complete list that began at an instant. It never lies behind a row that
    /// was left out.
    pub(super) fn checkpoint(&self, query: u64, begin: i64) -> String {
        let newest = self.newest.unwrap_or(begin).max(begin);
        let (instant, hashes) = match self.gap {
            Gap::None => (newest, self.hashes.get(..self.recent).unwrap_or_default()),
            Gap::Open => (begin, self.hashes.as_slice()),
            Gap::Before(at) => (at.clamp(begin, newest), self.hashes.as_slice()),
        };
        let mut bytes = query.to_le_bytes().to_vec();
        bytes.extend(instant.to_le_bytes());
        bytes.extend(hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        format!("{VERSION}{}", sealed(bytes))
    }

    /// Reads a checkpoint, and the query that it belongs to.
    pub(super) fn of_checkpoint(text: &str) -> Option<(u64, Self)> {
        let bytes = opened(text.strip_prefix(VERSION)?)?;
        let mut numbers = numbers(&bytes)?.into_iter();
        let query = numbers.next()?;
        let instant = numbers.next()?.cast_signed();
        let hashes = numbers.collect();
        Some((
            query,
            Self {
                hashes,
                ..Self::at(instant)
            },
        ))
    }

    /// A text that the next call of the same list goes on with.
    pub(super) fn text(&self) -> String {
        let gap = match self.gap {
            Gap::None => i64::MIN,
            Gap::Open => i64::MAX,
            Gap::Before(at) => at,
        };
        let mut bytes = self.newest.unwrap_or(i64::MIN).to_le_bytes().to_vec();
        bytes.extend(gap.to_le_bytes());
        bytes.extend((self.recent as u64).to_le_bytes());
        bytes.extend(self.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        sealed(bytes)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let bytes = opened(text)?;
        let mut numbers = numbers(&bytes)?.into_iter();
        let newest = numbers.next()?.cast_signed();
        let gap = numbers.next()?.cast_signed();
        let recent = usize::try_from(numbers.next()?).ok()?;
        Some(Self {
            newest: (newest != i64::MIN).then_some(newest),
            gap: match gap {
                i64::MIN => Gap::None,
                i64::MAX => Gap::Open,
                at => Gap::Before(at),
            },
            recent,
            hashes: numbers.collect(),
        })
    }
}

/// With a check sum, as a text for callers to keep.
fn sealed(mut bytes: Vec<u8>) -> String {
    let check = Fingerprint::of(&bytes);
    bytes.extend(check.to_le_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn opened(text: &str) -> Option<Vec<u8>> {
    // The hashes, three numbers and the check sum, in base64.
    if text.len() > (MOST_REMEMBERED + 4) * 11 {
        return None;
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (content, check) = bytes.split_last_chunk::<8>()?;
    if Fingerprint::of(content) != u64::from_le_bytes(*check) {
        return None;
    }
    bytes.truncate(content.len());
    Some(bytes)
}

fn numbers(bytes: &[u8]) -> Option<Vec<u64>> {
    let (numbers, rest) = bytes.as_chunks::<8>();
    let numbers = numbers.iter().copied().map(u64::from_le_bytes).collect();
    rest.is_empty().then_some(numbers)
}
