//! Components composed into one file: what one imports, another one exports.
//!
//! A host that knows nothing of the connector cannot give it its `settings`, and an app in another
//! language that imports the connector cannot be loaded without it. Composed, both are one file
//! that asks its host for nothing but what is left over.

use wac_graph::types::{Package, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId, Processor};

use host_levels::text::printable;

use super::inspection::{InspectError, Inspection};
use super::{documentation, section};

/// Most characters of what the composer says, which repeats names of the files.
const REASON_CHARACTERS: usize = 300;

/// A component that is composed with others.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// What it is called in messages.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Why components cannot be composed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// One of them is no component.
    #[error("`{part}` cannot be composed: {error}")]
    Inspect {
        /// Which one.
        part: String,
        /// What it is instead.
        error: InspectError,
    },
    /// One of them does not hold together.
    #[error("`{part}` is not a component that can be composed: {reason}; build it again")]
    Invalid {
        /// Which one.
        part: String,
        /// What the composer said.
        reason: String,
    },
    /// One of them has nothing that another one asks for.
    #[error(
        "`{part}` has nothing that the others ask for: it exports {}, and they import {}; omit it, or use the one that was meant", listed(.exports), listed(.wanted)
    )]
    Unused {
        /// Which one.
        part: String,
        /// What it exports.
        exports: Vec<String>,
        /// What the others import.
        wanted: Vec<String>,
    },
    /// Two of them have what is asked for once.
    #[error(
        "`{first}` and `{second}` both export `{interface}`, which `{part}` imports: omit one of them"
    )]
    Ambiguous {
        /// What is imported.
        interface: String,
        /// Who imports it.
        part: String,
        /// Who exports it.
        first: String,
        /// Who exports it, too.
        second: String,
    },
    /// What one exports is not what the other imports, though its name is.
    #[error(
        "`{interface}` as `{exporter}` exports it is not what `{importer}` imports: {reason}; build both for the same version of the interface"
    )]
    Mismatch {
        /// The interface.
        interface: String,
        /// Who imports it.
        importer: String,
        /// Who exports it.
        exporter: String,
        /// What the composer said.
        reason: String,
    },
    /// The whole does not hold together.
    #[error("the components cannot be composed: {reason}")]
    Compose {
        /// What the composer said.
        reason: String,
    },
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => format!("`{}`", names.join("`, `")),
    }
}

/// A component in the graph.
struct Placed<'a> {
    part: Part<'a>,
    package: PackageId,
    instance: NodeId,
    inspection: Inspection,
    /// Whether somebody imports something of it.
    is_used: bool,
}

/// Composes components: every import that one of the others exports is connected to it, in a
/// version that fits. What `main` exports is what the whole exports, and what nobody here exports
/// is what the whole imports.
///
/// The same components give the same bytes.
///
/// # Errors
///
/// [`ComposeError`] names the component that does not fit, and why.
pub fn compose(main: Part<'_>, others: &[Part<'_>]) -> Result<Vec<u8>, ComposeError> {
    let mut graph = CompositionGraph::new();
    let mut placed = Vec::new();
    for (index, part) in std::iter::once(&main).chain(others).enumerate() {
        placed.push(place(&mut graph, *part, index)?);
    }
    for importer in 0..placed.len() {
        connect(&mut graph, &mut placed, importer)?;
    }
    if let Some(unused) = placed.iter().skip(1).find(|placed| !placed.is_used) {
        return Err(ComposeError::Unused {
            part: unused.part.name.to_owned(),
            exports: unused.inspection.exports.clone(),
            wanted: placed
                .iter()
                .filter(|other| !std::ptr::eq(*other, unused))
                .flat_map(|other| other.inspection.imports.clone())
                .filter(|import| !import.starts_with("wasi:"))
                .collect(),
        });
    }
    let Some(first) = placed.first() else {
        return Err(failed("there are none"));
    };
    // In the component's own order: an interface stands behind those whose types it uses.
    let exports: Vec<String> = graph.types()[graph[first.package].ty()]
        .exports
        .keys()
        .cloned()
        .collect();
    for name in exports {
        let export = graph
            .alias_instance_export(first.instance, &name)
            .map_err(failed)?;
        graph.export(export, name).map_err(failed)?;
    }
    let mut composed = graph
        .encode(EncodeOptions {
            define_components: true,
            validate: true,
            processor: Some(Processor {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            }),
        })
        .map_err(|error| failed(chain(&error)))?;
    // What `main` exports is what the whole exports: inside it nobody finds its documentation.
    if let Some(text) = section::find(main.bytes, documentation::SECTION) {
        section::append(&mut composed, documentation::SECTION, text);
    }
    Ok(composed)
}

fn place<'a>(
    graph: &mut CompositionGraph,
    part: Part<'a>,
    index: usize,
) -> Result<Placed<'a>, ComposeError> {
    let name = || printable(part.name, REASON_CHARACTERS);
    // The composer follows nesting wherever it leads, and this has bounds.
    let inspection = Inspection::of(part.bytes).map_err(|error| ComposeError::Inspect {
        part: name(),
        error,
    })?;
    let invalid = |reason: String| ComposeError::Invalid {
        part: name(),
        reason: printable(&reason, REASON_CHARACTERS),
    };
    // A name of its own for each, since the same file may be given twice.
    let key = format!("part{index}");
    let package = Package::from_bytes(&key, None, part.bytes, graph.types_mut())
        .map_err(|error| invalid(format!("{error:#}")))?;
    let package = graph
        .register_package(package)
        .map_err(|error| invalid(error.to_string()))?;
    Ok(Placed {
        part,
        package,
        instance: graph.instantiate(package),
        inspection,
        is_used: index == 0,
    })
}

/// Connects what one component imports to those of the others that export it.
fn connect(
    graph: &mut CompositionGraph,
    placed: &mut [Placed<'_>],
    importer: usize,
) -> Result<(), ComposeError> {
    let Some((part, package, instance)) = placed
        .get(importer)
        .map(|there| (there.part, there.package, there.instance))
    else {
        return Ok(());
    };
    let imports: Vec<String> = graph.types()[graph[package].ty()]
        .imports
        .keys()
        .cloned()
        .collect();
    for import in imports {
        let mut exporters = placed
            .iter_mut()
            .enumerate()
            // What the first exports is the whole's, and not for the others.
            .filter(|(index, _)| *index != importer && *index != 0)
            .filter_map(|(_, there)| {
                let export = fitting(&there.inspection.exports, &import)?.to_owned();
                Some((there, export))
            });
        let Some((exporter, export)) = exporters.next() else {
            continue;
        };
        if let Some((second, _)) = exporters.next() {
            return Err(ComposeError::Ambiguous {
                interface: import,
                part: part.name.to_owned(),
                first: exporter.part.name.to_owned(),
                second: second.part.name.to_owned(),
            });
        }
        let argument = graph
            .alias_instance_export(exporter.instance, &export)
            .map_err(failed)?;
        graph
            .set_instantiation_argument(instance, &import, argument)
            .map_err(|error| ComposeError::Mismatch {
                interface: export,
                importer: part.name.to_owned(),
                exporter: exporter.part.name.to_owned(),
                reason: printable(&chain(&error), REASON_CHARACTERS),
            })?;
        exporter.is_used = true;
    }
    Ok(())
}

/// The export of this very name, or else one in a version that fits.
fn fitting<'a>(exports: &'a [String], import: &str) -> Option<&'a str> {
    exports
        .iter()
        .find(|export| *export == import)
        .or_else(|| {
            exports
                .iter()
                .find(|export| are_semver_compatible(export, import))
        })
        .map(String::as_str)
}

fn failed(reason: impl ToString) -> ComposeError {
    ComposeError::Compose {
        reason: printable(&reason.to_string(), REASON_CHARACTERS),
    }
}

/// An error with those that it came from.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
