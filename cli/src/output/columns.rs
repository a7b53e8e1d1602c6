//! Which fields of an item are printed, and what stands in them.

use std::borrow::Cow;

use host_runner::{Function, Val, camel_case, closest};

use super::curated;
use crate::exit::Failure;

/// Maximum number of columns that an error lists. The connector's largest list has 40.
const SHOWN: usize = 100;

/// The columns of a table or a CSV file: fields of an item, nested ones behind a dot.
#[derive(Debug, Clone)]
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// Every plain field of the function's items.
    pub(crate) fn all(function: &Function) -> Self {
        Self(function.columns())
    }

    /// The columns that a person named, separated by commas, in that order and each once.
    pub(crate) fn named(function: &Function, text: &str) -> Result<Self, Failure> {
        let columns = function.columns();
        let is_list = !columns.is_empty();
        let known = if is_list { columns } else { function.fields() };
        Self::among(&known, "--columns", text)
    }

    /// The fields that a person named for JSON: records and lists as well as plain ones.
    pub(crate) fn of_json(function: &Function, option: &str, text: &str) -> Result<Self, Failure> {
        Self::among(&function.fields(), option, text)
    }

    pub(super) fn among(known: &[String], option: &str, text: &str) -> Result<Self, Failure> {
        let list = || {
            let shown: Vec<&str> = known.iter().take(SHOWN).map(String::as_str).collect();
            let more = match known.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            format!("`{}`{more}", shown.join("`, `"))
        };
        let chosen = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let mut columns: Vec<String> = Vec::new();
        for name in chosen {
            let named = find(known, name);
            if named.is_empty() {
                let near = closest(&camel_case(name), known.iter().map(String::as_str));
                let hint = if near.is_empty() {
                    format!("the columns are {}", list())
                } else {
                    format!("did you mean `{}`?", near.join("` or `"))
                };
                return Err(Failure::Usage(format!("unknown column `{name}`; {hint}")));
            }
            for name in named {
                if !columns.contains(name) {
                    columns.push(name.clone());
                }
            }
        }
        if columns.is_empty() {
            return Err(Failure::Usage(format!(
                "`{option}` needs fields, separated by commas: {}",
                list()
            )));
        }
        Ok(Self(columns))
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// What stands in the columns of one item. An absent field is an empty cell.
    pub(crate) fn cells<'a>(&'a self, item: &'a Val) -> impl Iterator<Item = Cow<'a, str>> {
        self.0
            .iter()
            .map(|column| cell(item, column).unwrap_or_default())
    }
}

/// The columns that a name means: the one of this name, or all fields of a record that has no column
/// of its own, such as `version`.
fn find<'a>(known: &'a [String], name: &str) -> Vec<&'a String> {
    let name = match curated::field_of(name) {
        Some(field) if !known.iter().any(|known| same(known, name)) => field,
        _ => name,
    };
    if let Some(known) = known.iter().find(|known| same(known, name)) {
        return vec![known];
    }
    let is_of_record = |known: &&String| {
        known
            .match_indices('.')
            .any(|(dot, _)| known.get(..dot).is_some_and(|record| same(record, name)))
    };
    known.iter().filter(is_of_record).collect()
}

/// Whether two names mean the same field: `spaceId`, `space-id`, `space_id` and `space id` do.
///
/// A file asks this for each field of each row, so that nothing is made for it.
pub(super) fn same(one: &str, other: &str) -> bool {
    fn plain(name: &str) -> impl Iterator<Item = u8> {
        name.bytes()
            .filter(|byte| !matches!(byte, b'-' | b'_' | b' '))
            .map(|byte| byte.to_ascii_lowercase())
    }
    plain(one).eq(plain(other))
}

fn cell<'a>(item: &'a Val, column: &str) -> Option<Cow<'a, str>> {
    let mut value = item;
    for name in column.split('.') {
        while let Val::Option(inner) = value {
            value = inner.as_deref()?;
        }
        let Val::Record(fields) = value else {
            return None;
        };
        value = fields
            .iter()
            .find(|(field, _)| same(field, name))
            .map(|(_, value)| value)?;
    }
    scalar(value)
}

/// A value that fits into a cell.
pub(crate) fn scalar(value: &Val) -> Option<Cow<'_, str>> {
    Some(match value {
        Val::String(text) | Val::Enum(text) => text.into(),
        Val::Bool(true) => "true".into(),
        Val::Bool(false) => "false".into(),
        Val::Char(value) => value.to_string().into(),
        Val::U8(number) => number.to_string().into(),
        Val::U16(number) => number.to_string().into(),
        Val::U32(number) => number.to_string().into(),
        Val::U64(number) => number.to_string().into(),
        Val::S8(number) => number.to_string().into(),
        Val::S16(number) => number.to_string().into(),
        Val::S32(number) => number.to_string().into(),
        Val::S64(number) => number.to_string().into(),
        Val::Float32(number) => number.to_string().into(),
        Val::Float64(number) => number.to_string().into(),
        Val::Option(Some(value)) => return scalar(value),
        _ => return None,
    })
}
