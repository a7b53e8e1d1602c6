//! Components: where they are kept, what they may import and must export, their functions, and
//! the documentation of those.

mod accepted;
mod composition;
mod contract;
mod documentation;
mod function;
mod grant;
mod hand_over;
mod inspection;
mod metadata;
mod outline;
mod package;
mod section;
mod settings;
mod shown;
mod signature;
mod store;
mod structure;

pub use composition::{ComposeError, Part, compose};
pub use contract::MissingExport;
pub(crate) use contract::{check_exports, check_imports};
pub use function::{Function, NoSuchFunction, Parameter};
pub(crate) use grant::Grant;
pub use grant::{GRANTABLE, GrantError};
pub use inspection::{InspectError, Inspection, Producer};
pub use metadata::Metadata;
pub use outline::{OutlinedFunction, OutlinedParameter, outline};
pub use package::{PackageError, Packaging, package, write_oci_layout};
pub(crate) use settings::{ComponentChoice, ComponentPolicy, EMBEDDED_NAME, SETTINGS};
pub use signature::{
    MAX_SIGNATURE_BYTES, PublicKey, PublicKeyError, Signature, SignatureError, SigningKey,
    SigningKeyError, TrustError,
};
pub(crate) use signature::{check as check_signature, check_fit as check_signature_fit};
pub use store::{
    ComponentStore, ComponentStoreError, Digest, DigestError, FindComponentError,
    MAX_COMPONENT_BYTES, StoredComponent,
};
pub use structure::StructureError;
pub(crate) use structure::check as check_structure;

pub(crate) use function::type_text;

use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::engine::{CompileError, CompileLimits, Trust};
use documentation::Documentation;

/// Maximum number of functions that a component exports. The connector exports 49; each is listed
/// with its signature and its documentation.
const MAX_EXPORTED_FUNCTIONS: usize = 2_000;

/// Maximum number of parameters of all functions that a component exports. The connector has 250.
const MAX_PARAMETERS: usize = 20_000;

/// Maximum length of the names of all functions that a component exports, with those of their
/// interfaces and parameters, in bytes. The connector has 6 KB.
const MAX_NAME_BYTES: usize = 1 << 20;

/// The component that this host carries.
const EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/confluence.wasm"));

/// The bytes of the component that this host carries: the connector, ready for any component
/// host.
#[must_use]
pub fn embedded_component() -> &'static [u8] {
    EMBEDDED
}

/// A component that gives the connector its settings in hosts which have none for it: from
/// `wasi:cli/environment`.
#[must_use]
pub fn environment_provider() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/environment-provider.wasm"))
}

/// A component that gives the connector its settings in hosts which have none for it: from
/// `wasi:config/store`.
#[must_use]
pub fn config_store_provider() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/config-store-provider.wasm"))
}

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is no component.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// It has more or larger parts than are compiled.
    #[error(transparent)]
    Structure(StructureError),
    /// It was not compiled.
    #[error(transparent)]
    Compile(CompileError),
    /// It is no component, or one that this engine does not take.
    #[error("this is not a component that can be run here: {reason}")]
    Invalid {
        /// What the engine said.
        reason: String,
    },
    /// It imports interfaces that it is not granted.
    #[error(
        "the component imports what it is not granted: `{}`; a level grants imports with `component.allow-imports`, of what this host gives",
        .surplus.join("`, `")
    )]
    SurplusImports {
        /// The imports beyond the grant, sorted.
        surplus: Vec<String>,
    },
    /// It lacks exports that callers rely on.
    #[error(
        "the component lacks what callers rely on: {}; load one that was built for this interface, or change `component.require-exports`",
        .lacks.iter().map(MissingExport::to_string).collect::<Vec<_>>().join("; ")
    )]
    LacksExports {
        /// What it lacks.
        lacks: Vec<MissingExport>,
    },
    /// It has more memories, tables or exported functions than one component may.
    #[error(
        "the component has {count} {what}, but the maximum is {most}: compose it of fewer components"
    )]
    TooMany {
        /// Of what, such as `linear memories`, `tables` or `exported functions`.
        what: &'static str,
        /// How many it has.
        count: u32,
        /// The most that one may have.
        most: u32,
    },
    /// It imports an interface in a version, or with functions, that this host does not give.
    #[error(
        "the component asks for more than this host gives: {reason}; it may import `wasi:io`, `wasi:http` and `confluence:connector/settings`"
    )]
    Imports {
        /// What the linker said.
        reason: String,
    },
}

/// What a component has to have before it is instantiated.
pub(crate) struct Terms<'a> {
    /// What it may import.
    pub(crate) grant: &'a Grant,
    /// The interfaces that it must export.
    pub(crate) exports: &'a [String],
    /// The component that says which functions an interface has.
    pub(crate) reference: &'a [Function],
    /// What compiling it may take.
    pub(crate) compile: CompileLimits,
    /// Where it comes from.
    pub(crate) trust: Trust,
}

/// The functions of all exported interfaces, by reflection on the component's type.
pub(crate) fn functions(
    engine: &Engine,
    component: &Component,
    bytes: &[u8],
) -> Result<Vec<Function>, LoadError> {
    let documentation = Arc::new(Documentation::of(bytes));
    let mut functions = Vec::new();
    let (mut parameters, mut name_bytes) = (0, 0);
    for (interface, item) in component.component_type().exports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        let Some((_, index)) = component.get_export(None, interface) else {
            continue;
        };
        for (name, item) in instance.exports(engine) {
            let ComponentItem::ComponentFunc(kind) = item.ty else {
                continue;
            };
            let Some((_, index)) = component.get_export(Some(&index), name) else {
                continue;
            };
            // Types are shared: what a component writes once is copied for each function.
            name_bytes += interface.len() + name.len();
            for (name, _) in kind.params() {
                parameters += 1;
                name_bytes += name.len();
            }
            for (what, count, most) in [
                (
                    "exported functions",
                    functions.len() + 1,
                    MAX_EXPORTED_FUNCTIONS,
                ),
                (
                    "parameters of exported functions",
                    parameters,
                    MAX_PARAMETERS,
                ),
                (
                    "bytes of names of exported functions",
                    name_bytes,
                    MAX_NAME_BYTES,
                ),
            ] {
                if count > most {
                    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
                    return Err(LoadError::TooMany {
                        what,
                        count: number(count),
                        most: number(most),
                    });
                }
            }
            functions.push(Function::new(
                interface,
                name,
                &kind,
                index,
                Arc::clone(&documentation),
            ));
        }
    }
    functions.sort_by(|a, b| (a.interface(), a.name()).cmp(&(b.interface(), b.name())));
    Ok(functions)
}
