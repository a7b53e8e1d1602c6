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
    pub(super) fn add(&mut self, seed: u64, value: &[u8]) {
        let mut a = seed ^ (value.len() as u64);
        let mut b = seed.rotate_left(32).wrapping_mul(B);
        let mut take = |word: u64| {
            a = (a ^ word).wrapping_mul(A);
            a ^= a >> 29;
            b = (b.rotate_left(25) ^ word).wrapping_mul(B);
        };
        let (words, rest) = value.as_chunks::<8>();
        for word in words {
            take(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        for (to, byte) in last.iter_mut().zip(rest) {
            *to = *byte;
        }
        take(u64::from_le_bytes(last));
        self.a = self.a.wrapping_add(mixed(a));
        self.b = self.b.wrapping_add(mixed(b));
    }

    /// Appends its 32 hexadecimal digits.
    pub(super) fn write(self, text: &mut String) {
        for half in [self.a, self.b] {
            for shift in (0..16).rev() {
                let digit = u32::try_from((half >> (4 * shift)) & 15).unwrap_or_default();
                text.extend(char::from_digit(digit, 16));
            }
        }
    }
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
