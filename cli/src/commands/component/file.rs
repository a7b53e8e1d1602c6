//! Components by the words of the command line.

use std::io;
use std::path::Path;

use host_runner::MAX_COMPONENT_BYTES;

use crate::built_in::BUILT_IN;
use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::output_file;

/// The bytes of a component that this program carries, of a file, or of a stored one by digest.
pub(super) fn resolve(session: &SessionOptions, word: &str) -> Result<Vec<u8>, Failure> {
    if let Some(built_in) = BUILT_IN.iter().find(|built_in| built_in.name == word) {
        return Ok((built_in.bytes)().to_vec());
    }
    let path = Path::new(word);
    if path.exists() || !looks_like_digest(word) {
        return read(path);
    }
    let host = session.open_to_read()?;
    let digest = host.component_store().find(word)?;
    Ok(host.component_store().get(&digest)?.unwrap_or_default())
}

pub(super) fn looks_like_digest(text: &str) -> bool {
    text.starts_with("sha256:")
        || (text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Reads a component's file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::input(format!("the component `{}`", path.display()), source);
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(io::Error::other("not a file")));
    }
    if metadata.len() > MAX_COMPONENT_BYTES {
        return Err(failed(io::Error::other(format!(
            "it has {} bytes, and the maximum is {MAX_COMPONENT_BYTES}",
            metadata.len()
        ))));
    }
    std::fs::read(path).map_err(failed)
}

/// Writes a file that the caller named.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    output_file::write(path, bytes).map_err(|source| Failure::written_to(path, source))
}
