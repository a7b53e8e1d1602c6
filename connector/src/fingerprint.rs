//! A small hash that stays the same in every version: FNV-1a, 64 bits.
//!
//! It tells arguments, cursors and pages apart in an `after` that may be kept for months. It is
//! no protection against anyone: whoever forges an `after` reads no more than with its own query.

/// A running FNV-1a hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        // Ends the piece, so that `ab`, `c` and `a`, `bc` differ: 0xff is in no UTF-8 text.
        self.0 = (self.0 ^ 0xff).wrapping_mul(0x0100_0000_01b3);
    }

    pub(crate) const fn value(self) -> u64 {
        self.0
    }

    /// The hash of one piece.
    pub(crate) fn of(bytes: &[u8]) -> u64 {
        let mut fingerprint = Self::new();
        fingerprint.add(bytes);
        fingerprint.value()
    }
}

/// An id as a number, to tell ids apart without keeping their text: exact for numbers and for
/// `att` and a number, hashed otherwise.
pub(crate) fn id_key(id: &str) -> u128 {
    const ATTACHMENT: u128 = 1 << 64;
    const HASHED: u128 = 1 << 65;
    let (digits, kind) = match id.strip_prefix("att") {
        Some(digits) => (digits, ATTACHMENT),
        None => (id, 0),
    };
    let plain = (1..=19).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !(digits.len() > 1 && digits.starts_with('0'));
    match digits.parse::<u64>() {
        Ok(number) if plain => kind | u128::from(number),
        _ => HASHED | u128::from(Fingerprint::of(id.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_differ_have_keys_that_differ() {
        let ids = [
            "1",
            "01",
            "att1",
            "att01",
            "-1",
            "",
            "18446744073709551616",
            "+1",
        ];
        let keys: std::collections::BTreeSet<u128> = ids.iter().map(|id| id_key(id)).collect();
        assert_eq!(keys.len(), ids.len());
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(Fingerprint::of(b""), 0xaf64_724c_8602_eb6e);
    }
}
