//! Builds the guest and turns it into a component.
//!
//! `cargo` compiles `component/` to a core module for `wasm32-unknown-unknown`; `wit-component`
//! wraps it into a component whose imports are the ones that the code calls, and no others. The
//! documentation of the WIT is added as the section `interface-docs`, without which a caller that
//! holds the file alone has no manual. Name, version, licence and the packages that it was built of
//! follow it.
//!
//! ```no_run
//! use std::path::Path;
//!
//! let built = confluence_component_builder::build(Path::new("."), Path::new("target/guest"))?;
//! std::fs::write("confluence.wasm", built.component)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bill;
mod compatibility;
mod documentation;
mod guest;
mod metadata;
mod names;
mod target;

use std::path::{Path, PathBuf};

use wit_component::ComponentEncoder;
use wit_parser::Resolve;

pub use compatibility::{Changes, Raise, compare};
use guest::Guest;

/// The Rust target that the guest is compiled for. Unlike `wasm32-wasip2` its standard library
/// asks for no files, clocks or environment: five imports remain where that target has fifteen.
pub const GUEST_TARGET: &str = "wasm32-unknown-unknown";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// [`GUEST_TARGET`] is not installed, and could not be.
    #[error(
        "the Rust target `{GUEST_TARGET}`, which the component is compiled for, is not installed\n  cause: {reason}\n  fix: run `rustup target add {GUEST_TARGET}`, then the same command again"
    )]
    TargetMissing {
        /// Why it was not installed.
        reason: String,
    },
    /// `cargo` could not be started.
    #[error("`{cargo}` could not be started to compile the component: {source}")]
    Cargo {
        /// The program that was tried.
        cargo: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The guest does not compile.
    #[error("the component does not compile:\n{output}")]
    Compile {
        /// What `cargo` printed.
        output: String,
    },
    /// The compiled module, or the lock file that it was compiled with, cannot be read.
    #[error("`{path}`, without which there is no component, cannot be read: {source}")]
    Module {
        /// Where it should be.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The WIT does not parse, or the module does not fit it.
    #[error("the module cannot be turned into a component: {reason}")]
    Componentize {
        /// What `wit-component` or `wit-parser` said.
        reason: String,
    },
}

/// A component, and what it was built of.
#[derive(Debug)]
#[non_exhaustive]
pub struct Built {
    /// The component, in the binary format.
    pub component: Vec<u8>,
    /// Folders of the local packages that it was compiled from. A build script that embeds the
    /// component watches them, so that no stale one is embedded.
    pub sources: Vec<PathBuf>,
}

/// Compiles the guest of the workspace at `workspace` into a component.
///
/// `target_directory` is the guest's own: were it shared, the nested `cargo` would wait for the
/// lock that the outer one holds.
///
/// # Errors
///
/// [`BuildError`] says what is missing or wrong. A missing target is installed through `rustup`,
/// unless the variable `CONFLUENCE_ADD_TARGET` is `0`; where that fails,
/// [`BuildError::TargetMissing`] names the command that helps.
pub fn build(workspace: &Path, target_directory: &Path) -> Result<Built, BuildError> {
    let guest = Guest {
        package: "confluence-component",
        feature: None,
    };
    let compiled = guest::compile(workspace, target_directory, &guest)?;
    let mut component = componentize(&compiled.module, &workspace.join("wit"))?;
    metadata::append(
        &mut component,
        "confluence-connector",
        "typed, read-only access to Confluence Cloud",
        &compiled.bill,
    );
    Ok(Built {
        component,
        sources: compiled.sources,
    })
}

/// Where a provider takes the connector's settings from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// `wasi:cli/environment`.
    Environment,
    /// `wasi:config/store`.
    ConfigStore,
}

/// Compiles a provider of the workspace at `workspace` into a component. It exports the connector's `settings`, and has no documentation beyond theirs.
///
/// # Errors
///
/// As [`build`].
pub fn build_provider(
    workspace: &Path,
    target_directory: &Path,
    provider: Provider,
) -> Result<Built, BuildError> {
    let (feature, name, description) = match provider {
        Provider::Environment => (
            "environment",
            "confluence-environment-provider",
            "settings of the Confluence connector, from environment variables",
        ),
        Provider::ConfigStore => (
            "config-store",
            "confluence-config-store-provider",
            "settings of the Confluence connector, from the host's configuration",
        ),
    };
    let guest = Guest {
        package: "confluence-provider",
        feature: Some(feature),
    };
    let compiled = guest::compile(workspace, target_directory, &guest)?;
    let mut component =
        encode(&compiled.module).map_err(|reason| BuildError::Componentize { reason })?;
    metadata::append(&mut component, name, description, &compiled.bill);
    Ok(Built {
        component,
        sources: compiled.sources,
    })
}

/// Wraps a core module into a component and adds the documentation of the WIT at `wit`.
///
/// # Errors
///
/// [`BuildError::Componentize`] when the WIT does not parse or the module does not fit it.
pub fn componentize(module: &[u8], wit: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |reason: String| BuildError::Componentize { reason };
    let mut component = encode(module).map_err(failed)?;
    documentation::append(&mut component, wit).map_err(|error| failed(format!("{error:#}")))?;
    Ok(component)
}

/// The WIT at `wit` as a package in the binary form that registries take, with its documentation.
///
/// # Errors
///
/// [`BuildError::Componentize`] when the WIT does not parse.
pub fn wit_package(wit: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |error: &dyn std::fmt::Display| BuildError::Componentize {
        reason: format!("{error:#}"),
    };
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).map_err(|error| failed(&error))?;
    wit_component::encode(&resolve, package).map_err(|error| failed(&error))
}

/// Wraps a core module into a component, with the names that people read and no others.
fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let module = names::demangled(module).map_err(|error| format!("{error:#}"))?;
    let component = ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(true).debug_names(false).encode())
        .map_err(|error| format!("{error:#}"))?;
    names::without_component_names(&component).map_err(|error| format!("{error:#}"))
}
