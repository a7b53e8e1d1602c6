//! A toolchain without the guest's target: it is added, or the build stops before it has compiled anything.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A package with one dependency, a toolchain without the target, and a `rustup`.
struct Machine {
    folder: TempDir,
}

impl Machine {
    /// A machine whose `rustup` runs this script; `$SYSROOT` is the folder of the toolchain.
    fn with_rustup(script: &str) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        machine.write(
            "package/Cargo.toml",
            "[package]\nname = \"package\"\nedition = \"2024\"\n\n[dependencies]\ndependency = { path = \"../dependency\" }\n\n[workspace]\n",
        );
        machine.write("package/src/main.rs", "fn main() {}\n");
        machine.write(
            "dependency/Cargo.toml",
            "[package]\nname = \"dependency\"\nedition = \"2024\"\n",
        );
        machine.write("dependency/src/lib.rs", "");
        machine.write(
            "package/.cargo/config.toml",
            &format!(
                "[build]\nrustc-workspace-wrapper = {:?}\n",
                repository.join("scripts/rustc")
            ),
        );
        let real = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        machine.program(
            "toolchain/rustc",
            &format!(
                "if [ \"$*\" = '--print sysroot' ]; then echo '{}'; else exec '{real}' \"$@\"; fi",
                machine.sysroot().display()
            ),
        );
        machine.program("path/rustup", script);
        machine
    }

    fn sysroot(&self) -> PathBuf {
        self.folder.path().join("sysroot")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn program(&self, name: &str, script: &str) {
        self.write(name, &format!("#!/usr/bin/env bash\n{script}\n"));
        let path = self.folder.path().join(name);
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Runs `cargo build`, with this value of the variable that keeps it from installing.
    fn build(&self, add_target: Option<&str>) -> Output {
        self.cargo(&["build"], add_target)
    }

    fn cargo(&self, words: &[&str], add_target: Option<&str>) -> Output {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(self.folder.path().join("package"))
            .args(words)
            .env(
                "PATH",
                format!("{}:{path}", self.folder.path().join("path").display()),
            )
            .env("RUSTC", self.folder.path().join("toolchain/rustc"))
            .env("SYSROOT", self.sysroot())
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .env_remove("CONFLUENCE_ADD_TARGET");
        if let Some(value) = add_target {
            command.env("CONFLUENCE_ADD_TARGET", value);
        }
        command.output().expect("`cargo` starts")
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const ADDS: &str = r#"[ "$*" = 'target add wasm32-unknown-unknown' ] || exit 1
mkdir -p "$SYSROOT/lib/rustlib/wasm32-unknown-unknown/lib""#;

#[test]
fn a_missing_target_is_added_through_rustup() {
    let machine = Machine::with_rustup(ADDS);
    let built = machine.build(None);
    assert!(built.status.success(), "{}", text(&built));
    assert!(
        machine
            .sysroot()
            .join("lib/rustlib/wasm32-unknown-unknown/lib")
            .is_dir()
    );
}

#[test]
fn variables_with_a_hyphen_reach_the_compiler() {
    let machine = Machine::with_rustup(ADDS);
    machine.write("package/src/bin/a-program.rs", "fn main() {}\n");
    machine.write(
        "package/tests/program.rs",
        "const _: &str = env!(\"CARGO_BIN_EXE_a-program\");\n",
    );
    let built = machine.cargo(&["test", "--no-run"], None);
    assert!(built.status.success(), "{}", text(&built));
}

#[test]
fn a_target_that_cannot_be_added_stops_the_build_before_anything_is_compiled() {
    let machine =
        Machine::with_rustup("echo 'error: could not download the component' >&2; exit 1");
    let built = machine.build(None);
    let said = text(&built);
    assert!(!built.status.success());
    assert!(!said.contains("Compiling"), "{said}");
    for part in [
        "the Rust target `wasm32-unknown-unknown`, which the component is compiled for, is not installed",
        "cause: rustup could not install it: error: could not download the component",
        "fix: run `rustup target add wasm32-unknown-unknown`",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn a_machine_that_must_not_be_changed_keeps_its_toolchain() {
    let machine = Machine::with_rustup(ADDS);
    let built = machine.build(Some("0"));
    let said = text(&built);
    assert!(!built.status.success());
    assert!(!said.contains("Compiling"), "{said}");
    assert!(said.contains("cause: CONFLUENCE_ADD_TARGET is 0"), "{said}");
    assert!(!machine.sysroot().exists());
}
