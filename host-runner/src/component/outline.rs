//! What a component's functions look like, read from its bytes alone.
//!
//! [`Function`](super::Function) comes from the engine, which compiles first: 150 ms, or code
//! from the state folder, for which its key is read. Who completes a word in a shell wants neither.

use wasmparser::component_types::{
    ComponentDefinedType, ComponentEntityType, ComponentFuncType, ComponentValType,
};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{PrimitiveValType, Validator};

use super::documentation::Documentation;
use super::inspection::{InspectError, Inspection};
use host_levels::text::camel_case;

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
    /// Its fields, where it is a record.
    pub fields: Vec<OutlinedParameter>,
}

/// The functions of all interfaces that a component exports, in the order of
/// [`Tenant::functions`](crate::Tenant::functions). Nothing is compiled.
///
/// # Errors
///
/// [`InspectError`] when the bytes are no component.
pub fn outline(component: &[u8]) -> Result<Vec<OutlinedFunction>, InspectError> {
    let inspection = Inspection::of(component)?;
    let types = validated(component)?;
    let types = types.as_ref();
    let documentation = Documentation::of(component);
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
            functions.push(OutlinedFunction {
                name: camel_case(name),
                documentation: documentation.function(interface, name).map(str::to_owned),
                parameters: kind
                    .params
                    .iter()
                    .map(|(name, ty)| parameter(types, name.as_str(), ty))
                    .collect(),
                columns: columns(types, kind),
            });
        }
    }
    Ok(functions)
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

fn parameter(types: TypesRef<'_>, name: &str, ty: &ComponentValType) -> OutlinedParameter {
    let ty = bare(types, ty);
    let (is_list, item) = match defined(types, &ty) {
        Some(ComponentDefinedType::List { element, .. }) => (true, *element),
        _ => (false, ty),
    };
    let values = match defined(types, &item) {
        Some(ComponentDefinedType::Enum(names)) => {
            names.iter().map(|name| name.as_str().to_owned()).collect()
        }
        _ if matches!(item, ComponentValType::Primitive(PrimitiveValType::Bool)) => {
            vec!["true".to_owned(), "false".to_owned()]
        }
        _ => Vec::new(),
    };
    let fields = match defined(types, &ty) {
        Some(ComponentDefinedType::Record(record)) => record
            .fields
            .iter()
            .map(|(name, ty)| parameter(types, name.as_str(), ty))
            .collect(),
        _ => Vec::new(),
    };
    OutlinedParameter {
        name: name.to_owned(),
        type_text: type_text(types, &ty),
        values,
        is_list,
        fields,
    }
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
    let joined = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join("|");
    let primitive = |ty: PrimitiveValType| ty.to_string();
    let ty = match ty {
        ComponentValType::Primitive(ty) => return primitive(*ty),
        ComponentValType::Type(_) => defined(types, ty),
    };
    match ty {
        Some(ComponentDefinedType::Primitive(ty)) => primitive(*ty),
        Some(ComponentDefinedType::List { element, .. }) => {
            format!("list<{}>", type_text(types, element))
        }
        Some(ComponentDefinedType::Option { ty, .. }) => {
            format!("option<{}>", type_text(types, ty))
        }
        Some(ComponentDefinedType::Enum(names)) => {
            joined(&mut names.iter().map(|name| name.as_str()))
        }
        Some(ComponentDefinedType::Record(record)) => {
            let names: Vec<_> = record
                .fields
                .keys()
                .map(|name| camel_case(name.as_str()))
                .collect();
            format!("{{{}}}", names.join(", "))
        }
        Some(ComponentDefinedType::Tuple(tuple)) => {
            let items: Vec<_> = tuple.types.iter().map(|ty| type_text(types, ty)).collect();
            format!("tuple<{}>", items.join(", "))
        }
        Some(ComponentDefinedType::Flags(names)) => {
            let names = joined(&mut names.iter().map(|name| name.as_str()));
            format!("flags<{names}>")
        }
        Some(ComponentDefinedType::Variant(variant)) => {
            let names = joined(&mut variant.cases.keys().map(|name| name.as_str()));
            format!("variant<{names}>")
        }
        _ => "resource".to_owned(),
    }
}

/// As [`super::Function::columns`] has them.
fn columns(types: TypesRef<'_>, function: &ComponentFuncType) -> Vec<String> {
    let mut columns = Vec::new();
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
        collect_columns(types, "", &item, &mut columns);
    }
    columns
}

fn collect_columns(
    types: TypesRef<'_>,
    path: &str,
    ty: &ComponentValType,
    columns: &mut Vec<String>,
) {
    match defined(types, ty) {
        Some(ComponentDefinedType::Record(record)) => {
            for (field, ty) in &record.fields {
                let name = camel_case(field.as_str());
                let path = if path.is_empty() {
                    name
                } else {
                    format!("{path}.{name}")
                };
                collect_columns(types, &path, ty, columns);
            }
        }
        Some(ComponentDefinedType::Option { ty, .. }) => collect_columns(types, path, ty, columns),
        Some(
            ComponentDefinedType::List { .. }
            | ComponentDefinedType::Variant(_)
            | ComponentDefinedType::Tuple(_)
            | ComponentDefinedType::Result { .. },
        ) => {}
        _ => columns.push(path.to_owned()),
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
        assert_eq!(named("status").unwrap().values, ["complete", "incomplete"]);
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
