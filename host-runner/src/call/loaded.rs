//! A component, compiled and linked: what each call is an instance of.

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use super::state::CallState;
use crate::component::{
    Function, Inspection, LoadError, StructureError, Terms, check_exports, check_imports,
    check_structure, functions,
};
use crate::engine::{CompileError, CompiledCode, MEMORIES_PER_COMPONENT, TABLES_PER_COMPONENT};
use crate::outbound::{bound_request_heads, depart_at_once, name_body_errors};
use crate::settings::add_to_linker;

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
        let component = match compiled.kept(engine, bytes) {
            Some(component) => component,
            None => compile(engine, bytes, compiled, terms)?,
        };
        let ty = component.component_type();
        let imports: Vec<String> = ty
            .imports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        check_imports(&imports, terms.grant)?;
        check_resources(&component)?;
        let functions = functions(engine, &component, bytes)?;
        let interfaces: Vec<String> = ty
            .exports(engine)
            .map(|(name, _)| name.to_owned())
            .collect();
        check_exports(&functions, &interfaces, terms.exports, terms.reference)?;
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

/// Compiles a component, if it has no more parts than are compiled.
fn compile(
    engine: &Engine,
    bytes: &[u8],
    compiled: &CompiledCode,
    terms: &Terms<'_>,
) -> Result<Component, LoadError> {
    let invalid = |reason| {
        // What is wrong with the file as a file is told better without a compiler.
        match Inspection::of(bytes) {
            Ok(_) => LoadError::Invalid { reason },
            Err(error) => LoadError::Inspect(error),
        }
    };
    check_structure(bytes).map_err(|error| match error {
        StructureError::Unreadable { .. } => invalid(error.to_string()),
        error => LoadError::Structure(error),
    })?;
    compiled
        .compile(engine, bytes, &terms.compile, terms.trust)
        .map_err(|error| match error {
            CompileError::Refused { reason } => invalid(reason),
            error => LoadError::Compile(error),
        })
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
    add_to_linker(&mut linker, |state: &mut CallState| &mut state.settings)?;
    Ok(linker)
}
