//! The content of attachments as files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueHint};
use host_runner::SyncDefinition;
use host_runner::typed::Client;
use serde_json::{Map, Value, json};
use sink_attachments::{FilesFolder, Naming};
use sync::{ByteSize, FileStore, Files, Selection, Sink};

use crate::exit::Failure;
use crate::report;

/// The field with the folder.
const FILES: &str = "files";

/// Which content of attachments is copied.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct FileFlags {
    /// Also copy the content of attachments, as files in this folder, which belongs to this copy alone
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) files: Option<PathBuf>,
    /// Names of files: `path` is SPACE/ID/VERSION/NAME, `digest` is the SHA-256 digest, so that equal files are stored once [default: path]
    #[arg(long, value_name = "path|digest", requires = "files")]
    pub(crate) files_by: Option<Naming>,
    /// Media types of files, such as `application/pdf` or `image/*`; `!video/*` excludes
    #[arg(long, value_name = "TYPES", value_delimiter = ',', requires = "files")]
    pub(crate) files_types: Vec<String>,
    /// Maximum size of a file: bytes, or a number with KiB, MiB or GiB
    #[arg(long, value_name = "SIZE", requires = "files")]
    pub(crate) files_max_size: Option<ByteSize>,
}

impl FileFlags {
    /// The fields of a definition that say the same.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let types: Vec<&str> = self.files_types.iter().map(|it| it.trim()).collect();
        let fields = [
            (
                FILES,
                self.files.as_ref().map(|it| json!(it.to_string_lossy())),
            ),
            ("files-by", self.files_by.map(|by| json!(by.name()))),
            ("files-types", (!types.is_empty()).then(|| json!(types))),
            (
                "files-max-size",
                self.files_max_size.map(|it| json!(it.to_string())),
            ),
        ];
        let fields = fields.into_iter();
        fields
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    }
}

/// Makes the folder of a definition relative to that of its file.
pub(super) fn place_in(definition: &mut SyncDefinition, folder: &Path) {
    if let Some(Value::String(path)) = definition.files.get_mut(FILES) {
        *path = folder.join(&*path).to_string_lossy().into_owned();
    }
}

/// Makes the folder of a definition absolute.
pub(super) fn make_absolute(definition: &mut SyncDefinition) -> Result<(), Failure> {
    let folder = std::env::current_dir()
        .map_err(|source| Failure::io("the current folder cannot be found", source))?;
    place_in(definition, &folder);
    Ok(())
}

/// The files that a run of a definition copies. Without any, those of earlier runs, of which files are
/// removed whose attachments are gone.
pub(super) async fn files(
    definition: &SyncDefinition,
    client: &Arc<Client>,
    sink: Option<&mut dyn Sink>,
) -> Result<Option<Files>, Failure> {
    let Some(folder) = text(definition, FILES) else {
        return match sink {
            Some(sink) => Ok(kept(sink).await?.map(Files::kept)),
            None => Ok(None),
        };
    };
    let (types, max_size) = wanted(definition)?;
    let folder = std::path::absolute(folder)
        .map_err(|source| Failure::io("the folder of files cannot be found", source))?;
    let by = text(definition, "files-by").map(str::parse::<Naming>);
    let naming = by.transpose().map_err(Failure::Usage)?.unwrap_or_default();
    let store = Arc::new(FilesFolder::new(folder, naming));
    let mut files = Files::new(store, Arc::clone(client) as _);
    (files.types, files.max_size) = (types, max_size);
    Ok(Some(files))
}

/// Checks what a definition says of files.
pub(super) fn check(definition: &SyncDefinition) -> Result<(), Failure> {
    wanted(definition)?;
    let other = definition.files.keys().find(|key| *key != FILES);
    match other.filter(|_| !definition.files.contains_key(FILES)) {
        Some(other) => Err(Failure::Usage(format!(
            "`{other}` needs `{FILES}`, the folder of files"
        ))),
        None => Ok(()),
    }
}

fn wanted(definition: &SyncDefinition) -> Result<(Selection, Option<ByteSize>), Failure> {
    let types = definition
        .files
        .get("files-types")
        .and_then(Value::as_array);
    let types = types.into_iter().flatten().filter_map(Value::as_str);
    let types: Selection = types.collect();
    types
        .check_media_types("files-types")
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let max_size = text(definition, "files-max-size").map(str::parse);
    let max_size = max_size.transpose();
    let max_size =
        max_size.map_err(|error: sync::FilterError| Failure::Usage(error.to_string()))?;
    Ok((types, max_size))
}

fn text<'a>(definition: &'a SyncDefinition, key: &str) -> Option<&'a str> {
    definition.files.get(key).and_then(Value::as_str)
}

/// The files of earlier runs, if their folder is there.
async fn kept(sink: &mut dyn Sink) -> Result<Option<Arc<dyn FileStore>>, Failure> {
    let Some(folder) = sync::folder_of_files(sink).await? else {
        return Ok(None);
    };
    let folder = PathBuf::from(folder);
    if !folder.is_dir() {
        report::warning(&format!(
            "the folder of files `{}` is not there: files of attachments that are gone are not removed; name its new place with `--files`",
            folder.display()
        ));
        return Ok(None);
    }
    Ok(Some(Arc::new(FilesFolder::new(folder, Naming::Path))))
}

/// Removes the files of rows that are deleted.
pub(super) async fn sweep(sink: &mut dyn Sink) -> Result<u64, Failure> {
    match kept(sink).await? {
        Some(store) => Ok(sync::sweep_files(sink, store.as_ref()).await?),
        None => Ok(0),
    }
}
