//! The signature of a file, in a file of its own.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

use super::public_key::PublicKey;

/// Length of a signature, in bytes.
const SIGNATURE_BYTES: usize = 64;

/// Most signatures of one file: those who vouch for a release, and the old key beside the new one
/// while keys change.
const MAX_SIGNATURES: usize = 16;

/// Largest file of signatures that is read, in bytes. One has 142, and the most 2 272.
pub const MAX_SIGNATURE_BYTES: u64 = 4096;

/// The signature of a file: as text, the signer's public key, a blank, and the base64 of 64 bytes.
///
/// The key says who claims to have signed, so that a stranger's signature can be told from a
/// changed file. It is believed only after the signature has been verified with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    signer: Option<PublicKey>,
    bytes: Vec<u8>,
}

/// A file holds no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a signature is a line with a public key and the base64 of 64 bytes, or the 64 bytes of an Ed25519 signature, as they are or as base64"
)]
#[non_exhaustive]
pub struct SignatureError;

impl Signature {
    /// Reads a file of signatures: a line for each, or a single one as 64 bytes or as base64 that
    /// is broken into lines.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] for everything else, and for more than 16.
    pub fn parse_all(file: &[u8]) -> Result<Vec<Self>, SignatureError> {
        if file.len() == SIGNATURE_BYTES {
            return Ok(vec![Self {
                signer: None,
                bytes: file.to_vec(),
            }]);
        }
        let text = std::str::from_utf8(file).map_err(|_| SignatureError)?;
        // openssl breaks base64 into lines.
        if let Ok(bytes) = decode(&text.split_ascii_whitespace().collect::<String>()) {
            return Ok(vec![Self {
                signer: None,
                bytes,
            }]);
        }
        let signatures = text
            .lines()
            .map(|line| {
                let (signer, base64) = match line.split_once(' ') {
                    Some((signer, base64)) => {
                        let signer = signer.parse().map_err(|_| SignatureError)?;
                        (Some(signer), base64)
                    }
                    None => (None, line),
                };
                let bytes = decode(base64.trim_end())?;
                Ok(Self { signer, bytes })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if signatures.is_empty() || signatures.len() > MAX_SIGNATURES {
            return Err(SignatureError);
        }
        Ok(signatures)
    }

    /// The file of these signatures, which [`Signature::parse_all`] reads.
    pub(crate) fn file_of(signatures: &[Self]) -> Vec<u8> {
        let lines = signatures.iter().map(|signature| format!("{signature}\n"));
        lines.collect::<String>().into_bytes()
    }

    /// The signatures of a file with others added, each once; `None` where that is more than one
    /// file may have. What is there is never left out for what is new: a level that runs the file
    /// may depend on it.
    pub(crate) fn joined(there: Vec<Self>, new: &[Self]) -> Option<Vec<Self>> {
        let mut all = there;
        for signature in new {
            if !all.contains(signature) {
                all.push(signature.clone());
            }
        }
        (all.len() <= MAX_SIGNATURES).then_some(all)
    }

    pub(super) fn by(signer: PublicKey, bytes: &[u8]) -> Self {
        Self {
            signer: Some(signer),
            bytes: bytes.to_vec(),
        }
    }

    /// Who claims to have signed, where the signature says so.
    #[must_use]
    pub fn signer(&self) -> Option<&PublicKey> {
        self.signer.as_ref()
    }

    /// Whether `key` made this signature of `file`.
    #[must_use]
    pub fn is_by(&self, key: &PublicKey, file: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, key.bytes())
            .verify(file, &self.bytes)
            .is_ok()
    }
}

fn decode(base64: &str) -> Result<Vec<u8>, SignatureError> {
    match STANDARD.decode(base64) {
        Ok(bytes) if bytes.len() == SIGNATURE_BYTES => Ok(bytes),
        _ => Err(SignatureError),
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(signer) = &self.signer {
            write!(f, "{signer} ")?;
        }
        f.write_str(&STANDARD.encode(&self.bytes))
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use super::{MAX_SIGNATURE_BYTES, Signature};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    const KEY: &str = "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn one(file: &[u8]) -> Signature {
        let [signature] = Signature::parse_all(file).unwrap().try_into().unwrap();
        signature
    }

    #[test]
    fn a_signature_is_read_in_every_form_that_tools_write() {
        let base64 = STANDARD.encode([7; 64]);
        let (line, rest) = base64.split_at(64);
        for file in [
            vec![7; 64],
            base64.clone().into_bytes(),
            format!("{line}\n{rest}\n").into_bytes(),
        ] {
            let signature = one(&file);
            assert_eq!(signature.signer(), None);
            assert_eq!(signature.to_string(), base64);
        }
        let named = format!("{KEY} {base64}\n");
        let signature = one(named.as_bytes());
        assert_eq!(signature.signer().unwrap().to_string(), KEY);
        assert_eq!(signature.to_string(), named.trim());
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let base64 = STANDARD.encode([7; 64]);
        for file in [
            "",
            " ",
            "untrusted comment: minisign",
            &base64[..80],
            &format!("{base64}{base64}"),
            &format!("somebody {base64}"),
            &format!("{KEY} {KEY}"),
            &format!("{KEY} {base64}\n{KEY}\n"),
            &format!("{KEY} {base64}\n").repeat(17),
        ] {
            assert!(Signature::parse_all(file.as_bytes()).is_err(), "{file}");
        }
        assert!(Signature::parse_all(&[0xff; 63]).is_err());
    }

    #[test]
    fn signatures_of_several_signers_stand_in_one_file_each_once() {
        let signature = |byte: u8| one(format!("{KEY} {}", STANDARD.encode([byte; 64])).as_bytes());
        let many: Vec<Signature> = (0..15).map(signature).collect();
        let nameless = one(&[7; 64]);
        let joined = Signature::joined(many.clone(), &[nameless.clone(), many[0].clone()]).unwrap();
        assert_eq!(joined[..15], many);
        assert_eq!(joined.last(), Some(&nameless));
        let file = Signature::file_of(&joined);
        assert!(file.len() as u64 <= MAX_SIGNATURE_BYTES);
        assert_eq!(Signature::parse_all(&file).unwrap(), joined);
        let nameless = [nameless, one(&[8; 64])];
        let file = Signature::file_of(&nameless);
        assert_eq!(Signature::parse_all(&file).unwrap(), nameless);
    }

    #[test]
    fn what_is_there_does_not_make_room_for_what_is_new() {
        let nameless = |byte: u8| one(&[byte; 64]);
        let there: Vec<Signature> = (0..16).map(nameless).collect();
        assert!(Signature::joined(there.clone(), &[nameless(16)]).is_none());
        assert_eq!(Signature::joined(there.clone(), &there), Some(there));
    }
}
