//! How many parts a component has, counted before it is compiled.
//!
//! Compiling takes time and memory by the number and size of these parts, and what instances of a
//! nested component need is multiplied by each component that instantiates it. Maxima are several
//! times what large components are known to have: one that carries a JavaScript engine has 12 MB
//! and some 25 000 functions, one with Python 40 MB and 20 modules. What is below them and still
//! takes long is ended by the limits of the process that compiles.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentType, ComponentTypeDeclaration, ComponentTypeRef, Encoding, FunctionBody, Instance,
    InstanceTypeDeclaration, Operator, Parser, Payload, SectionLimited,
};

use crate::engine::CORE_INSTANCES_PER_COMPONENT;
use host_levels::text::printable;

/// Functions of all modules. A JavaScript engine has 25 000, the runtime of .NET about 60 000.
const MAX_FUNCTIONS: u64 = 200_000;

/// Code of all modules, in bytes. CPython with its libraries has about 20 MB.
const MAX_CODE_BYTES: u64 = 64 << 20;

/// One function's body, in bytes. Interpreters' main loops have 100 to 500 KB.
const MAX_BODY_BYTES: u64 = 2 << 20;

/// Local variables of one function. Unoptimized code has some thousand; the format permits 50 000.
const MAX_LOCALS: u64 = 20_000;

/// Blocks, loops and conditions of one function. An interpreter's main loop has about 10 000.
const MAX_BLOCKS: u64 = 100_000;

/// Blocks within each other. A `switch` becomes one for each case: interpreters have about 1 000.
const MAX_BLOCK_DEPTH: u64 = 8_000;

/// Targets of all `br_table` of one function. An interpreter that is specialized by its compiler
/// has about 30 000.
const MAX_BRANCH_TARGETS: u64 = 200_000;

/// Globals of all modules. Modules that are linked when they are instantiated have some thousand.
const MAX_GLOBALS: u64 = 50_000;

/// Data segments of all modules. Tools that take snapshots of memory make 10 000 at most.
const MAX_DATA_SEGMENTS: u64 = 50_000;

/// Element segments of all modules.
const MAX_ELEMENT_SEGMENTS: u64 = 20_000;

/// Types of all modules and components, those within other types included. Guests of all of WASI
/// have about 5 000.
const MAX_TYPES: u64 = 200_000;

/// Imports and exports of all modules.
const MAX_MODULE_NAMES: u64 = 200_000;

/// Modules, wherever they are nested.
const MAX_MODULES: u64 = 1_000;

/// Components within the component. Tools make one for each interface that is exported.
const MAX_COMPONENTS: u64 = 2_000;

/// Modules and components within each other, the component itself included.
const MAX_NESTING: usize = 100;

/// Instances of components, those of nested ones included as often as they are instantiated.
const MAX_INSTANCES: u64 = 5_000;

/// Imports, exports, aliases, functions and instances of components, those of nested ones included
/// as often as they are instantiated. The connector has about 1 000.
const MAX_DEFINITIONS: u64 = 500_000;

/// Why a component is refused before it is compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StructureError {
    /// It has too many parts of one kind, or too large ones.
    #[error(
        "the component has {count} {what}, and the maximum is {maximum}: build it of smaller parts, and do not run one whose source is unknown"
    )]
    TooMany {
        /// What it has, such as `functions`.
        what: &'static str,
        /// How many were counted, which may be fewer than it has.
        count: u64,
        /// The maximum.
        maximum: u64,
    },
    /// It instantiates a component that is known only when it is compiled.
    #[error(
        "the component instantiates a component that it imports or takes from an instance, so that its instances cannot be counted: compose it with that component nested in it"
    )]
    UnknownComponent,
    /// It is no component, or damaged.
    #[error("the component cannot be read at byte {offset}: {reason}")]
    Unreadable {
        /// Where, in bytes from its start.
        offset: usize,
        /// What the parser said.
        reason: String,
    },
}

impl From<wasmparser::Error> for StructureError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Unreadable {
            offset: error.offset(),
            reason: printable(error.message(), 200),
        }
    }
}

/// Counts the parts of a component.
///
/// # Errors
///
/// [`StructureError`] names the first maximum that it exceeds.
pub(crate) fn check(component: &[u8]) -> Result<(), StructureError> {
    let mut counts = Counts::default();
    for payload in Parser::new(0).parse_all(component) {
        counts.add(payload?)?;
    }
    Ok(())
}

/// What one instance of a component takes.
#[derive(Debug, Clone, Copy, Default)]
struct Need {
    core_instances: u64,
    instances: u64,
    definitions: u64,
}

/// A module or a component that is being read.
#[derive(Debug, Default)]
struct Level {
    is_component: bool,
    need: Need,
    /// The components that its indices name. `None` for one that is not known yet.
    components: Vec<Option<Need>>,
}

#[derive(Debug, Default)]
struct Counts {
    /// From the outermost to the innermost.
    levels: Vec<Level>,
    functions: u64,
    code_bytes: u64,
    globals: u64,
    data_segments: u64,
    element_segments: u64,
    types: u64,
    module_names: u64,
    modules: u64,
    components: u64,
}

/// Adds to a count, unless that passes a maximum.
fn add(count: &mut u64, more: u64, what: &'static str, maximum: u64) -> Result<(), StructureError> {
    *count = count.saturating_add(more);
    at_most(*count, what, maximum)
}

fn at_most(count: u64, what: &'static str, maximum: u64) -> Result<(), StructureError> {
    if count > maximum {
        return Err(StructureError::TooMany {
            what,
            count,
            maximum,
        });
    }
    Ok(())
}

/// The items of a section.
fn len<T>(section: &SectionLimited<'_, T>) -> u64 {
    u64::from(section.count())
}

impl Counts {
    fn add(&mut self, payload: Payload<'_>) -> Result<(), StructureError> {
        match payload {
            Payload::Version { encoding, .. } => self.enter(encoding),
            Payload::End(_) => {
                self.leave();
                Ok(())
            }
            Payload::FunctionSection(section) => add(
                &mut self.functions,
                len(&section),
                "functions",
                MAX_FUNCTIONS,
            ),
            Payload::CodeSectionEntry(body) => self.add_body(&body),
            Payload::GlobalSection(section) => {
                add(&mut self.globals, len(&section), "globals", MAX_GLOBALS)
            }
            Payload::DataSection(section) => add(
                &mut self.data_segments,
                len(&section),
                "data segments",
                MAX_DATA_SEGMENTS,
            ),
            Payload::ElementSection(section) => add(
                &mut self.element_segments,
                len(&section),
                "element segments",
                MAX_ELEMENT_SEGMENTS,
            ),
            Payload::TypeSection(section) => self.add_types(len(&section)),
            Payload::CoreTypeSection(section) => self.add_types(len(&section)),
            Payload::ImportSection(section) => self.add_module_names(len(&section)),
            Payload::ExportSection(section) => self.add_module_names(len(&section)),
            Payload::ComponentTypeSection(section) => {
                for ty in section {
                    self.add_types(types_in(&ty?))?;
                }
                Ok(())
            }
            Payload::InstanceSection(section) => {
                self.define(len(&section))?;
                for instance in section {
                    if let Instance::Instantiate { .. } = instance? {
                        self.instantiate(Need {
                            core_instances: 1,
                            ..Need::default()
                        })?;
                    }
                }
                Ok(())
            }
            Payload::ComponentInstanceSection(section) => {
                self.define(len(&section))?;
                for instance in section {
                    if let ComponentInstance::Instantiate {
                        component_index, ..
                    } = instance?
                    {
                        let mut need = self
                            .component(0, component_index)
                            .ok_or(StructureError::UnknownComponent)?;
                        need.instances = need.instances.saturating_add(1);
                        self.instantiate(need)?;
                    }
                }
                Ok(())
            }
            Payload::ComponentAliasSection(section) => {
                self.define(len(&section))?;
                for alias in section {
                    match alias? {
                        ComponentAlias::Outer {
                            kind: ComponentOuterAliasKind::Component,
                            count,
                            index,
                        } => {
                            let need = self.component(count, index);
                            self.name_component(need);
                        }
                        ComponentAlias::InstanceExport {
                            kind: ComponentExternalKind::Component,
                            ..
                        } => self.name_component(None),
                        _ => {}
                    }
                }
                Ok(())
            }
            Payload::ComponentImportSection(section) => {
                self.define(len(&section))?;
                for import in section {
                    if let ComponentTypeRef::Component(_) = import?.ty {
                        self.name_component(None);
                    }
                }
                Ok(())
            }
            Payload::ComponentExportSection(section) => {
                self.define(len(&section))?;
                for export in section {
                    let export = export?;
                    // What is exported gets an index of its own.
                    if export.kind == ComponentExternalKind::Component {
                        let need = self.component(0, export.index);
                        self.name_component(need);
                    }
                }
                Ok(())
            }
            Payload::ComponentCanonicalSection(section) => self.define(len(&section)),
            _ => Ok(()),
        }
    }

    fn enter(&mut self, encoding: Encoding) -> Result<(), StructureError> {
        let is_component = encoding == Encoding::Component;
        if is_component {
            // The component itself is not nested.
            let more = u64::from(!self.levels.is_empty());
            add(
                &mut self.components,
                more,
                "nested components",
                MAX_COMPONENTS,
            )?;
        } else {
            add(&mut self.modules, 1, "modules", MAX_MODULES)?;
        }
        self.levels.push(Level {
            is_component,
            ..Level::default()
        });
        at_most(
            self.levels.len() as u64,
            "levels of nesting",
            MAX_NESTING as u64,
        )
    }

    fn leave(&mut self) {
        if let Some(done) = self.levels.pop()
            && done.is_component
        {
            self.name_component(Some(done.need));
        }
    }

    /// The next index of a component, at the level that is being read.
    fn name_component(&mut self, need: Option<Need>) {
        if let Some(level) = self.levels.last_mut() {
            level.components.push(need);
        }
    }

    /// What the component of an index needs, so many levels further out.
    fn component(&self, outward: u32, index: u32) -> Option<Need> {
        let level = self
            .levels
            .iter()
            .rev()
            .nth(usize::try_from(outward).ok()?)?;
        *level.components.get(usize::try_from(index).ok()?)?
    }

    fn instantiate(&mut self, more: Need) -> Result<(), StructureError> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        add(
            &mut level.need.core_instances,
            more.core_instances,
            "instances of modules",
            u64::from(CORE_INSTANCES_PER_COMPONENT),
        )?;
        add(
            &mut level.need.instances,
            more.instances,
            "instances of components",
            MAX_INSTANCES,
        )?;
        self.define(more.definitions)
    }

    fn define(&mut self, more: u64) -> Result<(), StructureError> {
        match self.levels.last_mut() {
            Some(level) => add(
                &mut level.need.definitions,
                more,
                "definitions",
                MAX_DEFINITIONS,
            ),
            None => Ok(()),
        }
    }

    fn add_types(&mut self, more: u64) -> Result<(), StructureError> {
        add(&mut self.types, more, "types", MAX_TYPES)
    }

    fn add_module_names(&mut self, more: u64) -> Result<(), StructureError> {
        add(
            &mut self.module_names,
            more,
            "imports and exports of modules",
            MAX_MODULE_NAMES,
        )
    }

    fn add_body(&mut self, body: &FunctionBody<'_>) -> Result<(), StructureError> {
        let bytes = body.range().len() as u64;
        at_most(bytes, "bytes of code in one function", MAX_BODY_BYTES)?;
        add(&mut self.code_bytes, bytes, "bytes of code", MAX_CODE_BYTES)?;
        let mut locals = 0;
        for group in body.get_locals_reader()? {
            let (more, _) = group?;
            add(
                &mut locals,
                u64::from(more),
                "local variables in one function",
                MAX_LOCALS,
            )?;
        }
        let (mut blocks, mut depth, mut targets) = (0, 0u64, 0);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            match operators.read()? {
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::Try { .. }
                | Operator::TryTable { .. } => {
                    add(&mut blocks, 1, "blocks in one function", MAX_BLOCKS)?;
                    add(&mut depth, 1, "blocks within each other", MAX_BLOCK_DEPTH)?;
                }
                Operator::End => depth = depth.saturating_sub(1),
                Operator::BrTable { targets: table } => add(
                    &mut targets,
                    u64::from(table.len()),
                    "targets of `br_table` in one function",
                    MAX_BRANCH_TARGETS,
                )?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// How many types one type is made of. The parser permits a hundred within each other.
fn types_in(ty: &ComponentType<'_>) -> u64 {
    let inner: u64 = match ty {
        ComponentType::Component(declarations) => declarations
            .iter()
            .map(|declaration| match declaration {
                ComponentTypeDeclaration::Type(ty) => types_in(ty),
                _ => 1,
            })
            .sum(),
        ComponentType::Instance(declarations) => declarations
            .iter()
            .map(|declaration| match declaration {
                InstanceTypeDeclaration::Type(ty) => types_in(ty),
                _ => 1,
            })
            .sum(),
        _ => 0,
    };
    inner + 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use wasm_encoder::{Component, NestedComponentSection};

    use super::{
        MAX_BLOCK_DEPTH, MAX_BLOCKS, MAX_BODY_BYTES, MAX_BRANCH_TARGETS, MAX_COMPONENTS,
        MAX_DATA_SEGMENTS, MAX_DEFINITIONS, MAX_ELEMENT_SEGMENTS, MAX_FUNCTIONS, MAX_GLOBALS,
        MAX_INSTANCES, MAX_LOCALS, MAX_MODULE_NAMES, MAX_MODULES, MAX_NESTING, MAX_TYPES,
        StructureError, check,
    };
    use crate::component::{config_store_provider, embedded_component, environment_provider};
    use crate::engine::CORE_INSTANCES_PER_COMPONENT;

    fn checked(text: &str) -> Result<(), StructureError> {
        check(&wat::parse_str(text).unwrap())
    }

    /// Checks that so many parts pass, and that one more is refused with their number.
    fn holds(what: &str, maximum: u64, component: impl Fn(u64) -> String) {
        assert_eq!(checked(&component(maximum)), Ok(()), "{what}");
        let error = checked(&component(maximum + 1)).unwrap_err();
        let StructureError::TooMany {
            what: named,
            count,
            maximum: named_maximum,
        } = &error
        else {
            unreachable!("{what}: {error}");
        };
        assert_eq!((*named, *named_maximum), (what, maximum));
        assert!(*count > maximum, "{error}");
        let error = error.to_string();
        assert!(error.contains(&format!("{count} {what}")), "{error}");
    }

    fn repeat(text: &str, count: u64) -> String {
        text.repeat(usize::try_from(count).unwrap())
    }

    fn module(content: &str) -> String {
        format!("(component (core module {content}))")
    }

    #[test]
    fn components_that_are_known_to_be_honest_pass() {
        for component in [
            embedded_component(),
            environment_provider(),
            config_store_provider(),
        ] {
            assert_eq!(check(component), Ok(()));
        }
    }

    #[test]
    fn parts_of_modules_have_maxima() {
        holds("functions", MAX_FUNCTIONS, |count| {
            module(&repeat("(func)", count))
        });
        holds("globals", MAX_GLOBALS, |count| {
            module(&repeat("(global i32 i32.const 0)", count))
        });
        holds("data segments", MAX_DATA_SEGMENTS, |count| {
            module(&repeat("(data)", count))
        });
        holds("element segments", MAX_ELEMENT_SEGMENTS, |count| {
            module(&repeat("(elem func)", count))
        });
        holds(
            "imports and exports of modules",
            MAX_MODULE_NAMES,
            |count| {
                let imports: String = (1..count).map(|_| "(import \"a\" \"b\" (func))").collect();
                module(&format!("{imports}(memory (export \"m\") 1)"))
            },
        );
    }

    #[test]
    fn a_function_has_maxima() {
        let function = |content: &str| module(&format!("(func {content})"));
        holds("local variables in one function", MAX_LOCALS, |count| {
            function(&format!("(local{})", repeat(" i32", count)))
        });
        holds("blocks in one function", MAX_BLOCKS, |count| {
            function(&repeat("block end ", count))
        });
        holds("blocks within each other", MAX_BLOCK_DEPTH, |count| {
            function(&format!(
                "{}{}",
                repeat("loop ", count),
                repeat("end ", count)
            ))
        });
        holds(
            "targets of `br_table` in one function",
            MAX_BRANCH_TARGETS,
            // The default target is not counted.
            |count| function(&format!("i32.const 0 br_table {}", repeat("0 ", count + 1))),
        );
        // The number of locals and the end of the function take a byte each.
        holds("bytes of code in one function", MAX_BODY_BYTES, |count| {
            function(&repeat("nop ", count - 2))
        });
    }

    #[test]
    fn parts_of_components_have_maxima() {
        holds("modules", MAX_MODULES, |count| {
            format!("(component {})", repeat("(core module)", count))
        });
        holds("nested components", MAX_COMPONENTS, |count| {
            format!("(component {})", repeat("(component)", count))
        });
        holds("types", MAX_TYPES, |count| {
            // The instance type is one of them.
            let inner = repeat("(type (list u8))", count - 1);
            format!("(component (type (instance {inner})))")
        });
        holds("definitions", MAX_DEFINITIONS, |count| {
            let alias = "(alias export $i \"f\" (func))";
            let aliases = repeat(alias, count - 1);
            format!("(component (import \"i\" (instance $i (export \"f\" (func)))) {aliases})")
        });
    }

    #[test]
    fn nesting_has_a_maximum() {
        let nested = |levels: usize| {
            let mut component = Component::new();
            for _ in 1..levels {
                let mut outer = Component::new();
                outer.section(&NestedComponentSection(&component));
                component = outer;
            }
            component.finish()
        };
        assert_eq!(check(&nested(MAX_NESTING)), Ok(()));
        assert!(matches!(
            check(&nested(MAX_NESTING + 1)),
            Err(StructureError::TooMany {
                what: "levels of nesting",
                count: 101,
                maximum: 100,
            })
        ));
    }

    #[test]
    fn instances_of_nested_components_count_as_often_as_they_are_made() {
        holds(
            "instances of modules",
            u64::from(CORE_INSTANCES_PER_COMPONENT),
            |count| {
                let instances = repeat("(core instance (instantiate $m))", count);
                format!("(component (core module $m) {instances})")
            },
        );
        holds("instances of components", MAX_INSTANCES, |count| {
            let instances = repeat("(instance (instantiate $c))", count);
            format!("(component (component $c) {instances})")
        });
        // Each level instantiates the one before it twice: 2^30 instances in 2 KB.
        let mut levels =
            "(component $c0 (core module $m) (core instance (instantiate $m)))".to_owned();
        for level in 1..=30 {
            let inner = level - 1;
            levels += &format!(
                "(component $c{level} (alias outer 1 $c{inner} (component $i)) (instance (instantiate $i)) (instance (instantiate $i)))"
            );
        }
        let error = checked(&format!(
            "(component {levels} (instance (instantiate $c30)))"
        ));
        assert!(
            matches!(
                error,
                Err(StructureError::TooMany {
                    what: "instances of modules",
                    ..
                })
            ),
            "{error:?}"
        );
    }

    #[test]
    fn a_component_whose_instances_cannot_be_counted_is_refused() {
        for unknown in [
            "(import \"c\" (component $c))",
            "(import \"i\" (instance $i (export \"c\" (component)))) (alias export $i \"c\" (component $c))",
        ] {
            let nested = format!("(component (component {unknown} (instance (instantiate $c))))");
            assert_eq!(checked(&nested), Err(StructureError::UnknownComponent));
            // One that is not instantiated does no harm.
            assert_eq!(
                checked(&format!("(component (component {unknown}))")),
                Ok(())
            );
        }
    }

    #[test]
    fn what_is_no_component_is_unreadable() {
        for bytes in [b"".as_slice(), b"PK\x03\x04", b"\0asm\x0d\0\x01\0\xff"] {
            assert!(matches!(
                check(bytes),
                Err(StructureError::Unreadable { .. })
            ));
        }
    }
}
