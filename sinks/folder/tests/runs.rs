//! Runs of a sync from a site in memory into a folder.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sink_folder::Format;
use sink_tests::SiteCopy;
use sink_tests::site::Site;
use sync::{Sink, SinkError, SyncReport, SyncRequest};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The parts that manifests name, in their order, each with the sizes and digests that they say.
    fn parts(&self) -> Vec<Value> {
        let mut parts = Vec::new();
        for sequence in 1.. {
            let manifest = self.path().join(format!("_manifest/{sequence:010}.json"));
            let Ok(text) = fs::read_to_string(manifest) else {
                break;
            };
            let manifest: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(manifest["sequence"], sequence);
            parts.extend(manifest["parts"].as_array().unwrap().iter().cloned());
        }
        for part in &parts {
            let bytes = fs::read(self.path().join(part["path"].as_str().unwrap())).unwrap();
            assert_eq!(part["bytes"], bytes.len());
            let digest = blake3::hash(&bytes).to_hex();
            assert_eq!(part["blake3"], digest.as_str());
        }
        parts
    }

    /// The last row of each key of a stream.
    fn last(&self, stream: &str) -> BTreeMap<String, Value> {
        let mut last = BTreeMap::new();
        for part in self.parts() {
            if part["stream"] != stream {
                continue;
            }
            let text = fs::read_to_string(self.path().join(part["path"].as_str().unwrap()));
            let text = text.unwrap();
            assert_eq!(part["rows"], text.lines().count());
            for line in text.lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                last.insert(row["_sync_key"].as_str().unwrap().to_owned(), row);
            }
        }
        last
    }
}

impl SiteCopy for Folder {
    const MARKS: bool = false;
    // Each commit waits for the disk.
    const CASES: usize = 5;

    async fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    async fn sink(&self) -> Box<dyn Sink> {
        Box::new(sink_folder::open(self.path(), Format::JSONL).unwrap())
    }

    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let live = self.last(stream).into_values();
        live.filter(|row| row["_sync_op"] == "upsert")
            .map(|row| {
                let text = |column: &&str| match &row[column] {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                columns.iter().map(text).collect()
            })
            .collect()
    }

    async fn tombstones(&self, stream: &str) -> BTreeMap<String, String> {
        let deleted = self.last(stream).into_iter();
        deleted
            .filter(|(_, row)| row["_sync_op"] == "delete")
            .map(|(key, row)| {
                (
                    key,
                    row["_sync_deleted_reason"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }
}

sink_tests::sink_tests!(Folder);
sink_tests::part_tests!(Folder);

async fn synced(site: &Site, copy: &Folder) -> Result<SyncReport, sync::SyncError> {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    request.cadences.details = 0;
    let mut sink = copy.sink().await;
    sync::sync(site, sink.as_mut(), &request, &|| 0, &mut |_| ()).await
}

async fn bodies(copy: &Folder) -> BTreeMap<String, String> {
    let rows = copy.rows("pages", &["id", "body"]).await;
    rows.into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

fn of_site(site: &Site) -> BTreeMap<String, String> {
    let pages = site.pages().into_iter();
    pages.map(|(id, (_, _, body))| (id, body)).collect()
}

fn edit(site: &Site, id: u32, body: &str) {
    let mut state = site.0.lock().unwrap();
    state.now += 1;
    let now = state.now;
    let page = state.pages.get_mut(&id).unwrap();
    page.version += 1;
    page.modified = now;
    page.body = body.to_owned();
}

#[tokio::test]
async fn a_lost_registry_is_rebuilt_and_nothing_is_written_twice() {
    let copy = Folder::new().await;
    let site = Site::with_pages(10);
    synced(&site, &copy).await.unwrap();
    let parts = copy.parts().len();
    for name in ["_sync.db", "_sync.db-wal", "_sync.db-shm"] {
        let _ = fs::remove_file(copy.path().join(name));
    }
    edit(&site, 3, "new");
    let report = synced(&site, &copy).await.unwrap();
    assert_eq!(report.streams[0].counts.updated, 1);
    assert_eq!(copy.parts().len(), parts + 1);
    assert_eq!(bodies(&copy).await, of_site(&site));
    // Its runs go on behind those that the manifests know.
    assert!(report.run > 1);
}

#[tokio::test]
async fn files_that_were_restored_from_an_older_copy_are_completed() {
    let copy = Folder::new().await;
    let site = Site::with_pages(10);
    synced(&site, &copy).await.unwrap();
    let before = copy.parts().len();
    edit(&site, 3, "new");
    synced(&site, &copy).await.unwrap();
    edit(&site, 4, "newer");
    synced(&site, &copy).await.unwrap();
    for sequence in 1.. {
        let manifest = copy.path().join(format!("_manifest/{sequence:010}.json"));
        let Ok(text) = fs::read_to_string(&manifest) else {
            break;
        };
        if text.contains("run=2") || text.contains("run=3") {
            fs::remove_file(manifest).unwrap();
        }
    }
    assert_eq!(copy.parts().len(), before);
    synced(&site, &copy).await.unwrap();
    assert_eq!(bodies(&copy).await, of_site(&site));
}

#[tokio::test]
async fn a_manifest_that_was_committed_and_not_created_is_created_by_the_next_run() {
    let copy = Folder::new().await;
    let site = Site::with_pages(10);
    synced(&site, &copy).await.unwrap();
    edit(&site, 3, "new");
    // The next manifest cannot be written: the run ends between the two.
    let manifests = copy.path().join("_manifest");
    let next = fs::read_dir(&manifests).unwrap().count() + 1;
    let in_the_way = manifests.join(format!(".{next:010}.draft"));
    fs::create_dir(&in_the_way).unwrap();
    synced(&site, &copy).await.unwrap_err();
    fs::remove_dir(&in_the_way).unwrap();
    assert_ne!(bodies(&copy).await, of_site(&site));
    let report = synced(&site, &copy).await.unwrap();
    assert_eq!(report.streams[0].counts.updated, 0);
    assert_eq!(bodies(&copy).await, of_site(&site));
}

#[tokio::test]
async fn a_manifest_of_another_writer_ends_the_run() {
    let copy = Folder::new().await;
    let site = Site::with_pages(4);
    synced(&site, &copy).await.unwrap();
    let next = fs::read_dir(copy.path().join("_manifest")).unwrap().count() + 1;
    edit(&site, 3, "new");
    let mut sink = copy.sink().await;
    let other = copy.path().join(format!("_manifest/{next:010}.json"));
    // It begins, and then the other one is first.
    let mut overtake = |_: sync::SyncEvent<'_>| {
        let _ = fs::write(&other, "{}");
    };
    let request = SyncRequest::default();
    let refused = sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut overtake).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("another writer"), "{refused}");
}

#[tokio::test]
async fn a_folder_with_other_files_is_left_alone() {
    let copy = Folder::new().await;
    fs::write(copy.path().join("mine.txt"), "kept").unwrap();
    let refused = sink_folder::open(copy.path(), Format::JSONL)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("do not belong to a sync"), "{refused}");
    assert_eq!(fs::read_dir(copy.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn every_format_has_the_same_rows() {
    let site = Site::with_pages(4);
    for (is_csv, is_compressed) in [(false, true), (true, false), (true, true)] {
        let copy = Folder::new().await;
        let format = match (is_csv, is_compressed) {
            (true, true) => Format::CSV_ZST,
            (true, false) => Format::CSV,
            (false, true) => Format::JSONL_ZST,
            (false, false) => Format::JSONL,
        };
        let mut sink = sink_folder::open(copy.path(), format).unwrap();
        let request = SyncRequest::default();
        sync::sync(&site, &mut sink, &request, &|| 0, &mut |_| ())
            .await
            .unwrap();
        let mut ids = Vec::new();
        for part in copy.parts() {
            let path = part["path"].as_str().unwrap();
            let bytes = fs::read(copy.path().join(path)).unwrap();
            let text = if is_compressed {
                assert!(path.ends_with(".zst"), "{path}");
                zstd::decode_all(bytes.as_slice()).unwrap()
            } else {
                bytes
            };
            let text = String::from_utf8(text).unwrap();
            if part["stream"] != "pages" {
                continue;
            }
            if is_csv {
                assert!(text.starts_with("_sync_op,_sync_seq,_sync_key,"), "{text}");
                let rows = text.lines().skip(1);
                ids.extend(rows.map(|row| row.split(',').nth(2).unwrap().to_owned()));
            } else {
                ids.extend(text.lines().map(|line| {
                    let row: Value = serde_json::from_str(line).unwrap();
                    row["id"].as_str().unwrap().to_owned()
                }));
            }
        }
        ids.sort();
        assert_eq!(ids, ["000001", "000002", "000003", "000004"]);
    }
}

#[tokio::test]
async fn a_copy_is_not_opened_in_another_format_even_if_its_registry_is_lost() {
    let (folder, site) = (Folder::new().await, Site::with_pages(5));
    synced(&site, &folder).await.unwrap();
    let before = folder.parts();
    let registry = folder.path().join("_sync.db");
    for is_lost in [false, true] {
        if is_lost {
            fs::remove_file(&registry).unwrap();
        }
        for format in [Format::CSV, Format::JSONL_ZST] {
            let opened = sink_folder::open(folder.path(), format);
            let Err(SinkError::OtherFormat { has, wanted, .. }) = opened else {
                panic!("it was opened");
            };
            assert_eq!(has, "jsonl");
            assert!(["csv", "jsonl+zst"].contains(&wanted.as_str()), "{wanted}");
        }
        assert_eq!(registry.exists(), !is_lost);
    }
    synced(&site, &folder).await.unwrap();
    assert_eq!(folder.parts().get(..before.len()), Some(&before[..]));
}

#[tokio::test]
async fn the_next_run_removes_the_drafts_of_an_interrupted_one() {
    let (copy, site) = (Folder::new().await, Site::with_pages(3));
    synced(&site, &copy).await.unwrap();
    let next = copy.parts().len() + 1;
    let interrupted = {
        let new = sync::NewRun {
            started: 0,
            settings: String::new(),
            naming: None,
        };
        copy.sink().await.begin(&new).await.unwrap().run
    };
    let of_run = copy.path().join(format!("pages/run={interrupted}"));
    fs::create_dir_all(&of_run).unwrap();
    let drafts = ["", "-deleted"].map(|it| of_run.join(format!("part-{next:010}{it}.draft")));
    for draft in &drafts {
        fs::write(draft, "half of a part").unwrap();
    }
    edit(&site, 1, "other");
    synced(&site, &copy).await.unwrap();
    for draft in &drafts {
        assert!(!draft.exists(), "{}", draft.display());
    }
    assert_eq!(bodies(&copy).await, of_site(&site));
}
