//! Runs of a sync from a site in memory into an object store in memory.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use serde_json::Value;
use sink_folder::Format;
use sink_store::{ObjectStoreSink, Remote};
use sink_tests::SiteCopy;
use sync::Sink;
use tempfile::TempDir;

/// A store, and the folder of one host's state.
struct Copy {
    store: Arc<InMemory>,
    state: TempDir,
}

impl Copy {
    async fn object(&self, path: &str) -> Option<Vec<u8>> {
        let path = Path::from(format!("docs/eng/{path}"));
        let got = self.store.get(&path).await.ok()?;
        Some(got.bytes().await.unwrap().to_vec())
    }

    /// The parts that manifests name, in their order, each with the size and digest that they say.
    async fn parts(&self) -> Vec<(Value, Vec<u8>)> {
        let mut parts = Vec::new();
        for sequence in 1.. {
            let path = format!("_manifest/{sequence:010}.json");
            let Some(manifest) = self.object(&path).await else {
                break;
            };
            let manifest: Value = serde_json::from_slice(&manifest).unwrap();
            assert_eq!(manifest["sequence"], sequence);
            for part in manifest["parts"].as_array().unwrap() {
                let bytes = self.object(part["path"].as_str().unwrap()).await.unwrap();
                assert_eq!(part["bytes"], bytes.len());
                assert_eq!(part["blake3"], blake3::hash(&bytes).to_hex().as_str());
                parts.push((part.clone(), bytes));
            }
        }
        parts
    }

    /// The last row of each key of a stream.
    async fn last(&self, stream: &str) -> BTreeMap<String, Value> {
        let mut last = BTreeMap::new();
        for (part, bytes) in self.parts().await {
            if part["stream"] != stream {
                continue;
            }
            for line in std::str::from_utf8(&bytes).unwrap().lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                last.insert(row["_sync_key"].as_str().unwrap().to_owned(), row);
            }
        }
        last
    }
}

impl SiteCopy for Copy {
    const MARKS: bool = false;
    // Each commit waits for the disk.
    const CASES: usize = 5;

    async fn new() -> Self {
        Self {
            store: Arc::new(InMemory::new()),
            state: TempDir::new().unwrap(),
        }
    }

    async fn sink(&self) -> Box<dyn Sink> {
        let location = "s3://wiki/docs/eng".parse().unwrap();
        let remote = Remote::new(self.store.clone(), location);
        Box::new(ObjectStoreSink::open(remote, self.state.path(), Format::JSONL).unwrap())
    }

    async fn rows(&self, stream: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let live = self.last(stream).await.into_values();
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
        let deleted = self.last(stream).await.into_iter();
        deleted
            .filter(|(_, row)| row["_sync_op"] == "delete")
            .map(|(key, row)| {
                let reason = row["_sync_deleted_reason"].as_str().unwrap();
                (key, reason.to_owned())
            })
            .collect()
    }
}

sink_tests::sink_tests!(Copy);
sink_tests::part_tests!(Copy);

#[tokio::test]
async fn every_object_is_a_manifest_or_named_by_one_and_the_state_keeps_the_last_manifest_alone() {
    let copy = Copy::new().await;
    let site = sink_tests::site::Site::with_pages(10);
    let mut sink = copy.sink().await;
    let request = sync::SyncRequest::default();
    sync::sync(&site, sink.as_mut(), &request, &|| 0, &mut |_| ())
        .await
        .unwrap();
    let mut named: Vec<String> = Vec::new();
    for (part, bytes) in copy.parts().await {
        let path = part["path"].as_str().unwrap().to_owned();
        let digest = blake3::hash(&bytes).to_hex();
        assert!(
            path.ends_with(&format!("-{}.jsonl", &digest[..16])),
            "{path}"
        );
        named.push(format!("docs/eng/{path}"));
    }
    let there: Vec<_> = copy.store.list(None).try_collect().await.unwrap();
    let (manifests, parts): (Vec<_>, Vec<_>) = there
        .into_iter()
        .map(|object| object.location.to_string())
        .partition(|path| path.starts_with("docs/eng/_manifest/"));
    named.sort();
    assert_eq!(parts, named);
    let left = |folder: &str| {
        let entries = std::fs::read_dir(copy.state.path().join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<Vec<_>>()
    };
    let last = format!("{:010}.json", manifests.len());
    assert_eq!(left("_manifest"), [last]);
    let beside: Vec<String> = left("")
        .into_iter()
        .filter(|name| !name.starts_with('_'))
        .collect();
    assert_eq!(beside, Vec::<String>::new());
}
