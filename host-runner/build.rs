//! Builds the components that the host embeds: the connector, and the providers that stand in
//! for this host in others.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use confluence_component_builder::{Provider, build, build_provider};

fn main() -> ExitCode {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let Some(workspace) = manifest.parent() else {
        println!("cargo::error=`host-runner` does not lie in a workspace");
        return ExitCode::FAILURE;
    };
    for watched in ["Cargo.lock", "Cargo.toml", "wit"] {
        watch(&workspace.join(watched));
    }
    let Some(out) = std::env::var_os("OUT_DIR").map(PathBuf::from) else {
        println!("cargo::error=`OUT_DIR` is not set: this program is run by `cargo`");
        return ExitCode::FAILURE;
    };
    // For `doctor`: what this build runs on, and which engine it has.
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=HOST_RUNNER_TARGET={target}");
    let lock = std::fs::read_to_string(workspace.join("Cargo.lock")).unwrap_or_default();
    let engine = lock
        .split_once("name = \"wasmtime\"\nversion = \"")
        .and_then(|(_, rest)| rest.split('"').next())
        .unwrap_or_default();
    println!("cargo::rustc-env=HOST_RUNNER_ENGINE={engine}");
    // Beside the profile folders of the outer build, so that its debug and release builds share
    // one guest: `OUT_DIR` is `target/PROFILE/build/host-runner-HASH/out`.
    let target = out
        .ancestors()
        .nth(4)
        .map_or_else(|| out.join("guest"), |target| target.join("guest"));
    let guests = [
        ("confluence.wasm", build(workspace, &target)),
        (
            "environment-provider.wasm",
            build_provider(workspace, &target, Provider::Environment),
        ),
        (
            "config-store-provider.wasm",
            build_provider(workspace, &target, Provider::ConfigStore),
        ),
    ];
    for (file, guest) in guests {
        let written = guest.map_err(|error| error.to_string()).and_then(|built| {
            for folder in &built.sources {
                for watched in ["Cargo.toml", "src", "wit"].map(|name| folder.join(name)) {
                    if watched.exists() {
                        watch(&watched);
                    }
                }
            }
            std::fs::write(out.join(file), built.component)
                .map_err(|error| format!("`{file}` cannot be written: {error}"))
        });
        if let Err(error) = written {
            for line in error.lines() {
                println!("cargo::error={line}");
            }
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Has `cargo` run this program again when a file, or one in a folder, has changed.
fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
