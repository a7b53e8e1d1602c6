//! Rows, their orders, and what filters leave of them.

use std::collections::BTreeSet;

use crate::client::{Answer, Client};

fn ids(rows: &[serde_json::Value]) -> Vec<String> {
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_hundred_thousand_pages_come_once_each_in_the_order_of_their_ids() {
    let client = Client::start(100_000).await;
    let walked = client.walk_ids("pages?limit=250").await;
    assert_eq!(walked.len(), 100_000);
    assert!(
        walked.iter().eq(client
            .simulator
            .site()
            .page_ids()
            .collect::<Vec<_>>()
            .iter())
    );
    assert_eq!(client.simulator.request_count(), 400);
    assert_eq!(client.simulator.connection_count(), 1);
}

#[tokio::test]
async fn every_resource_is_walked_to_its_last_row() {
    let client = Client::start(300).await;
    let site = client.simulator.site();
    for (path, expected) in [
        ("spaces?limit=3", site.space_ids().collect::<Vec<_>>()),
        ("blogposts?limit=7", site.blog_post_ids().collect()),
        ("labels?limit=9", site.label_ids().collect()),
        ("attachments?limit=11", site.attachment_ids().collect()),
        ("tasks?limit=13", site.task_ids().collect()),
    ] {
        assert_eq!(client.walk_ids(path).await, expected, "{path}");
    }
    for of_type in site.custom_content_types() {
        let expected: Vec<String> = site.custom_content_ids(of_type).collect();
        assert_eq!(
            client
                .walk_ids(&format!("custom-content?limit=2&type={of_type}"))
                .await,
            expected
        );
        assert!(!expected.is_empty());
    }
}

#[tokio::test]
async fn limits_are_25_by_default_and_50_for_attachments() {
    let client = Client::start(400).await;
    assert_eq!(client.get("pages").await.ids().len(), 25);
    assert_eq!(client.get("labels").await.ids().len(), 25);
    assert_eq!(client.get("attachments").await.ids().len(), 50);
}

#[tokio::test]
async fn every_sort_holds_in_both_directions_and_misses_nobody() {
    let client = Client::start(500).await;
    let everyone: BTreeSet<String> = client.simulator.site().page_ids().collect();
    for field in ["id", "created-date", "modified-date", "title"] {
        let rising = client.walk(&format!("pages?limit=99&sort={field}")).await;
        let mut falling = client.walk(&format!("pages?limit=99&sort=-{field}")).await;
        falling.reverse();
        assert_eq!(ids(&rising), ids(&falling), "{field}");
        assert_eq!(
            ids(&rising).into_iter().collect::<BTreeSet<_>>(),
            everyone,
            "{field}"
        );
        let key = |row: &serde_json::Value| match field {
            "id" => format!(
                "{:020}",
                row["id"].as_str().unwrap().parse::<u64>().unwrap()
            ),
            // To the second: some times have no milliseconds.
            "created-date" => row["createdAt"].as_str().unwrap()[..19].to_owned(),
            "modified-date" => row["version"]["createdAt"].as_str().unwrap()[..19].to_owned(),
            _ => row["title"].as_str().unwrap().to_owned(),
        };
        assert!(rising.iter().map(key).is_sorted(), "{field}");
    }
}

#[tokio::test]
async fn spaces_and_labels_sort_by_their_words() {
    let client = Client::start(2_000).await;
    for (path, field) in [
        ("spaces?sort=key", "key"),
        ("spaces?sort=name", "name"),
        ("labels?sort=name", "name"),
    ] {
        let rows = client.walk(path).await;
        assert!(rows.len() > 30);
        assert!(
            rows.iter()
                .map(|row| row[field].as_str().unwrap())
                .is_sorted(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn filters_by_space_answer_that_space_and_all_of_it() {
    let client = Client::start(1_000).await;
    let site = client.simulator.site();
    let space = site.space_ids().nth(3).unwrap();
    let other = site.space_ids().nth(7).unwrap();
    let pages: Vec<String> = site.page_ids_in(&space).collect();
    assert!(pages.len() > 30);
    for path in [
        format!("spaces/{space}/pages?limit=20"),
        format!("pages?limit=20&space-id={space}"),
    ] {
        let rows = client.walk(&path).await;
        assert_eq!(ids(&rows), pages, "{path}");
        assert!(rows.iter().all(|row| row["spaceId"] == space.as_str()));
    }
    let both = client
        .walk_ids(&format!("pages?limit=20&space-id={other}&space-id={space}"))
        .await;
    assert_eq!(both.len(), pages.len() + site.page_ids_in(&other).count());
    let by_title = client
        .walk(&format!("spaces/{space}/pages?limit=20&sort=title"))
        .await;
    assert_eq!(
        ids(&by_title).into_iter().collect::<BTreeSet<_>>(),
        pages.iter().cloned().collect::<BTreeSet<_>>()
    );
    let posts: Vec<String> = site.blog_post_ids_in(&space).collect();
    assert_eq!(
        client
            .walk_ids(&format!("spaces/{space}/blogposts?limit=1"))
            .await,
        posts
    );
}

#[tokio::test]
async fn ids_are_answered_once_each_in_their_order_and_unknown_ones_are_absent() {
    let client = Client::start(200).await;
    let all: Vec<String> = client.simulator.site().page_ids().collect();
    let (early, late) = (&all[3], &all[190]);
    let answer = client
        .get(&format!("pages?id={late}&id={early}&id={late}&id=1&id=-5"))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.ids(), [early.clone(), late.clone()]);
    assert_eq!(client.get("pages?id=1").await.ids().len(), 0);
    let key = client.simulator.site().space_keys().nth(1).unwrap();
    assert_eq!(
        client
            .get(&format!("spaces?keys={key}&keys=NOBODY"))
            .await
            .column("key"),
        [key.as_str()]
    );
}

#[tokio::test]
async fn trashed_pages_are_listed_only_on_demand_and_answer_200_alone() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let trashed: Vec<String> = site.trashed_page_ids().collect();
    assert!(trashed.len() >= 2);
    assert_eq!(client.walk_ids("pages?status=trashed").await, trashed);
    assert_eq!(
        client
            .get(&format!("pages?id={}", trashed[0]))
            .await
            .ids()
            .len(),
        0
    );
    let single = client.get(&format!("pages/{}", trashed[0])).await;
    assert_eq!(
        (single.status, single.json()["status"].as_str()),
        (200, Some("trashed"))
    );
    let archived: Vec<String> = site.archived_page_ids().collect();
    assert!(!archived.is_empty());
    assert_eq!(client.walk_ids("pages?status=archived").await, archived);
    assert_eq!(
        client.walk_ids("pages?status=current").await.len(),
        200 - archived.len()
    );
    assert_eq!(client.walk_ids("pages?status=deleted").await.len(), 0);
    let posts: Vec<String> = site.trashed_blog_post_ids().collect();
    assert_eq!(client.walk_ids("blogposts?status=trashed").await, posts);
}

#[tokio::test]
async fn a_title_finds_its_page_and_nothing_else() {
    let client = Client::start(200).await;
    for row in client.walk("pages?limit=250").await.iter().step_by(9) {
        let mut query = String::new();
        for byte in row["title"].as_str().unwrap().bytes() {
            query.push_str(&format!("%{byte:02X}"));
        }
        assert_eq!(
            client.get(&format!("pages?title={query}")).await.ids(),
            [row["id"].as_str().unwrap()]
        );
    }
    assert_eq!(
        client.get("pages?title=Nobody+has+this").await.ids().len(),
        0
    );
}

#[tokio::test]
async fn titles_are_unique_and_of_many_scripts() {
    let client = Client::start(2_000).await;
    let rows = client.walk("pages?limit=250").await;
    let titles: BTreeSet<&str> = rows
        .iter()
        .map(|row| row["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles.len(), 2_000);
    for part in [
        "漢字",
        "Ελληνικά",
        "🚀",
        "עברית",
        "\"",
        "\\",
        "<",
        "&",
        "e\u{301}",
    ] {
        assert!(titles.iter().any(|title| title.contains(part)), "{part}");
    }
}

#[tokio::test]
async fn attachments_are_filtered_by_page_name_and_type() {
    let client = Client::start(4_000).await;
    let site = client.simulator.site();
    let page = site.page_ids().nth(1).unwrap();
    let expected: Vec<String> = site.attachment_ids_of(&page).collect();
    assert!(expected.len() > 250);
    let rows = client
        .walk(&format!("pages/{page}/attachments?limit=100"))
        .await;
    assert_eq!(ids(&rows), expected);
    assert!(rows.iter().all(|row| row["pageId"] == page.as_str()));
    let everything = client.walk("attachments?limit=250").await;
    for (parameter, field, value) in [
        ("filename", "title", "screenshot.png"),
        ("mediaType", "mediaType", "image/svg+xml"),
    ] {
        let found = client
            .walk(&format!(
                "attachments?{parameter}={}",
                value.replace('+', "%2B")
            ))
            .await;
        let expected: Vec<String> = ids(&everything
            .iter()
            .filter(|row| row[field] == value)
            .cloned()
            .collect::<Vec<_>>());
        assert!(expected.len() > 3, "{value}");
        assert_eq!(ids(&found), expected, "{value}");
    }
    // Unescaped, the plus is a space, and no type is called that.
    assert_eq!(
        client
            .get("attachments?mediaType=image/svg+xml")
            .await
            .ids()
            .len(),
        0
    );
}

#[tokio::test]
async fn due_dates_are_compared_in_milliseconds_with_both_ends_included() {
    let client = Client::start(2_000).await;
    let all = client.walk("tasks?limit=250").await;
    // 2026-03-02 in milliseconds: many tasks are due at exactly this time.
    let midnight: u64 = 1_772_409_600_000;
    let due_then = |row: &&serde_json::Value| row["dueAt"] == "2026-03-02T00:00:00.000Z";
    let expected = ids(&all.iter().filter(due_then).cloned().collect::<Vec<_>>());
    let found = client
        .walk_ids(&format!(
            "tasks?due-at-from={midnight}&due-at-to={midnight}"
        ))
        .await;
    assert_eq!(found, expected);
    let march = client
        .walk(&format!(
            "tasks?due-at-from={midnight}&due-at-to={}",
            midnight + 30 * 86_400_000
        ))
        .await;
    assert!(march.len() > 10);
    assert!(
        march
            .iter()
            .all(|row| row["dueAt"].as_str().is_some_and(|due| due >= "2026-03-02"))
    );
    assert!(all.iter().any(|row| row["dueAt"].is_null()));
}

#[tokio::test]
async fn tasks_are_filtered_by_state_person_and_space() {
    let client = Client::start(2_000).await;
    let site = client.simulator.site();
    let all = client.walk("tasks?limit=250").await;
    let person = site.account_ids().nth(2).unwrap();
    let space = site.space_ids().nth(1).unwrap();
    for (query, field, value) in [
        (
            format!("assigned-to={person}"),
            "assignedTo",
            person.as_str(),
        ),
        (format!("space-id={space}"), "spaceId", space.as_str()),
        ("status=complete".to_owned(), "status", "complete"),
    ] {
        let expected = ids(&all
            .iter()
            .filter(|row| row[field] == value)
            .cloned()
            .collect::<Vec<_>>());
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{query}"
        );
        assert_eq!(
            client.walk_ids(&format!("tasks?limit=100&{query}")).await,
            expected,
            "{query}"
        );
    }
    assert!(
        client
            .walk("tasks?limit=250&include-blank-tasks=false")
            .await
            .len()
            < all.len()
    );
}

#[tokio::test]
async fn labels_are_filtered_by_prefix() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let page = site.page_ids().nth(2).unwrap();
    let all = client.walk(&format!("pages/{page}/labels?limit=7")).await;
    assert_eq!(all.len(), 40);
    for prefix in ["my", "team", "global", "system"] {
        let expected = ids(&all
            .iter()
            .filter(|row| row["prefix"] == prefix)
            .cloned()
            .collect::<Vec<_>>());
        assert_eq!(
            client
                .walk_ids(&format!("pages/{page}/labels?prefix={prefix}"))
                .await,
            expected
        );
        assert!(!expected.is_empty());
    }
    let space = site.space_ids().next().unwrap();
    let rows = client.walk(&format!("spaces/{space}/labels")).await;
    assert!(
        rows.iter()
            .all(|row| row["prefix"] == "my" || row["prefix"] == "team")
    );
    assert!(!rows.is_empty());
}

#[tokio::test]
async fn the_same_seed_answers_the_same_and_another_one_differs() {
    let settings = |seed| confluence_simulator::Settings {
        seed,
        ..Default::default()
    };
    let (one, same, other) = (
        Client::with(settings(7)).await,
        Client::with(settings(7)).await,
        Client::with(settings(8)).await,
    );
    let path = "pages?limit=50&body-format=storage";
    let rows = |answer: Answer| answer.json()["results"].clone();
    let first = rows(one.get(path).await);
    assert_eq!(first, rows(same.get(path).await));
    assert_ne!(first, rows(other.get(path).await));
}

#[tokio::test]
async fn sites_from_none_to_a_few_pages_are_answered_whole() {
    for pages in [0, 1, 3, 4, 10] {
        let client = Client::start(pages).await;
        assert_eq!(client.walk_ids("pages").await.len() as u64, pages);
        assert!(client.walk_ids("pages?status=trashed").await.len() >= 2);
        for path in ["spaces", "blogposts", "attachments", "tasks", "labels"] {
            assert!(!client.walk_ids(path).await.is_empty(), "{path} of {pages}");
        }
    }
}
