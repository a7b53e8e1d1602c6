//! Runs of a sync into a server that speaks S3 and fails.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sink_folder::Format;
use sink_store::{
    Access, ObjectStoreSink, Retries, StoreFault, Transport, TransportError, TransportFuture,
};
use sink_tests::site::Site;
use sink_tests::strict_store::{Fault, SECRET, StrictStore, TOKEN};
use sync::{Children, Judged, RunOutcome, Sink, SinkError, SyncError, SyncReport, SyncRequest};
use tempfile::TempDir;

const MANIFEST: &str = "docs/_manifest/";

/// Plain HTTP, over connections of its own.
#[derive(Debug)]
struct PlainHttp(Client<HttpConnector, Full<Bytes>>);

impl PlainHttp {
    fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

impl Transport for PlainHttp {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let answering = self.0.request(request.map(Full::new));
        Box::pin(async move {
            let broken = |reason: String| TransportError::Broken { reason };
            let answer = answering.await.map_err(|error| broken(error.to_string()))?;
            let (head, body) = answer.into_parts();
            let body = body
                .collect()
                .await
                .map_err(|error| broken(error.to_string()))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        })
    }
}

/// A store, a host, and a site of ten pages.
async fn ten_pages() -> (Arc<StrictStore>, Host, Site) {
    (
        StrictStore::start().await,
        Host::new(),
        Site::with_pages(10),
    )
}

/// A host with a state of its own.
struct Host(TempDir);

impl Host {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn sink(&self, store: &StrictStore) -> ObjectStoreSink {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "reader"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_SESSION_TOKEN", TOKEN),
            ("AWS_ENDPOINT_URL", &store.origin),
        ];
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let location = "s3://wiki/docs".parse().unwrap();
        let access = Access::from_environment(&location, &get).unwrap();
        let retries = Retries {
            first_wait: Duration::from_millis(1),
            max: 4,
        };
        let remote = access.connect(Arc::new(PlainHttp::new()), retries).unwrap();
        ObjectStoreSink::open(remote, self.0.path(), Format::JSONL).unwrap()
    }

    async fn run(&self, store: &StrictStore, site: &Site) -> Result<SyncReport, SyncError> {
        run_into(&mut self.sink(store), site).await
    }
}

async fn run_into(sink: &mut ObjectStoreSink, site: &Site) -> Result<SyncReport, SyncError> {
    let mut request = SyncRequest::default();
    request.bodies = Some("storage".to_owned());
    sync::sync(site, sink, &request, &|| 0, &mut |_| ()).await
}

/// The bodies of the pages that manifests name, by id.
fn bodies(store: &StrictStore) -> BTreeMap<String, String> {
    let state = store.state.lock().unwrap();
    let mut bodies = BTreeMap::new();
    for (_, manifest) in state
        .objects
        .range(MANIFEST.to_owned()..)
        .take_while(|(key, _)| key.starts_with(MANIFEST))
    {
        let manifest: Value = serde_json::from_slice(manifest).unwrap();
        for part in manifest["parts"].as_array().unwrap() {
            let part_bytes = &state.objects[&format!("docs/{}", part["path"].as_str().unwrap())];
            if part["stream"] != "pages" {
                continue;
            }
            for line in std::str::from_utf8(part_bytes).unwrap().lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                let text = |name: &str| row[name].as_str().unwrap().to_owned();
                bodies.insert(text("id"), text("body"));
            }
        }
    }
    bodies
}

fn of_site(site: &Site) -> BTreeMap<String, String> {
    let pages = site.pages().into_iter();
    pages.map(|(id, (_, _, body))| (id, body)).collect()
}

/// Asserts that a store has each page of a site as it is, and no part that no manifest names.
#[track_caller]
fn has_whole_copy(store: &StrictStore, site: &Site) {
    assert_eq!(bodies(store), of_site(site));
    assert_eq!(orphans(store), Vec::<String>::new());
}

/// Keys of parts that no manifest names.
fn orphans(store: &StrictStore) -> Vec<String> {
    let state = store.state.lock().unwrap();
    let manifests: String = state
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(MANIFEST))
        .map(|(_, text)| String::from_utf8(text.to_vec()).unwrap())
        .collect();
    let parts = state
        .objects
        .keys()
        .filter(|key| !key.starts_with(MANIFEST));
    let is_orphan = |key: &&String| !manifests.contains(key.strip_prefix("docs/").unwrap());
    parts.filter(is_orphan).cloned().collect()
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

fn fault(error: &SyncError) -> StoreFault {
    let SyncError::Sink(SinkError::Failed { error, .. }) = error else {
        panic!("{error}");
    };
    error.downcast_ref::<StoreFault>().unwrap().clone()
}

#[tokio::test]
async fn a_run_that_is_killed_before_its_manifest_is_completed_by_the_next_one() {
    let (store, host, site) = ten_pages().await;
    host.run(&store, &site).await.unwrap();
    let before = bodies(&store);
    edit(&site, 3, "new");
    let manifests = || {
        let state = store.state.lock().unwrap();
        let keys = state.objects.keys();
        let keys = keys.filter(|key| key.starts_with(MANIFEST)).cloned();
        keys.collect::<Vec<_>>()
    };
    let there = manifests();
    let known = there.clone();
    store.fail(move |method, key| {
        // The last one that exists is put once more, as a proof.
        let is_next = key.starts_with(MANIFEST) && !known.contains(&key.to_owned());
        (method == "PUT" && is_next).then_some(Fault::Hangs)
    });
    tokio::select! {
        ended = host.run(&store, &site) => panic!("{ended:?}"),
        () = store.hangs.notified() => {}
    }
    // Its part is there, and nobody who reads manifests sees it.
    assert_eq!((manifests(), orphans(&store).len()), (there, 1));
    assert_eq!(bodies(&store), before);
    store.fail(|_, _| None);
    let report = host.run(&store, &site).await.unwrap();
    assert_eq!(report.streams[0].counts.updated, 0);
    has_whole_copy(&store, &site);
}

#[tokio::test]
async fn of_two_hosts_that_write_at_once_one_is_refused_and_takes_over_later() {
    let (store, site) = (StrictStore::start().await, Site::with_pages(10));
    let hosts = [Host::new(), Host::new()];
    // Both have seen an empty store before the first of them writes.
    store.fail(|method, _| (method == "PUT").then_some(Fault::AfterLists(4)));
    let [mut one, mut other] = [hosts[0].sink(&store), hosts[1].sink(&store)];
    let ended = tokio::join!(run_into(&mut one, &site), run_into(&mut other, &site));
    let (loser, mut sink, refused) = match ended {
        (Err(error), Ok(_)) => (&hosts[0], one, error),
        (Ok(_), Err(error)) => (&hosts[1], other, error),
        both => panic!("{both:?}"),
    };
    let SyncError::Sink(refused) = refused else {
        panic!("{refused}");
    };
    let is_overtaken = |error: &SinkError| matches!(error, SinkError::Overtaken { path, .. } if path == "_manifest/0000000001.json");
    assert!(is_overtaken(&refused), "{refused}");
    // Who goes on all the same is refused each time: nothing that is not in the store is reported written.
    let judged = Judged {
        run: 1,
        at: 0,
        stream: "pages",
        verdicts: &[],
        children: Children::NONE,
    };
    for _ in 0..2 {
        let error = sink.judge(&judged).await.unwrap_err();
        assert!(is_overtaken(&error), "{error}");
    }
    drop(sink);
    has_whole_copy(&store, &site);
    let refused = loser.run(&store, &site).await.unwrap_err();
    assert!(
        matches!(refused, SyncError::Sink(SinkError::UnknownManifests { .. })),
        "{refused}"
    );
    let written = store.count(|method, _| method == "PUT");
    assert!(loser.sink(&store).take_over().await.unwrap().is_some());
    edit(&site, 3, "new");
    loser.run(&store, &site).await.unwrap();
    assert_eq!(bodies(&store), of_site(&site));
    // A proof, a part and a manifest: rows that had not changed were not written again.
    assert_eq!(store.count(|method, _| method == "PUT") - written, 3);
}

#[tokio::test]
async fn a_state_that_is_damaged_or_lost_its_registry_is_rebuilt_from_the_store() {
    let (store, host, site) = ten_pages().await;
    host.run(&store, &site).await.unwrap();
    edit(&site, 3, "new");
    store.fail(|method, key| {
        let is_manifest = method == "PUT" && key.starts_with(MANIFEST);
        is_manifest.then_some(Fault::Status(403))
    });
    host.run(&store, &site).await.unwrap_err();
    store.fail(|_, _| None);
    // What was staged last is cut off, or is not even text.
    for damage in [&b"{\"format\":1,"[..], &b"\xff"[..]] {
        let staged = host.0.path().join("_manifest");
        let names = std::fs::read_dir(&staged).unwrap();
        let newest = names.map(|entry| entry.unwrap().path()).max().unwrap();
        std::fs::write(newest, damage).unwrap();
        let error = host.run(&store, &site).await.unwrap_err();
        assert!(
            matches!(
                error,
                SyncError::Sink(SinkError::Failed { .. } | SinkError::UnknownManifests { .. })
            ),
            "{error}"
        );
        let taken = host.sink(&store).take_over().await.unwrap();
        assert!(taken.is_some_and(|manifests| manifests > 0), "{taken:?}");
        host.run(&store, &site).await.unwrap();
        assert_eq!(bodies(&store), of_site(&site));
        edit(&site, 4, &format!("{damage:?}"));
    }
    host.run(&store, &site).await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(host.0.path().join(format!("_sync.db{suffix}")));
    }
    edit(&site, 5, "newer");
    let error = host.run(&store, &site).await.unwrap_err();
    assert!(
        matches!(&error, SyncError::Sink(SinkError::UnknownManifests { reason, .. }) if reason.contains("0000000001.json` is missing")),
        "{error}"
    );
    host.sink(&store).take_over().await.unwrap();
    // Those that the store has are not read again: only the newest one of them is compared.
    let first = host.0.path().join("_manifest").join("0000000001.json");
    std::fs::write(first, "{").unwrap();
    host.run(&store, &site).await.unwrap();
    has_whole_copy(&store, &site);
}

#[tokio::test]
async fn no_run_begins_while_a_state_is_rebuilt() {
    let (store, site) = (StrictStore::start().await, Site::with_pages(10));
    let (host, other) = (Host::new(), Host::new());
    other.run(&store, &site).await.unwrap();
    let written = store.state.lock().unwrap().objects.clone();
    store.fail(|method, key| {
        let is_read = method == "GET" && key.ends_with("0000000001.json");
        is_read.then_some(Fault::Hangs)
    });
    let mut sink = host.sink(&store);
    let mut rebuilding = Box::pin(sink.take_over());
    tokio::select! {
        ended = &mut rebuilding => panic!("{ended:?}"),
        () = store.hangs.notified() => {}
    }
    let refused = host.run(&store, &site).await.unwrap_err();
    assert!(
        matches!(refused, SyncError::Sink(SinkError::Busy { .. })),
        "{refused}"
    );
    assert_eq!(store.state.lock().unwrap().objects, written);
    drop(rebuilding);
    drop(sink);
    store.fail(|_, _| None);
    assert!(host.sink(&store).take_over().await.unwrap().is_some());
    host.run(&store, &site).await.unwrap();
}

#[tokio::test]
async fn a_request_that_fails_for_a_while_is_made_again_and_nothing_is_doubled() {
    for status in [500, 503, 429] {
        let (store, host, site) = ten_pages().await;
        let mut requests = 0;
        store.fail(move |_, _| {
            requests += 1;
            (requests % 3 != 0).then_some(Fault::Status(status))
        });
        let report = host.run(&store, &site).await.unwrap();
        assert_eq!(report.outcome, RunOutcome::Complete, "{status}");
        has_whole_copy(&store, &site);
    }
}

#[tokio::test]
async fn an_object_whose_answer_was_lost_is_recognized() {
    let (store, host, site) = ten_pages().await;
    let mut puts = 0;
    store.fail(move |method, _| {
        puts += usize::from(method == "PUT");
        (method == "PUT" && puts % 2 == 1).then_some(Fault::Lost)
    });
    host.run(&store, &site).await.unwrap();
    has_whole_copy(&store, &site);
}

#[tokio::test]
async fn a_request_whose_connection_breaks_is_made_again() {
    let (store, host, site) = ten_pages().await;
    let mut requests = 0;
    store.fail(move |_, _| {
        requests += 1;
        (requests % 2 == 1).then_some(Fault::Breaks)
    });
    let report = host.run(&store, &site).await.unwrap();
    assert_eq!(report.outcome, RunOutcome::Complete);
    has_whole_copy(&store, &site);
}

#[tokio::test]
async fn an_object_that_is_refused_as_a_conflict_and_is_not_there_ends_the_run() {
    let (store, host, site) = ten_pages().await;
    store.fail(|method, key| {
        let is_part = method == "PUT" && !key.starts_with(MANIFEST);
        is_part.then_some(Fault::Status(409))
    });
    let error = host.run(&store, &site).await.unwrap_err();
    let answer = "409 Injected".to_owned();
    assert_eq!(fault(&error), StoreFault::Refused { answer });
    assert!(store.state.lock().unwrap().objects.is_empty());
    store.fail(|_, _| None);
    host.run(&store, &site).await.unwrap();
    assert_eq!(bodies(&store), of_site(&site));
    // With the same status, Azurite says that the object is there.
    edit(&site, 3, "new");
    let mut parts = 0;
    store.fail(move |method, key| {
        let is_part = method == "PUT" && !key.starts_with(MANIFEST);
        parts += usize::from(is_part);
        let fault = if parts == 1 {
            Fault::Lost
        } else {
            Fault::Status(409)
        };
        is_part.then_some(fault)
    });
    host.run(&store, &site).await.unwrap();
    assert_eq!(bodies(&store), of_site(&site));
}

#[tokio::test]
async fn a_store_that_denies_access_ends_the_run_and_its_answer_is_not_repeated() {
    let (store, host, site) = (StrictStore::start().await, Host::new(), Site::with_pages(4));
    store.fail(|method, _| (method == "PUT").then_some(Fault::Status(403)));
    let error = host.run(&store, &site).await.unwrap_err();
    let denied = "403 Injected".to_owned();
    assert_eq!(fault(&error), StoreFault::Denied { answer: denied });
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
    // It is not made again: it would be denied again.
    assert_eq!(store.count(|method, _| method == "PUT"), 1);
    store.fail(|_, _| None);
    host.run(&store, &site).await.unwrap();
    assert_eq!(bodies(&store), of_site(&site));
}

#[tokio::test]
async fn a_store_that_overwrites_is_refused() {
    let (store, host, site) = (StrictStore::start().await, Host::new(), Site::with_pages(4));
    store.fail(|method, _| (method == "PUT").then_some(Fault::Overwrites));
    let error = host.run(&store, &site).await.unwrap_err();
    assert_eq!(fault(&error), StoreFault::IgnoresConditions);
}

#[tokio::test]
async fn objects_that_are_not_of_a_sync_are_left_alone() {
    let (store, host, site) = (StrictStore::start().await, Host::new(), Site::with_pages(4));
    let objects = || store.state.lock().unwrap().objects.clone();
    let theirs = ("docs/mine.txt".to_owned(), "kept".into());
    store.state.lock().unwrap().objects.extend([theirs]);
    let before = objects();
    let error = host.run(&store, &site).await.unwrap_err().to_string();
    assert!(error.contains("do not belong to a sync"), "{error}");
    assert_eq!(objects(), before);
}

#[tokio::test]
async fn a_store_that_lost_a_manifest_is_refused_and_one_whose_state_is_lost() {
    let (store, host, site) = (StrictStore::start().await, Host::new(), Site::with_pages(4));
    host.run(&store, &site).await.unwrap();
    let whole = store.state.lock().unwrap().objects.clone();
    let last = whole.keys().rfind(|key| key.starts_with(MANIFEST)).unwrap();
    store.state.lock().unwrap().objects.remove(last);
    let is_unknown =
        |error: &SyncError| matches!(error, SyncError::Sink(SinkError::UnknownManifests { .. }));
    let error = host.run(&store, &site).await.unwrap_err();
    assert!(is_unknown(&error), "{error}");
    store.state.lock().unwrap().objects = whole.clone();
    host.run(&store, &site).await.unwrap();
    let error = Host::new().run(&store, &site).await.unwrap_err();
    assert!(is_unknown(&error), "{error}");
    assert_eq!(store.state.lock().unwrap().objects, whole);
    // A state that is as the store is has nothing to take over.
    assert_eq!(host.sink(&store).take_over().await.unwrap(), None);
}

#[tokio::test]
async fn variables_that_are_missing_or_not_valid_are_refused_before_the_first_request() {
    let access = |location: &str, variables: &[(&str, &str)]| {
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let location = location.parse().unwrap();
        let access = Access::from_environment(&location, &get);
        access
            .map(|access| access.origins().collect::<Vec<_>>().join(" "))
            .map_err(|error| error.to_string())
    };
    let keys = [
        ("AWS_ACCESS_KEY_ID", "reader"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    assert_eq!(
        access(
            "s3://wiki",
            &[keys[0], keys[1], ("AWS_REGION", "eu-central-1")]
        )
        .unwrap(),
        "https://s3.eu-central-1.amazonaws.com:443"
    );
    for (endpoint, is_valid) in [
        ("https://minio.example.com:9000", true),
        ("http://127.0.0.1:9000", true),
        ("http://minio.example.com:9000", false),
        ("https://reader:sesame@minio.example.com", false),
        ("minio.example.com", false),
    ] {
        let found = access(
            "s3://wiki",
            &[keys[0], keys[1], ("AWS_ENDPOINT_URL", endpoint)],
        );
        assert_eq!(found.is_ok(), is_valid, "{endpoint}: {found:?}");
        assert!(!format!("{found:?}").contains("sesame"), "{found:?}");
    }
    for (location, needed) in [
        ("s3://wiki", "AWS_ACCESS_KEY_ID"),
        ("gs://wiki", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("az://wiki", "AZURE_STORAGE_ACCOUNT_NAME"),
    ] {
        let missing = access(location, &[]).unwrap_err();
        assert!(missing.contains(needed), "{missing}");
    }
    let account = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "wiki"),
        ("AZURE_STORAGE_ACCOUNT_KEY", "c2VzYW1l"),
    ];
    let origins = access("az://docs", &account).unwrap();
    assert_eq!(origins, "https://wiki.blob.core.windows.net:443");
    let elsewhere = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "evil.example.com/x"),
        account[1],
    ];
    assert!(access("az://docs", &elsewhere).is_err());
    // A sovereign cloud, with the slash that its documentation has.
    let app = [
        account[0],
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "client"),
        ("AZURE_CLIENT_SECRET", SECRET),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
        (
            "AZURE_STORAGE_ENDPOINT",
            "https://wiki.blob.core.usgovcloudapi.net/",
        ),
    ];
    assert_eq!(
        access("az://docs", &app).unwrap(),
        "https://login.microsoftonline.us:443 https://wiki.blob.core.usgovcloudapi.net:443"
    );
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key.json");
    let google = |file: Value, base: &str| {
        std::fs::write(&key, file.to_string()).unwrap();
        let path = key.to_str().unwrap();
        let variables = [
            ("GOOGLE_APPLICATION_CREDENTIALS", path),
            ("GOOGLE_BASE_URL", base),
        ];
        access("gs://wiki", &variables)
    };
    let of_domain = json!({"universe_domain": "apis.example.com"});
    let of_file = json!({"gcs_base_url": "https://storage.example.com"});
    for (file, base, origin) in [
        (json!({}), "", "https://storage.googleapis.com:443"),
        (of_domain, "", "https://storage.apis.example.com:443"),
        (of_file.clone(), "", "https://storage.example.com:443"),
        (
            of_file,
            "https://storage-docs.p.googleapis.com/",
            "https://storage-docs.p.googleapis.com:443",
        ),
        (json!({}), "http://[::1]:4443", "http://[::1]:4443"),
    ] {
        let origins = google(file, base).unwrap();
        assert!(origins.split(' ').any(|it| it == origin), "{origins}");
    }
    let invalid = google(json!({}), "http://storage.example.com").unwrap_err();
    assert!(invalid.contains("GOOGLE_BASE_URL"), "{invalid}");
}

/// Answers that there is nothing, refuses what is created, and keeps the requests.
#[derive(Debug, Default)]
struct Refuses(Mutex<Vec<Request<Bytes>>>);

impl Transport for Refuses {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let (status, body) = match *request.method() {
            Method::PUT => (403, ""),
            _ if request.uri().query().unwrap().contains("comp=list") => {
                (200, "<EnumerationResults><Blobs/></EnumerationResults>")
            }
            _ => (200, "<ListBucketResult></ListBucketResult>"),
        };
        self.0.lock().unwrap().push(request);
        let answer = Response::builder().status(status);
        let answer = answer.body(Bytes::from_static(body.as_bytes())).unwrap();
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn every_store_is_sent_conditional_requests_at_its_endpoint() {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key.json");
    let file = json!({
        "private_key": "", "private_key_id": "", "client_email": "", "disable_oauth": true
    });
    std::fs::write(&key, file.to_string()).unwrap();
    let s3 = [
        ("AWS_ACCESS_KEY_ID", "reader"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_ENDPOINT_URL", "https://store.example.com/"),
    ];
    let google = [
        ("GOOGLE_APPLICATION_CREDENTIALS", key.to_str().unwrap()),
        ("GOOGLE_BASE_URL", "https://store.example.com/"),
    ];
    let azure = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "reader"),
        ("AZURE_STORAGE_ACCOUNT_KEY", "c2VzYW1l"),
        (
            "AZURE_STORAGE_ENDPOINT",
            "https://store.example.com/reader/",
        ),
    ];
    for (location, variables, root, condition) in [
        (
            "s3://wiki/docs",
            &s3[..],
            "wiki/docs",
            ("if-none-match", "*"),
        ),
        (
            "gs://wiki/docs",
            &google,
            "wiki/docs",
            ("x-goog-if-generation-match", "0"),
        ),
        (
            "az://wiki/docs",
            &azure,
            "reader/wiki/docs",
            ("if-none-match", "*"),
        ),
    ] {
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let location = location.parse().unwrap();
        let access = Access::from_environment(&location, &get).unwrap();
        let transport = Arc::new(Refuses::default());
        let remote = access.connect(Arc::clone(&transport) as _, Retries::default());
        let (host, site) = (Host::new(), Site::with_pages(4));
        let mut sink =
            ObjectStoreSink::open(remote.unwrap(), host.0.path(), Format::JSONL).unwrap();
        let error = run_into(&mut sink, &site).await.unwrap_err();
        assert!(
            matches!(fault(&error), StoreFault::Denied { .. }),
            "{error}"
        );
        let requests = transport.0.lock().unwrap();
        let put = requests.last().unwrap();
        let path = put.uri().path().replace("%2F", "/");
        assert!(path.starts_with(&format!("/{root}/")), "{path}");
        assert!(!path.contains("//"), "{path}");
        let (name, value) = condition;
        assert_eq!(put.headers().get(name).unwrap(), value);
        assert!(put.headers().contains_key("authorization"));
    }
}

#[tokio::test]
async fn a_credential_that_is_not_valid_is_reported_with_its_variable_and_not_repeated() {
    for (variable, value) in [
        ("AZURE_STORAGE_ACCOUNT_KEY", "sesame"),
        ("AZURE_STORAGE_KEY", "sesame"),
        ("AZURE_STORAGE_SAS_TOKEN", "sesame"),
    ] {
        let get = |name: &str| match name {
            "AZURE_STORAGE_ACCOUNT_NAME" => Some("wiki".to_owned()),
            name => (name == variable).then(|| value.to_owned()),
        };
        let location = "az://wiki".parse().unwrap();
        let access = Access::from_environment(&location, &get).unwrap();
        let connected = access.connect(Arc::new(PlainHttp::new()), Retries::default());
        let error = connected.unwrap_err().to_string();
        assert!(error.contains(&format!("`{variable}`")), "{error}");
        assert!(!error.contains("sesame"), "{error}");
    }
}
