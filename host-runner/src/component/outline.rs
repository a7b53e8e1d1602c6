//! What a component's functions look like, read from its bytes alone.
//!
//! [`Function`](super::Function) comes from the engine, which compiles first: 150 ms, or code
//! from the state folder, for which its key is read. Who completes a word in a shell wants neither.

use host_levels::text::camel_case;
use wasmparser::component_types::{
    ComponentDefinedType, ComponentEntityType, ComponentFuncType, ComponentValType,
};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{PrimitiveValType, Validator};

use super::accepted::accepted;
use super::documentation::Documentation;
use super::inspection::{InspectError, Inspection};
use super::shown::{Columns, MAX_TYPE_BYTES, TypeText};

/// Maximum size of an outline, in bytes: what follows is left out. The connector's has 100 KB. Types
/// are shared, so that the outline of a component of 200 KB would have gigabytes.
const MAX_OUTLINE_BYTES: usize = 8 << 20;

/// What a text takes beside its bytes: its place in a list, and in the command that it is completed
/// in.
const TEXT_BYTES: usize = 64;

/// A function that a component exports, without anything that could call it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutlinedFunction {
    /// Name in camelCase, such as `listSpaces`.
    pub name: String,
    /// Its documentation, in Markdown, when the component carries it.
    pub documentation: Option<String>,
    /// Its parameters, in the order in which they are given.
    pub parameters: Vec<OutlinedParameter>,
    /// The columns of the list that it answers, as [`Function::columns`](super::Function::columns)
    /// has them.
    pub columns: Vec<String>,
}

/// A parameter of an [`OutlinedFunction`], or a field of one that is a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutlinedParameter {
    /// Its name in WIT, such as `space-ids`.
    pub name: String,
    /// Its type in WIT, without the `option` around it.
    pub type_text: String,
    /// All values that it may have, where its type is an enumeration, or a list of one.
    pub values: Vec<String>,
    /// Whether it is a list, so that it may have several values.
    pub is_list: bool,
    /// Its fields that callers may pass by name, where it is a parameter that is a record, as
    /// [`Function::options`](super::Function::options) has them. Fields of fields are omitted.
    pub fields: Vec<OutlinedParameter>,
}

/// The functions of all interfaces that a component exports, in the order of
/// [`Tenant::functions`](crate::Tenant::functions). Nothing is compiled. What exceeds 8 MiB is left
/// out.
///
/// # Errors
///
/// [`InspectError`] when the bytes are no component.
pub fn outline(component: &[u8]) -> Result<Vec<OutlinedFunction>, InspectError> {
    let inspection = Inspection::of(component)?;
    let types = validated(component)?;
    let types = types.as_ref();
    let documentation = Documentation::of(component);
    let mut room = Room(MAX_OUTLINE_BYTES);
    let mut functions = Vec::new();
    for interface in &inspection.exports {
        let Some(ComponentEntityType::Instance(instance)) = types
            .component_item_for_export(interface)
            .map(|item| item.ty)
        else {
            continue;
        };
        let Some(instance) = types.get(instance) else {
            continue;
        };
        let mut names: Vec<_> = instance.exports.iter().collect();
        names.sort_by_key(|(name, _)| *name);
        for (name, item) in names {
            let ComponentEntityType::Func(kind) = item.ty else {
                continue;
            };
            let Some(kind) = types.get(kind) else {
                continue;
            };
            let Some(name_in_camel_case) = room.text(&camel_case(name)) else {
                return Ok(functions);
            };
            let mut parameters: Vec<OutlinedParameter> = kind
                .params
                .iter()
                .map_while(|(name, ty)| parameter(types, name.as_str(), ty, true, &mut room))
                .collect();
            let names: Vec<&str> = kind.params.iter().map(|(name, _)| name.as_str()).collect();
            let is_accepted = accepted(interface, name, &names);
            for parameter in &mut parameters {
                parameter.fields.retain(|field| is_accepted(&field.name));
            }
            functions.push(OutlinedFunction {
                name: name_in_camel_case,
                documentation: documentation
                    .function(interface, name)
                    .and_then(|text| room.text(text)),
                parameters,
                columns: columns(types, kind)
                    .iter()
                    .map_while(|name| room.text(name))
                    .collect(),
            });
        }
    }
    Ok(functions)
}

/// Room for texts. What finds none is left out.
struct Room(usize);

impl Room {
    fn text(&mut self, text: &str) -> Option<String> {
        self.0 = self.0.checked_sub(text.len() + TEXT_BYTES)?;
        Some(text.to_owned())
    }
}

fn validated(component: &[u8]) -> Result<Types, InspectError> {
    Validator::new()
        .validate_all(component)
        .map_err(|error| InspectError::Damaged {
            offset: error.offset(),
            size_bytes: component.len(),
            reason: host_levels::text::printable(error.message(), 200),
        })
}

fn parameter(
    types: TypesRef<'_>,
    name: &str,
    ty: &ComponentValType,
    has_fields: bool,
    room: &mut Room,
) -> Option<OutlinedParameter> {
    let ty = bare(types, ty);
    let (is_list, item) = match defined(types, &ty) {
        Some(ComponentDefinedType::List { element, .. }) => (true, *element),
        _ => (false, ty),
    };
    let name = room.text(name)?;
    let type_text = room.text(&type_text(types, &ty))?;
    let values = match defined(types, &item) {
        Some(ComponentDefinedType::Enum(names)) => names
            .iter()
            .map_while(|name| room.text(name.as_str()))
            .collect(),
        _ if matches!(item, ComponentValType::Primitive(PrimitiveValType::Bool)) => {
            vec!["true".to_owned(), "false".to_owned()]
        }
        _ => Vec::new(),
    };
    let fields = match defined(types, &ty) {
        Some(ComponentDefinedType::Record(record)) if has_fields => record
            .fields
            .iter()
            .map_while(|(name, ty)| parameter(types, name.as_str(), ty, false, room))
            .collect(),
        _ => Vec::new(),
    };
    Some(OutlinedParameter {
        name,
        type_text,
        values,
        is_list,
        fields,
    })
}

/// A type without the `option` around it.
fn bare(types: TypesRef<'_>, ty: &ComponentValType) -> ComponentValType {
    match defined(types, ty) {
        Some(ComponentDefinedType::Option { ty, .. }) => *ty,
        _ => *ty,
    }
}

fn defined<'a>(types: TypesRef<'a>, ty: &ComponentValType) -> Option<&'a ComponentDefinedType> {
    match ty {
        ComponentValType::Primitive(_) => None,
        ComponentValType::Type(id) => types.get(*id),
    }
}

/// As [`super::type_text`] has it.
fn type_text(types: TypesRef<'_>, ty: &ComponentValType) -> String {
    let mut text = TypeText::new(MAX_TYPE_BYTES);
    write_type(types, ty, &mut text);
    text.end()
}

fn write_type(types: TypesRef<'_>, ty: &ComponentValType, text: &mut TypeText) {
    if !text.look() {
        return;
    }
    let ty = match ty {
        ComponentValType::Primitive(ty) => return text.push(&ty.to_string()),
        ComponentValType::Type(_) => defined(types, ty),
    };
    match ty {
        Some(ComponentDefinedType::Primitive(ty)) => text.push(&ty.to_string()),
        Some(ComponentDefinedType::List { element, .. }) => {
            text.push("list<");
            write_type(types, element, text);
            text.push(">");
        }
        Some(ComponentDefinedType::Option { ty, .. }) => {
            text.push("option<");
            write_type(types, ty, text);
            text.push(">");
        }
        Some(ComponentDefinedType::Enum(names)) => {
            text.join(names.iter().map(|name| name.as_str()), "|");
        }
        Some(ComponentDefinedType::Record(record)) => {
            text.push("{");
            text.fields(record.fields.keys().map(|name| name.as_str()));
            text.push("}");
        }
        Some(ComponentDefinedType::Tuple(tuple)) => {
            text.push("tuple<");
            for (index, ty) in tuple.types.iter().enumerate() {
                if text.is_cut() {
                    return;
                }
                if index > 0 {
                    text.push(", ");
                }
                write_type(types, ty, text);
            }
            text.push(">");
        }
        Some(ComponentDefinedType::Flags(names)) => {
            text.push("flags<");
            text.join(names.iter().map(|name| name.as_str()), "|");
            text.push(">");
        }
        Some(ComponentDefinedType::Variant(variant)) => {
            text.push("variant<");
            text.join(variant.cases.keys().map(|name| name.as_str()), "|");
            text.push(">");
        }
        _ => text.push("resource"),
    }
}

/// As [`super::Function::columns`] has them.
fn columns(types: TypesRef<'_>, function: &ComponentFuncType) -> Vec<String> {
    let mut columns = Columns::default();
    let item = || {
        let ComponentDefinedType::Result { ok: Some(ok), .. } =
            defined(types, function.result.as_ref()?)?
        else {
            return None;
        };
        let ComponentDefinedType::Record(listing) = defined(types, ok)? else {
            return None;
        };
        let (_, items) = listing
            .fields
            .iter()
            .find(|(name, _)| name.as_str() == "items")?;
        match defined(types, items)? {
            ComponentDefinedType::List { element, .. } => Some(*element),
            _ => None,
        }
    };
    if let Some(item) = item() {
        collect_columns(types, &item, &mut columns);
    }
    columns.end().0
}

fn collect_columns(types: TypesRef<'_>, ty: &ComponentValType, columns: &mut Columns) {
    if !columns.look() {
        return;
    }
    match defined(types, ty) {
        Some(ComponentDefinedType::Record(record)) => {
            for (name, ty) in &record.fields {
                if columns.is_full() {
                    return;
                }
                columns.field(name.as_str(), |columns| collect_columns(types, ty, columns));
            }
        }
        Some(ComponentDefinedType::Option { ty, .. }) => collect_columns(types, ty, columns),
        Some(
            ComponentDefinedType::List { .. }
            | ComponentDefinedType::Variant(_)
            | ComponentDefinedType::Tuple(_)
            | ComponentDefinedType::Result { .. },
        ) => {}
        _ => columns.add(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{OutlinedParameter, outline};
    use crate::component::embedded_component;
    use crate::{HostRunner, Scope};

    #[test]
    fn the_outline_has_what_the_engine_has() {
        let folder = tempfile::tempdir().unwrap();
        let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
            .open()
            .unwrap();
        let tenant = host.tenant(&Scope::default()).unwrap();
        let outlined = outline(embedded_component()).unwrap();
        assert_eq!(outlined.len(), tenant.functions().len());
        for (outlined, function) in outlined.iter().zip(tenant.functions()) {
            assert_eq!(outlined.name, function.camel_case_name());
            assert_eq!(outlined.documentation.as_deref(), function.documentation());
            assert_eq!(outlined.columns, function.columns());
            let types = |parameter: &OutlinedParameter| {
                (parameter.name.clone(), parameter.type_text.clone())
            };
            assert_eq!(
                outlined.parameters.iter().map(types).collect::<Vec<_>>(),
                function
                    .parameters()
                    .iter()
                    .map(|parameter| (parameter.name().to_owned(), parameter.type_text()))
                    .collect::<Vec<_>>()
            );
        }
        let tasks = outlined
            .iter()
            .find(|function| function.name == "listTasks")
            .unwrap();
        let named = |name: &str| tasks.parameters.iter().find(|there| there.name == name);
        assert_eq!(
            named("status").unwrap().values,
            ["complete", "incomplete", "open"]
        );
        assert!(!named("options").unwrap().fields.is_empty());
    }

    #[test]
    fn what_is_no_component_has_no_outline() {
        for bytes in [b"".as_slice(), b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0\xff"] {
            assert!(outline(bytes).is_err());
        }
        assert_eq!(outline(b"\0asm\x0d\0\x01\0").unwrap(), []);
    }
}
