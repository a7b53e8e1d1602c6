//! The current user and search.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic fails the test"
)]

mod client;

use client::Client;

/// `ada@example.com:token`
const ADA: &str = "Basic YWRhQGV4YW1wbGUuY29tOnRva2Vu";
/// `bob@example.com:token`
const BOB: &str = "Basic Ym9iQGV4YW1wbGUuY29tOnRva2Vu";

#[tokio::test]
async fn the_current_user_is_the_one_of_the_address() {
    let client = Client::start(20).await;
    let user = async |authorization| {
        client
            .ask("GET", "/wiki/rest/api/user/current", Some(authorization))
            .await
            .json()
    };
    let (ada, again, bob, token) = (
        user(ADA).await,
        user(ADA).await,
        user(BOB).await,
        user(client::BEARER).await,
    );
    assert_eq!(ada, again);
    assert_ne!(ada["accountId"], bob["accountId"]);
    assert_eq!(
        (ada["type"].as_str(), ada["email"].as_str()),
        (Some("known"), Some("ada@example.com"))
    );
    assert_eq!(token["email"], "");
    assert!(ada["timeZone"].is_string() && ada["displayName"].is_string());
}

#[tokio::test]
async fn search_counts_and_pages_by_cursor_with_links_without_the_context() {
    let client = Client::start(200).await;
    let total = client.simulator.site().searchable_page_count();
    let mut found = Vec::new();
    let mut next = Some("/rest/api/search?cql=type=page&limit=30".to_owned());
    while let Some(path) = next {
        let answer = client.path(&format!("/wiki{path}")).await;
        let body = answer.json();
        assert_eq!(body["totalSize"], total);
        assert_eq!(body["_links"]["context"], "/wiki");
        let rows = body["results"].as_array().unwrap();
        assert_eq!(body["size"], rows.len());
        found.extend(
            rows.iter()
                .map(|row| row["content"]["id"].as_str().unwrap().to_owned()),
        );
        next = body["_links"]["next"].as_str().map(str::to_owned);
        assert!(
            next.as_ref()
                .is_none_or(|next| next.starts_with("/rest/api/search?"))
        );
    }
    assert_eq!(found.len() as u64, total);
    assert!(total > 100 && total < 200);
    found.dedup();
    assert_eq!(found.len() as u64, total);
}

#[tokio::test]
async fn search_finds_spaces_and_posts_and_looks_into_one_space() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let spaces = client
        .path("/wiki/rest/api/search?cql=type%3Dspace&includeArchivedSpaces=true")
        .await
        .json();
    assert_eq!(spaces["totalSize"], site.space_count());
    assert!(spaces["results"][0]["space"]["id"].is_u64());
    let fewer = client
        .path("/wiki/rest/api/search?cql=type%3Dspace")
        .await
        .json();
    assert!(fewer["totalSize"].as_u64().unwrap() < site.space_count());
    let key = site.space_keys().nth(1).unwrap();
    let inside = client
        .path(&format!(
            "/wiki/rest/api/search?limit=1&cql=type=page+and+space=%22{key}%22"
        ))
        .await
        .json();
    let expected = site.page_ids_in(&site.space_ids().nth(1).unwrap()).count() as u64;
    let archived = expected - inside["totalSize"].as_u64().unwrap();
    assert!(archived <= 4 && inside["totalSize"].as_u64().unwrap() > 0);
    let posts = client
        .path("/wiki/rest/api/search?cql=type=blogpost&includeArchivedSpaces=true")
        .await
        .json();
    assert_eq!(posts["totalSize"], site.blog_post_count());
}

#[tokio::test]
async fn other_cql_is_400_in_the_shape_of_version_1() {
    let client = Client::start(20).await;
    for query in [
        "",
        "cql=",
        "cql=type=page+order+by+title",
        "cql=space=~712020",
        "cql=type=page&cursor=x",
        "cql=type=page&limit=-1",
        "cql=type=page+and+space=%22NOBODY%22",
    ] {
        let answer = client.path(&format!("/wiki/rest/api/search?{query}")).await;
        assert_eq!(
            (answer.status, answer.json()["statusCode"].as_u64()),
            (400, Some(400)),
            "{query}"
        );
        assert!(answer.json()["message"].is_string());
    }
}
