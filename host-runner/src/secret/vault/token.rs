//! The token that Vault is asked with.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use http::HeaderValue;
use zeroize::Zeroizing;

use super::error::VaultError;
use crate::plain_file::{Links, not_a_file, open};

/// The variable that holds the Vault token, the same as the `vault` command's.
pub(crate) const TOKEN_VARIABLE: &str = "VAULT_TOKEN";

/// Longest token, in bytes. Service tokens have about 100, batch tokens some hundred more; what
/// exceeds this is some other file.
const TOKEN_BYTES: usize = 16 * 1024;

/// The token that Vault is asked with. Overwritten when dropped, never printed.
#[derive(Clone)]
pub(crate) struct VaultToken {
    text: Zeroizing<String>,
    /// The file that it was read from, where a newer one may be by now.
    file: Option<PathBuf>,
}

impl VaultToken {
    /// Takes the token from `file` where one is given, and from the variable `VAULT_TOKEN`
    /// otherwise.
    ///
    /// # Errors
    ///
    /// [`VaultError`] names the file or the variable: neither is there, others can read the file,
    /// or it holds no token.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, VaultError> {
        match file {
            Some(path) => Self::from_file(path),
            None => match std::env::var(TOKEN_VARIABLE) {
                Ok(text) => Self::parse(&Zeroizing::new(text), TOKEN_VARIABLE),
                Err(std::env::VarError::NotPresent) => Err(VaultError::NoToken),
                Err(std::env::VarError::NotUnicode(_)) => Err(VaultError::TokenMalformed {
                    origin: TOKEN_VARIABLE.to_owned(),
                }),
            },
        }
    }

    fn from_file(path: &Path) -> Result<Self, VaultError> {
        let failed = |source| VaultError::TokenFile {
            path: path.to_owned(),
            source,
        };
        let file = open(path, Links::Follow)
            .and_then(|file| file.ok_or_else(not_a_file))
            .map_err(failed)?;
        refuse_exposed(&file, path)?;
        // Reserved at once: a buffer that grows leaves copies of the token behind.
        let mut text = Zeroizing::new(String::with_capacity(TOKEN_BYTES));
        match file.take(TOKEN_BYTES as u64).read_to_string(&mut text) {
            Ok(_) => Ok(Self {
                file: Some(path.to_owned()),
                ..Self::parse(&text, &path.display().to_string())?
            }),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(VaultError::TokenMalformed {
                    origin: path.display().to_string(),
                })
            }
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) fn parse(text: &str, origin: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        let fits = !text.is_empty()
            && text.len() < TOKEN_BYTES
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self {
                text: Zeroizing::new(text.to_owned()),
                file: None,
            })
        } else {
            Err(VaultError::TokenMalformed {
                origin: origin.to_owned(),
            })
        }
    }

    /// The token that its file has by now, where that is another one: whoever keeps the file puts a
    /// new token there before the old one ends.
    pub(super) fn renewed(&self) -> Option<Self> {
        // What is wrong with the file now explains a refusal less well than the refusal.
        let now = Self::from_file(self.file.as_deref()?).ok()?;
        (now.text != self.text).then_some(now)
    }

    pub(super) fn expose(&self) -> &str {
        &self.text
    }

    /// The value of `X-Vault-Token`, marked so that neither HTTP/2 indexing nor `Debug` shows it.
    pub(super) fn header(&self) -> Result<HeaderValue, VaultError> {
        let mut value =
            HeaderValue::from_str(&self.text).map_err(|_| VaultError::TokenMalformed {
                origin: TOKEN_VARIABLE.to_owned(),
            })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for VaultToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultToken(…)")
    }
}

#[cfg(unix)]
fn refuse_exposed(file: &File, path: &Path) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt as _;
    // Of the open file, so that it is the one that is read.
    let mode = file
        .metadata()
        .map_err(|source| VaultError::TokenFile {
            path: path.to_owned(),
            source,
        })?
        .permissions()
        .mode()
        & 0o777;
    // An agent of Vault writes it readable by a group that the process belongs to.
    if mode & 0o007 == 0 {
        Ok(())
    } else {
        Err(VaultError::TokenExposed {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_file: &File, _path: &Path) -> Result<(), VaultError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Write as _;

    use super::{VaultError, VaultToken};

    #[test]
    fn a_token_file_is_read_without_its_line_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"hvs.sesame\n").unwrap();
        let token = VaultToken::open(Some(file.path())).unwrap();
        assert_eq!(token.expose(), "hvs.sesame");
        assert_eq!(format!("{token:?}"), "VaultToken(…)");
        assert!(token.header().unwrap().is_sensitive());
    }

    #[cfg(unix)]
    #[test]
    fn a_token_file_that_others_than_its_group_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"hvs.sesame").unwrap();
        let open = |mode| {
            let permissions = std::fs::Permissions::from_mode(mode);
            file.as_file().set_permissions(permissions).unwrap();
            VaultToken::open(Some(file.path()))
        };
        for mode in [0o604, 0o644] {
            let error = open(mode).unwrap_err();
            assert!(
                matches!(error, VaultError::TokenExposed { mode: found, .. } if found == mode),
                "{error}"
            );
        }
        // As an agent of Vault writes it.
        assert_eq!(open(0o640).unwrap().expose(), "hvs.sesame");
    }

    #[test]
    fn a_file_without_a_token_is_named_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let absent = VaultToken::open(Some(&folder.path().join("absent"))).unwrap_err();
        assert!(absent.to_string().contains("absent"), "{absent}");
        for text in [
            &b""[..],
            b"\n",
            b"two words",
            b"ses\xffame",
            &[b'x'; 20_000],
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text).unwrap();
            let error = VaultToken::open(Some(file.path())).unwrap_err();
            assert!(
                matches!(error, VaultError::TokenMalformed { .. }),
                "{error}"
            );
            assert!(
                error
                    .to_string()
                    .contains(&file.path().display().to_string())
            );
            assert!(!error.to_string().contains("two words"), "{error}");
        }
    }
}
