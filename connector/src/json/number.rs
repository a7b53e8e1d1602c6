//! Numbers: exact, or nothing.

use super::Broken;

/// A number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Whole(i64),
    /// Above `i64::MAX`.
    Large(u64),
    /// With a fraction, or beyond what is exact: an id that is off by one names another page.
    Inexact,
}

/// Above 2^53 what many write as a number is no longer one number but several.
const MOST_WITH_EXPONENT: u64 = 1 << 53;

/// Digits that always fit 64 bits.
const SAFE_DIGITS: usize = 19;

/// The number that `text` begins with, and how many bytes it takes.
pub(super) fn number(text: &[u8]) -> Result<(Number, usize), Broken> {
    let negative = text.first() == Some(&b'-');
    let start = usize::from(negative);
    let (whole, mut at) = digits(text, start)?;
    let leads_with_zero = text.get(start) == Some(&b'0');
    if leads_with_zero && at > start + 1 {
        return Err(Broken);
    }
    let mut fraction = "".as_bytes();
    if text.get(at) == Some(&b'.') {
        let begins = at + 1;
        (_, at) = digits(text, begins)?;
        fraction = text.get(begins..at).unwrap_or_default();
    }
    let mut exponent = 0;
    let is_plain = !matches!(text.get(at), Some(b'e' | b'E'));
    if !is_plain {
        at += 1;
        let shrinks = text.get(at) == Some(&b'-');
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        let (size, behind) = digits(text, at)?;
        at = behind;
        let size = size.and_then(|size| i32::try_from(size).ok());
        exponent = size.unwrap_or(i32::MAX) * if shrinks { -1 } else { 1 };
    }
    let number = if is_plain && fraction.is_empty() {
        signed(whole, negative)
    } else {
        scaled(whole, fraction, exponent)
            .map_or(Number::Inexact, |size| signed(Some(size), negative))
    };
    Ok((number, at))
}

/// Digits from `start` on: their value, unless it is too large, and what they end before.
fn digits(text: &[u8], start: usize) -> Result<(Option<u64>, usize), Broken> {
    let text = text.get(start..).ok_or(Broken)?;
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = text.get(..length).unwrap_or_default();
    if digits.is_empty() {
        return Err(Broken);
    }
    // Of so many digits each number fits: a check of every product is a function call in WebAssembly.
    let (safe, rest) = digits.split_at(length.min(SAFE_DIGITS));
    let value = safe
        .iter()
        .fold(0, |value: u64, digit| value * 10 + u64::from(digit - b'0'));
    let value = rest
        .iter()
        .try_fold(value, |value, digit| append(value, *digit));
    Ok((value, start + length))
}

fn append(value: u64, digit: u8) -> Option<u64> {
    value
        .checked_mul(10)?
        .checked_add(u64::from(digit.wrapping_sub(b'0')))
}

fn signed(size: Option<u64>, negative: bool) -> Number {
    let Some(size) = size else {
        return Number::Inexact;
    };
    if negative {
        return 0_i64
            .checked_sub_unsigned(size)
            .map_or(Number::Inexact, Number::Whole);
    }
    i64::try_from(size).map_or(Number::Large(size), Number::Whole)
}

/// The whole number that one with a fraction or an exponent is, if it is one.
fn scaled(whole: Option<u64>, fraction: &[u8], exponent: i32) -> Option<u64> {
    let zeros = fraction.iter().rev().take_while(|digit| **digit == b'0');
    let fraction = fraction.get(..fraction.len() - zeros.count())?;
    let mut size = fraction
        .iter()
        .try_fold(whole?, |size, digit| append(size, *digit))?;
    let mut shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    while shift != 0 && size != 0 {
        if shift > 0 {
            size = size.checked_mul(10)?;
            shift -= 1;
        } else if size % 10 == 0 {
            size /= 10;
            shift += 1;
        } else {
            return None;
        }
    }
    (size < MOST_WITH_EXPONENT).then_some(size)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{Number, number};

    #[test]
    fn whole_numbers_are_exact_however_they_are_written() {
        let cases = [
            ("0", Number::Whole(0)),
            ("-0", Number::Whole(0)),
            ("9223372036854775807", Number::Whole(i64::MAX)),
            ("-9223372036854775808", Number::Whole(i64::MIN)),
            ("-9223372036854775809", Number::Inexact),
            (
                "9223372036854775808",
                Number::Large(9_223_372_036_854_775_808),
            ),
            ("18446744073709551615", Number::Large(u64::MAX)),
            ("18446744073709551616", Number::Inexact),
            ("12.0", Number::Whole(12)),
            ("-1.50e1", Number::Whole(-15)),
            ("120e-1", Number::Whole(12)),
            ("1E3", Number::Whole(1000)),
            ("1e+2", Number::Whole(100)),
            ("0e999999999999", Number::Whole(0)),
            ("9007199254740991.0", Number::Whole(9_007_199_254_740_991)),
            ("9007199254740992.0", Number::Inexact),
            ("0.5", Number::Inexact),
            ("15e-1", Number::Inexact),
            ("1e999", Number::Inexact),
            ("1e-999999999999", Number::Inexact),
        ];
        for (given, wanted) in cases {
            let followed = format!("{given},");
            let read = number(followed.as_bytes()).unwrap();
            assert_eq!(read, (wanted, given.len()), "{given}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for given in ["", "-", "-x", "01", "-01", "1.", "1.x", "1e", "1e+", ".5"] {
            assert!(number(given.as_bytes()).is_err(), "{given}");
        }
    }
}
