//! Where a string ends, eight or sixteen bytes at a time: nearly all of an answer is string.

/// Bytes that are looked at at once.
const LANE: usize = if cfg!(target_feature = "simd128") {
    16
} else {
    8
};

/// How many bytes stand before the first `"`, `\` or control character, none of which a string of
/// JSON has unescaped.
#[inline(always)]
pub(crate) fn plain(text: &[u8]) -> usize {
    // Most strings, and all names of fields, end here.
    #[cfg(target_feature = "simd128")]
    if let Some((lane, behind)) = text.split_first_chunk::<16>() {
        return match first_of(*lane) {
            Some(at) => at,
            None => 16 + plain_throughout(behind),
        };
    }
    plain_throughout(text)
}

/// The same of a text of any length.
#[cfg_attr(target_feature = "simd128", inline(never))]
#[cfg_attr(not(target_feature = "simd128"), inline(always))]
fn plain_throughout(text: &[u8]) -> usize {
    let mut rest = text;
    #[cfg(target_feature = "simd128")]
    while let Some((lane, behind)) = rest.split_first_chunk::<16>() {
        if let Some(at) = first_of(*lane) {
            return text.len() - rest.len() + at;
        }
        rest = behind;
    }
    while let Some((word, behind)) = rest.split_first_chunk::<8>() {
        if let Some(at) = first_of_word(*word) {
            return text.len() - rest.len() + at;
        }
        rest = behind;
    }
    let tail = rest.iter().position(|byte| is_end(*byte));
    text.len() - rest.len() + tail.unwrap_or(rest.len())
}

/// Copies to `place` what stands before the first such byte, as far as there is room, and answers how
/// many bytes that are. Behind them `place` may be written to.
pub(crate) fn copy_plain(text: &[u8], place: &mut [u8]) -> usize {
    let (mut rest, mut left) = (text, place);
    while let (Some((lane, behind)), true) = (rest.split_first_chunk(), left.len() >= LANE) {
        let (to, free) = left.split_at_mut(LANE);
        to.copy_from_slice(lane);
        if let Some(at) = first_of(*lane) {
            return text.len() - rest.len() + at;
        }
        (rest, left) = (behind, free);
    }
    let mut copied = text.len() - rest.len();
    for (to, byte) in left.iter_mut().zip(rest) {
        if is_end(*byte) {
            break;
        }
        *to = *byte;
        copied += 1;
    }
    copied
}

/// Whether a run of a string ends at this byte.
fn is_end(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// Where the first such byte of eight is.
#[inline(always)]
fn first_of_word(bytes: [u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(bytes);
    let hits = below_space(word) | zero(word ^ repeat(b'"')) | zero(word ^ repeat(b'\\'));
    // The lowest hit is exact; only bits above it may be set by a borrow.
    (hits != 0).then(|| (hits.trailing_zeros() / 8) as usize)
}

#[cfg(not(target_feature = "simd128"))]
use first_of_word as first_of;

/// The same of sixteen bytes at once, where WebAssembly has the instructions.
#[cfg(target_feature = "simd128")]
#[inline(always)]
fn first_of(bytes: [u8; LANE]) -> Option<usize> {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128_or};
    let bytes = u128::from_le_bytes(bytes);
    let lane = u64x2(bytes as u64, (bytes >> 64) as u64);
    let quotes = v128_or(
        u8x16_eq(lane, u8x16_splat(b'"')),
        u8x16_eq(lane, u8x16_splat(b'\\')),
    );
    let hits = u8x16_bitmask(v128_or(quotes, u8x16_lt(lane, u8x16_splat(0x20))));
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The high bit of each byte that is zero, exact up to the lowest one.
const fn zero(word: u64) -> u64 {
    word.wrapping_sub(repeat(1)) & !word & repeat(0x80)
}

/// The high bit of each byte below 0x20, exact up to the lowest one.
const fn below_space(word: u64) -> u64 {
    word.wrapping_sub(repeat(0x20)) & !word & repeat(0x80)
}

#[cfg(test)]
mod tests {
    use super::{copy_plain, plain};

    #[test]
    fn the_first_byte_that_ends_a_run_is_found_wherever_it_stands() {
        for end in [b'"', b'\\', 0, 0x1f] {
            for length in 0..40 {
                let mut text = vec![b'x'; length];
                text.push(end);
                // Whatever follows, and whatever is not ASCII before.
                text.extend(b"\"\\\n and more, so that words are whole");
                assert_eq!(plain(&text), length);
            }
        }
        for byte in (0x20..=0xff).filter(|byte| ![b'"', b'\\'].contains(byte)) {
            assert_eq!(plain(&[byte; 21]), 21, "{byte}");
        }
    }

    #[test]
    fn a_run_is_copied_as_far_as_there_is_room() {
        for end in [b'"', b'\\', 0, 0x1f] {
            for length in 0..40_u8 {
                let run: Vec<u8> = (b' '..b'!').chain(0xc0..0xc0 + length).collect();
                let mut text = run.clone();
                text.push(end);
                text.extend(b"\"\\\n and more, so that words are whole");
                for text in [text.as_slice(), &run] {
                    for room in 0..64 {
                        let mut place = vec![0; room];
                        let copied = copy_plain(text, &mut place);
                        assert_eq!(copied, run.len().min(room), "{length} {room}");
                        assert_eq!(place.get(..copied), run.get(..copied));
                    }
                }
            }
        }
    }
}
