//! Builds the components that the host embeds: the connector, and the providers that stand in
//! for this host in others.

use std::path::PathBuf;
use std::process::ExitCode;

use confluence_component_builder::{Provider, build, build_provider};

fn main() -> ExitCode {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let Some(workspace) = manifest.parent() else {
        println!("cargo::error=`host-runner` does not lie in a workspace");
        return ExitCode::FAILURE;
    };
    for watched in [
        "Cargo.lock",
        "Cargo.toml",
        "component/Cargo.toml",
        "component/src",
        "connector/Cargo.toml",
        "connector/src",
        "provider/Cargo.toml",
        "provider/src",
        "provider/wit",
        "wit",
    ] {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(watched).display()
        );
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
        let written = guest.map_err(|error| error.to_string()).and_then(|bytes| {
            std::fs::write(out.join(file), bytes)
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
