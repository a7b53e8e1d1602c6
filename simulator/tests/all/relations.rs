//! What hangs on pages, blog posts, spaces and labels: versions, properties, comments, the tree.

use std::collections::BTreeSet;

use crate::client::Client;
use serde_json::Value;

fn set(ids: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    ids.into_iter().collect()
}

#[tokio::test]
async fn versions_come_latest_first_and_end_with_the_one_of_the_page() {
    let client = Client::start(300).await;
    let page = client.simulator.site().page_ids().nth(7).unwrap();
    let single = client.get(&format!("pages/{page}")).await.json();
    let path = format!("pages/{page}/versions?limit=20");
    let rows = client.walk(&path).await;
    let latest = single["version"]["number"].as_u64().unwrap();
    assert!(latest >= 60, "{latest}");
    let numbers: Vec<u64> = rows
        .iter()
        .map(|row| row["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=latest).rev().collect::<Vec<_>>());
    assert_eq!(rows[0]["createdAt"], single["version"]["createdAt"]);
    assert_eq!(rows.last().unwrap()["createdAt"], single["createdAt"]);
    assert_eq!(rows[0]["page"]["id"], page.as_str());
    assert_eq!(rows[0]["page"]["body"], serde_json::json!({}));
    let rising = client.walk(&format!("{path}&sort=modified-date")).await;
    assert_eq!(rising[0]["number"], 1);
    let one = client.get(&format!("pages/{page}/versions/2")).await.json();
    assert_eq!(
        (one["prevVersion"].as_u64(), one["nextVersion"].as_u64()),
        (Some(1), Some(3))
    );
    for wrong in ["0", "9999"] {
        assert_eq!(
            client
                .get(&format!("pages/{page}/versions/{wrong}"))
                .await
                .status,
            404
        );
    }
    assert_eq!(
        client.get(&format!("pages/{page}/versions/x")).await.status,
        400
    );
}

#[tokio::test]
async fn an_older_version_is_historical_and_has_another_body() {
    let client = Client::start(50).await;
    let page = client.simulator.site().page_ids().nth(3).unwrap();
    let path = format!("pages/{page}?body-format=storage");
    let (new, old) = (
        client.get(&path).await.json(),
        client.get(&format!("{path}&version=1")).await.json(),
    );
    assert_eq!(
        (old["version"]["number"].as_u64(), old["status"].as_str()),
        (Some(1), Some("historical"))
    );
    assert_ne!(old["body"], new["body"]);
    let listed = client
        .get(&format!(
            "pages/{page}/versions?body-format=storage&sort=modified-date&limit=1"
        ))
        .await
        .json();
    assert_eq!(listed["results"][0]["page"]["body"], old["body"]);
    assert_eq!(client.get(&format!("{path}&version=999")).await.status, 404);
    assert_eq!(client.get(&format!("{path}&version=x")).await.status, 400);
    let without = client
        .get(&format!("{path}&include-version=false"))
        .await
        .json();
    assert!(without.get("version").is_none());
}

#[tokio::test]
async fn a_single_page_of_another_status_than_asked_for_is_404() {
    let client = Client::start(50).await;
    let site = client.simulator.site();
    let (live, gone) = (
        site.page_ids().next().unwrap(),
        site.trashed_page_ids().next().unwrap(),
    );
    for (path, status) in [
        (format!("pages/{live}?status=current"), 200),
        (format!("pages/{live}?status=trashed"), 404),
        (format!("pages/{live}?status=draft"), 404),
        (format!("pages/{live}?status=unknown"), 400),
        (format!("pages/{live}?get-draft=true"), 200),
        (format!("pages/{gone}"), 200),
        (format!("pages/{gone}?status=current"), 404),
        (format!("pages/{gone}?status=current&status=trashed"), 200),
    ] {
        assert_eq!(client.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn everything_a_single_page_may_carry_inside_comes_with_its_meta_and_link() {
    let client = Client::start(300).await;
    let site = client.simulator.site();
    let page = site.page_ids().next().unwrap();
    let query = "include-labels=true&include-properties=true&include-operations=true&include-likes=true\
        &include-versions=true&include-collaborators=true&include-direct-children=true\
        &include-favorited-by-current-user-status=true";
    let body = client.get(&format!("pages/{page}?{query}")).await.json();
    for (name, link) in [
        ("labels", "labels"),
        ("properties", "properties"),
        ("operations", "operations"),
        ("likes", "likes/users"),
        ("versions", "versions"),
        ("directChildren", "direct-children"),
    ] {
        assert!(body[name]["results"].is_array(), "{name}");
        assert!(body[name]["meta"]["hasMore"].is_boolean(), "{name}");
        assert_eq!(
            body[name]["_links"]["self"],
            format!("/api/v2/pages/{page}/{link}")
        );
    }
    assert_eq!(body["properties"]["results"].as_array().unwrap().len(), 50);
    assert_eq!(body["properties"]["meta"]["hasMore"], true);
    assert!(body["collaborators"][0]["accountId"].is_string());
    assert!(body["isFavoritedByCurrentUser"].is_boolean());
    let crowded = site.page_ids().nth(7).unwrap();
    let body = client
        .get(&format!("pages/{crowded}?include-versions=true"))
        .await
        .json();
    assert_eq!(body["versions"]["meta"]["hasMore"], true);
}

#[tokio::test]
async fn properties_are_those_of_the_site_and_are_found_by_key_and_id() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let page = site.page_ids().next().unwrap();
    let space = site.space_ids().next().unwrap();
    let attachment = site.attachment_ids().next().unwrap();
    let of_type = site.custom_content_types()[0];
    let custom = site.custom_content_ids(of_type).next().unwrap();
    let post = site.blog_post_ids().next().unwrap();
    let comment = site.inline_comment_ids().next().unwrap();
    for owner in [
        format!("pages/{page}"),
        format!("blogposts/{post}"),
        format!("attachments/{attachment}"),
        format!("custom-content/{custom}"),
        format!("spaces/{space}"),
        format!("comments/{comment}"),
    ] {
        let rows = client.walk(&format!("{owner}/properties?limit=11")).await;
        assert_eq!(rows.len(), 60, "{owner}");
        let id = rows[30]["id"].as_str().unwrap();
        let single = client.get(&format!("{owner}/properties/{id}")).await.json();
        assert_eq!(single, rows[30]);
        let found = client
            .walk(&format!("{owner}/properties?key=zz-last"))
            .await;
        assert_eq!(found.len(), 1, "{owner}");
        assert_eq!(
            client.get(&format!("{owner}/properties/5")).await.status,
            404
        );
    }
    let keys: Vec<String> = client
        .walk(&format!("pages/{page}/properties"))
        .await
        .iter()
        .map(|row| row["key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(keys, site.page_property_keys(&page));
    let sorted = client
        .walk(&format!("pages/{page}/properties?sort=-key&limit=250"))
        .await;
    assert!(
        sorted
            .iter()
            .rev()
            .map(|row| row["key"].as_str().unwrap())
            .is_sorted()
    );
    assert_eq!(
        client
            .get(&format!("pages/{page}/properties?sort=id"))
            .await
            .status,
        400
    );
    let of_space = client
        .get(&format!("spaces/{space}/properties?sort=id&limit=1"))
        .await
        .json();
    assert!(of_space["results"][0]["createdBy"].is_string());
    assert_eq!(site.space_property_keys(&space).len(), 60);
}

#[tokio::test]
async fn children_are_those_of_the_site_and_pages_only_where_the_old_path_asks() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let home = site.page_ids().next().unwrap();
    let expected = site.children_of(&home);
    let rows = client
        .walk(&format!("pages/{home}/direct-children?limit=3"))
        .await;
    let named = |row: &Value| row["id"].as_str().unwrap().to_owned();
    assert_eq!(
        set(rows.iter().map(named)),
        set(expected.iter().map(|(_, id)| id.clone()))
    );
    assert!(
        rows.iter().any(|row| row["type"] == "page")
            && rows.iter().any(|row| row["type"] == "folder")
    );
    let old = client.get(&format!("pages/{home}/children")).await;
    assert!(
        old.headers
            .get_all("link")
            .iter()
            .any(|link| link.to_str().unwrap().contains("deprecation"))
    );
    let pages = expected.iter().filter(|(kind, _)| *kind == "page");
    assert_eq!(set(old.ids()), set(pages.map(|(_, id)| id.clone())));
    assert!(old.json()["results"][0].get("type").is_none());
    assert_eq!(
        client
            .get(&format!("pages/{home}/children?sort=title"))
            .await
            .status,
        400
    );
    let titled = client
        .walk(&format!("pages/{home}/direct-children?sort=-title"))
        .await;
    assert!(
        titled
            .iter()
            .rev()
            .map(|row| row["title"].as_str().unwrap())
            .is_sorted()
    );
}

#[tokio::test]
async fn ancestors_come_top_down_and_the_nearest_ones_when_there_are_more() {
    let client = Client::start(2_000).await;
    let site = client.simulator.site();
    let deep = site
        .page_ids()
        .max_by_key(|id| site.ancestors_of(id).len())
        .unwrap();
    let expected: Vec<String> = site
        .ancestors_of(&deep)
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    assert!(expected.len() >= 3);
    let all = client.get(&format!("pages/{deep}/ancestors")).await;
    assert_eq!(all.ids(), expected);
    assert!(all.next().is_none());
    let nearest = client.get(&format!("pages/{deep}/ancestors?limit=2")).await;
    assert_eq!(nearest.ids(), expected[expected.len() - 2..]);
    let above = client
        .get(&format!("pages/{}/ancestors", nearest.ids()[0]))
        .await;
    assert!(above.status == 404 || above.ids() == expected[..expected.len() - 2]);
}

#[tokio::test]
async fn descendants_reach_everything_below_and_not_further_than_asked() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let home = site.page_ids().next().unwrap();
    let rows = client
        .walk(&format!("pages/{home}/descendants?depth=10&limit=7"))
        .await;
    let found = set(rows
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned()));
    assert_eq!(found.len(), rows.len());
    let below = |id: &String| {
        site.ancestors_of(id)
            .first()
            .is_some_and(|(_, top)| *top == home)
    };
    let pages = set(site.page_ids().chain(site.folder_ids()).filter(below));
    assert!(pages.is_subset(&found) && !pages.is_empty());
    let near = client.walk(&format!("pages/{home}/descendants")).await;
    assert!(near.iter().all(|row| row["depth"].as_u64().unwrap() <= 2) && near.len() < rows.len());
    for wrong in ["0", "11", "x"] {
        assert_eq!(
            client
                .get(&format!("pages/{home}/descendants?depth={wrong}"))
                .await
                .status,
            400
        );
    }
}

#[tokio::test]
async fn folders_are_read_one_by_one_and_cannot_be_listed() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let mut held = 0;
    for id in site.folder_ids().take(12) {
        let folder = client.get(&format!("folders/{id}")).await.json();
        assert_eq!(
            (folder["type"].as_str(), folder["id"].as_str()),
            (Some("folder"), Some(id.as_str()))
        );
        let children = client
            .walk_ids(&format!("folders/{id}/direct-children"))
            .await;
        assert_eq!(
            set(children.clone()),
            set(site.children_of(&id).into_iter().map(|(_, id)| id))
        );
        held += children.len();
        let ancestors = client.get(&format!("folders/{id}/ancestors")).await.json();
        assert!(ancestors.get("_links").is_none());
    }
    assert!(held > 0);
    assert_eq!(client.get("folders").await.status, 404);
    let folder = site.folder_ids().next().unwrap();
    assert_eq!(
        client.get(&format!("whiteboards/{folder}")).await.status,
        404
    );
    assert_eq!(client.get(&format!("pages/{folder}")).await.status, 404);
    assert_eq!(client.get("folders/x").await.status, 400);
}

#[tokio::test]
async fn labels_lead_to_what_carries_them() {
    let client = Client::start(300).await;
    let site = client.simulator.site();
    let label = site.label_ids().nth(4).unwrap();
    let pages = client
        .walk_ids(&format!("labels/{label}/pages?limit=5"))
        .await;
    assert!(!pages.is_empty());
    for id in site.page_ids() {
        let labels = client.walk_ids(&format!("pages/{id}/labels")).await;
        assert_eq!(labels.contains(&label), pages.contains(&id), "{id}");
    }
    for resource in ["blogposts", "attachments"] {
        for id in client.walk_ids(&format!("labels/{label}/{resource}")).await {
            let labels = client.walk_ids(&format!("{resource}/{id}/labels")).await;
            assert!(labels.contains(&label));
        }
    }
    // What a listing of pages filters by is unknown here.
    assert_eq!(
        client
            .walk_ids(&format!("labels/{label}/pages?status=trashed&title=x"))
            .await,
        pages
    );
    assert_eq!(client.get("labels/1/pages").await.status, 404);
    assert_eq!(client.get(&format!("labels/{label}")).await.status, 404);
}

#[tokio::test]
async fn permissions_of_a_space_are_those_of_the_site() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    for space in site.space_ids() {
        let rows = client.walk(&format!("spaces/{space}/permissions")).await;
        let expected = site.space_permissions(&space);
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(&expected) {
            assert_eq!(row["id"], expected.id.to_string());
            assert_eq!(row["principal"]["type"], expected.principal_type);
            assert_eq!(row["principal"]["id"], expected.principal_id.as_str());
            assert_eq!(row["operation"]["key"], expected.operation);
        }
    }
}

#[tokio::test]
async fn comments_are_reached_from_their_content_and_their_answers_only_from_above() {
    let client = Client::start(300).await;
    let site = client.simulator.site();
    for (resource, everywhere) in [
        (
            "footer-comments",
            site.footer_comment_ids().collect::<Vec<_>>(),
        ),
        ("inline-comments", site.inline_comment_ids().collect()),
    ] {
        assert_eq!(
            client.walk_ids(&format!("{resource}?limit=9")).await,
            everywhere
        );
        let mut found = BTreeSet::new();
        for (owner, id) in site
            .page_ids()
            .map(|id| ("pages", id))
            .chain(site.blog_post_ids().map(|id| ("blogposts", id)))
        {
            found.extend(client.walk_ids(&format!("{owner}/{id}/{resource}")).await);
        }
        assert_eq!(found, set(everywhere.clone()), "{resource}");
        let answers = client
            .walk(&format!("{resource}/{}/children?limit=3", everywhere[0]))
            .await;
        assert!(answers.len() > 3);
        let ids: Vec<String> = answers
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids, site.comment_reply_ids(&everywhere[0]));
        assert!(
            answers
                .iter()
                .all(|row| row["parentCommentId"] == everywhere[0].as_str())
        );
        assert!(answers.iter().all(|row| row.get("pageId").is_none()));
    }
}

#[tokio::test]
async fn comments_have_no_body_at_all_unless_asked() {
    let client = Client::start(100).await;
    let plain = client.get("footer-comments").await.json();
    assert!(plain["results"][0].get("body").is_none());
    let storage = client
        .get("inline-comments?body-format=storage")
        .await
        .json();
    assert!(
        storage["results"][0]["body"]["storage"]["value"]
            .as_str()
            .unwrap()
            .starts_with("<p>")
    );
    assert_eq!(
        client.get("inline-comments?body-format=view").await.status,
        400
    );
    let id = plain["results"][0]["id"].as_str().unwrap();
    let single = client
        .get(&format!("footer-comments/{id}?body-format=view"))
        .await
        .json();
    assert!(single["body"]["view"]["value"].is_string());
    // Each kind has ids of its own.
    assert_eq!(
        client.get(&format!("inline-comments/{id}")).await.status,
        404
    );
}

#[tokio::test]
async fn inline_comments_are_filtered_by_their_resolution() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let page = site
        .page_ids()
        .max_by_key(|id| site.inline_comment_ids_of(id).len())
        .unwrap();
    let all = client.walk(&format!("pages/{page}/inline-comments")).await;
    for status in ["open", "resolved", "reopened", "dangling"] {
        let some = client
            .walk(&format!(
                "pages/{page}/inline-comments?resolution-status={status}"
            ))
            .await;
        let expected = all.iter().filter(|row| row["resolutionStatus"] == status);
        assert!(some.iter().eq(expected), "{status}");
    }
    assert!(
        all.iter()
            .any(|row| row["resolutionLastModifierId"].is_string())
    );
    assert!(
        all.iter()
            .all(|row| row["properties"]["inlineMarkerRef"]
                == row["properties"]["inline-marker-ref"])
    );
    let path = format!("pages/{page}/inline-comments?resolution-status=closed");
    assert_eq!(client.get(&path).await.status, 400);
}
