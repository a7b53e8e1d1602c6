//! A loaded component: its code, its functions, and their documentation.

mod documentation;
mod function;

pub use function::{Function, NoSuchFunction, Parameter};

pub(crate) use function::{camel_case, closest, kebab_case, type_text};

use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::call::CallState;
use crate::engine::CompiledCode;
use crate::outbound::name_body_errors;
use documentation::Documentation;

/// The component that this host carries.
const EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/confluence.wasm"));

/// The bytes of the component that this host carries: the connector, ready for any component
/// host.
#[must_use]
pub fn embedded_component() -> &'static [u8] {
    EMBEDDED
}

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is no component, or one that this engine does not take.
    #[error("this is not a component that can be run here: {reason}")]
    Invalid {
        /// What the engine said.
        reason: String,
    },
    /// It imports what this host does not give.
    #[error(
        "the component asks for more than this host gives: {reason}; it may import `wasi:io`, `wasi:http` and `confluence:connector/settings`"
    )]
    Imports {
        /// What the linker said.
        reason: String,
    },
}

/// A component, compiled and linked, ready to be instantiated for each call.
pub(crate) struct LoadedComponent {
    pre: InstancePre<CallState>,
    functions: Vec<Function>,
}

impl LoadedComponent {
    pub(crate) fn load(
        engine: &Engine,
        bytes: &[u8],
        compiled: &CompiledCode,
    ) -> Result<Self, LoadError> {
        let component = compiled
            .load(engine, bytes)
            .map_err(|error| LoadError::Invalid {
                reason: format!("{error:#}"),
            })?;
        let functions = functions(engine, &component, bytes);
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

/// Everything that a component may import: five interfaces of WASI, and the settings. An import
/// that is not here cannot be satisfied, so that the component is refused before it is
/// instantiated.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    name_body_errors(&mut linker)?;
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
