//! Arguments as people give them, bound to the parameters of a function.

use serde_json::value::RawValue;
use wasmtime::component::Val;
use wasmtime::component::types::Type;

use super::json::{self, Mismatch};
use host_levels::Remedy;
use host_levels::text::{camel_case, closest, kebab_case};

use crate::component::Function;

/// Why arguments do not fit a function. No request was sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// There are more positional arguments than parameters.
    #[error("`{function}` takes at most {most} arguments, but got {given}")]
    TooMany {
        /// The function.
        function: String,
        /// How many it takes.
        most: usize,
        /// How many there were.
        given: usize,
    },
    /// No parameter has this name.
    #[error("`{function}` has no argument `{name}`; {hint}")]
    Unknown {
        /// The function.
        function: String,
        /// The name that was given.
        name: String,
        /// The nearest names, or all of them.
        hint: String,
    },
    /// An argument was given twice.
    #[error("the argument `{name}` was passed twice")]
    Twice {
        /// The parameter.
        name: String,
    },
    /// An argument that cannot be left out was.
    #[error("`{function}` needs the argument `{name}` ({wanted})")]
    Missing {
        /// The function.
        function: String,
        /// The parameter.
        name: String,
        /// Its type.
        wanted: String,
    },
    /// An argument is of another type.
    #[error("the argument `{name}` must be {wanted}, but `{found}` was passed")]
    WrongType {
        /// The parameter.
        name: String,
        /// What it takes.
        wanted: String,
        /// What was given.
        found: String,
    },
    /// A list has an empty item, as from a variable that is not set: it would mean everything, or
    /// nothing.
    #[error(
        "the argument `{name}` is an empty text or has an empty item, as from a variable that is not set: omit it, or pass `null` or `[]`"
    )]
    EmptyItem {
        /// The argument, in camelCase.
        name: String,
    },
}

impl ArgumentError {
    /// What to do about it, as data.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::TooMany { function, .. } => Some(Remedy::ShowFunction {
                name: function.clone(),
            }),
            _ => None,
        }
    }
}

/// Binds arguments to the parameters of a function.
///
/// Arguments are JSON, as in `null '["ENG","SCS"]' 100`; where text is required, a bare word is that
/// word, and a list may be written with commas (`ENG,SCS`). Names may be in camelCase or kebab-case,
/// and a field of a record parameter is passed by its own name (`sort` for `options.sort`).
///
/// # Errors
///
/// [`ArgumentError`] names the argument, what it takes, and what was given.
pub fn bind(
    function: &Function,
    positional: &[String],
    named: &[(String, String)],
) -> Result<Vec<Val>, ArgumentError> {
    let parameters = function.parameters();
    if positional.len() > parameters.len() {
        return Err(ArgumentError::TooMany {
            function: function.camel_case_name(),
            most: parameters.len(),
            given: positional.len(),
        });
    }
    let mut values: Vec<Option<Val>> = Vec::with_capacity(parameters.len());
    for (index, parameter) in parameters.iter().enumerate() {
        values.push(match positional.get(index) {
            Some(text) => Some(read(function, text, &parameter.ty, parameter.name())?),
            None => None,
        });
    }
    for (name, text) in named {
        bind_named(function, &mut values, name, text)?;
    }
    parameters
        .iter()
        .zip(values)
        .map(|(parameter, value)| match value {
            Some(value) => Ok(value),
            None if parameter.is_optional() => Ok(Val::Option(None)),
            None => Err(ArgumentError::Missing {
                function: function.camel_case_name(),
                name: camel_case(parameter.name()),
                wanted: parameter.type_text(),
            }),
        })
        .collect()
}

fn bind_named(
    function: &Function,
    values: &mut [Option<Val>],
    name: &str,
    text: &str,
) -> Result<(), ArgumentError> {
    let wanted = kebab_case(name);
    let parameters = function.parameters();
    if let Some((parameter, value)) = parameters
        .iter()
        .zip(values.iter_mut())
        .find(|(parameter, _)| parameter.name == wanted)
    {
        if value.is_some() {
            return Err(ArgumentError::Twice {
                name: camel_case(&wanted),
            });
        }
        *value = Some(read(function, text, &parameter.ty, &wanted)?);
        return Ok(());
    }
    for (parameter, value) in parameters.iter().zip(values.iter_mut()) {
        let (optional, ty) = bare(&parameter.ty);
        let Type::Record(record) = &ty else { continue };
        let Some(field) = record.fields().find(|field| field.name == wanted) else {
            continue;
        };
        let given = read(function, text, &field.ty, &wanted)?;
        let fields = match value.take() {
            Some(Val::Option(Some(inner))) => match *inner {
                Val::Record(fields) => Some(fields),
                _ => None,
            },
            Some(Val::Record(fields)) => Some(fields),
            _ => json::empty_record(&ty),
        };
        let Some(mut fields) = fields else { continue };
        if let Some((_, slot)) = fields.iter_mut().find(|(name, _)| *name == wanted) {
            *slot = given;
        }
        let record = Val::Record(fields);
        *value = Some(if optional {
            Val::Option(Some(Box::new(record)))
        } else {
            record
        });
        return Ok(());
    }
    Err(unknown(function, name))
}

fn unknown(function: &Function, name: &str) -> ArgumentError {
    let parameters = function.parameters().iter();
    let options = function.options().into_iter().map(|(name, _)| name);
    let names: Vec<String> = parameters
        .map(|parameter| parameter.name.clone())
        .chain(options)
        .collect();
    let near = closest(&kebab_case(name), names.iter().map(String::as_str));
    let hint = if near.is_empty() {
        format!("it takes `--{}`", names.join("`, `--"))
    } else {
        format!("did you mean `--{}`?", near.join("` or `--"))
    };
    ArgumentError::Unknown {
        function: function.camel_case_name(),
        name: name.chars().take(80).collect(),
        hint,
    }
}

/// A type without the `option` around it, and whether there was one.
fn bare(ty: &Type) -> (bool, Type) {
    match ty {
        Type::Option(option) => (true, option.ty()),
        ty => (false, ty.clone()),
    }
}

/// Reads one argument of a function.
fn read(function: &Function, text: &str, ty: &Type, name: &str) -> Result<Val, ArgumentError> {
    let (optional, bare) = bare(ty);
    let is_null = optional && text == "null";
    if matches!(bare, Type::List(_)) && !is_null && !is_json_list(text) {
        let mut items = text.split(',');
        if items.any(|item| item.trim().is_empty()) {
            return Err(ArgumentError::EmptyItem {
                name: camel_case(name),
            });
        }
    }
    let json = as_json(text, &bare, optional);
    serde_json::from_str::<&RawValue>(&json)
        .map_err(|_| Mismatch {
            wanted: "JSON".to_owned(),
            found: text.to_owned(),
        })
        .and_then(|json| json::read(json, ty))
        .map_err(|mismatch| ArgumentError::WrongType {
            name: camel_case(name),
            wanted: function.range(name).map_or(mismatch.wanted, str::to_owned),
            found: showable(&mismatch.found),
        })
}

/// Whether a text for a list is JSON: a list, or a string that is its only item.
fn is_json_list(text: &str) -> bool {
    text.trim_start().starts_with(['[', '"'])
}

/// Whether a text is a JSON string, and not a word that begins with a quote.
fn is_json_text(text: &str) -> bool {
    text.starts_with('"') && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// What was given, as a message may show it: cut, and without what looks like an authorization,
/// which stands in a wrong place as soon as arguments are swapped.
fn showable(text: &str) -> String {
    let lower = text.to_lowercase();
    if ["basic ", "bearer "]
        .iter()
        .any(|scheme| lower.contains(scheme))
    {
        "(an authorization)".to_owned()
    } else {
        text.chars().take(80).collect()
    }
}

/// The JSON that a person means by `text` where a value of type `ty` is wanted.
fn as_json(text: &str, ty: &Type, optional: bool) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    if optional && text == "null" {
        return text.to_owned();
    }
    match ty {
        Type::String | Type::Enum(_) | Type::Char if !is_json_text(text) => quoted(text),
        Type::List(list) if !is_json_list(text) => {
            let textual = matches!(list.ty(), Type::String | Type::Enum(_) | Type::Char);
            let items: Vec<String> = text
                .split(',')
                .map(str::trim)
                .map(|item| {
                    if textual {
                        quoted(item)
                    } else {
                        item.to_owned()
                    }
                })
                .collect();
            format!("[{}]", items.join(","))
        }
        _ if serde_json::from_str::<&RawValue>(text).is_ok() => text.trim().to_owned(),
        _ => quoted(text),
    }
}
