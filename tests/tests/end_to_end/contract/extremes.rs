//! The extremes of an argument, by its type alone.

use std::collections::BTreeSet;

use host_runner::Function;
use wasmtime::component::{Type, Val};

/// A place for a value: a parameter, or a field of a parameter that is a record.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    parameter: usize,
    field: Option<String>,
    pub(super) name: String,
    pub(super) ty: Type,
}

/// The slots of a function.
pub(super) fn slots(function: &Function) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (place, parameter) in function.parameters().iter().enumerate() {
        let slot = |field: Option<&str>, ty: &Type| Slot {
            parameter: place,
            field: field.map(str::to_owned),
            name: field.map_or_else(
                || parameter.name().to_owned(),
                |field| format!("{}.{field}", parameter.name()),
            ),
            ty: ty.clone(),
        };
        slots.push(slot(None, parameter.ty()));
        if let Type::Record(record) = bare(parameter.ty()) {
            slots.extend(
                record
                    .fields()
                    .map(|field| slot(Some(field.name), &field.ty)),
            );
        }
    }
    slots
}

impl Slot {
    /// Whether the function cannot be called without it.
    pub(super) fn is_required(&self) -> bool {
        self.field.is_none() && !matches!(self.ty, Type::Option(_))
    }

    /// Puts a value in its place.
    pub(super) fn put(&self, function: &Function, arguments: &mut [Val], value: &Val) {
        let argument = &mut arguments[self.parameter];
        let Some(wanted) = &self.field else {
            *argument = value.clone();
            return;
        };
        let ty = function.parameters()[self.parameter].ty();
        if matches!(argument, Val::Option(None)) {
            *argument = Val::Option(Some(Box::new(smallest(&bare(ty)))));
        }
        let record = match argument {
            Val::Option(Some(record)) => record,
            record => record,
        };
        let Val::Record(fields) = record else {
            panic!("`{}` is a field of no record", self.name);
        };
        let field = fields.iter_mut().find(|(name, _)| name == wanted);
        field.expect("the record has its field").1 = value.clone();
    }
}

/// A type without the `option` around it.
fn bare(ty: &Type) -> Type {
    match ty {
        Type::Option(option) => option.ty(),
        ty => ty.clone(),
    }
}

/// What stands for nothing: absent, empty, zero, or the first of several.
pub(super) fn smallest(ty: &Type) -> Val {
    match ty {
        Type::Option(_) => Val::Option(None),
        Type::Bool => Val::Bool(false),
        Type::U8 => Val::U8(0),
        Type::U16 => Val::U16(0),
        Type::U32 => Val::U32(0),
        Type::U64 => Val::U64(0),
        Type::S32 => Val::S32(0),
        Type::S64 => Val::S64(0),
        Type::String => Val::String(String::new()),
        Type::List(_) => Val::List(Vec::new()),
        Type::Enum(cases) => Val::Enum(cases.names().next().unwrap().to_owned()),
        Type::Record(record) => Val::Record(
            record
                .fields()
                .map(|field| (field.name.to_owned(), smallest(&field.ty)))
                .collect(),
        ),
        Type::Tuple(tuple) => Val::Tuple(tuple.types().map(|ty| smallest(&ty)).collect()),
        ty => panic!("values of {ty:?} cannot be made yet"),
    }
}

/// All extremes of a type; texts are among `words` and the hostile ones.
pub(super) fn extremes(ty: &Type, words: &BTreeSet<String>) -> Vec<Val> {
    match ty {
        Type::Option(option) => std::iter::once(Val::Option(None))
            .chain(
                extremes(&option.ty(), words)
                    .into_iter()
                    .map(|value| Val::Option(Some(Box::new(value)))),
            )
            .collect(),
        Type::Bool => vec![Val::Bool(false), Val::Bool(true)],
        Type::U8 => [0, 1, u8::MAX].map(Val::U8).into(),
        Type::U16 => [0, 1, u16::MAX].map(Val::U16).into(),
        Type::U32 => [
            0,
            1,
            25,
            250,
            251,
            10_000,
            10_001,
            2_147_483_647,
            2_147_483_648,
            u32::MAX,
        ]
        .map(Val::U32)
        .into(),
        Type::U64 => [0, 1, u64::MAX].map(Val::U64).into(),
        Type::S32 => [i32::MIN, -1, 0, 1, i32::MAX].map(Val::S32).into(),
        Type::S64 => [i64::MIN, -1, 0, 1, i64::MAX].map(Val::S64).into(),
        Type::Enum(cases) => cases
            .names()
            .map(|name| Val::Enum(name.to_owned()))
            .collect(),
        Type::String => texts(words).into_iter().map(Val::String).collect(),
        Type::List(list) => lists(&list.ty(), words),
        Type::Record(_) | Type::Tuple(_) => vec![smallest(ty)],
        ty => panic!("values of {ty:?} cannot be made yet"),
    }
}

/// Lists: none, one of each extreme, one twice, and as many as a request takes and one more.
fn lists(ty: &Type, words: &BTreeSet<String>) -> Vec<Val> {
    let each = extremes(ty, words);
    let mut lists = vec![Vec::new()];
    lists.extend(each.iter().map(|value| vec![value.clone()]));
    if let (Some(first), Some(last)) = (each.first(), each.last()) {
        lists.push(vec![last.clone(), last.clone()]);
        lists.push(vec![last.clone(), first.clone()]);
    }
    if matches!(ty, Type::String) {
        let many = |count: u64, make: &dyn Fn(u64) -> String| -> Vec<Val> {
            (0..count).map(|number| Val::String(make(number))).collect()
        };
        for count in [100, 101, 250, 251] {
            lists.push(many(count, &|number| {
                (i64::MAX as u64 - number).to_string()
            }));
            lists.push(many(count, &|number| format!("~712020:{number:036}")));
        }
        // One more than the rows that a call answers at most.
        lists.push(many(10_001, &|number| format!("K{number}")));
        // 255 letters of three bytes each are 2 295 bytes of a URL.
        lists.push(many(12, &|number| {
            format!("{number:03}{}", "漢".repeat(252))
        }));
        // Words that are taken in any number: each once, and all once more.
        lists.push(words.iter().cloned().map(Val::String).collect());
    }
    lists.into_iter().map(Val::List).collect()
}

/// What no text may smuggle into a request, and the longest ones.
const HOSTILE: [&str; 40] = [
    "",
    " ",
    "0",
    "-1",
    "+1",
    "007",
    "1.0",
    "1e3",
    "9223372036854775808",
    "99999999999999999999",
    "１２",
    "~key",
    "~712020:8f4e-11",
    "\"",
    "\"quoted\"",
    "it's",
    "\\",
    "a\\\"b",
    "漢字",
    "e\u{301}\u{202e}\u{200b}",
    "😀",
    "type = page",
    "\" OR type = page OR title ~ \"",
    "x) or (space = ENG order by created desc",
    "a,b",
    "a/b",
    "../spaces",
    "..",
    ".",
    "1/../2",
    "1?limit=251",
    "1&limit=251",
    "1#x",
    "%2e%2e%2f",
    "%00",
    "a\0b",
    "a\nb\r\nHost: x",
    "\u{7f}\u{1b}[2J",
    "https://evil.example/wiki/api/v2/",
    "//evil.example/wiki",
];

fn texts(words: &BTreeSet<String>) -> Vec<String> {
    let mut texts: Vec<String> = HOSTILE.map(str::to_owned).into();
    texts.extend(["x".repeat(255), "x".repeat(256), "漢".repeat(255)]);
    texts.extend([6_000, 6_001, 100_000].map(|count| "y".repeat(count)));
    texts.extend(words.iter().cloned());
    texts
}
