//! Hashing of (seed, salt, index) in place of a generator with a state.
//!
//! Every property of every row is a function of these three, so that row 900 000 costs as much
//! as row 1 and nothing has to be kept.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64 over the three values.
pub(crate) fn mix(seed: u64, salt: u64, index: u64) -> u64 {
    finish(finish(seed ^ salt.wrapping_mul(GOLDEN)).wrapping_add(index.wrapping_mul(GOLDEN)))
}

fn finish(value: u64) -> u64 {
    let mut z = value.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The word that `number` falls upon; the empty string of an empty list.
pub(crate) fn pick<'a>(words: &[&'a str], number: u64) -> &'a str {
    let length = words.len().max(1) as u64;
    words.get((number % length) as usize).copied().unwrap_or("")
}

/// 32 hexadecimal digits.
pub(crate) fn hex(seed: u64, salt: u64, index: u64) -> String {
    format!(
        "{:016x}{:016x}",
        mix(seed, salt, index),
        mix(seed, !salt, index)
    )
}

/// A version 4 UUID.
pub(crate) fn uuid(seed: u64, salt: u64, index: u64) -> String {
    let high = mix(seed, salt, index);
    let low = mix(seed, !salt, index);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff,
    )
}
