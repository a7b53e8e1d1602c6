//! The public half of a signer's key.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use host_levels::text::printable;

/// Length of a public key, in bytes.
const KEY_BYTES: usize = 32;

/// What stands before the base64 of a key.
const ALGORITHM: &str = "ed25519:";

/// What stands before the key in the form that openssl writes (`SubjectPublicKeyInfo`): a
/// sequence, the name of Ed25519 (1.3.101.112), and a string of bits.
const OPENSSL: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Most characters of what was given that an error repeats. They tell what it is, and are no more
/// than what stands before the secret in a private key, which is most likely given by mistake.
const REPEATED_CHARACTERS: usize = 12;

/// The public half of an Ed25519 key: `ed25519:` and the base64 of its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; KEY_BYTES]);

/// A text is no public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text} is not a valid public key: expected `{ALGORITHM}` and base64 of 32 bytes, or PEM from `openssl pkey -pubout`"
)]
pub struct PublicKeyError {
    text: String,
}

impl PublicKey {
    /// The key of these bytes, if they are 32.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = match text.trim().strip_prefix(ALGORITHM) {
            Some(base64) => STANDARD
                .decode(base64)
                .ok()
                .and_then(|bytes| Self::from_bytes(&bytes)),
            None => from_pem(text),
        };
        key.ok_or_else(|| PublicKeyError {
            text: beginning(text),
        })
    }
}

/// What an error repeats of a text.
fn beginning(text: &str) -> String {
    if text.contains("PRIVATE KEY") {
        return "a private key, which whoever can read it here may have by now,".to_owned();
    }
    let rest = if text.chars().nth(REPEATED_CHARACTERS).is_some() {
        "…"
    } else {
        ""
    };
    format!("`{}{rest}`", printable(text, REPEATED_CHARACTERS))
}

/// The key in openssl's PEM, or in its base64 without the lines around it.
fn from_pem(text: &str) -> Option<PublicKey> {
    let base64: String = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(base64).ok()?;
    PublicKey::from_bytes(der.strip_prefix(&OPENSSL)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::PublicKey;

    /// Of the private key in RFC 8410, section 10.3, as `openssl pkey -pubout` writes it.
    const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    const KEY: &str = "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn a_key_is_read_in_every_form_that_tools_write() {
        let bare = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        for text in [KEY, PEM, bare, &format!(" {KEY}\n")] {
            assert_eq!(
                text.parse::<PublicKey>().unwrap().to_string(),
                KEY,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_not_repeated_at_length() {
        for text in [
            "",
            "ed25519:",
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZg==",
            "rsa:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            // Of X25519, which signs nothing.
            "MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            &"x".repeat(10_000),
        ] {
            let error = text.parse::<PublicKey>().unwrap_err().to_string();
            assert!(error.len() < 300, "{error}");
        }
    }
}
