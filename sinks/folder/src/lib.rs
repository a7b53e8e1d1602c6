//! Writes a sync into a folder: parts with changed rows, and manifests that say which parts count.
//!
//! ```text
//! FOLDER/pages/run=12/part-0000000034.jsonl
//! FOLDER/pages/run=12/part-0000000034-deleted.jsonl
//! FOLDER/_manifest/0000000034.json
//! FOLDER/_sync.db
//! ```
//!
//! A commit writes its parts first, each under a name that ends in `.draft` until it is complete, then commits what is known of the rows to the database, with the
//! manifest in it, and then creates the manifest, only if there is none of its number. A run that ends
//! in between leaves parts that no manifest names, or a manifest that the next run creates. Readers take
//! the parts that manifests name, and nothing else; of each key the last row counts.

mod folder;
mod kept;
mod manifest;
mod part;
mod part_file;
mod parts;
mod rebuild;
mod staged;

pub use folder::{is_copy, open, open_staging, open_to_read};
pub use manifest::ManifestFault;
pub use part::{Encode, Format};
pub use staged::{Staged, StagedManifest};
