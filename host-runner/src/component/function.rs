//! A function that a component exports, as reflection sees it.

use std::sync::Arc;

use host_levels::Remedy;
use host_levels::text::{camel_case, closest, kebab_case};
use wasmtime::component::ComponentExportIndex;
use wasmtime::component::types::{ComponentFunc, Type};

use super::accepted::{accepted, range};
use super::documentation::Documentation;
use super::hand_over::HandOver;
use super::shown::{Columns, MAX_TEXT_BYTES, MAX_TYPE_BYTES, TypeText};

/// A function that a component exports.
#[derive(Clone)]
pub struct Function {
    interface: String,
    name: String,
    parameters: Vec<Parameter>,
    result: Option<Type>,
    documentation: Arc<Documentation>,
    index: ComponentExportIndex,
    hand_over: HandOver,
}

/// A parameter of a [`Function`].
#[derive(Debug, Clone)]
pub struct Parameter {
    pub(crate) name: String,
    pub(crate) ty: Type,
}

/// No function has this name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the component has no function `{name}`{}", suggestion(.nearest))]
pub struct NoSuchFunction {
    name: String,
    nearest: Vec<String>,
}

impl NoSuchFunction {
    /// What to do about it, as data. `None` where the message names what is probably meant.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        self.nearest.is_empty().then_some(Remedy::ListFunctions)
    }
}

fn suggestion(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("; did you mean `{name}`?"),
        names => format!("; did you mean one of `{}`?", names.join("`, `")),
    }
}

impl Function {
    pub(super) fn new(
        interface: &str,
        name: &str,
        kind: &ComponentFunc,
        index: ComponentExportIndex,
        documentation: Arc<Documentation>,
    ) -> Self {
        Self {
            interface: interface.to_owned(),
            name: name.to_owned(),
            parameters: kind
                .params()
                .map(|(name, ty)| Parameter {
                    name: name.to_owned(),
                    ty,
                })
                .collect(),
            result: kind.results().next(),
            documentation,
            index,
            hand_over: HandOver::default(),
        }
    }

    /// The interface that it belongs to, such as
    /// `confluence:connector/confluence-service@0.3.0`.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Its name in WIT, such as `list-spaces`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name in camelCase, such as `listSpaces`.
    #[must_use]
    pub fn camel_case_name(&self) -> String {
        camel_case(&self.name)
    }

    /// Its parameters, in the order in which they are given.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What an argument accepts, where its type holds more than the contract permits.
    pub(crate) fn range(&self, argument: &str) -> Option<&'static str> {
        range(&self.interface, argument)
    }

    /// The options that callers may pass by name: the names in WIT and the types of the fields of its
    /// parameters that are records. What the function rejects is omitted, and what has the name of a
    /// parameter.
    #[must_use]
    pub fn options(&self) -> Vec<(String, String)> {
        let parameters: Vec<&str> = self.parameters.iter().map(Parameter::name).collect();
        let is_accepted = accepted(&self.interface, &self.name, &parameters);
        self.parameters
            .iter()
            .flat_map(Parameter::fields)
            .filter(|(name, _)| is_accepted(name))
            .collect()
    }

    /// Its documentation, in Markdown, when the component carries it.
    #[must_use]
    pub fn documentation(&self) -> Option<&str> {
        self.documentation.function(&self.interface, &self.name)
    }

    /// Its signature, such as `listSpaces(ids?: list<string>, limit?: u32) -> space-listing`.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut text = TypeText::new(MAX_TEXT_BYTES);
        text.push(&self.camel_case_name());
        text.push("(");
        for (index, parameter) in self.parameters.iter().enumerate() {
            if text.is_cut() {
                break;
            }
            if index > 0 {
                text.push(", ");
            }
            text.push(&camel_case(&parameter.name));
            match &parameter.ty {
                Type::Option(option) => {
                    text.push("?: ");
                    write_type(&option.ty(), &mut text);
                }
                ty => {
                    text.push(": ");
                    write_type(ty, &mut text);
                }
            }
        }
        text.push(")");
        text.end()
    }

    /// Whether a caller of `other` may call this in its place: same parameters, same result.
    pub(super) fn has_type_of(&self, other: &Self) -> bool {
        self.result == other.result
            && self.parameters.len() == other.parameters.len()
            && self
                .parameters
                .iter()
                .zip(&other.parameters)
                .all(|(own, others)| own.name == others.name && own.ty == others.ty)
    }

    /// The columns of the list that it answers: the plain fields of an item, nested ones behind a
    /// dot, such as `version.number`. Empty when it answers no list. Of a list with more than 1000
    /// columns, with fields nested deeper than eight levels or with names longer than 200 bytes,
    /// those are omitted: [`Function::omits_columns`] says so.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.collect_columns().0
    }

    /// Whether [`Function::columns`] does not have all fields of the list.
    #[must_use]
    pub fn omits_columns(&self) -> bool {
        self.collect_columns().1
    }

    /// The names of all fields of an item of the list that it answers, or of the record, nested ones
    /// behind a dot: records and lists as well as plain fields. At most 1000, eight levels deep.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let mut names = Vec::new();
        let of_result = || match &self.result {
            Some(Type::Result(result)) => result.ok(),
            _ => None,
        };
        if let Some(ty) = self.item().or_else(of_result) {
            collect_fields("", &ty, 0, &mut names);
        }
        names
    }

    fn collect_columns(&self) -> (Vec<String>, bool) {
        let mut columns = Columns::default();
        if let Some(item) = self.item() {
            collect_columns(&item, &mut columns);
        }
        columns.end()
    }

    /// The type of an item of the list that it answers.
    fn item(&self) -> Option<Type> {
        let Some(Type::Result(result)) = &self.result else {
            return None;
        };
        let Some(Type::Record(listing)) = result.ok() else {
            return None;
        };
        match listing.fields().find(|field| field.name == "items")?.ty {
            Type::List(items) => Some(items.ty()),
            _ => None,
        }
    }

    pub(crate) fn result(&self) -> Option<&Type> {
        self.result.as_ref()
    }

    /// How much may be counted of its result, so that it takes no more of the host's memory than
    /// `limit_bytes`.
    pub(crate) fn countable_result(&self, limit_bytes: usize) -> usize {
        self.hand_over.countable(self.result.as_ref(), limit_bytes)
    }

    pub(crate) fn index(&self) -> &ComponentExportIndex {
        &self.index
    }

    /// Finds a function by its name in camelCase or kebab-case, alone or behind its interface
    /// and a `.` or `#`.
    ///
    /// # Errors
    ///
    /// [`NoSuchFunction`] names the nearest ones.
    pub fn find<'a>(functions: &'a [Self], name: &str) -> Result<&'a Self, NoSuchFunction> {
        let (interface, bare) = match name.rsplit_once(['#', '.']) {
            Some((interface, bare)) => (Some(interface), bare),
            None => (None, name),
        };
        let wanted = kebab_case(bare);
        functions
            .iter()
            .find(|function| {
                function.name == wanted
                    && interface.is_none_or(|interface| function.interface.contains(interface))
            })
            .ok_or_else(|| {
                let camel = bare.chars().any(char::is_uppercase) || !bare.contains('-');
                NoSuchFunction {
                    name: name.chars().take(80).collect(),
                    nearest: closest(&wanted, functions.iter().map(Self::name))
                        .into_iter()
                        .map(|name| if camel { camel_case(&name) } else { name })
                        .collect(),
                }
            })
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.interface, self.signature())
    }
}

impl Parameter {
    /// Its name in WIT, such as `space-ids`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type, for callers that make values of their own instead of binding text.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// Whether it may be left out.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        matches!(self.ty, Type::Option(_))
    }

    /// The names in WIT and the types of its fields, where it is a record.
    fn fields(&self) -> Vec<(String, String)> {
        let record = match &self.ty {
            Type::Option(option) => option.ty(),
            ty => ty.clone(),
        };
        let Type::Record(record) = record else {
            return Vec::new();
        };
        let text = |ty: &Type| {
            let mut text = TypeText::new(MAX_TEXT_BYTES);
            match ty {
                Type::Option(option) => write_type(&option.ty(), &mut text),
                ty => write_type(ty, &mut text),
            }
            text.end()
        };
        record
            .fields()
            .take(MAX_FIELDS)
            .map(|field| (field.name.to_owned(), text(&field.ty)))
            .collect()
    }

    /// Its type in WIT, without the `option` around it.
    #[must_use]
    pub fn type_text(&self) -> String {
        match &self.ty {
            Type::Option(option) => type_text(&option.ty()),
            ty => type_text(ty),
        }
    }
}

/// A type as WIT writes it, of 2000 bytes at most. Records and variants have no name in a
/// component's type; their shape stands for them.
pub(crate) fn type_text(ty: &Type) -> String {
    let mut text = TypeText::new(MAX_TYPE_BYTES);
    write_type(ty, &mut text);
    text.end()
}

fn write_type(ty: &Type, text: &mut TypeText) {
    if !text.look() {
        return;
    }
    match ty {
        Type::Bool => text.push("bool"),
        Type::S8 => text.push("s8"),
        Type::U8 => text.push("u8"),
        Type::S16 => text.push("s16"),
        Type::U16 => text.push("u16"),
        Type::S32 => text.push("s32"),
        Type::U32 => text.push("u32"),
        Type::S64 => text.push("s64"),
        Type::U64 => text.push("u64"),
        Type::Float32 => text.push("f32"),
        Type::Float64 => text.push("f64"),
        Type::Char => text.push("char"),
        Type::String => text.push("string"),
        Type::List(list) => {
            text.push("list<");
            write_type(&list.ty(), text);
            text.push(">");
        }
        Type::Option(option) => {
            text.push("option<");
            write_type(&option.ty(), text);
            text.push(">");
        }
        Type::Enum(cases) => text.join(cases.names(), "|"),
        Type::Record(record) => {
            text.push("{");
            text.fields(record.fields().map(|field| field.name));
            text.push("}");
        }
        Type::Tuple(tuple) => {
            text.push("tuple<");
            for (index, ty) in tuple.types().enumerate() {
                if text.is_cut() {
                    return;
                }
                if index > 0 {
                    text.push(", ");
                }
                write_type(&ty, text);
            }
            text.push(">");
        }
        Type::Flags(flags) => {
            text.push("flags<");
            text.join(flags.names(), "|");
            text.push(">");
        }
        Type::Variant(variant) => {
            text.push("variant<");
            text.join(variant.cases().map(|case| case.name), "|");
            text.push(">");
        }
        _ => text.push("resource"),
    }
}

/// Maximum number of names of [`Function::fields`], and how deep they are nested.
const MAX_FIELDS: usize = 1000;
const MAX_FIELD_DEPTH: usize = 8;

fn collect_fields(path: &str, ty: &Type, depth: usize, names: &mut Vec<String>) {
    match ty {
        Type::Option(option) => collect_fields(path, &option.ty(), depth, names),
        Type::List(list) if path.is_empty() => collect_fields(path, &list.ty(), depth, names),
        Type::Record(record) if depth < MAX_FIELD_DEPTH => {
            for field in record.fields() {
                if names.len() >= MAX_FIELDS {
                    return;
                }
                let name = camel_case(field.name);
                let name = if path.is_empty() {
                    name
                } else {
                    format!("{path}.{name}")
                };
                names.push(name.clone());
                collect_fields(&name, &field.ty, depth + 1, names);
            }
        }
        _ => {}
    }
}

fn collect_columns(ty: &Type, columns: &mut Columns) {
    if !columns.look() {
        return;
    }
    match ty {
        Type::Record(record) => {
            for field in record.fields() {
                if columns.is_full() {
                    // There is this field, at least.
                    columns.look();
                    return;
                }
                columns.field(field.name, |columns| collect_columns(&field.ty, columns));
            }
        }
        Type::Option(option) => collect_columns(&option.ty(), columns),
        Type::List(_) | Type::Variant(_) | Type::Tuple(_) | Type::Result(_) => {}
        _ => columns.add(),
    }
}
