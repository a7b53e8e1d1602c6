//! `host-runner component keygen` and `component sign`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use host_runner::{Digest, Inspection, MAX_SIGNATURE_BYTES, SigningKey};
use zeroize::Zeroizing;

use super::file;
use crate::exit::Failure;
use crate::{candidates, output, report};

/// Maximum size of a private key's file, in bytes. A key has about 120.
const KEY_BYTES: u64 = 16 * 1024;

#[derive(Debug, Args)]
pub(crate) struct KeygenArguments {
    /// File for the private key; must not exist, and only its owner will be able to read it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// Component file
    #[arg(value_name = "FILE", add = ArgValueCompleter::new(candidates::components_and_files))]
    component: PathBuf,
    /// File with the private key, or `-` for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key: PathBuf,
    /// Output file for the signature [default: FILE.sig]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    signature: Option<PathBuf>,
}

pub(super) fn keygen(arguments: &KeygenArguments) -> Result<(), Failure> {
    let (key, pem) = SigningKey::generate().map_err(Failure::SigningKey)?;
    let path = &arguments.file;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // `tempfile` makes it with mode 0600, and it has its name once it is whole.
    let write = || {
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(pem.as_bytes())?;
        draft.as_file().sync_all()?;
        draft.persist_noclobber(path)?;
        Ok(())
    };
    write().map_err(|source: io::Error| {
        let context = if source.kind() == io::ErrorKind::AlreadyExists {
            format!(
                "`{}` already exists, and signing keys are never overwritten: choose another file",
                path.display()
            )
        } else {
            format!("cannot write the private key to `{}`", path.display())
        };
        Failure::KeyFile { context, source }
    })?;
    report::note(&format!(
        "wrote the private key to `{}`; to trust it, add the public key on standard output to `component.signed-by`",
        path.display()
    ));
    output::say(&key.public_key().to_string())
}

pub(super) fn sign(arguments: &SignArguments) -> Result<(), Failure> {
    let bytes = file::read(&arguments.component)?;
    Inspection::of(&bytes).map_err(|source| Failure::Inspect {
        path: arguments.component.display().to_string(),
        source,
    })?;
    let pem = private_key(&arguments.key)?;
    let key = SigningKey::from_pem(&pem).map_err(Failure::SigningKey)?;
    let path = arguments
        .signature
        .clone()
        .unwrap_or_else(|| beside(&arguments.component));
    file::write(&path, format!("{}\n", key.sign(&bytes)).as_bytes())?;
    report::note(&format!(
        "wrote the signature of `{1}` by `{2}` to `{0}`",
        path.display(),
        Digest::of(&bytes),
        key.public_key()
    ));
    Ok(())
}

/// The file of signatures that was named, or the one beside the component if there is one.
pub(super) fn signatures(
    component: &Path,
    named: Option<&Path>,
) -> Result<Option<Vec<u8>>, Failure> {
    let (path, is_named) = match named {
        Some(path) => (path.to_owned(), true),
        None => (beside(component), false),
    };
    let failed =
        |source: io::Error| Failure::input(format!("the signature `{}`", path.display()), source);
    // One that was named may be a pipe, which somebody writes to. Nobody is waited for otherwise.
    if !is_named && std::fs::metadata(&path).is_ok_and(|there| !there.is_file()) {
        return Err(failed(io::Error::other("it is not a regular file")));
    }
    match File::open(&path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            // One byte more than is allowed: what is longer is no signature, and is told as that.
            file.take(MAX_SIGNATURE_BYTES + 1)
                .read_to_end(&mut bytes)
                .map_err(failed)?;
            Ok(Some(bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// `confluence.wasm.sig` of `confluence.wasm`.
fn beside(component: &Path) -> PathBuf {
    let mut name = OsString::from(component);
    name.push(".sig");
    name.into()
}

/// The PEM in a file that only its owner can read, or on standard input.
fn private_key(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let failed = |source| Failure::KeyFile {
        context: format!("cannot read the private key `{}`", path.display()),
        source,
    };
    let mut pem = Zeroizing::new(String::new());
    if path == Path::new("-") {
        if io::stdin().is_terminal() {
            return Err(Failure::Usage(
                "the private key is expected on standard input, which is the terminal, where it would be shown; use a pipe or a file".to_owned(),
            ));
        }
        io::stdin()
            .take(KEY_BYTES)
            .read_to_string(&mut pem)
            .map_err(failed)?;
        return Ok(pem);
    }
    let file = File::open(path).map_err(failed)?;
    refuse_exposed(&file).map_err(failed)?;
    file.take(KEY_BYTES)
        .read_to_string(&mut pem)
        .map_err(failed)?;
    Ok(pem)
}

/// A key that others can read may be known to them, and what it signs is trusted everywhere.
#[cfg(unix)]
fn refuse_exposed(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!(
            "other users can read it (mode {mode:o}): run `chmod 600` on it, and replace the key if it may have been read"
        ),
    ))
}

#[cfg(not(unix))]
fn refuse_exposed(_file: &File) -> io::Result<()> {
    Ok(())
}
