//! Streams through the component itself: one list, one read with parents, one of changes, one in bulk.
//!
//! That every value of every stream is the one that the site sent is tested with the connector; here, that
//! it crosses the boundary whole.

use serde_json::{Value, json};
use tests::Host;

use crate::site;

/// Calls `step` with these parts of a request.
fn step(host: &Host, parts: &Value) -> Value {
    let mut request = json!({
        "parents": [],
        "projection": {"columns": [], "raw": false},
        "budget": {},
        "settings": [],
    });
    for (name, value) in parts.as_object().unwrap() {
        request[name] = value.clone();
    }
    host.call(&["step", &request.to_string()]).ok().json()
}

/// The texts of a column of the first batch. None for null.
fn texts(progress: &Value, name: &str) -> Vec<Option<String>> {
    let batch = &progress["batches"][0];
    let columns = batch["columns"].as_array().unwrap();
    let column = columns
        .iter()
        .find(|column| column["name"] == name)
        .unwrap();
    let numbers = |field: &str| -> Vec<usize> {
        let numbers = column[field].as_array().unwrap().iter();
        numbers
            .map(|number| usize::try_from(number.as_u64().unwrap()).unwrap())
            .collect()
    };
    let (offsets, validity) = (numbers("offsets"), numbers("validity"));
    let text = column["text"].as_str().unwrap();
    offsets
        .windows(2)
        .enumerate()
        .map(|(row, place)| {
            let is_present = validity.is_empty() || validity[row / 8] & (1 << (row % 8)) != 0;
            is_present.then(|| text[place[0]..place[1]].to_owned())
        })
        .collect()
}

fn keys(progress: &Value) -> Vec<String> {
    texts(progress, "_key").into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_streams_of_a_site_are_described() {
    let ended = Host::new().run(&["call", "streams", "[]"]).ok().json();
    let streams = ended.as_array().unwrap();
    assert_eq!(streams.len(), 30);
    for stream in streams {
        assert!(
            stream["documentation"].as_str().unwrap().len() > 20,
            "{stream}"
        );
        assert!(!stream["passes"].as_array().unwrap().is_empty(), "{stream}");
        for column in stream["columns"].as_array().unwrap() {
            assert!(
                column["documentation"].as_str().unwrap().len() > 3,
                "{column}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_as_columns_with_every_id_and_their_json_verbatim() {
    let site = site().await;
    let host = Host::with_site(&site);
    let full = step(
        &host,
        &json!({"stream": "pages", "pass": "full", "projection": {"columns": [], "raw": true}}),
    );
    assert_eq!(keys(&full), site.site().page_ids().collect::<Vec<_>>());
    assert_eq!(full["outcome"], "done");
    let titles = texts(&full, "title");
    for (title, raw) in titles.iter().zip(texts(&full, "raw")) {
        let raw: Value = serde_json::from_str(&raw.unwrap()).unwrap();
        assert_eq!(raw["title"].as_str(), title.as_deref());
    }
    // In steps, through the state.
    let mut all = Vec::new();
    let mut state = Value::Null;
    loop {
        let mut parts = json!({"stream": "pages", "pass": "full", "budget": {"rows": 90}});
        if !state.is_null() {
            parts["state"] = state;
        }
        let part = step(&host, &parts);
        all.extend(keys(&part));
        state = part["state"].clone();
        if state.is_null() {
            break;
        }
    }
    assert_eq!(all, keys(&full));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_given_pages_are_read_and_a_missing_page_is_named() {
    let site = site().await;
    let host = Host::with_site(&site);
    let page = site.site().page_ids().next().unwrap();
    let parents = json!([
        {"stream": "pages", "key": page},
        {"stream": "pages", "key": "999999999"},
    ]);
    let versions = step(
        &host,
        &json!({"stream": "page_versions", "pass": "versions", "parents": parents}),
    );
    assert_eq!(versions["observed"]["missingParents"], json!(["999999999"]));
    let of: Vec<Option<String>> = texts(&versions, "page_id");
    assert!(!of.is_empty() && of.iter().all(|of| of.as_ref() == Some(&page)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_over_changes_begins_where_the_one_before_ended() {
    let site = site().await;
    let host = Host::with_site(&site);
    let first = step(&host, &json!({"stream": "pages", "pass": "changes"}));
    assert_eq!(first["outcome"], "done");
    let next = json!({"stream": "pages", "pass": "changes", "state": first["state"]});
    let again = keys(&step(&host, &next));
    assert!(!again.is_empty() && again.len() < keys(&first).len());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_of_one_read_come_in_two_batches_and_labels_in_bulk_with_their_page() {
    let site = site().await;
    let host = Host::with_site(&site);
    let comments = step(
        &host,
        &json!({"stream": "page_footer_comments", "pass": "full"}),
    );
    let streams: Vec<&str> = comments["batches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|batch| batch["stream"].as_str().unwrap())
        .collect();
    assert_eq!(
        streams,
        ["page_footer_comments", "blog_post_footer_comments"]
    );
    let labels = step(&host, &json!({"stream": "page_labels", "pass": "details"}));
    let pages: Vec<String> = site.site().page_ids().collect();
    let of = texts(&labels, "page_id");
    assert!(!of.is_empty() && of.iter().flatten().all(|of| pages.contains(of)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_names_of_an_unknown_stream_are_named() {
    let site = site().await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let target = format!("sqlite:{}", folder.path().join("site.db").display());
    for words in [
        &["streams", "page_label"][..],
        &["read", "page-label"],
        &["sync", "run", "--to", &target, "--streams", "page_label"],
    ] {
        let ended = host.run(words).fails(2, &["did you mean `page_labels`"]);
        assert!(!ended.stderr.contains("`tasks`"), "{ended:#?}");
    }
    host.run(&["streams", "xyz"])
        .fails(2, &["streams are `spaces`, "]);
}
