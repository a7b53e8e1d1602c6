//! `confluence-component-builder WORKSPACE FOLDER` builds everything that is released for other
//! hosts: the connector, the providers, and the contract as a package of WIT. Nothing of the host
//! is compiled for it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use confluence_component_builder::{Provider, build, build_provider, wit_package};

fn main() -> ExitCode {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let done = match words.as_slice() {
        [workspace, folder] => write(workspace, folder),
        _ => Err("give the folder of the workspace, and the one that gets the components".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "a program tells of its failure there")]
            {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

fn write(workspace: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let workspace = std::fs::canonicalize(workspace)?;
    let target = workspace.join("target/guest");
    std::fs::create_dir_all(folder)?;
    for (file, bytes) in [
        ("confluence.wasm", build(&workspace, &target)?.component),
        (
            "environment-provider.wasm",
            build_provider(&workspace, &target, Provider::Environment)?.component,
        ),
        (
            "config-store-provider.wasm",
            build_provider(&workspace, &target, Provider::ConfigStore)?.component,
        ),
        (
            "confluence-connector.wit.wasm",
            wit_package(&workspace.join("wit"))?,
        ),
    ] {
        std::fs::write(folder.join(file), bytes)?;
    }
    Ok(())
}
