//! AES-256-GCM over a record, bound to where the record belongs.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::key::MasterKey;

/// What the sealing key is derived for.
const PURPOSE: &str = "host-runner 0.1 seal of tokens";

/// Why a seal cannot be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key differs from the one that sealed, or the record was changed or moved.
    #[error(
        "the seal does not open: another key sealed it, or the record was changed or copied from elsewhere"
    )]
    DoesNotOpen,
    /// The operating system gives no random numbers, or the library refused the key.
    #[error("the seal cannot be made: the operating system gives no random numbers")]
    CannotSeal,
}

/// Seals and opens records under a key derived from the master key.
///
/// A sealed record is a random nonce (12 bytes) and the ciphertext with its tag. The place that
/// it belongs to is its associated data, so that a record copied to another level, or whose
/// endpoint was changed beside it, does not open.
pub(crate) struct Seal(LessSafeKey);

impl Seal {
    pub(crate) fn new(key: &MasterKey) -> Result<Self, SealError> {
        let key = key.derive(PURPOSE);
        UnboundKey::new(&AES_256_GCM, key.as_ref())
            .map(|key| Self(LessSafeKey::new(key)))
            .map_err(|_| SealError::CannotSeal)
    }

    pub(crate) fn seal(&self, secret: &str, place: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| SealError::CannotSeal)?;
        let mut sealed = Zeroizing::new(secret.as_bytes().to_vec());
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut sealed,
            )
            .map_err(|_| SealError::CannotSeal)?;
        Ok([&nonce, sealed.as_slice(), tag.as_ref()].concat())
    }

    pub(crate) fn open(&self, record: &[u8], place: &[u8]) -> Result<Zeroizing<String>, SealError> {
        let (nonce, sealed) = record
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(SealError::DoesNotOpen)?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let opened = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place),
                &mut sealed,
            )
            .map_err(|_| SealError::DoesNotOpen)?;
        String::from_utf8(opened.to_vec())
            .map(Zeroizing::new)
            .map_err(|_| SealError::DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use super::{Seal, SealError};
    use crate::secret::MasterKey;

    #[test]
    fn a_record_opens_only_where_it_was_sealed_and_only_unchanged() {
        let seal = Seal::new(&MasterKey::from_bytes([7; 32])).unwrap();
        let record = seal.seal("sesame", b"app https://one").unwrap();
        assert_eq!(
            seal.open(&record, b"app https://one").unwrap().as_str(),
            "sesame"
        );
        assert_eq!(
            seal.open(&record, b"app https://two"),
            Err(SealError::DoesNotOpen)
        );
        for index in 0..record.len() {
            let mut changed = record.clone();
            changed[index] ^= 1;
            assert_eq!(
                seal.open(&changed, b"app https://one"),
                Err(SealError::DoesNotOpen)
            );
        }
        let other = Seal::new(&MasterKey::from_bytes([8; 32])).unwrap();
        assert_eq!(
            other.open(&record, b"app https://one"),
            Err(SealError::DoesNotOpen)
        );
        assert_eq!(seal.open(b"short", b""), Err(SealError::DoesNotOpen));
    }

    #[test]
    fn the_same_secret_never_seals_to_the_same_bytes() {
        let seal = Seal::new(&MasterKey::from_bytes([7; 32])).unwrap();
        assert_ne!(
            seal.seal("sesame", b"x").unwrap(),
            seal.seal("sesame", b"x").unwrap()
        );
    }
}
