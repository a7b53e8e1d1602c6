//! Which fields of an item are printed, and what stands in them.

use host_runner::Function;
use wasmtime::component::Val;

use crate::exit::Failure;

/// The columns of a table or a CSV file: fields of an item, nested ones behind a dot.
#[derive(Debug, Clone)]
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// Every plain field of the function's items.
    pub(crate) fn all(function: &Function) -> Self {
        Self(function.columns())
    }

    /// The columns that a person named, separated by commas, in that order.
    pub(crate) fn named(function: &Function, text: &str) -> Result<Self, Failure> {
        let known = function.columns();
        if known.is_empty() {
            return Err(Failure::Usage(format!(
                "`--columns` is for lists, and `{}` answers none",
                function.camel_case_name()
            )));
        }
        let chosen = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let columns: Result<Vec<String>, Failure> = chosen
            .map(|name| {
                known
                    .iter()
                    .find(|known| same(known, name))
                    .cloned()
                    .ok_or_else(|| {
                        Failure::Usage(format!(
                            "there is no column `{name}`; the columns are `{}`",
                            known.join("`, `")
                        ))
                    })
            })
            .collect();
        match columns? {
            columns if columns.is_empty() => {
                Err(Failure::Usage("`--columns` names no column".to_owned()))
            }
            columns => Ok(Self(columns)),
        }
    }

    /// Those that any of the items has something in, `most` at most.
    pub(crate) fn filled(&self, items: &[Val], most: usize) -> Self {
        let plain = self
            .0
            .iter()
            .filter(|column| !column.contains('.') && *column != "raw");
        Self(
            plain
                .filter(|column| items.iter().any(|item| cell(item, column).is_some()))
                .take(most)
                .cloned()
                .collect(),
        )
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// What stands in the columns of one item. An absent field is an empty cell.
    pub(crate) fn cells(&self, item: &Val) -> Vec<String> {
        self.0
            .iter()
            .map(|column| cell(item, column).unwrap_or_default())
            .collect()
    }
}

/// Whether two names mean the same field: `spaceId`, `space-id` and `space_id` do.
fn same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.replace(['-', '_'], "").to_lowercase();
    plain(one) == plain(other)
}

fn cell(item: &Val, column: &str) -> Option<String> {
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
pub(crate) fn scalar(value: &Val) -> Option<String> {
    match value {
        Val::String(text) | Val::Enum(text) => Some(text.clone()),
        Val::Bool(value) => Some(value.to_string()),
        Val::Char(value) => Some(value.to_string()),
        Val::U8(number) => Some(number.to_string()),
        Val::U16(number) => Some(number.to_string()),
        Val::U32(number) => Some(number.to_string()),
        Val::U64(number) => Some(number.to_string()),
        Val::S8(number) => Some(number.to_string()),
        Val::S16(number) => Some(number.to_string()),
        Val::S32(number) => Some(number.to_string()),
        Val::S64(number) => Some(number.to_string()),
        Val::Float32(number) => Some(number.to_string()),
        Val::Float64(number) => Some(number.to_string()),
        Val::Option(Some(value)) => scalar(value),
        _ => None,
    }
}
