//! Which module uses which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::source::{Code, names_from_root, test_modules};

/// Arrows between names, each with where it comes from.
#[derive(Debug, Default)]
pub(crate) struct Graph(BTreeMap<String, BTreeMap<String, String>>);

impl Graph {
    /// Adds an arrow, unless it is there.
    pub(crate) fn add(&mut self, from: &str, to: &str, origin: &str) {
        self.0
            .entry(from.to_owned())
            .or_default()
            .entry(to.to_owned())
            .or_insert_with(|| origin.to_owned());
    }

    /// The modules of the root of a crate, and which of them use which. Code of tests does not
    /// count, nor does the root, which joins all modules.
    pub(crate) fn of_crate(sources: &Path) -> Self {
        let files = rust_files(sources);
        assert!(!files.is_empty(), "no sources in {}", sources.display());
        let root = ["lib.rs", "main.rs"]
            .map(|name| sources.join(name))
            .into_iter()
            .find(|path| path.exists())
            .expect("a crate has a root");
        let root_source = read(&root);
        let root_code = Code::of(&root_source).without_tests().text;
        let modules = modules(&root_code);
        let exports = exports(&root_code, &modules);
        let of_tests = files_of_tests(&files);
        let mut graph = Self::default();
        for file in files {
            let path = file.strip_prefix(sources).expect("it lies there");
            let mut parts: Vec<String> = path
                .with_extension("")
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            if parts.last().is_some_and(|last| last == "mod") {
                parts.pop();
            }
            let own = parts[0].clone();
            if file == root || !modules.contains(&own) || of_tests.contains(&file) {
                continue;
            }
            let source = read(&file);
            let code = Code::of(&source).without_tests();
            for name in names_from_root(&code.text, parts.len()) {
                let module = match exports.get(&name) {
                    _ if modules.contains(&name) => &name,
                    Some(module) => module,
                    None => continue,
                };
                if *module != own {
                    graph.add(&own, module, &path.display().to_string());
                }
            }
        }
        graph
    }

    /// The shortest circle: an arrow on each line.
    pub(crate) fn circle(&self) -> Option<String> {
        let shortest = self
            .0
            .keys()
            .filter_map(|start| self.way_back(start))
            .min_by_key(Vec::len)?;
        let arrows = shortest.iter().zip(shortest.iter().cycle().skip(1));
        let lines: Vec<String> = arrows
            .map(|(from, to)| format!("  {from} -> {to} ({})", self.0[from][to]))
            .collect();
        Some(lines.join("\n"))
    }

    /// The shortest way from a name to itself, the name first.
    fn way_back(&self, start: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![start.to_owned()]];
        let mut seen = BTreeSet::new();
        while !ways.is_empty() {
            let mut next = Vec::new();
            for way in ways {
                for to in self.0.get(&way[way.len() - 1]).into_iter().flatten() {
                    if to.0 == start {
                        return Some(way);
                    }
                    if seen.insert(to.0.clone()) {
                        let mut longer = way.clone();
                        longer.push(to.0.clone());
                        next.push(longer);
                    }
                }
            }
            ways = next;
        }
        None
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of Rust below a folder.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The modules that a root declares.
fn modules(root: &str) -> BTreeSet<String> {
    root.split("mod ")
        .skip(1)
        .filter_map(|rest| {
            let (name, _) = rest.split_once(';')?;
            let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_name.then(|| name.to_owned())
        })
        .collect()
}

/// What a root exports of its modules, by name.
fn exports(root: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for rest in root.split("use ").skip(1) {
        let Some((path, _)) = rest.split_once(';') else {
            continue;
        };
        let path = path.trim_start_matches("crate::");
        let Some((module, names)) = path.split_once("::") else {
            continue;
        };
        if modules.contains(module) {
            for name in names.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                exports.insert(name.to_owned(), module.to_owned());
            }
        }
    }
    exports
}

/// Those of some files that are modules for tests alone.
pub(crate) fn files_of_tests(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    files.iter().flat_map(|file| test_files(file)).collect()
}

/// The files of the modules that a file declares for tests alone.
fn test_files(file: &Path) -> Vec<PathBuf> {
    let stem = file.file_stem().unwrap_or_default();
    let folder = file.parent().expect("a file is in a folder");
    let folder = if ["mod", "lib", "main"].iter().any(|root| stem == *root) {
        folder.to_owned()
    } else {
        folder.join(stem)
    };
    test_modules(&Code::of(&read(file)).text)
        .into_iter()
        .flat_map(|name| {
            [
                folder.join(format!("{name}.rs")),
                folder.join(&name).join("mod.rs"),
            ]
        })
        .collect()
}

#[test]
fn a_circle_is_found_and_shown() {
    let mut graph = Graph::default();
    graph.add("a", "b", "a.rs");
    graph.add("b", "c", "b/mod.rs");
    assert_eq!(graph.circle(), None);
    graph.add("c", "a", "c.rs");
    let circle = graph.circle().expect("there is one");
    assert_eq!(
        circle,
        "  a -> b (a.rs)\n  b -> c (b/mod.rs)\n  c -> a (c.rs)"
    );
}
