//! Builds the guest and turns it into a component.
//!
//! `cargo` compiles `component/` to a core module for `wasm32-unknown-unknown`; `wit-component`
//! wraps it into a component whose imports are the ones that the code calls, and no others. The
//! documentation of the WIT is added as the section `interface-docs`, without which a caller that
//! holds the file alone has no manual.
//!
//! ```no_run
//! use std::path::Path;
//!
//! let component = confluence_component_builder::build(Path::new("."), Path::new("target/guest"))?;
//! std::fs::write("confluence.wasm", component)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod documentation;
mod guest;
mod names;

use std::path::{Path, PathBuf};

use wit_component::ComponentEncoder;

/// The Rust target that the guest is compiled for. Unlike `wasm32-wasip2` its standard library
/// asks for no files, clocks or environment: five imports remain where that target has fifteen.
pub const GUEST_TARGET: &str = "wasm32-unknown-unknown";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// `rustup` has not installed [`GUEST_TARGET`].
    #[error(
        "the Rust target `{GUEST_TARGET}`, which the component is compiled for, is not installed; run `rustup target add {GUEST_TARGET}`"
    )]
    TargetMissing,
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
    /// The compiled module cannot be read.
    #[error("the compiled module `{path}` cannot be read: {source}")]
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

/// Compiles the guest of the workspace at `workspace` and answers the component's bytes.
///
/// `target_directory` is the guest's own: were it shared, the nested `cargo` would wait for the
/// lock that the outer one holds.
///
/// # Errors
///
/// [`BuildError`] says what is missing or wrong; [`BuildError::TargetMissing`] names the command
/// that helps.
pub fn build(workspace: &Path, target_directory: &Path) -> Result<Vec<u8>, BuildError> {
    let module = guest::compile(workspace, target_directory)?;
    componentize(&module, &workspace.join("wit"))
}

/// Wraps a core module into a component and adds the documentation of the WIT at `wit`.
///
/// # Errors
///
/// [`BuildError::Componentize`] when the WIT does not parse or the module does not fit it.
pub fn componentize(module: &[u8], wit: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |error: &dyn std::fmt::Display| BuildError::Componentize {
        reason: format!("{error:#}"),
    };
    let module = names::demangled(module).map_err(|error| failed(&error))?;
    let mut component = ComponentEncoder::default()
        .module(&module)
        .map_err(|error| failed(&error))?
        .validate(true)
        .debug_names(false)
        .encode()
        .map_err(|error| failed(&error))?;
    component = names::without_component_names(&component).map_err(|error| failed(&error))?;
    documentation::append(&mut component, wit).map_err(|error| failed(&error))?;
    Ok(component)
}
