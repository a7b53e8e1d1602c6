//! Signatures of components: Ed25519 over the bytes of the file, kept in a file beside it.
//!
//! A digest says which file a level runs, and has to be changed with every release. A public key
//! says whose files it runs: the level `signed-by` names stays as it is while its signer ships new
//! ones, and a file that somebody else has put into the store is refused.
//!
//! What is signed is the file as it is, and private keys are PKCS#8, so that
//! `openssl pkeyutl -sign -rawin` makes signatures that hold here, and openssl verifies ours.

mod detached;
mod public_key;
mod signing_key;

pub use detached::{MAX_SIGNATURE_BYTES, Signature, SignatureError};
pub use public_key::{PublicKey, PublicKeyError};
pub use signing_key::{SigningKey, SigningKeyError};

use host_levels::Remedy;

use super::Digest;

/// Why a signature does not make a component trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// It has none.
    #[error("it has no signature: store it with its signature, or sign it")]
    Missing,
    /// The signature that is stored with it is none.
    #[error("its signature cannot be read: {0}; load the component with its signature again")]
    Unreadable(#[from] SignatureError),
    /// It is by somebody else.
    #[error(
        "it is signed with the key `{signer}`, which is not trusted: get a file that is signed with a trusted key, or add the key"
    )]
    Stranger {
        /// The key that the signature names.
        signer: PublicKey,
    },
    /// It names a key, and does not fit the file.
    #[error(
        "its signature by the key `{signer}` does not fit `{digest}`: the file was changed after it was signed, or the signature is another file's; get both from their source again"
    )]
    Changed {
        /// The key that the signature names.
        signer: PublicKey,
        /// The file.
        digest: Digest,
    },
    /// It names no key, and no trusted one fits.
    #[error(
        "its signature names no key and fits none of those that are trusted: it is by another key, or the file was changed after it was signed; get both from their source again"
    )]
    Unfitting,
}

impl TrustError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        matches!(self, Self::Missing | Self::Unreadable(_)).then_some(Remedy::SignComponent)
    }
}

/// Checks that one of the `trusted` keys has signed `component`. No key at all trusts nothing.
/// Of several signatures one is enough.
pub(crate) fn check(
    component: &[u8],
    signatures: Option<&[u8]>,
    trusted: &[PublicKey],
) -> Result<(), TrustError> {
    let signatures = Signature::parse_all(signatures.ok_or(TrustError::Missing)?)?;
    let mut refused = None;
    for signature in &signatures {
        let error = match signature.signer() {
            Some(signer) if !trusted.contains(signer) => TrustError::Stranger { signer: *signer },
            Some(signer) if signature.is_by(signer, component) => return Ok(()),
            Some(signer) => TrustError::Changed {
                signer: *signer,
                digest: Digest::of(component),
            },
            None if trusted.iter().any(|key| signature.is_by(key, component)) => return Ok(()),
            None => TrustError::Unfitting,
        };
        // A changed file says more than a stranger who has signed it, too.
        if refused.is_none() || matches!(error, TrustError::Changed { .. }) {
            refused = Some(error);
        }
    }
    Err(refused.unwrap_or(TrustError::Missing))
}

/// Checks that signatures can be ones of `component`: that none which names its signer was made of
/// another file.
pub(crate) fn check_fit(component: &[u8], signatures: &[Signature]) -> Result<(), TrustError> {
    let unfit = signatures.iter().find_map(|signature| {
        let signer = signature.signer()?;
        (!signature.is_by(signer, component)).then_some(*signer)
    });
    match unfit {
        None => Ok(()),
        Some(signer) => Err(TrustError::Changed {
            signer,
            digest: Digest::of(component),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{PublicKey, SigningKey, TrustError, check};

    /// The first test of RFC 8032, section 7.1: a secret key, its public key, and the signature of
    /// nothing.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const OF_NOTHING: &str = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn key(seed: &str) -> SigningKey {
        SigningKey::from_seed(&bytes(seed)).unwrap()
    }

    #[test]
    fn keys_and_signatures_are_those_of_the_standard() {
        let key = key(SEED);
        assert_eq!(key.public_key().bytes(), bytes(PUBLIC).as_slice());
        assert_eq!(
            check(b"", Some(&bytes(OF_NOTHING)), &[key.public_key()]),
            Ok(())
        );
        let written = key.sign(b"").to_string();
        assert_eq!(
            check(b"", Some(written.as_bytes()), &[key.public_key()]),
            Ok(())
        );
    }

    #[test]
    fn a_signature_holds_for_these_bytes_and_a_trusted_key_alone() {
        let (ours, other) = (key(SEED), key(PUBLIC));
        let (signed, trusted) = (ours.sign(b"component").to_string(), [ours.public_key()]);
        let told = |component: &[u8], signature: &str, trusted: &[PublicKey]| {
            check(component, Some(signature.as_bytes()), trusted)
        };
        assert_eq!(told(b"component", &signed, &trusted), Ok(()));
        let both = [other.public_key(), ours.public_key()];
        assert_eq!(told(b"component", &signed, &both), Ok(()));
        assert!(matches!(
            told(b"Component", &signed, &trusted),
            Err(TrustError::Changed { .. })
        ));
        assert!(matches!(
            told(b"component", &signed, &[other.public_key()]),
            Err(TrustError::Stranger { .. })
        ));
        assert!(matches!(
            told(b"component", &signed, &[]),
            Err(TrustError::Stranger { .. })
        ));
        // Somebody who puts our key before their signature.
        let theirs = other.sign(b"component").to_string();
        let forged = theirs.replace(
            &other.public_key().to_string(),
            &ours.public_key().to_string(),
        );
        assert!(matches!(
            told(b"component", &forged, &trusted),
            Err(TrustError::Changed { .. })
        ));
        let (_, nameless) = theirs.split_once(' ').unwrap();
        assert_eq!(
            told(b"component", nameless, &trusted),
            Err(TrustError::Unfitting)
        );
        assert_eq!(
            told(b"component", nameless, &[]),
            Err(TrustError::Unfitting)
        );
        assert_eq!(
            check(b"component", None, &trusted),
            Err(TrustError::Missing)
        );
        // Of several signatures one is enough, wherever it stands.
        for lines in [[&theirs, &signed], [&signed, &theirs]] {
            let file = format!("{}\n{}\n", lines[0], lines[1]);
            assert_eq!(told(b"component", &file, &trusted), Ok(()));
            assert!(matches!(
                told(b"Component", &file, &trusted),
                Err(TrustError::Changed { .. })
            ));
        }
    }
}
