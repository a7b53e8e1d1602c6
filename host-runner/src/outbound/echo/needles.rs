//! The forms of a credential that are searched for.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::connection::Authorization;

/// Minimum length of a token that is searched for alone, in bytes. Atlassian's have 24 and more; a
/// shorter one (`token`, in a test) is also a word in pages, and is searched for with its user.
const MIN_TOKEN: usize = 16;

/// From this length on, in bytes, a part in the last third of a token stands for all of it. The
/// beginning is the same in all tokens of a kind (`ATATT3x…`, the header of a JWT), so that a component
/// could guess the rest of a needle there; the end is a checksum after a `=` that may be missing.
const LONG_TOKEN: usize = 96;
const PART: usize = 64;
const CHECKSUM: usize = 12;

/// Length of a needle of a long form, in bytes: 24 letters of base64 are 144 bits, 24 of hex 96.
const NEEDLE: usize = 24;

/// Minimum length of a form that is derived, in bytes. A shorter one is also a word in pages.
pub(super) const MIN_DERIVED: usize = 15;

/// Minimum length of a run of letters and digits that stands for the form it is in, in bytes: an echo
/// may omit what is neither.
const MIN_RUN: usize = 20;

/// A text that no answer may contain.
pub(super) type Needle = Zeroizing<Vec<u8>>;

/// All needles of a credential: the token and the base64 of `user:token` that is sent, as they are, in
/// base64 and in hex.
pub(super) fn needles(authorization: &Authorization) -> Vec<Needle> {
    let credential = authorization.credential().as_bytes();
    let mut needles = Vec::new();
    let pair = if authorization.scheme() == "Basic" {
        STANDARD.decode(credential).ok().map(Zeroizing::new)
    } else {
        None
    };
    let Some(pair) = pair else {
        let part = part(credential, 0);
        add_form(part.1, &mut needles, true);
        add_derived(part.1, &mut needles);
        return needles;
    };
    let token = pair
        .iter()
        .position(|byte| *byte == b':')
        .map(|colon| colon + 1)
        .filter(|start| pair.len() - start >= MIN_TOKEN);
    let (start, secret) = token
        .and_then(|start| Some((start, pair.get(start..)?)))
        .unwrap_or((0, &pair));
    let (start, secret) = part(secret, start);
    add_form(secret, &mut needles, true);
    add_derived(secret, &mut needles);
    // What the header has of it.
    let end = start + secret.len();
    let first = (start * 8).div_ceil(6);
    let last = if end == pair.len() {
        credential.len()
    } else {
        end * 8 / 6
    };
    let encoded = trimmed(credential.get(first..last).unwrap_or(credential));
    add_form(encoded, &mut needles, true);
    add_derived(encoded, &mut needles);
    needles
}

/// The part of a secret that is searched for, and where it begins.
fn part(secret: &[u8], start: usize) -> (usize, &[u8]) {
    if secret.len() < LONG_TOKEN {
        return (start, secret);
    }
    let end = secret.len() - CHECKSUM;
    let from = end - PART;
    (start + from, secret.get(from..end).unwrap_or(secret))
}

fn trimmed(base64: &[u8]) -> &[u8] {
    let end = base64.iter().rposition(|byte| *byte != b'=');
    end.and_then(|end| base64.get(..=end)).unwrap_or(base64)
}

/// Adds the needles of one form. Two adjacent ones of a long form: a line break is in one of them at
/// most where lines have 48 characters and more, as those of MIME and PEM have.
fn add_form(form: &[u8], needles: &mut Vec<Needle>, may_be_short: bool) {
    let mut add = |needle: &[u8]| {
        let is_new = !needles.iter().any(|known| known.as_slice() == needle);
        if is_new && !needle.is_empty() && (may_be_short || needle.len() >= MIN_DERIVED) {
            needles.push(Zeroizing::new(needle.to_vec()));
        }
    };
    match form.len().checked_sub(2 * NEEDLE) {
        None => {
            add(form);
            let runs = form.split(|byte| !byte.is_ascii_alphanumeric());
            if let Some(run) = runs.max_by_key(|run| run.len())
                && run.len() >= MIN_RUN
            {
                add(run);
            }
        }
        Some(start) => {
            let tail = form.get(start..).unwrap_or(form);
            tail.chunks_exact(NEEDLE).for_each(add);
        }
    }
}

/// Adds the base64 of a text that contains the secret, wherever in it, and its hex.
fn add_derived(secret: &[u8], needles: &mut Vec<Needle>) {
    for before in 0..3 {
        let mut text = Zeroizing::new(vec![0; before]);
        text.extend_from_slice(secret);
        let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&*text));
        // The letters that no byte before or after the secret has a part in.
        let (first, last) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        let form = encoded.as_bytes().get(first..last).unwrap_or_default();
        add_form(form, needles, false);
        let of_urls: Needle = Zeroizing::new(form.iter().map(|byte| of_urls(*byte)).collect());
        add_form(&of_urls, needles, false);
    }
    for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
        let digit = |value: u8| digits.get(usize::from(value)).copied().unwrap_or_default();
        // With room for all of it, so that no part is left behind where it grows.
        let mut hex: Needle = Zeroizing::new(Vec::with_capacity(2 * secret.len()));
        for byte in secret {
            hex.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        add_form(&hex, needles, false);
    }
}

/// A letter of base64 in the alphabet for URLs.
fn of_urls(letter: u8) -> u8 {
    match letter {
        b'+' => b'-',
        b'/' => b'_',
        letter => letter,
    }
}
