//! The bill of materials: every package that `cargo` compiled into a guest, or to compile it.
//!
//! The packages are those that `cargo build` reports, so that none is listed which a feature or a
//! target leaves out; which depends on which stands in the lock file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::GUEST_TARGET;

/// A package, as the lock file tells them apart.
type Key = (String, String);

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Package {
    /// Where it comes from: `crates.io`, `registry`, `git` or `local`.
    source: &'static str,
    /// Whether code of it is in the guest. Otherwise it only helped to compile it.
    is_in_guest: bool,
}

/// The packages that a guest was built of.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Bill {
    root: String,
    packages: BTreeMap<Key, Package>,
    dependencies: BTreeMap<Key, BTreeSet<Key>>,
}

impl Bill {
    /// Reads what `cargo build --message-format json` printed, and the lock file.
    pub(crate) fn read(root: &str, messages: &str, lock: &str) -> Self {
        let mut packages: BTreeMap<Key, Package> = BTreeMap::new();
        for message in messages.lines() {
            let Ok(message) = serde_json::from_str::<Value>(message) else {
                continue;
            };
            if message.get("reason").and_then(Value::as_str) != Some("compiler-artifact") {
                continue;
            }
            let Some((key, source)) = message
                .get("package_id")
                .and_then(Value::as_str)
                .and_then(identify)
            else {
                continue;
            };
            let package = packages.entry(key).or_default();
            package.source = source;
            package.is_in_guest |= is_for_guest(&message);
        }
        let dependencies = locked(lock)
            .into_iter()
            .filter(|(key, _)| packages.contains_key(key))
            .map(|(key, on)| {
                let on = on.into_iter().filter(|on| packages.contains_key(on));
                (key, on.collect())
            })
            .collect();
        Self {
            root: root.to_owned(),
            packages,
            dependencies,
        }
    }

    /// The bill in the form of `cargo auditable`: packages in a fixed order, each naming those
    /// that it depends on by their place.
    pub(crate) fn to_json(&self) -> String {
        let places: BTreeMap<&Key, usize> = self
            .packages
            .keys()
            .enumerate()
            .map(|(place, key)| (key, place))
            .collect();
        let packages: Vec<Value> = self
            .packages
            .iter()
            .map(|(key, package)| {
                let (name, version) = key;
                let mut json = json!({
                    "name": name,
                    "version": version,
                    "source": package.source,
                });
                if let Some(json) = json.as_object_mut() {
                    if !package.is_in_guest {
                        json.insert("kind".to_owned(), "build".into());
                    }
                    let on: Vec<usize> = self
                        .dependencies
                        .get(key)
                        .into_iter()
                        .flatten()
                        .filter_map(|key| places.get(key).copied())
                        .collect();
                    if !on.is_empty() {
                        json.insert("dependencies".to_owned(), on.into());
                    }
                    if *name == self.root {
                        json.insert("root".to_owned(), true.into());
                    }
                }
                json
            })
            .collect();
        json!({ "packages": packages }).to_string()
    }
}

/// Whether an artifact lies in the guest's folder and not in that of what runs while compiling.
fn is_for_guest(message: &Value) -> bool {
    let kinds = message.pointer("/target/kind").and_then(Value::as_array);
    let is_macro = kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "proc-macro"));
    let files = message.get("filenames").and_then(Value::as_array);
    !is_macro
        && files.is_some_and(|files| {
            files
                .iter()
                .filter_map(Value::as_str)
                .any(|file| file.split(['/', '\\']).any(|folder| folder == GUEST_TARGET))
        })
}

/// The package that an id of `cargo` stands for, such as
/// `registry+https://github.com/rust-lang/crates.io-index#serde@1.0.228` or
/// `path+file:///connector#confluence-connector@0.1.0`, whose name is left out where the folder
/// has it.
fn identify(id: &str) -> Option<(Key, &'static str)> {
    let (place, package) = id.rsplit_once('#')?;
    let source = match place.split_once('+')? {
        ("registry" | "sparse", address) if address.contains("crates.io") => "crates.io",
        ("registry" | "sparse", _) => "registry",
        ("git", _) => "git",
        _ => "local",
    };
    let key = match package.split_once('@') {
        Some((name, version)) => (name.to_owned(), version.to_owned()),
        None => {
            let folder = place.rsplit('/').next()?;
            (folder.to_owned(), package.to_owned())
        }
    };
    Some((key, source))
}

/// The packages of a lock file, with those that each depends on.
fn locked(lock: &str) -> BTreeMap<Key, Vec<Key>> {
    let quoted = |line: &str, name: &str| {
        line.strip_prefix(name)?
            .strip_prefix(" = \"")?
            .strip_suffix('"')
            .map(str::to_owned)
    };
    let mut named: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    for block in lock.split("[[package]]").skip(1) {
        let find = |name: &str| block.lines().find_map(|line| quoted(line, name));
        let (Some(name), Some(version)) = (find("name"), find("version")) else {
            continue;
        };
        let on = block
            .lines()
            .filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\","))
            .map(str::to_owned)
            .collect();
        named.insert((name, version), on);
    }
    // A dependency is `name`, or `name version` where there are several versions of it.
    let resolve = |on: &String| {
        let mut words = on.split(' ');
        let (name, version) = (words.next()?, words.next());
        named
            .keys()
            .find(|(there, at)| there == name && version.is_none_or(|version| version == at))
            .cloned()
    };
    named
        .iter()
        .map(|(key, on)| (key.clone(), on.iter().filter_map(resolve).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Bill;

    const MESSAGES: &str = r#"
not a message
{"reason":"build-script-executed","package_id":"registry+https://github.com/rust-lang/crates.io-index#never@1.0.0"}
{"reason":"compiler-artifact","package_id":"registry+https://github.com/rust-lang/crates.io-index#memchr@2.7.0","target":{"kind":["lib"]},"filenames":["/t/wasm32-unknown-unknown/guest/deps/libmemchr.rlib"]}
{"reason":"compiler-artifact","package_id":"registry+https://github.com/rust-lang/crates.io-index#memchr@1.0.0","target":{"kind":["lib"]},"filenames":["/t/guest/deps/libmemchr.rlib"]}
{"reason":"compiler-artifact","package_id":"sparse+https://example.com/index/#derive@1.0.0","target":{"kind":["proc-macro"]},"filenames":["/t/guest/deps/libderive.so"]}
{"reason":"compiler-artifact","package_id":"git+https://example.com/x?rev=1#fork@3.0.0","target":{"kind":["lib"]},"filenames":["/t/wasm32-unknown-unknown/guest/deps/libfork.rlib"]}
{"reason":"compiler-artifact","package_id":"path+file:///w/guest#0.1.0","target":{"kind":["cdylib"]},"filenames":["/t/wasm32-unknown-unknown/guest/guest.wasm"]}
{"reason":"build-finished","success":true}
"#;

    const LOCK: &str = r#"
version = 4

[[package]]
name = "derive"
version = "1.0.0"
source = "sparse+https://example.com/index/"
dependencies = [
 "memchr 1.0.0",
]

[[package]]
name = "fork"
version = "3.0.0"

[[package]]
name = "guest"
version = "0.1.0"
dependencies = [
 "derive",
 "fork",
 "left-out",
 "memchr 2.7.0",
]

[[package]]
name = "memchr"
version = "1.0.0"

[[package]]
name = "memchr"
version = "2.7.0"

[[package]]
name = "left-out"
version = "1.0.0"
"#;

    #[test]
    fn the_bill_has_what_was_compiled_with_its_kind_source_and_dependencies() {
        let bill = Bill::read("guest", MESSAGES, LOCK).to_json();
        assert_eq!(
            bill,
            concat!(
                r#"{"packages":["#,
                r#"{"dependencies":[3],"kind":"build","name":"derive","source":"registry","version":"1.0.0"},"#,
                r#"{"name":"fork","source":"git","version":"3.0.0"},"#,
                r#"{"dependencies":[0,1,4],"name":"guest","root":true,"source":"local","version":"0.1.0"},"#,
                r#"{"kind":"build","name":"memchr","source":"crates.io","version":"1.0.0"},"#,
                r#"{"name":"memchr","source":"crates.io","version":"2.7.0"}"#,
                r#"]}"#
            )
        );
    }
}
