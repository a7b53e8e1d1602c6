//! Dependencies point one way: between the crates of the workspace, and between the modules of a
//! crate.
//!
//! This reads the manifests and the paths of the sources, and fails on an arrow that points up and on
//! a circle. It compiles no engine.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod graph;
mod source;
mod wording;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use graph::Graph;

/// What each crate of the workspace may depend on. Tests, benchmarks, examples and tasks are above
/// everything and are not listed.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("rendering", &[]),
    ("connector", &["rendering"]),
    ("component", &["connector", "rendering"]),
    ("component-builder", &[]),
    ("provider", &["connector"]),
    ("levels", &[]),
    ("source", &[]),
    ("chunks", &["source", "sync"]),
    (
        "host-runner",
        &["levels", "source", "connector", "component-builder"],
    ),
    (
        "host-sync",
        &["host-runner", "sync", "access", "chunks", "source"],
    ),
    ("simulator", &[]),
    ("sync", &["source"]),
    ("access", &["sync", "source"]),
    ("sinks/attachments", &["levels", "source", "sync"]),
    ("sinks/duckdb", &["sync", "source"]),
    ("sinks/files", &["source"]),
    (
        "sinks/folder",
        &["sinks/files", "sinks/sqlite", "sync", "source"],
    ),
    ("sinks/parquet", &["sinks/files"]),
    ("sinks/postgresql", &["sync", "source"]),
    ("sinks/sqlite", &["sync", "source"]),
    (
        "sinks/store",
        &["levels", "sinks/folder", "sinks/sqlite", "sync", "source"],
    ),
    (
        "cli",
        &[
            "host-runner",
            "host-sync",
            "levels",
            "source",
            "sync",
            "access",
            "sinks/attachments",
            "sinks/duckdb",
            "sinks/files",
            "sinks/folder",
            "sinks/parquet",
            "sinks/postgresql",
            "sinks/sqlite",
            "sinks/store",
            "simulator",
        ],
    ),
];

/// Crates that nothing may depend on.
const ABOVE: &[&str] = &["benches", "polyglot/rust", "sinks/tests", "tests", "xtask"];

/// What a crate must not know, by the names of other crates.
const MUST_NOT_KNOW: &[(&str, &[&str])] = &[
    (
        "connector",
        &["wit-bindgen", "wasmtime", "tokio", "rusqlite", "hyper"],
    ),
    ("rendering", &["hyper", "http", "tokio", "wasmtime"]),
    (
        "levels",
        &[
            "wasmtime",
            "hyper",
            "hyper-rustls",
            "hyper-util",
            "rustls",
            "rusqlite",
            "zeroize",
        ],
    ),
    (
        "host-runner",
        &[
            "anstream",
            "clap",
            "clap_complete",
            "clap_mangen",
            "comfy-table",
            "csv",
            "directories",
            "indicatif",
            "opentelemetry",
            "opentelemetry_sdk",
            "rpassword",
            "tracing-subscriber",
        ],
    ),
    (
        "host-sync",
        &["clap", "wasmtime", "hyper", "tokio-postgres"],
    ),
    ("simulator", &["wasmtime"]),
    ("source", &["wasmtime", "tokio", "hyper"]),
    ("sync", &["wasmtime", "tokio", "hyper", "http"]),
    (
        "access",
        &["wasmtime", "tokio", "hyper", "http", "rusqlite"],
    ),
];

/// Crates whose modules have no circle.
const WITHOUT_CIRCLES: &[&str] = &[
    "levels",
    "host-runner",
    "host-sync",
    "cli",
    "connector",
    "rendering",
    "simulator",
    "source",
    "sync",
    "access",
    "sinks/duckdb",
    "sinks/files",
    "sinks/folder",
    "sinks/postgresql",
    "sinks/sqlite",
    "sinks/store",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package is in a workspace")
        .to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in the tables of a manifest whose headers end in `dependencies`, except for those of
/// tests.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_inside = false;
    for line in manifest.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            let header = line.trim_matches(['[', ']']);
            is_inside = header.ends_with("dependencies") && !header.ends_with("dev-dependencies");
        } else if is_inside && let Some((name, _)) = line.split_once('=') {
            let name = name.trim().trim_end_matches(".workspace");
            names.push(name.trim_matches('"').to_owned());
        }
    }
    names
}

/// The folders of the workspace's members, by the name of their package.
fn members() -> BTreeMap<String, String> {
    let root = read(&workspace().join("Cargo.toml"));
    let list = root
        .lines()
        .find_map(|line| line.strip_prefix("members = ["))
        .expect("the workspace lists its members in one line");
    list.trim_end_matches(']')
        .split(',')
        .map(|folder| {
            let folder = folder.trim().trim_matches('"').to_owned();
            let manifest = read(&workspace().join(&folder).join("Cargo.toml"));
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "))
                .expect("a package has a name");
            (name.trim_matches('"').to_owned(), folder)
        })
        .collect()
}

#[test]
fn crates_depend_only_on_what_is_below_them() {
    let members = members();
    let mut wrong = Vec::new();
    for folder in members.values() {
        if ABOVE.contains(&folder.as_str()) {
            continue;
        }
        let Some((_, may)) = MAY_DEPEND_ON.iter().find(|(name, _)| name == folder) else {
            wrong.push(format!(
                "`{folder}` is not in the list of what crates may depend on"
            ));
            continue;
        };
        let manifest = read(&workspace().join(folder).join("Cargo.toml"));
        for name in dependencies(&manifest) {
            let Some(below) = members.get(&name) else {
                continue;
            };
            if !may.contains(&below.as_str()) {
                wrong.push(format!("`{folder}` must not depend on `{below}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documented_direction_has_no_circle() {
    let mut graph = Graph::default();
    for (from, below) in MAY_DEPEND_ON {
        for to in *below {
            graph.add(from, to, "the list of what crates may depend on");
        }
    }
    assert_eq!(graph.circle(), None);
}

#[test]
fn crates_do_not_know_what_is_not_theirs() {
    let mut wrong = Vec::new();
    for (folder, forbidden) in MUST_NOT_KNOW {
        let manifest = read(&workspace().join(folder).join("Cargo.toml"));
        for name in dependencies(&manifest) {
            if forbidden.contains(&name.as_str()) {
                wrong.push(format!("`{folder}` must not know `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn modules_of_a_crate_form_no_circle() {
    let circles: Vec<String> = WITHOUT_CIRCLES
        .iter()
        .filter_map(|folder| {
            let circle = Graph::of_crate(&workspace().join(folder).join("src")).circle()?;
            Some(format!("modules of `{folder}` form a circle:\n{circle}"))
        })
        .collect();
    assert!(circles.is_empty(), "{}", circles.join("\n\n"));
}
