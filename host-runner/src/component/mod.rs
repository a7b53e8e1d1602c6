//! Components: where they are kept, what they may import and must export, their functions, and
//! the documentation of those.

mod composition;
mod contract;
mod documentation;
mod function;
mod grant;
mod inspection;
mod metadata;
mod outline;
mod package;
mod section;
mod signature;
mod store;

pub use composition::{ComposeError, Part, compose};
pub use contract::Lack;
pub use function::{Function, NoSuchFunction, Parameter, camel_case};
pub(crate) use grant::Grant;
pub use grant::{GRANTABLE, GrantError};
pub use inspection::{InspectError, Inspection, Producer};
pub use metadata::Metadata;
pub use outline::{OutlinedFunction, OutlinedParameter, outline};
pub use package::{PackageError, Packaging, package, write_oci_layout};
pub use signature::{
    LARGEST_SIGNATURE_BYTES, PublicKey, PublicKeyError, Signature, SignatureError, SigningKey,
    SigningKeyError, TrustError,
};
pub(crate) use signature::{check as check_signature, check_fit as check_signature_fit};
pub use store::{
    ComponentStore, ComponentStoreError, Digest, DigestError, FindComponentError,
    LARGEST_COMPONENT_BYTES, StoredComponent,
};

pub(crate) use function::{closest, kebab_case, type_text};
pub(crate) use inspection::printable;

use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::call::CallState;
use crate::engine::{CompiledCode, MEMORIES_PER_COMPONENT, TABLES_PER_COMPONENT};
use crate::outbound::{bound_request_heads, depart_at_once, name_body_errors};
use documentation::Documentation;

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
        .lacks.iter().map(Lack::to_string).collect::<Vec<_>>().join("; ")
    )]
    LacksExports {
        /// What it lacks.
        lacks: Vec<Lack>,
    },
    /// It has more memories or tables than one component may.
    #[error(
        "the component has {count} {what}, but the maximum is {most}, because the host limits them for all instances together: compose it of fewer components"
    )]
    TooMany {
        /// `linear memories` or `tables`.
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
}

/// A component, compiled and linked, ready to be instantiated for each call.
pub(crate) struct LoadedComponent {
    pre: InstancePre<CallState>,
    functions: Vec<Function>,
}

impl LoadedComponent {
    /// Compiles a component, or takes the code that was kept, checks it against `terms`, and
    /// links it. Nothing of it runs.
    pub(crate) fn load(
        engine: &Engine,
        bytes: &[u8],
        compiled: &CompiledCode,
        terms: &Terms<'_>,
    ) -> Result<Self, LoadError> {
        let component = match compiled.load(engine, bytes) {
            Ok(component) => component,
            Err(error) => {
                // What is wrong with the file as a file is told better without a compiler.
                Inspection::of(bytes)?;
                return Err(LoadError::Invalid {
                    reason: format!("{error:#}"),
                });
            }
        };
        let ty = component.component_type();
        let imports: Vec<String> = ty
            .imports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        contract::check_imports(&imports, terms.grant)?;
        check_resources(&component)?;
        let functions = functions(engine, &component, bytes);
        let interfaces: Vec<String> = ty
            .exports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        contract::check_exports(&functions, &interfaces, terms.exports, terms.reference)?;
        let linker = linker(engine).map_err(|error| LoadError::Invalid {
            reason: format!("{error:#}"),
        })?;
        let pre = linker
            .instantiate_pre(&component)
            .map_err(|error| LoadError::Imports {
                reason: format!("{error:#}"),
            })?;
        Ok(Self { pre, functions })
    }

    pub(crate) fn pre(&self) -> &InstancePre<CallState> {
        &self.pre
    }

    pub(crate) fn functions(&self) -> &[Function] {
        &self.functions
    }
}

/// Whether an instance takes no more than its share of what the host has for all.
fn check_resources(component: &Component) -> Result<(), LoadError> {
    let Some(needed) = component.resources_required() else {
        return Ok(());
    };
    for (what, count, most) in [
        (
            "linear memories",
            needed.num_memories,
            MEMORIES_PER_COMPONENT,
        ),
        ("tables", needed.num_tables, TABLES_PER_COMPONENT),
    ] {
        if count > most {
            return Err(LoadError::TooMany { what, count, most });
        }
    }
    Ok(())
}

/// Everything that a component may import: five interfaces of WASI, and the settings. An import
/// that is not here cannot be satisfied, so that the component is refused before it is
/// instantiated.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    name_body_errors(&mut linker)?;
    bound_request_heads(&mut linker)?;
    depart_at_once(&mut linker)?;
    crate::settings::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// The functions of all exported interfaces, by reflection on the component's type.
fn functions(engine: &Engine, component: &Component, bytes: &[u8]) -> Vec<Function> {
    let documentation = Documentation::of(bytes);
    let mut functions = Vec::new();
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
            functions.push(Function::new(
                interface,
                name,
                &kind,
                index,
                documentation.function(interface, name),
            ));
        }
    }
    functions.sort_by(|a, b| (a.interface(), a.name()).cmp(&(b.interface(), b.name())));
    functions
}
