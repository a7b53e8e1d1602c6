//! JSON to component values.
//!
//! Numbers keep their digits: an id given as the number `9007199254740993` arrives as that text,
//! where a detour over doubles would make it `9007199254740992`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use wasmtime::component::Val;
use wasmtime::component::types::Type;

use host_levels::text::{camel_case, closest, kebab_case};

use crate::component::type_text;

/// What a JSON text has where a type wants something else.
#[derive(Debug)]
pub(super) struct Mismatch {
    /// What was wanted, such as `an integer from 0 to 4294967295`.
    pub(super) wanted: String,
    /// What was there.
    pub(super) found: String,
}

impl Mismatch {
    fn new(wanted: impl Into<String>, found: &RawValue) -> Self {
        Self {
            wanted: wanted.into(),
            found: found.get().to_owned(),
        }
    }
}

/// Reads a JSON text as a value of a type.
///
/// More is taken than JSON alone would allow, because people type it: a scalar where a list is
/// wanted is a list of one, a number where text is wanted is its digits, the names of fields may
/// be camelCase, and the cases of enums in capitals.
pub(super) fn read(json: &RawValue, ty: &Type) -> Result<Val, Mismatch> {
    let text = json.get();
    match ty {
        Type::Option(_) if text == "null" => Ok(Val::Option(None)),
        Type::Option(option) => Ok(Val::Option(Some(Box::new(read(json, &option.ty())?)))),
        Type::String => read_text(json).map(Val::String),
        Type::Bool => match text {
            "true" => Ok(Val::Bool(true)),
            "false" => Ok(Val::Bool(false)),
            _ => Err(Mismatch::new("`true` or `false`", json)),
        },
        Type::Char => {
            let text = read_text(json)?;
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(Val::Char(c)),
                _ => Err(Mismatch::new("one character", json)),
            }
        }
        Type::U8 => integer(json, u8::MIN, u8::MAX).map(Val::U8),
        Type::U16 => integer(json, u16::MIN, u16::MAX).map(Val::U16),
        Type::U32 => integer(json, u32::MIN, u32::MAX).map(Val::U32),
        Type::U64 => integer(json, u64::MIN, u64::MAX).map(Val::U64),
        Type::S8 => integer(json, i8::MIN, i8::MAX).map(Val::S8),
        Type::S16 => integer(json, i16::MIN, i16::MAX).map(Val::S16),
        Type::S32 => integer(json, i32::MIN, i32::MAX).map(Val::S32),
        Type::S64 => integer(json, i64::MIN, i64::MAX).map(Val::S64),
        Type::Float32 => text
            .parse()
            .map(Val::Float32)
            .map_err(|_| Mismatch::new("a number", json)),
        Type::Float64 => text
            .parse()
            .map(Val::Float64)
            .map_err(|_| Mismatch::new("a number", json)),
        Type::List(list) => {
            let element = list.ty();
            let items = if text.starts_with('[') {
                parse::<Vec<&RawValue>>(json, "a list")?
            } else if text == "null" {
                return Err(Mismatch::new(
                    format!("a list of {}", type_text(&element)),
                    json,
                ));
            } else {
                vec![json]
            };
            items
                .into_iter()
                .map(|item| read(item, &element))
                .collect::<Result<_, _>>()
                .map(Val::List)
        }
        Type::Tuple(tuple) => {
            let items = parse::<Vec<&RawValue>>(json, "a list")?;
            if items.len() != tuple.types().len() {
                return Err(Mismatch::new(
                    format!("a list of {}", tuple.types().len()),
                    json,
                ));
            }
            let values = items
                .into_iter()
                .zip(tuple.types())
                .map(|(item, ty)| read(item, &ty));
            values.collect::<Result<_, _>>().map(Val::Tuple)
        }
        Type::Enum(cases) => {
            let wanted = || {
                format!(
                    "one of `{}`",
                    cases.names().collect::<Vec<_>>().join("`, `")
                )
            };
            let given = read_text(json).map_err(|_| Mismatch::new(wanted(), json))?;
            cases
                .names()
                .find(|name| name.eq_ignore_ascii_case(&given) || **name == kebab_case(&given))
                .map(|name| Val::Enum(name.to_owned()))
                .ok_or_else(|| Mismatch::new(wanted(), json))
        }
        Type::Flags(flags) => {
            let wanted = || {
                format!(
                    "a list of `{}`",
                    flags.names().collect::<Vec<_>>().join("`, `")
                )
            };
            let given = parse::<Vec<String>>(json, "a list")?;
            let names = given.iter().map(|given| {
                flags
                    .names()
                    .find(|name| **name == kebab_case(given))
                    .map(str::to_owned)
                    .ok_or_else(|| Mismatch::new(wanted(), json))
            });
            names.collect::<Result<_, _>>().map(Val::Flags)
        }
        Type::Record(record) => {
            let mut given: BTreeMap<String, &RawValue> =
                parse::<BTreeMap<String, &RawValue>>(json, "an object")?
                    .into_iter()
                    .map(|(name, value)| (kebab_case(&name), value))
                    .collect();
            let mut fields = Vec::with_capacity(record.fields().len());
            for field in record.fields() {
                let value = match given.remove(field.name) {
                    Some(value) => read(value, &field.ty).map_err(|mismatch| Mismatch {
                        wanted: format!("{} in `{}`", mismatch.wanted, camel_case(field.name)),
                        ..mismatch
                    })?,
                    None => absent(&field.ty).ok_or_else(|| {
                        Mismatch::new(format!("an object with `{}`", camel_case(field.name)), json)
                    })?,
                };
                fields.push((field.name.to_owned(), value));
            }
            match given.keys().next() {
                None => Ok(Val::Record(fields)),
                Some(unknown) => {
                    let near = closest(unknown, record.fields().map(|field| field.name));
                    let names: Vec<String> = if near.is_empty() {
                        record
                            .fields()
                            .map(|field| camel_case(field.name))
                            .collect()
                    } else {
                        near.iter().map(|name| camel_case(name)).collect()
                    };
                    Err(Mismatch {
                        wanted: format!("an object whose fields are `{}`", names.join("`, `")),
                        found: camel_case(unknown),
                    })
                }
            }
        }
        Type::Variant(variant) => {
            let (name, payload) = if text.starts_with('{') {
                let object =
                    parse::<BTreeMap<String, &RawValue>>(json, "an object with one field")?;
                match object.into_iter().next() {
                    Some((name, payload)) => (name, Some(payload)),
                    None => return Err(Mismatch::new("an object with one field", json)),
                }
            } else {
                (read_text(json)?, None)
            };
            let case = variant.cases().find(|case| case.name == kebab_case(&name));
            match (case.as_ref().map(|case| &case.ty), payload) {
                (Some(Some(ty)), Some(payload)) => Ok(Val::Variant(
                    kebab_case(&name),
                    Some(Box::new(read(payload, ty)?)),
                )),
                (Some(None), None) => Ok(Val::Variant(kebab_case(&name), None)),
                _ => Err(Mismatch::new(type_text(ty), json)),
            }
        }
        _ => Err(Mismatch::new(
            "a handle, which cannot be written as text",
            json,
        )),
    }
}

/// The value of a field that was left out, where there is one that means nothing.
fn absent(ty: &Type) -> Option<Val> {
    match ty {
        Type::Option(_) => Some(Val::Option(None)),
        Type::List(_) => Some(Val::List(Vec::new())),
        Type::Bool => Some(Val::Bool(false)),
        _ => None,
    }
}

/// A record none of whose fields is set.
pub(super) fn empty_record(ty: &Type) -> Option<Vec<(String, Val)>> {
    let Type::Record(record) = ty else {
        return None;
    };
    record
        .fields()
        .map(|field| Some((field.name.to_owned(), absent(&field.ty)?)))
        .collect()
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a RawValue, wanted: &str) -> Result<T, Mismatch> {
    serde_json::from_str(json.get()).map_err(|_| Mismatch::new(wanted, json))
}

/// A string, or a number's digits as they stand.
fn read_text(json: &RawValue) -> Result<String, Mismatch> {
    let text = json.get();
    match text.bytes().next() {
        Some(b'"') => parse(json, "text"),
        Some(b'-' | b'0'..=b'9') => Ok(text.to_owned()),
        _ => Err(Mismatch::new("text", json)),
    }
}

fn integer<T>(json: &RawValue, least: T, most: T) -> Result<T, Mismatch>
where
    T: TryFrom<i128> + std::fmt::Display,
{
    json.get()
        .parse::<i128>()
        .ok()
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| Mismatch::new(format!("an integer from {least} to {most}"), json))
}
