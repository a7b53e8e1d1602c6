//! What a component says of itself, and the form in which registries take it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use host_runner::{Digest, Inspection, embedded_component};
use serde_json::{Value, json};
use tests::{Ended, Host};

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";
const SOURCE: &str = "https://example.com/connector";

fn package(host: &Host, words: &[&str]) -> Ended {
    host.run(&[&["component", "package"], words].concat())
}

/// All files below a folder, by their path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_component_says_what_it_is_and_tools_of_others_read_it() {
    let host = Host::bare();
    let file = host.state().join("packaged.wasm").display().to_string();
    let words = [
        "--output-file",
        &file,
        "--revision",
        REVISION,
        "--source",
        SOURCE,
    ];
    package(&host, &words).fails(0, &["sha256:"]);
    let bytes = std::fs::read(&file).unwrap();
    let told = host
        .run(&["component", "inspect", &file, "--output", "json"])
        .ok()
        .json();
    assert_eq!(told["name"], "confluence-connector");
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(told["licenses"], "Apache-2.0");
    assert_eq!(told["revision"], REVISION);
    assert_eq!(told["source"], SOURCE);
    let table = host
        .run(&["component", "inspect", &file, "--output", "table"])
        .ok();
    assert!(table.stdout.contains(REVISION), "{table:#?}");

    let payload = wasm_metadata::Payload::from_binary(&bytes).unwrap();
    let theirs = payload.metadata();
    let text = |it: Option<String>| it.unwrap_or_default();
    assert_eq!(theirs.name.as_deref(), Some("confluence-connector"));
    assert_eq!(
        text(theirs.version.as_ref().map(ToString::to_string)),
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        text(theirs.licenses.as_ref().map(ToString::to_string)),
        "Apache-2.0"
    );
    assert_eq!(
        text(theirs.revision.as_ref().map(ToString::to_string)),
        REVISION
    );
    assert_eq!(
        text(theirs.source.as_ref().map(ToString::to_string)),
        SOURCE
    );
    // The bill of materials, beside the lock file and beside our own account of it.
    let bill = theirs.dependencies.as_ref().unwrap().version_info();
    let lock = include_str!("../../../Cargo.lock");
    for package in &bill.packages {
        let stands = format!(
            "name = \"{}\"\nversion = \"{}\"",
            package.name, package.version
        );
        assert!(lock.contains(&stands), "{stands}");
        for on in &package.dependencies {
            assert!(*on < bill.packages.len());
        }
    }
    let roots: Vec<&str> = bill
        .packages
        .iter()
        .filter(|package| package.root)
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(roots, ["confluence-component"]);
    assert_eq!(
        told["packages"].as_array().unwrap().len(),
        bill.packages.len()
    );
    assert!(
        told["packages"]
            .to_string()
            .contains("confluence-rendering 0.3.0 (local)")
    );
}

#[test]
fn packaging_again_replaces_what_was_said_and_changes_nothing_that_runs() {
    let host = Host::bare();
    let [one, two, back] =
        ["one", "two", "back"].map(|name| host.state().join(name).display().to_string());
    package(&host, &["--output-file", &one, "--revision", "first"]).ok();
    package(
        &host,
        &[&one, "--output-file", &two, "--revision", REVISION],
    )
    .ok();
    package(&host, &["--output-file", &back, "--revision", REVISION]).ok();
    let [one, two, back] = [one, two, back].map(|path| std::fs::read(path).unwrap());
    assert_eq!(two, back);
    assert_ne!(one, two);
    let own = embedded_component();
    assert_eq!(
        &two[..own.len()],
        own,
        "what is added stands behind the rest"
    );
    assert!(two.len() <= 1_100_000, "{}", two.len());
    // It runs as before, and under a digest of its own.
    let host = Host::new();
    let file = host.state().join("packaged.wasm");
    std::fs::write(&file, &two).unwrap();
    host.run(&["component", "load", &file.display().to_string()])
        .fails(0, &[&Digest::of(&two).to_string()]);
    host.run(&["functions"]).ok();
}

#[test]
fn the_image_layout_has_every_blob_under_its_digest_with_the_types_that_registries_know() {
    let host = Host::bare();
    let folder = host.state().join("layout");
    let path = folder.display().to_string();
    let words = ["--oci", &path, "--revision", REVISION, "--source", SOURCE];
    let ended = package(&host, &words).ok();
    let files = files(&folder);
    assert_eq!(files.len(), 5, "{:?}", files.keys());
    let read = |name: &str| -> Value { serde_json::from_slice(&files[Path::new(name)]).unwrap() };
    assert_eq!(read("oci-layout"), json!({ "imageLayoutVersion": "1.0.0" }));
    let blob = |descriptor: &Value, media_type: &str| -> &Vec<u8> {
        assert_eq!(descriptor["mediaType"], media_type);
        let digest = descriptor["digest"].as_str().unwrap();
        let blob = &files[&Path::new("blobs/sha256").join(&digest["sha256:".len()..])];
        assert_eq!(Digest::of(blob).to_string(), digest);
        assert_eq!(descriptor["size"], blob.len());
        blob
    };
    let index = read("index.json");
    assert_eq!(index["schemaVersion"], 2);
    assert_eq!(
        index["mediaType"],
        "application/vnd.oci.image.index.v1+json"
    );
    let [entry] = index["manifests"].as_array().unwrap().as_slice() else {
        panic!("{index}");
    };
    assert_eq!(
        entry["annotations"]["org.opencontainers.image.ref.name"],
        env!("CARGO_PKG_VERSION")
    );
    assert!(ended.stderr.contains(entry["digest"].as_str().unwrap()));
    let manifest = blob(entry, "application/vnd.oci.image.manifest.v1+json");
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    assert_eq!(manifest["schemaVersion"], 2);
    assert_eq!(manifest["mediaType"], entry["mediaType"]);
    let [layer] = manifest["layers"].as_array().unwrap().as_slice() else {
        panic!("{manifest}");
    };
    let component = blob(layer, "application/wasm");
    let inspection = Inspection::of(component).unwrap();
    let config = blob(&manifest["config"], "application/vnd.wasm.config.v0+json");
    assert_eq!(
        serde_json::from_slice::<Value>(config).unwrap(),
        json!({
            "created": "1970-01-01T00:00:00Z",
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [inspection.digest.to_string()],
            "component": { "imports": inspection.imports, "exports": inspection.exports },
        })
    );
    let annotation =
        |name: &str| manifest["annotations"][format!("org.opencontainers.image.{name}")].clone();
    assert_eq!(annotation("title"), "confluence-connector");
    assert_eq!(annotation("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(annotation("licenses"), "Apache-2.0");
    assert_eq!(annotation("revision"), REVISION);
    assert_eq!(annotation("source"), SOURCE);
    assert_eq!(annotation("created"), "1970-01-01T00:00:00Z");
}

#[test]
fn the_same_component_gives_the_same_layout_and_another_time_another() {
    let host = Host::bare();
    let make = |name: &str, variables: &[(&str, &str)], words: &[&str]| {
        let folder = host.state().join(name);
        let path = folder.display().to_string();
        let words = [&["component", "package", "--oci", &path], words].concat();
        host.run_with(&words, "", variables).ok();
        files(&folder)
    };
    let epoch = [("SOURCE_DATE_EPOCH", "1795350123")];
    assert_eq!(make("a", &[], &[]), make("b", &[], &[]));
    let dated = make("c", &epoch, &["--tag", "nightly"]);
    assert_eq!(dated, make("d", &epoch, &["--tag", "nightly"]));
    let text = dated
        .values()
        .map(|bytes| String::from_utf8_lossy(bytes))
        .collect::<String>();
    assert!(text.contains("2026-11-22T12:22:03Z") && text.contains("\"nightly\""));
}

#[test]
fn what_cannot_be_packaged_is_told_and_what_is_there_is_kept() {
    let host = Host::bare();
    let folder = host.state().join("full");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("mine"), "mine").unwrap();
    let path = folder.display().to_string();
    package(&host, &["--oci", &path]).fails(2, &["is not empty", "full"]);
    assert_eq!(files(&folder).len(), 1);
    let fresh = host.state().join("fresh").display().to_string();
    package(&host, &["--oci", &fresh, "--tag", "a/b"]).fails(2, &["`a/b` is not a valid tag"]);
    let below = folder.join("mine/below").display().to_string();
    package(&host, &["--oci", &below]).fails(25, &["cannot be written"]);
    let mine = folder.join("mine").display().to_string();
    package(&host, &[&mine, "--oci", &fresh]).fails(28, &["not WebAssembly"]);
    assert!(!Path::new(&fresh).exists());
    let words = ["component", "package", "--oci", &fresh];
    host.run_with(&words, "", &[("SOURCE_DATE_EPOCH", "yesterday")])
        .fails(2, &["SOURCE_DATE_EPOCH", "`yesterday`"]);
    for words in [
        &[][..],
        &["embedded"],
        &["embedded", "--revision", "first"],
        &["--source", SOURCE],
    ] {
        package(&host, words).fails(2, &["--output-file", "--oci"]);
    }
}
