//! What rows and answers look like.

use crate::client::Client;
use serde_json::Value;

fn some_null_and_some_not(rows: &[Value], field: &str) {
    assert!(
        rows.iter().any(|row| row.get(field) == Some(&Value::Null)),
        "{field} is never null"
    );
    assert!(
        rows.iter()
            .any(|row| row.get(field).is_some_and(|value| !value.is_null())),
        "{field} is always null"
    );
}

#[tokio::test]
async fn pages_have_nulls_where_the_service_has_them() {
    let client = Client::start(1_000).await;
    let rows = client.walk("pages?limit=250").await;
    for field in [
        "parentId",
        "parentType",
        "ownerId",
        "lastOwnerId",
        "position",
    ] {
        some_null_and_some_not(&rows, field);
    }
    let versions: Vec<Value> = rows.iter().map(|row| row["version"].clone()).collect();
    some_null_and_some_not(&versions, "ncsStepVersion");
    assert!(rows.iter().all(|row| row["body"] == serde_json::json!({})));
    assert!(rows.iter().all(|row| row["_links"]["edituiv2"].is_string() && row["_links"]["tinyui"].is_string()));
    assert!(
        rows.iter()
            .any(|row| row.get("sourceTemplateEntityId").is_some())
    );
    let subtypes: Vec<&Value> = rows.iter().filter_map(|row| row.get("subtype")).collect();
    assert!(!subtypes.is_empty() && subtypes.iter().all(|subtype| *subtype == "live"));
    let parents = |kind: &str| rows.iter().any(|row| row["parentType"] == kind);
    assert!(parents("page") && parents("folder") && parents("whiteboard") && parents("database"));
    let spaces = client.walk("spaces").await;
    some_null_and_some_not(&spaces, "currentActiveAlias");
    assert!(
        spaces
            .iter()
            .all(|row| row["icon"].is_null() && row["description"].is_null())
    );
    assert!(
        spaces
            .iter()
            .any(|row| row["key"].as_str().unwrap().starts_with("~712020"))
    );
    assert!(spaces.iter().any(|row| row["status"] == "archived"));
    let alias = |row: &Value| {
        row["currentActiveAlias"].is_string() && row["currentActiveAlias"] != row["key"]
    };
    assert!(spaces.iter().any(alias));
    some_null_and_some_not(
        &client.walk("attachments?limit=250").await,
        "mediaTypeDescription",
    );
}

#[tokio::test]
async fn times_come_with_and_without_milliseconds() {
    let client = Client::start(200).await;
    let rows = client.walk("pages?limit=250").await;
    let lengths: Vec<usize> = rows
        .iter()
        .map(|row| row["createdAt"].as_str().unwrap().len())
        .collect();
    assert!(
        lengths.contains(&"2026-05-27T07:09:12Z".len())
            && lengths.contains(&"2026-05-27T07:09:12.000Z".len())
    );
    assert!(lengths.iter().all(|length| [20, 24].contains(length)));
}

#[tokio::test]
async fn bodies_are_of_the_format_asked_for() {
    let client = Client::start(400).await;
    let storage = client.walk("pages?limit=250&body-format=storage").await;
    let mut bytes = Vec::new();
    for row in &storage {
        assert_eq!(row["body"]["storage"]["representation"], "storage");
        bytes.push(row["body"]["storage"]["value"].as_str().unwrap().len());
    }
    let mean = bytes.iter().sum::<usize>() / bytes.len();
    assert!((1_000..8_000).contains(&mean), "{mean}");
    assert!(storage.iter().any(|row| {
        row["body"]["storage"]["value"]
            .as_str()
            .unwrap()
            .contains("<ac:structured-macro ac:name=")
    }));
    for path in ["pages", "blogposts", "tasks"] {
        for row in client
            .walk(&format!("{path}?limit=250&body-format=atlas_doc_format"))
            .await
        {
            let value = row["body"]["atlas_doc_format"]["value"].as_str().unwrap();
            let document: Value = serde_json::from_str(value).unwrap();
            assert_eq!(document["type"], "doc");
        }
    }
}

#[tokio::test]
async fn a_raw_body_is_given_raw_only() {
    let client = Client::start(200).await;
    let types = client.simulator.site().custom_content_types();
    let body = async |of_type: &str, format: &str| {
        client
            .get(&format!(
                "custom-content?limit=1&type={of_type}&body-format={format}"
            ))
            .await
            .json()["results"][0]["body"]
            .clone()
    };
    assert!(body(types[0], "storage").await["storage"]["value"].is_string());
    assert_eq!(body(types[0], "raw").await, serde_json::json!({}));
    assert!(body(types[1], "raw").await["raw"]["value"].is_string());
    assert_eq!(body(types[1], "storage").await, serde_json::json!({}));
}

#[tokio::test]
async fn only_the_container_that_holds_a_row_is_named() {
    let client = Client::start(2_000).await;
    let of_type = client.simulator.site().custom_content_types()[0];
    let paths = [
        "attachments?limit=250".to_owned(),
        "tasks?limit=250".to_owned(),
        format!("custom-content?limit=250&type={of_type}"),
    ];
    for path in paths {
        let rows = client.walk(&path).await;
        let named = |row: &Value, field: &str| usize::from(row.get(field).is_some());
        for row in &rows {
            let count =
                named(row, "pageId") + named(row, "blogPostId") + named(row, "customContentId");
            // Custom content may hang directly in a space.
            assert!(
                count == 1 || (count == 0 && path.starts_with("custom")),
                "{row}"
            );
        }
        assert!(
            rows.iter().any(|row| row.get("pageId").is_some())
                && rows.iter().any(|row| row.get("blogPostId").is_some())
        );
    }
}

#[tokio::test]
async fn rows_listed_and_single_agree() {
    let client = Client::start(200).await;
    let of_type = client.simulator.site().custom_content_types()[0];
    for path in [
        "pages".to_owned(),
        "blogposts".to_owned(),
        "spaces".to_owned(),
        "attachments".to_owned(),
        "tasks".to_owned(),
        format!("custom-content?type={of_type}"),
    ] {
        let resource = path.split('?').next().unwrap();
        for row in client.get(&path).await.json()["results"]
            .as_array()
            .unwrap()
            .iter()
            .take(5)
        {
            let mut single = client
                .get(&format!("{resource}/{}", row["id"].as_str().unwrap()))
                .await
                .json();
            if let Some(links) = single.get_mut("_links").and_then(Value::as_object_mut) {
                assert!(links.remove("base").is_some());
            }
            assert_eq!(&single, row);
        }
    }
}

#[tokio::test]
async fn embedded_collections_are_capped_and_link_without_the_context() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let space = site.space_ids().next().unwrap();
    let query = "include-permissions=true&include-labels=true&include-operations=true&include-properties=true";
    let body = client.get(&format!("spaces/{space}?{query}")).await.json();
    let permissions = &body["permissions"];
    assert_eq!(permissions["results"].as_array().unwrap().len(), 50);
    assert_eq!(permissions["meta"]["hasMore"], true);
    assert!(permissions["meta"]["cursor"].is_string());
    assert_eq!(
        permissions["_links"]["self"],
        format!("/api/v2/spaces/{space}/permissions")
    );
    assert_eq!(
        body["labels"]["meta"],
        serde_json::json!({"hasMore": false})
    );
    assert!(body["operations"]["results"][0]["targetType"].is_string());
    let page = site.page_ids().nth(2).unwrap();
    let body = client
        .get(&format!("pages/{page}?include-labels=true"))
        .await
        .json();
    assert_eq!(body["labels"]["results"].as_array().unwrap().len(), 40);
    assert!(
        client
            .get(&format!("pages/{page}"))
            .await
            .json()
            .get("labels")
            .is_none()
    );
}

#[tokio::test]
async fn descriptions_come_in_the_format_asked_for_or_null() {
    let client = Client::start(1_000).await;
    let rows = client.walk("spaces?description-format=plain").await;
    some_null_and_some_not(&rows, "description");
    assert!(
        rows.iter()
            .any(|row| row["description"]["plain"]["value"].is_string())
    );
}

#[tokio::test]
async fn answers_carry_the_headers_of_the_service() {
    let client = Client::start(20).await;
    let (first, second) = (client.get("pages").await, client.get("pages").await);
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("server"), "AtlassianEdge");
    assert_eq!(first.header("atl-traceid").len(), 32);
    assert_ne!(first.header("atl-traceid"), second.header("atl-traceid"));
    assert!(!first.header("date").is_empty() && !first.header("atl-request-id").is_empty());
}
