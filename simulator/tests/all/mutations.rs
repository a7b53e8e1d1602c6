//! The site after each kind of change.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

use confluence_simulator::{
    Change, ContentKind, IndexLag, Mutation, MutationError, Operation, Settings,
};
use serde_json::{Value, json};

use crate::client::Client;

fn mutate(client: &Client, mutation: Value) -> Result<Change, MutationError> {
    let mutation = Mutation::parse(&mutation.to_string())?;
    client.simulator.mutate(&mutation)
}

fn changed(client: &Client, mutation: Value) -> Change {
    let shown = mutation.to_string();
    mutate(client, mutation).unwrap_or_else(|error| panic!("{shown}: {error}"))
}

/// Ids of current pages that are not homepages and have no restriction.
fn pages(client: &Client) -> Vec<String> {
    let site = client.simulator.site();
    let archived: Vec<String> = site.archived_page_ids().collect();
    let homepages = site.space_count() as usize;
    site.page_ids()
        .skip(homepages)
        .filter(|id| !archived.contains(id))
        .filter(|id| site.restriction_of(id, Operation::Read).is_empty())
        .collect()
}

async fn page(client: &Client, id: &str) -> Value {
    let answer = client.get(&format!("pages/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// The lists of the API have exactly what the inventory has.
async fn assert_lists_agree(client: &Client) {
    for (kind, path) in [
        (ContentKind::Space, "spaces?limit=250"),
        (
            ContentKind::Page,
            "pages?limit=250&status=current&status=archived&status=trashed",
        ),
        (
            ContentKind::Page,
            "pages?limit=250&status=current&status=archived&status=trashed&sort=-modified-date",
        ),
        (
            ContentKind::Page,
            "pages?limit=250&status=current&status=archived&status=trashed&sort=title",
        ),
        (
            ContentKind::BlogPost,
            "blogposts?limit=250&status=current&status=trashed",
        ),
        (
            ContentKind::Attachment,
            "attachments?limit=250&status=current&status=archived&status=trashed",
        ),
        (ContentKind::Task, "tasks?limit=250"),
    ] {
        let inventory = client.simulator.site().inventory(kind);
        let truth = inventory.iter().map(|row| row["id"].as_str().unwrap());
        let mut truth: Vec<String> = truth.map(str::to_owned).collect();
        let rows = client.walk(path).await;
        let ids = rows.iter().map(|row| row["id"].as_str().unwrap());
        let mut ids: Vec<String> = ids.map(str::to_owned).collect();
        truth.sort();
        ids.sort();
        assert_eq!(ids, truth, "{path}");
        for row in rows {
            let known = inventory.iter().find(|known| known["id"] == row["id"]);
            let known = known.unwrap();
            for name in ["title", "status", "spaceId", "parentId"] {
                let (known, row) = (&known[name], &row[name]);
                assert!(known.is_null() || known == row, "{path}: {known} {row}");
            }
            if known["version"].is_number() {
                assert_eq!(row["version"]["number"], known["version"], "{row}");
                let last = known["versions"].as_array().unwrap().last().unwrap();
                assert_eq!(row["version"]["createdAt"], *last, "{row}");
            }
        }
        if path.contains("sort=-modified-date") {
            let rows = client.walk(path).await;
            let times = rows
                .iter()
                .map(|row| row["version"]["createdAt"].as_str().unwrap());
            let times: Vec<&str> = times.map(|time| &time[..19]).collect();
            assert!(times.is_sorted_by(|left, right| left >= right));
        }
        if path.contains("sort=title") {
            let rows = client.walk(path).await;
            let titles: Vec<&str> = rows
                .iter()
                .map(|row| row["title"].as_str().unwrap())
                .collect();
            assert!(titles.is_sorted());
        }
    }
    for (kind, resource) in [
        (ContentKind::FooterComment, "footer-comments"),
        (ContentKind::InlineComment, "inline-comments"),
    ] {
        let inventory = client.simulator.site().inventory(kind);
        let roots = inventory.iter().filter(|row| row["parentId"].is_null());
        let mut truth: Vec<String> = roots
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        let mut ids = client.walk_ids(&format!("{resource}?limit=250")).await;
        truth.sort();
        ids.sort();
        assert_eq!(ids, truth, "{resource}");
        for row in inventory.iter().filter(|row| !row["parentId"].is_null()) {
            let above = row["parentId"].as_str().unwrap();
            let replies = client
                .walk_ids(&format!("{resource}/{above}/children?limit=250"))
                .await;
            assert!(replies.iter().any(|reply| row["id"] == *reply.as_str()));
        }
    }
}

#[tokio::test]
async fn an_edited_page_has_another_body_and_version_and_is_listed_first() {
    let client = Client::start(200).await;
    let id = pages(&client)[7].clone();
    let before = page(&client, &format!("{id}?body-format=storage")).await;
    let change = changed(
        &client,
        json!({"kind": "edit", "id": id, "title": "Neu", "message": "why"}),
    );
    let after = page(&client, &format!("{id}?body-format=storage")).await;
    let number = before["version"]["number"].as_u64().unwrap() + 1;
    assert_eq!(change.version, Some(number));
    assert_eq!(change.ids.concat(), id);
    assert_eq!(after["version"]["number"], number);
    assert_eq!(after["version"]["message"], "why");
    assert_eq!(after["title"], "Neu");
    assert_ne!(before["body"], after["body"]);
    let listed = client.get("pages?sort=-modified-date&limit=1").await;
    assert_eq!(listed.ids().concat(), id);
    let titled = client.get("pages?title=Neu").await.ids();
    assert_eq!(titled.concat(), id);
    let old = before["title"].as_str().unwrap();
    let old = client.get(&format!("pages?title={}", encoded(old))).await;
    assert_eq!(old.ids(), [""; 0]);
    let versions = client.get(&format!("pages/{id}/versions?limit=250")).await;
    assert_eq!(versions.column("number").len() as u64, number);
    let first = page(
        &client,
        &format!("{id}?version={}&body-format=storage", number - 1),
    )
    .await;
    assert_eq!(first["body"], before["body"]);
    assert_lists_agree(&client).await;
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn moves_labels_restrictions_and_archiving_keep_the_version() {
    let client = Client::start(200).await;
    let id = pages(&client)[3].clone();
    let before = page(&client, &id).await;
    let truth = client.simulator.site();
    let other = truth
        .space_ids()
        .find(|space| before["spaceId"] != *space.as_str());
    let user = client.simulator.site().account_ids().next().unwrap();
    for mutation in [
        json!({"kind": "move", "id": id, "space": other}),
        json!({"kind": "restrict", "id": id, "operation": "read", "user": user}),
        json!({"kind": "unrestrict", "id": id, "operation": "read", "user": user}),
        json!({"kind": "restrict", "id": id, "operation": "update", "user": user}),
        json!({"kind": "archive", "id": id}),
    ] {
        changed(&client, mutation);
    }
    let after = page(&client, &id).await;
    assert_eq!(after["version"], before["version"]);
    assert_eq!(after["status"], "archived");
    assert_ne!(after["spaceId"], before["spaceId"]);
    assert_eq!(after["parentId"], Value::Null);
    let space = after["spaceId"].as_str().unwrap();
    let there = client
        .walk_ids(&format!("spaces/{space}/pages?limit=250"))
        .await;
    assert!(there.contains(&id));
    let space = before["spaceId"].as_str().unwrap();
    let there = client
        .walk_ids(&format!("spaces/{space}/pages?limit=250"))
        .await;
    assert!(!there.contains(&id));
    assert_lists_agree(&client).await;
}

#[tokio::test]
async fn a_label_is_on_the_page_below_the_label_and_in_search() {
    let client = Client::start(200).await;
    let id = pages(&client)[5].clone();
    let labels = client.get(&format!("pages/{id}/labels")).await;
    let has: Vec<Value> = labels.column("name");
    let known = client.walk("labels?limit=250").await;
    let label = known
        .iter()
        .find(|label| !has.contains(&label["name"]))
        .unwrap();
    let name = label["name"].as_str().unwrap();
    changed(
        &client,
        json!({"kind": "add-label", "id": id, "label": name}),
    );
    let labels = client.get(&format!("pages/{id}/labels")).await;
    assert!(labels.column("name").contains(&label["name"]));
    let below = format!("labels/{}/pages?limit=250", label["id"].as_str().unwrap());
    assert!(client.walk_ids(&below).await.contains(&id));
    let search = format!(
        "/wiki/rest/api/content/search?cql=type=page+and+id+in+({id})&expand=metadata.labels"
    );
    let found = client.path(&search).await.json();
    let found = found["results"][0]["metadata"]["labels"]["results"].clone();
    assert!(
        found
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["name"] == label["name"])
    );
    changed(
        &client,
        json!({"kind": "remove-label", "id": id, "label": name}),
    );
    assert!(!client.walk_ids(&below).await.contains(&id));
    let again = mutate(
        &client,
        json!({"kind": "remove-label", "id": id, "label": name}),
    );
    assert!(
        again
            .unwrap_err()
            .to_string()
            .contains("does not have the label")
    );
}

#[tokio::test]
async fn a_trashed_page_answers_so_and_a_purged_one_answers_404() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let parent = pages(&client)
        .into_iter()
        .find(|id| site.children_of(id).len() > 1)
        .unwrap();
    let children = site.children_of(&parent);
    let above = page(&client, &parent).await["parentId"].clone();
    let change = changed(&client, json!({"kind": "trash", "id": parent}));
    assert_eq!(change.ids.len(), children.len() + 1);
    assert_eq!(page(&client, &parent).await["status"], "trashed");
    for (_, child) in &children {
        assert_eq!(page(&client, child).await["parentId"], above);
    }
    assert!(!client.walk_ids("pages?limit=250").await.contains(&parent));
    assert!(
        client
            .walk_ids("pages?limit=250&status=trashed")
            .await
            .contains(&parent)
    );
    assert_lists_agree(&client).await;
    changed(&client, json!({"kind": "restore", "id": parent}));
    assert_eq!(page(&client, &parent).await["status"], "current");
    changed(&client, json!({"kind": "trash", "id": parent}));
    changed(&client, json!({"kind": "purge", "id": parent}));
    assert_eq!(client.get(&format!("pages/{parent}")).await.status, 404);
    let looked_up = client
        .get(&format!("pages?id={parent}&status=trashed&status=current"))
        .await;
    assert_eq!(looked_up.ids(), [""; 0]);
    let types = format!("{{\"contentIds\":[\"{parent}\"]}}");
    let types = client
        .post("content/convert-ids-to-types", &types)
        .await
        .json();
    assert_eq!(types["results"][&parent], Value::Null);
    assert_lists_agree(&client).await;
}

#[tokio::test]
async fn deleting_a_version_renumbers_those_after_it() {
    let client = Client::start(200).await;
    let mut several = Vec::new();
    for id in pages(&client) {
        if page(&client, &id).await["version"]["number"]
            .as_u64()
            .unwrap()
            > 3
        {
            several.push(id);
        }
    }
    let id = &several[0];
    let before = page(&client, id).await;
    let count = before["version"]["number"].as_u64().unwrap();
    changed(
        &client,
        json!({"kind": "delete-version", "id": id, "number": 2}),
    );
    let after = page(&client, id).await;
    assert_eq!(after["version"]["number"], count - 1);
    assert_eq!(
        after["version"]["createdAt"],
        before["version"]["createdAt"]
    );
    assert_eq!(after["createdAt"], before["createdAt"]);
    let current = mutate(
        &client,
        json!({"kind": "delete-version", "id": id, "number": count - 1}),
    );
    assert!(
        current
            .unwrap_err()
            .to_string()
            .contains("keeps its current version")
    );
    assert_eq!(page(&client, id).await, after);
    changed(&client, json!({"kind": "drift", "id": id}));
    let drifted = page(&client, id).await;
    assert_eq!(drifted["version"]["number"], count - 1);
    assert_ne!(
        drifted["version"]["createdAt"],
        before["version"]["createdAt"]
    );
    assert_lists_agree(&client).await;
}

#[tokio::test]
async fn a_created_page_is_below_its_parent_and_a_moved_tree_stays_together() {
    let client = Client::start(200).await;
    let (parent, other) = (pages(&client)[9].clone(), pages(&client)[10].clone());
    let created = changed(
        &client,
        json!({"kind": "create-page", "parent": parent, "title": "One"}),
    );
    let one = created.ids[0].clone();
    let created = changed(&client, json!({"kind": "create-page", "parent": one}));
    let two = created.ids[0].clone();
    assert_eq!(page(&client, &two).await["parentId"], *one);
    let children = client.get(&format!("pages/{one}/children")).await.ids();
    assert_eq!(children.concat(), two);
    let into_itself = mutate(&client, json!({"kind": "move", "id": one, "parent": two}));
    assert!(
        into_itself
            .unwrap_err()
            .to_string()
            .contains("below itself")
    );
    changed(&client, json!({"kind": "move", "id": one, "parent": other}));
    let (other, one, two) = (
        page(&client, &other).await,
        page(&client, &one).await,
        page(&client, &two).await,
    );
    assert_eq!(one["parentId"], other["id"]);
    assert_eq!(two["parentId"], one["id"]);
    assert_eq!(two["spaceId"], other["spaceId"]);
    let id = one["id"].as_str().unwrap();
    assert_eq!(
        client.get(&format!("pages/{id}/labels")).await.ids(),
        [""; 0]
    );
    let space = other["spaceId"].as_str().unwrap();
    let there = client
        .walk_ids(&format!("pages?space-id={space}&limit=250"))
        .await;
    assert!(there.contains(&id.to_owned()));
    assert_lists_agree(&client).await;
}

#[tokio::test]
async fn a_hidden_space_is_gone_with_all_that_is_in_it() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let (id, key) = (
        site.space_ids().nth(1).unwrap(),
        site.space_keys().nth(1).unwrap(),
    );
    let there = site.page_ids_in(&id).next().unwrap();
    changed(&client, json!({"kind": "hide-space", "space": id}));
    for path in [
        format!("spaces/{id}"),
        format!("spaces/{id}/pages"),
        format!("pages/{there}"),
    ] {
        assert_eq!(client.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(
        client.get(&format!("spaces?keys={key}")).await.ids(),
        [""; 0]
    );
    assert_lists_agree(&client).await;
    changed(&client, json!({"kind": "show-space", "space": key}));
    assert_eq!(client.get(&format!("pages/{there}")).await.status, 200);
    assert_eq!(client.simulator.site().page_count(), 200);
}

#[tokio::test]
async fn comments_tasks_and_attachments_change() {
    let client = Client::start(200).await;
    let id = pages(&client)[2].clone();
    let on = changed(
        &client,
        json!({"kind": "create-comment", "on": id, "inline": true}),
    )
    .ids[0]
        .clone();
    let reply = changed(&client, json!({"kind": "create-comment", "on": on})).ids[0].clone();
    let before = client.get(&format!("inline-comments/{on}")).await.json();
    assert_eq!(before["resolutionStatus"], "open");
    assert_lists_agree(&client).await;
    changed(&client, json!({"kind": "resolve", "id": on}));
    let resolved = client.get(&format!("inline-comments/{on}")).await.json();
    assert_eq!(resolved["resolutionStatus"], "resolved");
    assert!(resolved["resolutionLastModifiedAt"].is_string());
    assert_eq!(resolved["version"], before["version"]);
    changed(&client, json!({"kind": "edit", "id": on}));
    let edited = client.get(&format!("inline-comments/{on}")).await.json();
    assert_eq!(edited["version"]["number"], 2);
    let gone = changed(&client, json!({"kind": "delete-comment", "id": on}));
    assert_eq!(gone.ids, [on.clone(), reply.clone()]);
    for id in [&on, &reply] {
        assert_eq!(
            client.get(&format!("inline-comments/{id}")).await.status,
            404
        );
    }
    let site = client.simulator.site();
    let task = site.task_ids().next().unwrap();
    let was = client.get(&format!("tasks/{task}")).await.json()["status"].clone();
    let (kind, now) = if was == "complete" {
        ("reopen-task", "incomplete")
    } else {
        ("complete-task", "complete")
    };
    changed(&client, json!({"kind": kind, "id": task}));
    assert_eq!(
        client.get(&format!("tasks/{task}")).await.json()["status"],
        now
    );
    let archived = client
        .walk_ids("attachments?status=archived&limit=250")
        .await;
    let file = site
        .attachment_ids()
        .find(|id| !archived.contains(id))
        .unwrap();
    let before = client.get(&format!("attachments/{file}")).await.json();
    changed(&client, json!({"kind": "edit", "id": file}));
    let after = client.get(&format!("attachments/{file}")).await.json();
    assert_ne!(after["fileId"], before["fileId"]);
    assert_lists_agree(&client).await;
    changed(&client, json!({"kind": "trash", "id": file}));
    assert_eq!(
        client.get(&format!("attachments/{file}")).await.json()["status"],
        "trashed"
    );
    assert_lists_agree(&client).await;
}

#[tokio::test]
async fn permissions_members_and_names_change_and_visibility_follows() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let space = site.space_ids().next().unwrap();
    let user = site.account_ids().nth(3).unwrap();
    let group = site
        .group_ids()
        .find(|id| site.group_member_ids(id).is_empty())
        .unwrap();
    let granted = changed(
        &client,
        json!({"kind": "grant", "space": space, "operation": "export", "target": "space", "group": group}),
    );
    let permission = granted.ids[1].clone();
    let listed = format!("spaces/{space}/permissions?limit=250");
    assert!(client.walk_ids(&listed).await.contains(&permission));
    changed(
        &client,
        json!({"kind": "revoke", "space": space, "permission": permission}),
    );
    assert!(!client.walk_ids(&listed).await.contains(&permission));
    let audit = client.path("/wiki/rest/api/audit?limit=2").await;
    assert_eq!(
        audit.column("summary"),
        ["Space permission removed", "Space permission added"]
    );
    changed(
        &client,
        json!({"kind": "add-member", "group": group, "user": user}),
    );
    let members = client
        .path(&format!("/wiki/rest/api/group/{group}/membersByGroupId"))
        .await;
    assert_eq!(members.column("accountId"), [json!(user)]);
    changed(
        &client,
        json!({"kind": "rename-user", "user": user, "name": "Nobody <else>"}),
    );
    let bulk = client
        .path(&format!("/wiki/rest/api/user/bulk?accountId={user}"))
        .await;
    assert_eq!(bulk.column("displayName"), ["Nobody <else>"]);
    let page = pages(&client)
        .into_iter()
        .find(|id| site.readers_of(id).is_none() && site.may_view(id, &user))
        .unwrap();
    let other = site.account_ids().nth(4).unwrap();
    changed(
        &client,
        json!({"kind": "restrict", "id": page, "operation": "read", "user": other}),
    );
    assert!(!client.simulator.site().may_view(&page, &user));
    changed(
        &client,
        json!({"kind": "restrict", "id": page, "operation": "read", "group": group}),
    );
    assert!(client.simulator.site().may_view(&page, &user));
    changed(
        &client,
        json!({"kind": "remove-member", "group": group, "user": user}),
    );
    assert!(!client.simulator.site().may_view(&page, &user));
}

#[tokio::test]
async fn search_is_behind_until_it_is_flushed() {
    for (lag, behind) in [(IndexLag::UntilFlushed, 5), (IndexLag::Mutations(2), 2)] {
        let settings = Settings {
            index_lag: lag,
            ..Settings::default()
        };
        let client = Client::with(settings).await;
        let id = pages(&client)[1].clone();
        let search = format!("/wiki/rest/api/content/search?cql=type=page+and+id+in+({id})");
        for number in 1..=5 {
            changed(
                &client,
                json!({"kind": "retitle", "id": id, "title": number.to_string()}),
            );
        }
        let titles = client.path(&search).await.column("title");
        let known = (5_u32 - behind).to_string();
        assert_eq!(titles == [json!(known)], behind < 5, "{titles:?}");
        client.simulator.flush_index();
        assert_eq!(client.path(&search).await.column("title"), ["5"]);
    }
}

#[tokio::test]
async fn the_clock_of_the_site_can_be_put_forward() {
    let client = Client::start(10).await;
    client
        .simulator
        .advance_clock(std::time::Duration::from_secs(400 * 86_400));
    let date = client.get("pages?limit=1").await;
    let year = date.header("date").split(' ').nth(3).unwrap().to_owned();
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let machine = 1970 + since.as_secs() / 31_556_952;
    assert!(year.parse::<u64>().unwrap() > machine, "{year}");
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let client = Client::start(200).await;
    let before = client.simulator.site().inventory(ContentKind::Page);
    let homepage = client.simulator.site().page_ids().next().unwrap();
    for (mutation, reason) in [
        (json!({"kind": "trash", "id": homepage}), "is the homepage"),
        (json!({"kind": "trash", "id": "1"}), "is not a page"),
        (json!({"kind": "explode"}), "is not a kind of mutation"),
        (json!({"kind": "edit"}), "missing field `id`"),
        (
            json!({"kind": "edit", "id": homepage, "body": "x"}),
            "unknown field `body`",
        ),
        (
            json!({"kind": "create-page"}),
            "one of `space` and `parent`",
        ),
        (
            json!({"kind": "purge", "id": homepage}),
            "is not in the trash",
        ),
    ] {
        let refused = mutate(&client, mutation).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
    assert_eq!(client.simulator.site().inventory(ContentKind::Page), before);
    assert!(client.simulator.journal().is_empty());
}
