//! The nested `cargo` that compiles the guest.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::bill::Bill;
use crate::{BuildError, GUEST_TARGET, target};

/// Variables that the outer `cargo` sets for build scripts, or a developer for native code. A
/// wrapper, a flag or a target folder meant for the host would reach the guest with them.
const FOREIGN: [&str; 12] = [
    "DEBUG",
    "HOST",
    "MAKEFLAGS",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "TARGET",
];

/// Of the variables that start with `CARGO_`, those that say where crates come from.
const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR"];

/// Up to which cost LLVM inlines a function. Its default of 225 nearly doubles the code, most of it
/// the same decoding of a field inlined into each record and its lowering; 20 is no slower. Below
/// that the lowering of a row becomes calls, and a list takes a third longer.
const INLINE_THRESHOLD: u32 = 20;

/// Instructions beyond those that the target has by default: vectors, of WebAssembly 2.0, with which
/// strings are checked and searched sixteen bytes at a time. Without them the code is larger, too.
const FEATURES: &str = "-Ctarget-feature=+simd128";

/// The memory that a guest begins with, in bytes: a call of a page of 250 rows needs no more, so
/// that an instance is made without a change of what may be touched.
const MEMORY_BYTES: u32 = 2 << 20;

/// A package that is compiled to a core module.
pub(crate) struct Guest {
    /// Its name in the workspace.
    pub(crate) package: &'static str,
    /// Its feature, if it needs one.
    pub(crate) feature: Option<&'static str>,
}

/// A guest, compiled.
pub(crate) struct Compiled {
    /// The core module.
    pub(crate) module: Vec<u8>,
    /// The packages that it was built of.
    pub(crate) bill: Bill,
    /// The folders of those that are not from a registry.
    pub(crate) sources: Vec<PathBuf>,
}

/// Compiles a package.
pub(crate) fn compile(
    workspace: &Path,
    target_directory: &Path,
    guest: &Guest,
) -> Result<Compiled, BuildError> {
    let mut output = run(workspace, target_directory, guest)?;
    if !output.status.success() && target::is_missing(&output.stderr) {
        target::add().map_err(|reason| BuildError::TargetMissing { reason })?;
        output = run(workspace, target_directory, guest)?;
    }
    if !output.status.success() {
        return Err(BuildError::Compile {
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    let path = target_directory
        .join(GUEST_TARGET)
        .join("guest")
        .join(format!("{}.wasm", guest.package.replace('-', "_")));
    let read = |path: PathBuf| match std::fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(source) => Err(BuildError::Module { path, source }),
    };
    let lock = read(workspace.join("Cargo.lock"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    Ok(Compiled {
        module: read(path)?,
        bill: Bill::read(guest.package, &messages, &String::from_utf8_lossy(&lock)),
        sources: sources(&messages),
    })
}

/// Runs the nested `cargo`.
fn run(workspace: &Path, target_directory: &Path, guest: &Guest) -> Result<Output, BuildError> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let mut command = Command::new(&cargo);
    for (name, _) in std::env::vars_os() {
        if is_foreign(&name) {
            command.env_remove(name);
        }
    }
    command
        .current_dir(workspace)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace).join("\x1f"))
        // A wrapper's path would be part of the symbols, and so of the bytes.
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        .args(["build", "--locked", "--package", guest.package])
        .args(guest.feature.iter().flat_map(|name| ["--features", name]))
        .args(["--profile", "guest", "--target", GUEST_TARGET])
        // On standard output; what is wrong with the code stays on standard error.
        .args(["--message-format", "json-render-diagnostics"])
        .arg("--target-dir")
        .arg(target_directory)
        .output()
        .map_err(|source| BuildError::Cargo { cargo, source })
}

/// The folders of the packages that `cargo build --message-format json` names and that come from no
/// registry.
fn sources(messages: &str) -> Vec<PathBuf> {
    let folders: BTreeSet<PathBuf> = messages
        .lines()
        .filter_map(|message| {
            let message: Value = serde_json::from_str(message).ok()?;
            let id = message.get("package_id")?.as_str()?;
            if !id.starts_with("path+") {
                return None;
            }
            let manifest = message.get("manifest_path")?.as_str()?;
            Path::new(manifest).parent().map(Path::to_owned)
        })
        .collect();
    folders.into_iter().collect()
}

fn is_foreign(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    if name.starts_with("CARGO") {
        return !KEPT.iter().any(|kept| name.starts_with(kept));
    }
    name.starts_with("RUSTC_") || FOREIGN.contains(&name.as_ref())
}

/// Paths of this machine are replaced, so that two clones in different folders give the same
/// bytes.
fn flags(workspace: &Path) -> Vec<String> {
    let mut flags = vec![
        format!("-Cllvm-args=-inline-threshold={INLINE_THRESHOLD}"),
        FEATURES.to_owned(),
        format!("-Clink-arg=--initial-memory={MEMORY_BYTES}"),
        format!("--remap-path-prefix={}=/connector", workspace.display()),
    ];
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={}=/cargo", home.display()));
        // The later prefix wins: the folder's name has a hash of the registry's address in it.
        for registry in registries(&home.join("registry/src")) {
            flags.push(format!(
                "--remap-path-prefix={}=/crates",
                registry.display()
            ));
        }
    }
    flags
}

/// The folders with the sources of crates, one for each registry, in a stable order.
fn registries(folder: &Path) -> Vec<PathBuf> {
    let mut registries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    registries.sort();
    registries
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::{is_foreign, sources};

    #[test]
    fn what_concerns_the_host_does_not_reach_the_guest() {
        for name in [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_PROFILE_RELEASE_LTO",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "OUT_DIR",
        ] {
            assert!(is_foreign(&OsString::from(name)), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "PATH",
            "HOME",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(!is_foreign(&OsString::from(name)), "{name}");
        }
    }

    #[test]
    fn the_sources_of_a_guest_are_its_packages_that_come_from_no_registry() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","package_id":"registry+https://github.com/rust-lang/crates.io-index#memchr@2.7.4","manifest_path":"/cargo/memchr/Cargo.toml"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","package_id":"path+file:///w/rendering#confluence-rendering@0.1.0","manifest_path":"/w/rendering/Cargo.toml"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","package_id":"path+file:///w/component#confluence-component@0.1.0","manifest_path":"/w/component/Cargo.toml"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
            "\nnot a message\n",
        );
        assert_eq!(
            sources(messages),
            [PathBuf::from("/w/component"), PathBuf::from("/w/rendering")]
        );
    }
}
