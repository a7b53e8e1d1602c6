//! Keys that are expected: rows of a list have their keys in the same order mostly.

use super::string::Written;

/// Bytes of a text that are compared at once.
const LANE: usize = 32;

/// Keys of one object that are remembered, at most.
const MAX_KEYS: usize = 64;

/// A key with its quotes and the colon, as it stands in a text.
#[derive(Debug)]
pub(crate) struct Key {
    words: [u64; LANE / 8],
    /// Which bytes of the words count.
    mask: [u64; LANE / 8],
    length: usize,
}

impl Key {
    /// None for a name that is too long, or that is not written as it is.
    fn new(name: &str) -> Option<Self> {
        let length = name.len() + 3;
        let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\');
        if length > LANE || !name.bytes().all(is_plain) {
            return None;
        }
        let mut bytes = [0; LANE];
        let written = [b'"'].into_iter().chain(name.bytes()).chain(*b"\":");
        for (to, byte) in bytes.iter_mut().zip(written) {
            *to = byte;
        }
        let mut counts = [0; LANE];
        counts.iter_mut().take(length).for_each(|byte| *byte = 0xff);
        Some(Self {
            words: words(&bytes),
            mask: words(&counts),
            length,
        })
    }

    /// Bytes of it, if it stands there.
    #[inline(always)]
    pub(super) fn at(&self, text: &[u8], at: usize) -> Option<usize> {
        let bytes = text.get(at..)?.first_chunk::<LANE>()?;
        let found = words(bytes);
        let words = found.iter().zip(&self.words).zip(&self.mask);
        let differs = words.fold(0, |differs, ((found, word), mask)| {
            differs | ((found ^ word) & mask)
        });
        (differs == 0).then_some(self.length)
    }
}

#[inline(always)]
fn words(bytes: &[u8; LANE]) -> [u64; LANE / 8] {
    let (words, _) = bytes.as_chunks::<8>();
    let mut all = [0; LANE / 8];
    for (to, word) in all.iter_mut().zip(words) {
        *to = u64::from_le_bytes(*word);
    }
    all
}

/// What stands next in an object.
pub(crate) enum Found<'a> {
    End,
    /// The expected key.
    Expected,
    /// A key.
    Other(Written<'a>),
}

/// The keys of an object in the order of the row before, and what each leads to.
#[derive(Debug)]
pub(crate) struct Keys<T> {
    learned: Vec<Learned<T>>,
}

#[derive(Debug)]
struct Learned<T> {
    name: String,
    key: Option<Key>,
    target: T,
}

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self {
            learned: Vec::new(),
        }
    }
}

impl<T: Copy> Keys<T> {
    /// The key that is expected at a place.
    pub(crate) fn expected(&self, place: usize) -> Option<&Key> {
        self.learned.get(place)?.key.as_ref()
    }

    /// What the key at a place leads to.
    pub(crate) fn target(&self, place: usize) -> Option<T> {
        Some(self.learned.get(place)?.target)
    }

    /// What a key leads to that was not expected at a place, and the place behind it. One that was never
    /// seen is expected there from now on.
    pub(crate) fn learn(
        &mut self,
        name: &str,
        place: usize,
        target: impl FnOnce() -> T,
    ) -> (T, usize) {
        let count = self.learned.len();
        let mut places = (place..count).chain(0..place.min(count));
        let found = places.find_map(|place| {
            let learned = self.learned.get(place)?;
            (learned.name == name).then_some((learned.target, place + 1))
        });
        if let Some(found) = found {
            return found;
        }
        let target = target();
        if count >= MAX_KEYS || place > count || name.len() > LANE * 4 {
            return (target, place);
        }
        let learned = Learned {
            name: name.to_owned(),
            key: Key::new(name),
            target,
        };
        self.learned.insert(place, learned);
        (target, place + 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{Key, Keys};

    #[test]
    fn a_key_is_found_where_it_stands_and_nowhere_else() {
        let key = Key::new("title").unwrap();
        let behind = " and what follows, which is long enough";
        let text = format!("\"title\":{behind}");
        assert_eq!(key.at(text.as_bytes(), 0), Some(8));
        assert_eq!(key.at(text.as_bytes(), 1), None);
        for other in [
            "\"titles\":",
            "\"titl\":",
            "\"title\" :",
            "\"Title\":",
            "\"title\"",
        ] {
            let text = format!("{other}{behind}");
            assert_eq!(key.at(text.as_bytes(), 0), None, "{other}");
        }
        // Too near to the end to be compared.
        assert_eq!(key.at(b"\"title\":1}", 0), None);
    }

    #[test]
    fn names_that_are_written_otherwise_or_too_long_are_no_keys() {
        let longest = "x".repeat(29);
        assert!(Key::new(&longest).is_some() && Key::new("").is_some());
        for name in ["a\"b", "a\\b", "a\nb", &format!("{longest}x")] {
            assert!(Key::new(name).is_none(), "{name}");
        }
    }

    #[test]
    fn any_order_is_learned_and_a_key_keeps_what_it_leads_to() {
        let mut keys = Keys::default();
        let mut place = 0;
        for (target, name) in ["a", "b", "c"].into_iter().enumerate() {
            (_, place) = keys.learn(name, place, || target);
        }
        assert_eq!(place, 3);
        // One that was left out, one that is new, and one from before.
        assert_eq!(keys.learn("c", 1, || 9), (2, 3));
        assert_eq!(keys.learn("x", 1, || 7), (7, 2));
        assert_eq!(keys.learn("a", 2, || 9), (0, 1));
        assert_eq!(keys.target(1), Some(7));
        for number in 0..100 {
            keys.learn(&number.to_string(), 0, || 8);
        }
        assert_eq!(keys.learn("never", 0, || 6), (6, 0));
        assert_eq!(keys.learn("b", 0, || 9).0, 1);
    }
}
