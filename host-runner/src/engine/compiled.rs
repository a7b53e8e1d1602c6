//! Compiled code, kept in the state folder, and proven to be ours before it is run.
//!
//! Compiling the connector takes about 150 ms, loading its code about one. Code from a file is
//! machine code: whoever can write it owns the process. A keyed hash over every file therefore
//! stands in front of the code, under a key that only the owner of the state folder has.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write as _;
use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;
use zeroize::Zeroizing;

/// What the authenticating key is derived for.
pub(crate) const COMPILED_CODE_PURPOSE: &str =
    "host-runner 0.1 authentication of compiled components";

/// Length of the keyed hash in front of the code, in bytes.
const TAG_BYTES: usize = blake3::OUT_LEN;

/// The compiled components of a state folder.
pub(crate) struct CompiledCode {
    folder: PathBuf,
    key: Zeroizing<[u8; 32]>,
}

impl CompiledCode {
    /// The compiled components of a folder. The key is derived for [`COMPILED_CODE_PURPOSE`].
    pub(crate) fn new(folder: PathBuf, key: Zeroizing<[u8; 32]>) -> Self {
        Self { folder, key }
    }

    /// Loads the compiled form of `component`, or compiles it and keeps the result.
    ///
    /// A file that is missing, of another engine, or not authentic is replaced. One that cannot
    /// be written is no error: the next process compiles again.
    pub(crate) fn load(&self, engine: &Engine, component: &[u8]) -> wasmtime::Result<Component> {
        let name = name(engine, component);
        let path = self.folder.join(format!("{name}.cwasm"));
        if let Some(component) = fs::read(&path)
            .ok()
            .and_then(|file| self.open(engine, &name, &file))
        {
            return Ok(component);
        }
        let code = engine.precompile_component(component)?;
        // Not being able to keep the code costs time, never correctness.
        let _ = self.keep(&path, &name, &code);
        deserialize(engine, &code)
    }

    /// Whether [`CompiledCode::load`] would find the compiled form of `component`.
    pub(crate) fn has(&self, engine: &Engine, component: &[u8]) -> bool {
        let name = name(engine, component);
        fs::read(self.folder.join(format!("{name}.cwasm")))
            .is_ok_and(|file| self.open(engine, &name, &file).is_some())
    }

    fn open(&self, engine: &Engine, name: &str, file: &[u8]) -> Option<Component> {
        let (tag, code) = file.split_first_chunk::<TAG_BYTES>()?;
        // `blake3::Hash` compares in constant time.
        if self.tag(name, code) != *tag {
            return None;
        }
        deserialize(engine, code).ok()
    }

    fn keep(&self, path: &std::path::Path, name: &str, code: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut draft = tempfile::Builder::new()
            .prefix(".compiled-")
            .tempfile_in(&self.folder)?;
        draft.write_all(self.tag(name, code).as_bytes())?;
        draft.write_all(code)?;
        draft.persist(path)?;
        Ok(())
    }

    /// The keyed hash of the code and of the name that it is kept under, so that the code of one
    /// component cannot be put in place of another's.
    fn tag(&self, name: &str, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(name.as_bytes());
        hasher.update(code);
        hasher.finalize()
    }
}

/// Names code by the component's bytes and by everything of the engine that compiled code
/// depends on.
fn name(engine: &Engine, component: &[u8]) -> String {
    let mut hasher = StableHasher(blake3::Hasher::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.update(component);
    hasher.0.finalize().to_hex().to_string()
}

/// A [`Hasher`] that answers the same in every process.
struct StableHasher(blake3::Hasher);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.finalize();
        digest
            .as_bytes()
            .first_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

#[allow(
    unsafe_code,
    reason = "wasmtime marks the loading of machine code as unsafe"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` comes straight from `Engine::precompile_component` of this process, or from
    // a file whose keyed hash was checked, over these very bytes, under a key that only the
    // owner of the state folder can read: another process of that owner compiled it.
    unsafe { Component::deserialize(engine, code) }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use super::{CompiledCode, TAG_BYTES, name};
    use crate::engine::InstanceMemory;
    use crate::engine::settings::settings;
    use wasmtime::Engine;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn code_that_was_tampered_with_is_compiled_anew() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(&settings(InstanceMemory::OnDemand)).unwrap();
        let code = CompiledCode::new(folder.path().to_owned(), [1; 32].into());
        code.load(&engine, COMPONENT).unwrap();

        let path = folder
            .path()
            .join(format!("{}.cwasm", name(&engine, COMPONENT)));
        let honest = std::fs::read(&path).unwrap();
        assert!(
            code.open(&engine, &name(&engine, COMPONENT), &honest)
                .is_some()
        );

        for index in [0, TAG_BYTES, honest.len() - 1] {
            let mut tampered = honest.clone();
            tampered[index] ^= 1;
            assert!(
                code.open(&engine, &name(&engine, COMPONENT), &tampered)
                    .is_none()
            );
            std::fs::write(&path, &tampered).unwrap();
            code.load(&engine, COMPONENT).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), honest);
        }
    }

    #[test]
    fn code_kept_under_another_key_or_name_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(&settings(InstanceMemory::OnDemand)).unwrap();
        let ours = CompiledCode::new(folder.path().to_owned(), [1; 32].into());
        let theirs = CompiledCode::new(folder.path().to_owned(), [2; 32].into());
        theirs.load(&engine, COMPONENT).unwrap();
        let file = std::fs::read(
            folder
                .path()
                .join(format!("{}.cwasm", name(&engine, COMPONENT))),
        )
        .unwrap();
        assert!(
            theirs
                .open(&engine, &name(&engine, COMPONENT), &file)
                .is_some()
        );
        assert!(
            ours.open(&engine, &name(&engine, COMPONENT), &file)
                .is_none()
        );
        assert!(theirs.open(&engine, "another", &file).is_none());
    }

    #[test]
    fn code_compiled_by_one_engine_loads_in_another_wherever_instances_have_their_memory_from() {
        let folder = tempfile::tempdir().unwrap();
        let code = CompiledCode::new(folder.path().to_owned(), [1; 32].into());
        let (first, second) = (
            Engine::new(&settings(InstanceMemory::OnDemand)).unwrap(),
            Engine::new(&settings(InstanceMemory::Pooled)).unwrap(),
        );
        code.load(&first, COMPONENT).unwrap();
        assert_eq!(name(&first, COMPONENT), name(&second, COMPONENT));
        let file = std::fs::read(
            folder
                .path()
                .join(format!("{}.cwasm", name(&first, COMPONENT))),
        )
        .unwrap();
        assert!(
            code.open(&second, &name(&second, COMPONENT), &file)
                .is_some()
        );
    }
}
