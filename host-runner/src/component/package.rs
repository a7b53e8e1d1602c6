//! A component as it is released: with the state of the source code that it was built from, and
//! as a folder that a client of registries can push.
//!
//! The folder is an OCI image layout in the form that registries of components share: an image
//! manifest whose configuration has the media type `application/vnd.wasm.config.v0+json`, which
//! stands for the type of the artifact, and whose one layer is the component. The same component
//! gives the same bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::inspection::{InspectError, Inspection};
use super::metadata::Metadata;
use super::section;
use super::store::Digest;

/// The media type of the index.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The media type of the manifest.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// The media type of the configuration, which makes the artifact one of WebAssembly.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// The media type of the component itself.
const LAYER: &str = "application/wasm";

/// Most characters of a tag, as registries have it.
const TAG_CHARACTERS: usize = 128;

/// What is added to a component when it is packaged.
#[derive(Debug, Clone, Default)]
pub struct Packaging {
    /// The state of the source code that it was built from, such as a commit.
    pub revision: Option<String>,
    /// Where the source code is.
    pub source: Option<String>,
}

/// Why a component is not packaged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// It is no component.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The tag cannot be one.
    #[error(
        "`{tag}` is not a valid tag: expected a letter, digit or `_`, followed by up to 127 letters, digits, `_`, `.` and `-`"
    )]
    Tag {
        /// What was given.
        tag: String,
    },
    /// The folder has something in it.
    #[error(
        "the folder `{path}` is not empty, and nothing in it is overwritten: use a new or empty folder"
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder or a file in it cannot be written.
    #[error("`{path}` cannot be written: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A component with what `packaging` says of it, in place of what it said of that itself.
///
/// # Errors
///
/// [`PackageError::Inspect`] when it is none.
pub fn package(component: &[u8], packaging: &Packaging) -> Result<Vec<u8>, PackageError> {
    Inspection::of(component)?;
    let mut packaged = component.to_vec();
    for (name, text) in [
        ("source", &packaging.source),
        ("revision", &packaging.revision),
    ] {
        if let Some(text) = text {
            section::set(&mut packaged, name, text.as_bytes());
        }
    }
    Ok(packaged)
}

/// Writes a component as an OCI image layout. Without a tag it gets its version, or `latest`.
/// `created` is seconds since 1970; what has to be the same twice is created at the same time.
/// Answers the digest of the manifest, by which a registry knows it.
///
/// # Errors
///
/// [`PackageError`]; a folder that is not empty is left as it is.
pub fn write_oci_layout(
    folder: &Path,
    component: &[u8],
    tag: Option<&str>,
    created: u32,
) -> Result<Digest, PackageError> {
    let inspection = Inspection::of(component)?;
    let metadata = Metadata::of(component);
    // A version's build metadata stands behind `+`, which tags do not have.
    let version = metadata.version.as_ref().map(|text| text.replace('+', "_"));
    let tag = tag.or(version.as_deref()).unwrap_or("latest");
    if !is_tag(tag) {
        return Err(PackageError::Tag {
            tag: tag.chars().take(TAG_CHARACTERS).collect(),
        });
    }
    let created = instant(created);
    let config = json!({
        "created": created,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [inspection.digest.to_string()],
        "component": { "exports": inspection.exports, "imports": inspection.imports },
    })
    .to_string()
    .into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, &config),
        "layers": [descriptor(LAYER, component)],
        "annotations": annotations(&metadata, &created),
    })
    .to_string()
    .into_bytes();
    let mut entry = descriptor(MANIFEST, &manifest);
    if let Some(entry) = entry.as_object_mut() {
        entry.insert(
            "annotations".to_owned(),
            json!({ "org.opencontainers.image.ref.name": tag }),
        );
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [entry] });
    let layout = json!({ "imageLayoutVersion": "1.0.0" });

    refuse_content(folder)?;
    let blobs = folder.join("blobs/sha256");
    let digest = Digest::of(&manifest);
    for blob in [component, &config, &manifest] {
        write(&blobs.join(Digest::of(blob).hex()), blob)?;
    }
    write(&folder.join("index.json"), index.to_string().as_bytes())?;
    // Last: with this file a folder is a layout.
    write(&folder.join("oci-layout"), layout.to_string().as_bytes())?;
    Ok(digest)
}

fn descriptor(media_type: &str, blob: &[u8]) -> Value {
    json!({
        "mediaType": media_type,
        "digest": Digest::of(blob).to_string(),
        "size": blob.len(),
    })
}

/// What registries show of a component, in the names that images have for it.
fn annotations(metadata: &Metadata, created: &str) -> Map<String, Value> {
    let texts = [
        ("title", metadata.name.as_deref()),
        ("version", metadata.version.as_deref()),
        ("description", metadata.description.as_deref()),
        ("licenses", metadata.licenses.as_deref()),
        ("source", metadata.source.as_deref()),
        ("revision", metadata.revision.as_deref()),
        ("created", Some(created)),
    ];
    texts
        .into_iter()
        .filter_map(|(name, text)| Some((format!("org.opencontainers.image.{name}"), text?.into())))
        .collect()
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= TAG_CHARACTERS
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// Seconds since 1970 in RFC 3339.
fn instant(seconds: u32) -> String {
    let then = time::UtcDateTime::UNIX_EPOCH + time::Duration::seconds(i64::from(seconds));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        then.year(),
        u8::from(then.month()),
        then.day(),
        then.hour(),
        then.minute(),
        then.second()
    )
}

fn refuse_content(folder: &Path) -> Result<(), PackageError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => Err(PackageError::NotEmpty {
            path: folder.to_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(PackageError::Write {
            path: folder.to_owned(),
            source,
        }),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
    let make = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)
    };
    make().map_err(|source| PackageError::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::{instant, is_tag};

    #[test]
    fn instants_are_told_in_rfc_3339() {
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(instant(1_795_350_123), "2026-11-22T12:22:03Z");
    }

    #[test]
    fn tags_are_those_that_registries_take() {
        for tag in ["latest", "0.1.0", "_x", "a-b.c", &"x".repeat(128)] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", ".x", "-x", "a+b", "a/b", "a b", "ä", &"x".repeat(129)] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
