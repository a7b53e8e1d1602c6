//! The contract beside the one of the last release: what breaks callers needs a version that says
//! so.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};

use confluence_component_builder::{Changes, Raise, compare};
use wit_parser::{PackageId, Resolve, UnresolvedPackageGroup};

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")
}

/// The package whose files are in a folder, over the interfaces of WASI that it uses.
fn package(folder: &Path) -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    for dependency in ["io", "clocks", "http"] {
        let group = UnresolvedPackageGroup::parse_dir(wit().join("deps").join(dependency)).unwrap();
        resolve.push_group(group).unwrap();
    }
    let group = UnresolvedPackageGroup::parse_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error:?}", folder.display()));
    let id = resolve.push_group(group).unwrap();
    (resolve, id)
}

/// The folder of the latest release.
fn latest() -> PathBuf {
    let mut releases: Vec<([u64; 3], PathBuf)> = std::fs::read_dir(wit().join("released"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (numbers(path.file_name().unwrap().to_str().unwrap()), path))
        .collect();
    releases.sort();
    releases.pop().unwrap().1
}

fn numbers(version: &str) -> [u64; 3] {
    let numbers: Vec<u64> = version
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

fn version((resolve, id): &(Resolve, PackageId)) -> [u64; 3] {
    let version = resolve.packages[*id].name.version.clone().unwrap();
    [version.major, version.minor, version.patch]
}

/// How far one version is from another.
fn raised(from: [u64; 3], to: [u64; 3]) -> Raise {
    // Before 1.0.0 the minor version says what is compatible.
    let compatible = |version: [u64; 3]| match version {
        [0, 0, _] => version,
        [0, minor, _] => [0, minor, 0],
        [major, ..] => [major, 0, 0],
    };
    if to <= from {
        Raise::Nothing
    } else if compatible(from) == compatible(to) {
        Raise::Compatible
    } else {
        Raise::Incompatible
    }
}

fn changes(released: &(Resolve, PackageId), now: &(Resolve, PackageId)) -> Changes {
    compare((&released.0, released.1), (&now.0, now.1))
}

#[test]
fn the_contract_keeps_what_its_version_promises() {
    let folder = latest();
    let (released, now) = (package(&folder), package(&wit()));
    assert_eq!(
        format!("{:?}", version(&released)),
        format!(
            "{:?}",
            numbers(folder.file_name().unwrap().to_str().unwrap())
        ),
        "a released contract lies in the folder of its version"
    );
    let changes = changes(&released, &now);
    let (from, to) = (version(&released), version(&now));
    assert!(
        raised(from, to) >= changes.raise(),
        "from {from:?} to {to:?} is too little for {changes:#?}"
    );
    // The packages of the workspace have the version of the contract.
    assert_eq!(to, numbers(env!("CARGO_PKG_VERSION")));
}

/// The present contract with one text in place of another, at one place.
fn mutated(file: &str, from: &str, to: &str) -> (Resolve, PackageId) {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(wit()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {file}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    package(folder.path())
}

#[test]
fn every_kind_of_break_is_told_by_name() {
    let now = package(&wit());
    let (service, types) = ("confluence-service.wit", "types.wit");
    for (file, from, to, told) in [
        // Functions that callers call.
        (
            service,
            "  list-tasks: func(",
            "  list-the-tasks: func(",
            "the function `list-tasks` of `confluence-service` is gone",
        ),
        (
            service,
            "  test-connection: func(",
            "  test-connection: func(deep: option<bool>, ",
            "the function `test-connection` of `confluence-service` is",
        ),
        (
            service,
            "keys: option<list<string>>",
            "names: option<list<string>>",
            "names: option<list<string>>",
        ),
        (
            service,
            "keys: option<list<string>>",
            "keys: list<string>",
            "the function `list-spaces` of `confluence-service` is",
        ),
        (
            service,
            "test-connection: func(space: option<string>) -> result<connection-report, error>",
            "test-connection: func(space: option<string>) -> result<connection-report>",
            "result<types.connection-report, _>`, and was",
        ),
        // Types that they take apart.
        (
            types,
            "    invalid-argument,",
            "",
            "the type `error-kind` of `types` has no `invalid-argument` any more",
        ),
        (
            types,
            "    invalid-argument,",
            "    invalid-argument,\n    brand-new,",
            "the type `error-kind` of `types` has `brand-new`, which makes another type of it",
        ),
        (
            types,
            "    raw: bool,",
            "",
            "the type `list-options` of `types` has no `raw` any more",
        ),
        (
            types,
            "    raw: bool,",
            "    raw: bool,\n    extra: bool,",
            "the type `list-options` of `types` has `extra`",
        ),
        (
            types,
            "    raw: bool,",
            "    raw: option<bool>,",
            "has `raw` as `option<bool>`, and had it as `bool`",
        ),
        (
            types,
            "  enum task-status {",
            "  flags task-status {",
            "is `flags`, and was `enum`",
        ),
        (
            types,
            "  enum task-status {",
            "  enum task-status {\n    zero,",
            "the type `task-status` of `types` has `zero`",
        ),
        // What the world has, and what it asks hosts for.
        (
            "world.wit",
            "  export confluence;",
            "",
            "no longer exports `confluence:connector/confluence`",
        ),
        (
            "world.wit",
            "  import settings;",
            "  import settings;\n  import wasi:http/incoming-handler@0.2.3;",
            "imports `wasi:http/incoming-handler`, and hosts do not have it",
        ),
        (
            "world.wit",
            "world connector",
            "world another",
            "the world `connector` is gone",
        ),
        (
            "settings.wit",
            "  base-url: func()",
            "  base-url: func(app: string)",
            "the function `base-url` of `settings` is",
        ),
        (
            "settings.wit",
            "  base-url: func()",
            "  quota: func() -> u32;\n  base-url: func()",
            "the function `quota` of `settings` is new, and hosts do not have it",
        ),
        (
            "settings.wit",
            "    refused,",
            "",
            "the type `problem-kind` of `settings` has no `refused` any more",
        ),
    ] {
        let changes = changes(&now, &mutated(file, from, to));
        assert_eq!(changes.raise(), Raise::Incompatible, "{told}: {changes:#?}");
        assert!(
            changes.broken.iter().any(|text| text.contains(told)),
            "`{told}` is not among {changes:#?}"
        );
    }
}

#[test]
fn parts_in_another_order_are_a_break() {
    let changes = changes(
        &package(&wit()),
        &mutated(
            "settings.wit",
            "    app,\n    /// All apps of one environment.\n    env,",
            "    env,\n    app,",
        ),
    );
    assert_eq!(
        changes.broken,
        ["the type `level` of `settings` has its parts in another order"]
    );
}

#[test]
fn what_is_added_breaks_nobody_and_needs_a_later_version() {
    let now = package(&wit());
    let version = "package confluence:connector@0.3.0;";
    for (file, from, to) in [
        (
            "confluence-service.wit",
            "  test-connection: func(",
            "  ping: func() -> bool;\n  test-connection: func(",
        ),
        (
            "types.wit",
            "  enum task-status {",
            "  enum fresh { a }\n  enum task-status {",
        ),
        (
            "world.wit",
            "  export source;",
            "  export source;\n  export fresh;\n}\ninterface fresh { ping: func(); }\nworld other {",
        ),
        // Of what hosts give, less is asked.
        (
            "settings.wit",
            "  authorization: func() -> option<string>;",
            "",
        ),
    ] {
        let changes = changes(&now, &mutated(file, from, to));
        assert_eq!(changes.raise(), Raise::Compatible, "{to}: {changes:#?}");
    }
    // Documentation is no promise.
    let documented = mutated(
        "world.wit",
        "/// The world of the connector",
        "/// The world of a connector",
    );
    assert_eq!(changes(&now, &documented), Changes::default());
    let raised_to = |to: &str| {
        let (mut resolve, id) = package(&wit());
        let text = version.replace("0.3.0", to);
        resolve.packages[id].name.version =
            Some(text.split(['@', ';']).nth(1).unwrap().parse().unwrap());
        raised(self::version(&now), self::version(&(resolve, id)))
    };
    assert_eq!(raised_to("0.3.0"), Raise::Nothing);
    assert_eq!(raised_to("0.2.9"), Raise::Nothing);
    assert_eq!(raised_to("0.3.1"), Raise::Compatible);
    assert_eq!(raised_to("0.4.0"), Raise::Incompatible);
    assert_eq!(raised([1, 2, 0], [1, 3, 0]), Raise::Compatible);
    assert_eq!(raised([1, 2, 0], [2, 0, 0]), Raise::Incompatible);
}
