//! What a change of the contract does to those who rely on a released one.
//!
//! A component's types are compared whole: a record with one field more is another record to every
//! caller that was built against the old one, and a component with it is refused when it is loaded.
//! So is a function with one parameter more, optional or not, and an enumeration with one case
//! more. What can be added are functions, types and interfaces.
//!
//! It is the other way round with what the component imports: there, what is new asks hosts for
//! something that they do not have, and what is gone is missed by nobody.

use std::collections::BTreeMap;

use wit_parser::{
    Interface, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem,
    WorldKey,
};

/// What changed between two versions of the contract.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// What callers or hosts no longer find as it was.
    pub broken: Vec<String>,
    /// What nobody had to know so far.
    pub added: Vec<String>,
}

/// How much a version has to be raised for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Raise {
    /// Not at all: nothing changed but documentation.
    Nothing,
    /// To any later one that counts as compatible.
    Compatible,
    /// To one that counts as incompatible: the next minor version before 1.0.0, and the next major
    /// one from there on.
    Incompatible,
}

impl Changes {
    /// How much the version has to be raised.
    #[must_use]
    pub fn raise(&self) -> Raise {
        match (self.broken.is_empty(), self.added.is_empty()) {
            (false, _) => Raise::Incompatible,
            (true, false) => Raise::Compatible,
            (true, true) => Raise::Nothing,
        }
    }
}

/// Compares a released package with the one of now, in all of their worlds and interfaces.
#[must_use]
pub fn compare(released: (&Resolve, PackageId), now: (&Resolve, PackageId)) -> Changes {
    let mut changes = Changes::default();
    let interfaces = |(resolve, package): (&Resolve, PackageId)| -> BTreeMap<String, InterfaceId> {
        let package = resolve.packages.get(package);
        package
            .into_iter()
            .flat_map(|package| &package.interfaces)
            .map(|(name, id)| (name.clone(), *id))
            .collect()
    };
    let (before, after) = (interfaces(released), interfaces(now));
    let imported = imported(released);
    for (name, id) in &before {
        let Some(there) = after.get(name) else {
            changes
                .broken
                .push(format!("the interface `{name}` is gone"));
            continue;
        };
        let (Some(before), Some(after)) =
            (released.0.interfaces.get(*id), now.0.interfaces.get(*there))
        else {
            continue;
        };
        let side = if imported.contains(name) {
            Side::Import
        } else {
            Side::Export
        };
        functions(
            name,
            (released.0, before),
            (now.0, after),
            side,
            &mut changes,
        );
        types(name, (released.0, before), (now.0, after), &mut changes);
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        changes.added.push(format!("the interface `{name}`"));
    }
    worlds(released, now, &mut changes);
    changes
}

/// On which side of the component an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Callers call it.
    Export,
    /// The component calls it.
    Import,
}

/// The names of the package's own interfaces that its worlds import.
fn imported((resolve, package): (&Resolve, PackageId)) -> Vec<String> {
    let worlds = resolve.packages.get(package).map(|package| &package.worlds);
    worlds
        .into_iter()
        .flat_map(|worlds| worlds.values())
        .filter_map(|id| resolve.worlds.get(*id))
        .flat_map(|world| world.imports.keys())
        .filter_map(|key| match key {
            WorldKey::Interface(id) => resolve.interfaces.get(*id),
            WorldKey::Name(_) => None,
        })
        .filter(|interface| interface.package == Some(package))
        .filter_map(|interface| interface.name.clone())
        .collect()
}

fn functions(
    name: &str,
    (old, before): (&Resolve, &Interface),
    (new, after): (&Resolve, &Interface),
    side: Side,
    changes: &mut Changes,
) {
    for (function, was) in &before.functions {
        let Some(is) = after.functions.get(function) else {
            let text = format!("the function `{function}` of `{name}` is gone");
            match side {
                Side::Export => changes.broken.push(text),
                Side::Import => changes.added.push(text),
            }
            continue;
        };
        let signature = |resolve: &Resolve, function: &wit_parser::Function| {
            let parameters: Vec<String> = function
                .params
                .iter()
                .map(|parameter| format!("{}: {}", parameter.name, text(resolve, &parameter.ty)))
                .collect();
            let result = function
                .result
                .as_ref()
                .map_or_else(String::new, |ty| format!(" -> {}", text(resolve, ty)));
            format!(
                "{:?} func({}){result}",
                function.kind,
                parameters.join(", ")
            )
        };
        let (was, is) = (signature(old, was), signature(new, is));
        if was != is {
            let shown = |text: &str| text.split_once(' ').map_or("", |(_, rest)| rest).to_owned();
            changes.broken.push(format!(
                "the function `{function}` of `{name}` is `{}`, and was `{}`",
                shown(&is),
                shown(&was)
            ));
        }
    }
    for function in after.functions.keys() {
        if !before.functions.contains_key(function) {
            let text = format!("the function `{function}` of `{name}`");
            match side {
                Side::Export => changes.added.push(text),
                Side::Import => changes
                    .broken
                    .push(format!("{text} is new, and hosts do not have it")),
            }
        }
    }
}

fn types(
    name: &str,
    (old, before): (&Resolve, &Interface),
    (new, after): (&Resolve, &Interface),
    changes: &mut Changes,
) {
    for (ty, was) in &before.types {
        let Some(is) = after.types.get(ty) else {
            changes
                .broken
                .push(format!("the type `{ty}` of `{name}` is gone"));
            continue;
        };
        let (was, is) = (Shape::of(old, *was), Shape::of(new, *is));
        for difference in was.differences(&is) {
            changes
                .broken
                .push(format!("the type `{ty}` of `{name}` {difference}"));
        }
    }
    for ty in after.types.keys() {
        if !before.types.contains_key(ty) {
            changes.added.push(format!("the type `{ty}` of `{name}`"));
        }
    }
}

fn worlds(released: (&Resolve, PackageId), now: (&Resolve, PackageId), changes: &mut Changes) {
    let worlds = |(resolve, package): (&Resolve, PackageId)| -> BTreeMap<String, [Vec<String>; 2]> {
        let package = resolve.packages.get(package);
        package
            .into_iter()
            .flat_map(|package| &package.worlds)
            .filter_map(|(name, id)| {
                let world = resolve.worlds.get(*id)?;
                let names = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
                    items
                        .map(|(key, _)| unversioned(&resolve.name_world_key(key)))
                        .collect()
                };
                let imports = names(&mut world.imports.iter());
                let exports = names(&mut world.exports.iter());
                Some((name.clone(), [imports, exports]))
            })
            .collect()
    };
    let (before, after) = (worlds(released), worlds(now));
    for (name, [imports, exports]) in &before {
        let Some([new_imports, new_exports]) = after.get(name) else {
            changes.broken.push(format!("the world `{name}` is gone"));
            continue;
        };
        for export in exports.iter().filter(|name| !new_exports.contains(name)) {
            changes
                .broken
                .push(format!("the world `{name}` no longer exports `{export}`"));
        }
        for import in new_imports.iter().filter(|name| !imports.contains(name)) {
            changes.broken.push(format!(
                "the world `{name}` imports `{import}`, and hosts do not have it"
            ));
        }
        for export in new_exports.iter().filter(|name| !exports.contains(name)) {
            changes
                .added
                .push(format!("the export `{export}` of the world `{name}`"));
        }
        for import in imports.iter().filter(|name| !new_imports.contains(name)) {
            changes
                .added
                .push(format!("the world `{name}` no longer imports `{import}`"));
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        changes.added.push(format!("the world `{name}`"));
    }
}

/// A type of a name: its kind, and its parts in their order.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    kind: String,
    /// Names with what they stand for; nothing for a case that has nothing in it.
    parts: Vec<(String, String)>,
}

impl Shape {
    fn of(resolve: &Resolve, id: TypeId) -> Self {
        let kind = resolve.types.get(id).map(|ty| &ty.kind);
        let bare = |names: Vec<&String>| {
            names
                .into_iter()
                .map(|name| (name.clone(), String::new()))
                .collect()
        };
        let parts = match kind {
            Some(TypeDefKind::Record(record)) => record
                .fields
                .iter()
                .map(|field| (field.name.clone(), text(resolve, &field.ty)))
                .collect(),
            Some(TypeDefKind::Variant(variant)) => variant
                .cases
                .iter()
                .map(|case| {
                    let payload = case.ty.as_ref().map(|ty| text(resolve, ty));
                    (case.name.clone(), payload.unwrap_or_default())
                })
                .collect(),
            Some(TypeDefKind::Enum(choice)) => {
                bare(choice.cases.iter().map(|case| &case.name).collect())
            }
            Some(TypeDefKind::Flags(flags)) => {
                bare(flags.flags.iter().map(|flag| &flag.name).collect())
            }
            _ => Vec::new(),
        };
        let kind = match kind {
            Some(
                kind @ (TypeDefKind::Record(_)
                | TypeDefKind::Variant(_)
                | TypeDefKind::Enum(_)
                | TypeDefKind::Flags(_)
                | TypeDefKind::Resource),
            ) => kind.as_str().to_owned(),
            Some(other) => structure(resolve, other),
            None => String::new(),
        };
        Self { kind, parts }
    }

    fn differences(&self, now: &Self) -> Vec<String> {
        if self.kind != now.kind {
            return vec![format!("is `{}`, and was `{}`", now.kind, self.kind)];
        }
        let mut found = Vec::new();
        let find = |parts: &[(String, String)], name: &str| {
            parts
                .iter()
                .find(|(there, _)| there == name)
                .map(|(_, stands_for)| stands_for.clone())
        };
        for (name, was) in &self.parts {
            match find(&now.parts, name) {
                None => found.push(format!("has no `{name}` any more")),
                Some(is) if is != *was => {
                    found.push(format!("has `{name}` as `{is}`, and had it as `{was}`"))
                }
                Some(_) => {}
            }
        }
        for (name, _) in &now.parts {
            if find(&self.parts, name).is_none() {
                found.push(format!("has `{name}`, which makes another type of it"));
            }
        }
        if found.is_empty() && self.parts != now.parts {
            found.push("has its parts in another order".to_owned());
        }
        found
    }
}

/// A type as it is written, with the interface of a named one before it.
fn text(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else {
        return format!("{ty:?}").to_lowercase();
    };
    let Some(definition) = resolve.types.get(*id) else {
        return String::new();
    };
    // What an interface uses of another one is that one's.
    if let TypeDefKind::Type(original @ Type::Id(_)) = &definition.kind {
        return text(resolve, original);
    }
    match (&definition.name, definition.owner) {
        (Some(name), TypeOwner::Interface(owner)) => {
            let owner = resolve.interfaces.get(owner);
            let owner = owner.and_then(|owner| owner.name.as_deref());
            format!("{}.{name}", owner.unwrap_or_default())
        }
        (Some(name), _) => name.clone(),
        (None, _) => structure(resolve, &definition.kind),
    }
}

fn structure(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let one = |ty: &Type| text(resolve, ty);
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), one);
    match kind {
        TypeDefKind::Option(ty) => format!("option<{}>", one(ty)),
        TypeDefKind::List(ty) => format!("list<{}>", one(ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", one(ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", one(key), one(value)),
        TypeDefKind::Result(result) => {
            format!("result<{}, {}>", maybe(&result.ok), maybe(&result.err))
        }
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<String> = tuple.types.iter().map(one).collect();
            format!("tuple<{}>", types.join(", "))
        }
        TypeDefKind::Future(ty) => format!("future<{}>", maybe(ty)),
        TypeDefKind::Stream(ty) => format!("stream<{}>", maybe(ty)),
        TypeDefKind::Type(ty) => one(ty),
        TypeDefKind::Handle(handle) => {
            let (word, id) = match handle {
                wit_parser::Handle::Own(id) => ("own", id),
                wit_parser::Handle::Borrow(id) => ("borrow", id),
            };
            format!("{word}<{}>", one(&Type::Id(*id)))
        }
        other => other.as_str().to_owned(),
    }
}

/// `wasi:http/types` of `wasi:http/types@0.2.3`: a version that is raised is the same name.
fn unversioned(name: &str) -> String {
    name.split('@').next().unwrap_or(name).to_owned()
}
