//! The private half of a signer's key.

use host_levels::Remedy;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::error::KeyRejected;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::detached::Signature;
use super::public_key::PublicKey;

/// Length of what a key is made of, in bytes.
const SEED_BYTES: usize = 32;

/// What stands before the seed in PKCS#8 (RFC 8410): a sequence, version 0, the name of Ed25519,
/// and a string of bytes in a string of bytes.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A key that signs components. It shows its private half to nobody but who made it.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// Why there is no key to sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// It is not in the form in which private keys are kept.
    #[error(
        "not a private key in PEM (`{BEGIN}`): create one, such as with `openssl genpkey -algorithm ed25519`"
    )]
    NotPem,
    /// It is of another kind.
    #[error(
        "this private key is not an Ed25519 key, or is damaged: create one, such as with `openssl genpkey -algorithm ed25519`"
    )]
    NotEd25519,
    /// The system has no random numbers.
    #[error("the system random number generator is unavailable")]
    NoRandomness,
}

impl SigningKeyError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NotPem | Self::NotEd25519 => Some(Remedy::MakeSigningKey),
            Self::NoRandomness => None,
        }
    }
}

impl SigningKey {
    /// A new key, and its PEM for keeping.
    ///
    /// # Errors
    ///
    /// [`SigningKeyError::NoRandomness`].
    pub fn generate() -> Result<(Self, Zeroizing<String>), SigningKeyError> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        SystemRandom::new()
            .fill(seed.as_mut())
            .map_err(|_| SigningKeyError::NoRandomness)?;
        let key = Self::from_seed(seed.as_ref())?;
        let mut der = Zeroizing::new(PKCS8.to_vec());
        der.extend_from_slice(seed.as_ref());
        let base64 = Zeroizing::new(STANDARD.encode(&*der));
        let pem = Zeroizing::new(format!("{BEGIN}\n{}\n{END}\n", *base64));
        Ok((key, pem))
    }

    /// Reads a private key in PEM.
    ///
    /// # Errors
    ///
    /// [`SigningKeyError::NotPem`] and [`SigningKeyError::NotEd25519`], which repeat nothing of it.
    pub fn from_pem(pem: &str) -> Result<Self, SigningKeyError> {
        let base64 = pem
            .split_once(BEGIN)
            .and_then(|(_, rest)| rest.split_once(END))
            .map(|(base64, _)| Zeroizing::new(base64.split_ascii_whitespace().collect::<String>()))
            .ok_or(SigningKeyError::NotPem)?;
        let der = STANDARD
            .decode(&*base64)
            .map(Zeroizing::new)
            .map_err(|_| SigningKeyError::NotPem)?;
        Self::of(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der))
    }

    pub(super) fn from_seed(seed: &[u8]) -> Result<Self, SigningKeyError> {
        Self::of(Ed25519KeyPair::from_seed_unchecked(seed))
    }

    fn of(pair: Result<Ed25519KeyPair, KeyRejected>) -> Result<Self, SigningKeyError> {
        let pair = pair.map_err(|_| SigningKeyError::NotEd25519)?;
        let public =
            PublicKey::from_bytes(pair.public_key().as_ref()).ok_or(SigningKeyError::NotEd25519)?;
        Ok(Self { pair, public })
    }

    /// What others verify its signatures with.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Signs a file with these bytes.
    #[must_use]
    pub fn sign(&self, file: &[u8]) -> Signature {
        Signature::by(self.public, self.pair.sign(file).as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.public)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{SigningKey, SigningKeyError};

    /// RFC 8410, section 10.3: without and with the public key in it.
    const FIRST: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    const SECOND: &str = "-----BEGIN PRIVATE KEY-----\nMHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\noB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\nZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PRIVATE KEY-----\n";

    #[test]
    fn a_key_that_openssl_made_is_read() {
        let key = SigningKey::from_pem(FIRST).unwrap();
        assert_eq!(
            key.public_key().to_string(),
            "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
        );
    }

    #[test]
    fn a_new_key_is_another_one_each_time_and_survives_being_written() {
        let (one, pem) = SigningKey::generate().unwrap();
        let (two, _) = SigningKey::generate().unwrap();
        assert_ne!(one.public_key(), two.public_key());
        let read = SigningKey::from_pem(&pem).unwrap();
        assert_eq!(read.public_key(), one.public_key());
        assert_eq!(pem.lines().count(), FIRST.lines().count());
    }

    #[test]
    fn what_is_no_key_is_told_without_repeating_it() {
        let told = |pem: &str| SigningKey::from_pem(pem).unwrap_err();
        assert_eq!(told(""), SigningKeyError::NotPem);
        assert_eq!(
            told(&FIRST.replace("PRIVATE", "PUBLIC")),
            SigningKeyError::NotPem
        );
        assert_eq!(
            told(&FIRST.replace("MC4C", "MC4!")),
            SigningKeyError::NotPem
        );
        assert_eq!(
            told(&FIRST.replace("K2Vw", "K2Vu")),
            SigningKeyError::NotEd25519
        );
        // It is read, or refused, but never a reason to stop.
        let _ = SigningKey::from_pem(SECOND);
        let (key, pem) = SigningKey::generate().unwrap();
        let shown = format!("{key:?}");
        let secret = pem.lines().nth(1).unwrap();
        assert!(!shown.contains(secret.get(24..).unwrap()), "{shown}");
    }
}
