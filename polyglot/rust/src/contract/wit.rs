//! The parts of the WIT that other languages need.

use std::collections::BTreeSet;
use std::path::Path;

use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use crate::error::SuiteError;

/// The interface with the types of the two others.
const TYPES: &str = "types";
/// The interfaces with the functions.
const SERVICES: [&str; 2] = ["confluence-service", "confluence"];
/// The interface with the streams. Each language has functions of its own for them, which return Arrow's
/// batches.
const STREAMS: &str = "source";
/// What those functions make and take apart, so that callers do not see it.
const OF_STEPS: [&str; 5] = ["request", "column", "batch", "outcome", "progress"];
/// Records of a step that callers make.
const GIVEN_TO_STEPS: [&str; 2] = ["projection", "budget"];

/// The contract.
pub(crate) struct Contract {
    pub(crate) enums: Vec<Enum>,
    pub(crate) records: Vec<Record>,
    pub(crate) functions: Vec<Function>,
    /// Names of functions, parameters and fields, which documentation speaks of.
    names: BTreeSet<String>,
}

/// An enumeration.
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) documentation: String,
    pub(crate) cases: Vec<String>,
}

/// A record.
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) documentation: String,
    pub(crate) fields: Vec<Named>,
    /// Whether callers make it: all of its fields may then be left out.
    pub(crate) is_given: bool,
}

/// A field or a parameter.
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) documentation: String,
    pub(crate) ty: Ty,
}

/// A function.
pub(crate) struct Function {
    pub(crate) interface: &'static str,
    pub(crate) name: String,
    pub(crate) documentation: String,
    pub(crate) parameters: Vec<Named>,
    /// What it answers when it does not fail.
    pub(crate) answer: Ty,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ty {
    Bool,
    Text,
    /// A whole number of up to 32 bits.
    Small,
    /// A whole number of 64 bits.
    Large,
    Optional(Box<Self>),
    List(Box<Self>),
    Tuple(Vec<Self>),
    /// A record or an enumeration.
    Named(String),
}

impl Contract {
    /// Reads the package in a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, SuiteError> {
        let failed = |reason: String| SuiteError::Contract { reason };
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_dir(folder)
            .map_err(|error| failed(format!("{error:#}")))?;
        let interface = |name: &str| {
            resolve
                .packages
                .get(package)
                .and_then(|package| package.interfaces.get(name))
                .and_then(|&id| resolve.interfaces.get(id))
                .ok_or_else(|| failed(format!("there is no interface `{name}`")))
        };
        let mut contract = Self {
            enums: Vec::new(),
            records: Vec::new(),
            functions: Vec::new(),
            names: BTreeSet::new(),
        };
        for service in SERVICES {
            for function in interface(service)?.functions.values() {
                let parameters = function
                    .params
                    .iter()
                    .map(|parameter| {
                        Ok(Named {
                            name: parameter.name.clone(),
                            documentation: String::new(),
                            ty: ty(&resolve, &parameter.ty)?,
                        })
                    })
                    .collect::<Result<_, SuiteError>>()?;
                contract.functions.push(Function {
                    interface: service,
                    name: function.name.clone(),
                    documentation: function.docs.contents.clone().unwrap_or_default(),
                    parameters,
                    answer: answer(&resolve, function.result.as_ref()).ok_or_else(|| {
                        failed(format!("`{}` answers no result", function.name))
                    })??,
                });
            }
        }
        let given: BTreeSet<String> = contract
            .functions
            .iter()
            .flat_map(|function| &function.parameters)
            .filter_map(|parameter| match parameter.ty.bare() {
                Ty::Named(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        let types = interface(TYPES)?.types.iter();
        let of_streams = interface(STREAMS)?.types.iter();
        let of_streams = of_streams.filter(|(name, _)| !OF_STEPS.contains(&name.as_str()));
        for (name, &id) in types.chain(of_streams) {
            let Some(definition) = resolve.types.get(id) else {
                continue;
            };
            let documentation = definition.docs.contents.clone().unwrap_or_default();
            match &definition.kind {
                TypeDefKind::Record(record) => contract.records.push(Record {
                    name: name.clone(),
                    documentation,
                    fields: record
                        .fields
                        .iter()
                        .map(|field| {
                            Ok(Named {
                                name: field.name.clone(),
                                documentation: field.docs.contents.clone().unwrap_or_default(),
                                ty: ty(&resolve, &field.ty)?,
                            })
                        })
                        .collect::<Result<_, SuiteError>>()?,
                    is_given: given.contains(name) || GIVEN_TO_STEPS.contains(&name.as_str()),
                }),
                TypeDefKind::Enum(cases) => contract.enums.push(Enum {
                    name: name.clone(),
                    documentation,
                    cases: cases.cases.iter().map(|case| case.name.clone()).collect(),
                }),
                // Another name of a type: where it is used, the type itself is shown.
                TypeDefKind::Type(_) | TypeDefKind::List(_) => {}
                other => {
                    return Err(failed(format!("`{name}` is a {}", other.as_str())));
                }
            }
        }
        contract.names = contract
            .functions
            .iter()
            .flat_map(|function| {
                let parameters = function.parameters.iter().map(|one| one.name.clone());
                parameters.chain([function.name.clone()])
            })
            .chain(
                contract
                    .records
                    .iter()
                    .flat_map(|record| record.fields.iter().map(|field| field.name.clone())),
            )
            .filter(|name| name.contains('-'))
            .collect();
        Ok(contract)
    }

    /// Documentation with the names of functions, parameters and fields as a language writes them.
    /// What stands in backticks and is one of them is taken for it.
    pub(crate) fn told(&self, documentation: &str, spelled: fn(&str) -> String) -> String {
        documentation
            .split('`')
            .map(|piece| {
                let of_names = piece
                    .split('.')
                    .all(|part| self.names.contains(part) || !part.contains('-'));
                if of_names
                    && piece.contains('-')
                    && !piece.contains(' ')
                    && !piece.starts_with('-')
                {
                    spelled(piece)
                } else {
                    piece.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join("`")
    }
}

impl Ty {
    /// Without the option around it.
    pub(crate) fn bare(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }
}

fn answer(resolve: &Resolve, result: Option<&Type>) -> Option<Result<Ty, SuiteError>> {
    let Type::Id(id) = result? else { return None };
    match &resolve.types.get(*id)?.kind {
        TypeDefKind::Result(result) => Some(ty(resolve, result.ok.as_ref()?)),
        _ => None,
    }
}

fn ty(resolve: &Resolve, of: &Type) -> Result<Ty, SuiteError> {
    Ok(match of {
        Type::Bool => Ty::Bool,
        Type::String => Ty::Text,
        Type::U8 | Type::U16 | Type::U32 | Type::S8 | Type::S16 | Type::S32 => Ty::Small,
        Type::U64 | Type::S64 => Ty::Large,
        Type::Id(id) => defined(resolve, *id)?,
        other => {
            return Err(SuiteError::Contract {
                reason: format!("there is a `{other:?}`"),
            });
        }
    })
}

fn defined(resolve: &Resolve, id: TypeId) -> Result<Ty, SuiteError> {
    let missing = || SuiteError::Contract {
        reason: "a type is missing".to_owned(),
    };
    let definition = resolve.types.get(id).ok_or_else(missing)?;
    Ok(match &definition.kind {
        TypeDefKind::Type(alias) => ty(resolve, alias)?,
        TypeDefKind::Option(inner) => Ty::Optional(Box::new(ty(resolve, inner)?)),
        TypeDefKind::List(inner) => Ty::List(Box::new(ty(resolve, inner)?)),
        TypeDefKind::Tuple(tuple) => Ty::Tuple(
            tuple
                .types
                .iter()
                .map(|one| ty(resolve, one))
                .collect::<Result<_, _>>()?,
        ),
        TypeDefKind::Record(_) | TypeDefKind::Enum(_) => {
            Ty::Named(definition.name.clone().ok_or_else(missing)?)
        }
        other => {
            return Err(SuiteError::Contract {
                reason: format!("there is a {}", other.as_str()),
            });
        }
    })
}

/// `list-spaces` as `ListSpaces`. The record `error` gets another name: both languages have an
/// `Error` of their own.
pub(crate) fn pascal_case(name: &str) -> String {
    if name == "error" {
        return "ErrorRecord".to_owned();
    }
    name.split('-').map(capitalized).collect()
}

/// `list-spaces` as `listSpaces`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capitalized(word))
}

/// `list-spaces` as `list_spaces`.
pub(crate) fn snake_case(name: &str) -> String {
    name.replace('-', "_")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
