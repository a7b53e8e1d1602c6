//! Compiled code, kept in the state folder, and proven to be ours before it is run.
//!
//! Compiling the connector takes about 150 ms, loading its code about one. Code from a file is
//! machine code: whoever can write it owns the process. A keyed hash over every file therefore
//! stands in front of the code, under a key that only the owner of the state folder has.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use wasmtime::Engine;
use wasmtime::component::Component;
use zeroize::Zeroizing;

use super::compiler::{CompileError, CompileLimits, Compiler, compatibility, compile_here};
use super::settings::MemoryLayout;
use crate::plain_file::{Content, Links, read};
use host_levels::durable_file::FolderLock;

/// What the authenticating key is derived for.
pub(crate) const COMPILED_CODE_PURPOSE: &str =
    "host-runner 0.1 authentication of compiled components";

/// Length of the keyed hash in front of the code, in bytes.
const TAG_BYTES: usize = blake3::OUT_LEN;

/// What was checked of a component before it was compiled. It changes with what is checked: code
/// that was compiled after fewer checks is compiled again.
const CHECKED: &[u8] = b"structure 1";

/// Maximum size of a file with compiled code, in bytes. Code has about three times the size of the
/// WebAssembly that it was compiled from.
const MAX_CODE_BYTES: u64 = 1 << 30;

/// The compiled components of a state folder.
pub(crate) struct CompiledCode {
    folder: PathBuf,
    key: Zeroizing<[u8; 32]>,
    compiler: Compiler,
    layout: MemoryLayout,
}

/// Where a component comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// From this program or from the one that embeds it: the time of a call does not end its
    /// compiling, and where no process can be started for it, it is compiled in this one.
    Own,
    /// From the store, where anybody's may be.
    Foreign,
}

impl CompiledCode {
    /// The compiled components of a folder. The key is derived for [`COMPILED_CODE_PURPOSE`].
    pub(crate) fn new(
        folder: PathBuf,
        key: Zeroizing<[u8; 32]>,
        compiler: Compiler,
        layout: MemoryLayout,
    ) -> Self {
        Self {
            folder,
            key,
            compiler,
            layout,
        }
    }

    /// Where components are compiled.
    pub(crate) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// How much address space memories reserve in what is compiled.
    pub(crate) fn layout(&self) -> MemoryLayout {
        self.layout
    }

    /// Loads the compiled form of `component`, if it is kept.
    ///
    /// A file that is no regular one, of another engine, or not authentic counts as missing.
    pub(crate) fn kept(&self, engine: &Engine, component: &[u8]) -> Option<Component> {
        let name = name(engine, component);
        self.open_file(engine, &name)
    }

    /// Compiles `component` and keeps the result, unless another process does: that one is waited
    /// for, so that processes that start together compile once.
    ///
    /// Code that cannot be kept is no error: the next process compiles again.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        component: &[u8],
        limits: &CompileLimits,
        trust: Trust,
    ) -> Result<Component, CompileError> {
        let start = Instant::now();
        let limits = match trust {
            Trust::Own => limits.of_own(),
            Trust::Foreign => *limits,
        };
        let (limit, setting) = limits.patience();
        let name = name(engine, component);
        let _turn = match FolderLock::take_within(&self.folder, &name, limit) {
            Ok(turn) => {
                if let Some(component) = self.open_file(engine, &name) {
                    return Ok(component);
                }
                Some(turn)
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(CompileError::Busy { limit, setting });
            }
            // Where nothing can be written, nothing is shared either.
            Err(_) => None,
        };
        let call = limits.call.unwrap_or(limits.time);
        let left = call.saturating_sub(start.elapsed());
        let compiled = self
            .compiler
            .compile(engine, self.layout, component, &limits, left);
        let code = match compiled {
            Err(error @ (CompileError::Start { .. } | CompileError::OtherVersion { .. }))
                if trust == Trust::Own =>
            {
                tracing::warn!(%error, "the component of this program is compiled in this process");
                compile_here(engine, component)?
            }
            compiled => compiled?,
        };
        // Not being able to keep the code costs time, never correctness.
        let _ = self.keep(&self.path(&name), &name, &code);
        deserialize(engine, &code).map_err(|error| CompileError::Refused {
            reason: format!("{error:#}"),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.cwasm"))
    }

    fn open_file(&self, engine: &Engine, name: &str) -> Option<Component> {
        match read(&self.path(name), MAX_CODE_BYTES, Links::Refuse).ok()? {
            Content::Bytes(file) => self.open(engine, name, &file),
            Content::TooLarge | Content::NotAFile => None,
        }
    }

    fn open(&self, engine: &Engine, name: &str, file: &[u8]) -> Option<Component> {
        let (tag, code) = file.split_first_chunk::<TAG_BYTES>()?;
        // `blake3::Hash` compares in constant time.
        if self.tag(name, code) != *tag {
            return None;
        }
        deserialize(engine, code).ok()
    }

    fn keep(&self, path: &Path, name: &str, code: &[u8]) -> io::Result<()> {
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

/// Names code by the component's bytes, by what was checked of them, and by everything of the
/// engine that compiled code depends on.
fn name(engine: &Engine, component: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&compatibility(engine));
    hasher.update(CHECKED);
    hasher.update(component);
    hasher.finalize().to_hex().to_string()
}

#[allow(
    unsafe_code,
    reason = "wasmtime marks the loading of machine code as unsafe"
)]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` comes from `Engine::precompile_component` of this process, or of one that it
    // started for that from a program that its owner named, through a pipe that no other process
    // has; or from a file whose keyed hash was checked, over these very bytes, under a key that
    // only the owner of the state folder can read: another process of that owner compiled it.
    unsafe { Component::deserialize(engine, code) }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use std::path::Path;
    use std::time::Duration;

    use super::{CompiledCode, TAG_BYTES, Trust, name};
    use crate::engine::compiler::{CompileError, CompileLimits, Compiler};
    use crate::engine::settings::{KEPT_MEMORY_BYTES, start};
    use crate::engine::{InstanceMemory, MemoryLayout};
    use host_levels::durable_file::FolderLock;
    use wasmtime::Engine;
    use wasmtime::component::Component;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    const LIMITS: CompileLimits = CompileLimits {
        time: Duration::from_secs(600),
        memory_mib: 1024,
        call: None,
    };

    fn engine(memory: InstanceMemory, layout: MemoryLayout) -> Engine {
        let (engine, started) = start(memory, layout, KEPT_MEMORY_BYTES, |_| ()).unwrap();
        assert_eq!(started, memory);
        engine
    }

    fn on_demand() -> Engine {
        engine(InstanceMemory::OnDemand, MemoryLayout::Reserved)
    }

    fn code(folder: &Path, key: u8) -> CompiledCode {
        CompiledCode::new(
            folder.to_owned(),
            [key; 32].into(),
            Compiler::InProcess,
            MemoryLayout::Reserved,
        )
    }

    fn load(code: &CompiledCode, engine: &Engine) -> Result<Component, CompileError> {
        match code.kept(engine, COMPONENT) {
            Some(component) => Ok(component),
            None => code.compile(engine, COMPONENT, &LIMITS, Trust::Foreign),
        }
    }

    #[test]
    fn code_that_was_tampered_with_is_compiled_anew() {
        let folder = tempfile::tempdir().unwrap();
        let engine = on_demand();
        let code = code(folder.path(), 1);
        load(&code, &engine).unwrap();

        let name = name(&engine, COMPONENT);
        let path = code.path(&name);
        let honest = std::fs::read(&path).unwrap();
        assert!(code.open(&engine, &name, &honest).is_some());

        for index in [0, TAG_BYTES, honest.len() - 1] {
            let mut tampered = honest.clone();
            tampered[index] ^= 1;
            assert!(code.open(&engine, &name, &tampered).is_none());
            std::fs::write(&path, &tampered).unwrap();
            load(&code, &engine).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), honest);
        }
    }

    #[test]
    fn code_kept_under_another_key_or_name_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let engine = on_demand();
        let (ours, theirs) = (code(folder.path(), 1), code(folder.path(), 2));
        load(&theirs, &engine).unwrap();
        let name = name(&engine, COMPONENT);
        let file = std::fs::read(ours.path(&name)).unwrap();
        assert!(theirs.open(&engine, &name, &file).is_some());
        assert!(ours.open(&engine, &name, &file).is_none());
        assert!(theirs.open(&engine, "another", &file).is_none());
    }

    #[test]
    fn code_compiled_by_one_engine_loads_in_another_wherever_instances_have_their_memory_from() {
        let folder = tempfile::tempdir().unwrap();
        let code = code(folder.path(), 1);
        let (first, second) = (
            on_demand(),
            engine(InstanceMemory::Pooled, MemoryLayout::Reserved),
        );
        load(&code, &first).unwrap();
        assert_eq!(name(&first, COMPONENT), name(&second, COMPONENT));
        assert!(code.kept(&second, COMPONENT).is_some());
        // How much address space a memory reserves changes the code.
        let compact = engine(InstanceMemory::OnDemand, MemoryLayout::Compact);
        assert!(code.kept(&compact, COMPONENT).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_place_of_compiled_code_or_of_its_lock_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let engine = on_demand();
        let code = code(folder.path(), 1);
        let name = name(&engine, COMPONENT);
        for path in [
            code.path(&name),
            folder.path().join(format!(".{name}.lock")),
        ] {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        }
        load(&code, &engine).unwrap();
        assert!(code.path(&name).is_file());
    }

    #[test]
    fn who_waits_for_another_process_longer_than_a_call_may_take_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let engine = on_demand();
        let code = code(folder.path(), 1);
        let _held = FolderLock::take(folder.path(), &name(&engine, COMPONENT)).unwrap();
        let limits = CompileLimits {
            call: Some(Duration::from_millis(1)),
            ..LIMITS
        };
        assert_eq!(limits.of_own().call, None);
        let ended = code.compile(&engine, COMPONENT, &limits, Trust::Foreign);
        assert!(matches!(
            ended.err(),
            Some(CompileError::Busy {
                setting: "limits.call-seconds",
                ..
            })
        ));
    }
}
