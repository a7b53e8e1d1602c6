//! A row's fingerprint: 128 bits over its fields, in whatever order they are sent.
//!
//! Each field is hashed as the JSON that Confluence sent, so that fields that nobody asked for
//! need no decoding. It recognizes changes; it protects against nobody.

/// Odd numbers without a pattern: the fractional parts of the golden ratio and of a square root.
const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xbb67_ae85_84ca_a73b;

/// The sum of the hashes of a row's fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Digest {
    a: u64,
    b: u64,
}

impl Digest {
    /// Adds a field. `seed` tells fields apart.
    #[inline]
    pub(super) fn add(&mut self, seed: u64, value: &[u8]) {
        let mut a = seed ^ (value.len() as u64).wrapping_mul(B);
        let mut b = seed.rotate_left(32);
        // Each word goes into one of the two. What differs in one word differs in the end.
        let (pairs, rest) = value.as_chunks::<16>();
        for pair in pairs {
            let both = u128::from_le_bytes(*pair);
            a = step(a, low(both));
            b = step(b, low(both >> 64));
        }
        if let Some((word, rest)) = rest.split_first_chunk::<8>() {
            a = step(a, u64::from_le_bytes(*word));
            b = step(b, tail(rest));
        } else {
            a = step(a, tail(rest));
        }
        self.a = self.a.wrapping_add(mixed(a ^ b.rotate_left(31)));
        self.b = self.b.wrapping_add(mixed(b.wrapping_mul(B) ^ a));
    }

    /// Appends its 32 hexadecimal digits.
    pub(super) fn write(self, text: &mut String) {
        let mut digits = [0; 32];
        let nibbles = [self.a, self.b]
            .into_iter()
            .flat_map(|half| (0..16).rev().map(move |place| (half >> (4 * place)) & 15));
        for (to, nibble) in digits.iter_mut().zip(nibbles) {
            let nibble = u8::try_from(nibble).unwrap_or_default();
            *to = nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        }
        text.push_str(std::str::from_utf8(&digits).unwrap_or_default());
    }
}

#[inline(always)]
const fn step(sum: u64, word: u64) -> u64 {
    let sum = (sum ^ word).wrapping_mul(A);
    sum ^ (sum >> 29)
}

#[inline(always)]
const fn low(both: u128) -> u64 {
    (both & u64::MAX as u128) as u64
}

/// Up to seven bytes as a number.
#[inline(always)]
fn tail(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The last step of SplitMix64: each bit of the input changes half of the output.
const fn mixed(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Digest;

    fn digest(fields: &[(u64, &str)]) -> String {
        let mut digest = Digest::default();
        for (seed, value) in fields {
            digest.add(*seed, value.as_bytes());
        }
        let mut text = String::new();
        digest.write(&mut text);
        text
    }

    #[test]
    fn rows_that_differ_have_digests_that_differ() {
        let mut all = BTreeSet::new();
        let mut count = 0;
        for seed in 1..=20 {
            for value in [
                "",
                "a",
                "b",
                "ab",
                "ba",
                "a\0",
                "abcdefgh",
                "abcdefgi",
                "abcdefgha",
            ] {
                for other in ["1", "2"] {
                    all.insert(digest(&[(seed, value), (40, other)]));
                    count += 1;
                }
            }
        }
        assert_eq!(all.len(), count);
        assert!(all.iter().all(|text| text.len() == 32));
    }

    #[test]
    fn the_order_of_fields_does_not_count() {
        assert_eq!(digest(&[(1, "a"), (2, "b")]), digest(&[(2, "b"), (1, "a")]));
        assert_ne!(digest(&[(1, "a"), (2, "b")]), digest(&[(1, "b"), (2, "a")]));
    }
}
