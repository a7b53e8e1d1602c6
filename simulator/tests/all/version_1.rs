//! The current user and search.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::{BEARER, Client};
use confluence_simulator::Operation;
use serde_json::Value;

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
        user(BEARER).await,
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

/// All rows of a listing by offset.
async fn offsets(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let path = format!("/wiki/rest/api/{path}?start={}&limit={limit}", rows.len());
        let body = client.path(&path).await.json();
        assert!(body["_links"].get("next").is_none());
        let page = body["results"].as_array().unwrap();
        assert_eq!(body["size"], page.len());
        rows.extend(page.iter().cloned());
        if page.len() < limit {
            return rows;
        }
    }
}

fn texts(rows: &[Value], name: &str) -> Vec<String> {
    let text = |row: &Value| row[name].as_str().unwrap().to_owned();
    rows.iter().map(text).collect()
}

#[tokio::test]
async fn groups_and_their_members_are_walked_by_offset() {
    let client = Client::start(500).await;
    let site = client.simulator.site();
    let groups = offsets(&client, "group", 4).await;
    assert_eq!(texts(&groups, "id"), site.group_ids().collect::<Vec<_>>());
    assert!(texts(&groups, "name").is_sorted());
    for id in site.group_ids() {
        let members = offsets(&client, &format!("group/{id}/membersByGroupId"), 5).await;
        assert_eq!(texts(&members, "accountId"), site.group_member_ids(&id));
    }
    let nobody = client
        .path("/wiki/rest/api/group/nothing/membersByGroupId")
        .await;
    assert_eq!(
        (nobody.status, nobody.json()["size"].as_u64()),
        (200, Some(0))
    );
    let id = site.group_ids().next().unwrap();
    let path = format!("/wiki/rest/api/group/{id}/membersByGroupId?limit=201");
    assert_eq!(client.path(&path).await.status, 400);
    let one = client
        .path(&format!("/wiki/rest/api/group/by-id?id={id}"))
        .await
        .json();
    assert_eq!(one, groups[0]);
}

#[tokio::test]
async fn users_are_found_alone_and_in_bulk_and_unknown_ones_are_left_out() {
    let client = Client::start(20).await;
    let ids: Vec<String> = client.simulator.site().account_ids().collect();
    let user = client
        .path(&format!("/wiki/rest/api/user?accountId={}", ids[0]))
        .await
        .json();
    assert_eq!(user["accountId"], ids[0].as_str());
    assert_eq!(
        client
            .path("/wiki/rest/api/user?accountId=nobody")
            .await
            .status,
        404
    );
    let bulk = client
        .path(&format!(
            "/wiki/rest/api/user/bulk?accountId={}&accountId=nobody&accountId={}",
            ids[3], ids[1]
        ))
        .await
        .json();
    assert_eq!(
        texts(bulk["results"].as_array().unwrap(), "accountId"),
        [ids[3].clone(), ids[1].clone()]
    );
    let many = "accountId=nobody&".repeat(100);
    let cut = client
        .path(&format!(
            "/wiki/rest/api/user/bulk?{many}accountId={}",
            ids[0]
        ))
        .await;
    assert_eq!(cut.json()["size"], 0);
    let body = serde_json::json!({"accountIds": [ids[2], "nobody", ids[5]]}).to_string();
    let sent = client.post("users-bulk", &body).await;
    assert_eq!(
        texts(sent.json()["results"].as_array().unwrap(), "accountId").len(),
        2
    );
    for wrong in ["", "{}", "{\"accountIds\":[]}", "{\"accountIds\":[{}]}"] {
        assert_eq!(
            client.post("users-bulk", wrong).await.status,
            400,
            "{wrong}"
        );
    }
    let wrong = client.get("users-bulk").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "POST"));
    assert_eq!(client.post("pages", "{}").await.status, 405);
}

#[tokio::test]
async fn ids_are_turned_into_types_and_what_is_missing_into_null() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let (page, folder) = (
        site.page_ids().next().unwrap(),
        site.folder_ids().next().unwrap(),
    );
    let body = serde_json::json!({"contentIds": [page, folder, "5", 6]}).to_string();
    let types = client
        .post("content/convert-ids-to-types", &body)
        .await
        .json();
    let expected =
        serde_json::json!({"results": {page: "page", folder: "folder", "5": null, "6": null}});
    assert_eq!(types, expected);
}

#[tokio::test]
async fn a_crowd_that_is_named_takes_several_answers() {
    let client = Client::start(300).await;
    let site = client.simulator.site();
    let crowded = site
        .page_ids()
        .find(|id| site.restriction_of(id, Operation::Read).groups.len() > 200)
        .unwrap();
    let expected = site.restriction_of(&crowded, Operation::Read);
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for start in [0, 100, 200, 300] {
        let path = format!(
            "/wiki/rest/api/content/{crowded}/restriction/byOperation/read?limit=100&start={start}"
        );
        let named = client.path(&path).await.json()["restrictions"].clone();
        users.extend(texts(
            named["user"]["results"].as_array().unwrap(),
            "accountId",
        ));
        groups.extend(texts(named["group"]["results"].as_array().unwrap(), "id"));
    }
    assert_eq!((users, groups), (expected.users, expected.groups));
}

#[tokio::test]
async fn restrictions_name_their_own_and_not_those_above() {
    let client = Client::start(300).await;
    let site = client.simulator.site();
    let (mut own, mut inherited) = (0, 0);
    for id in site.page_ids() {
        let body = client
            .path(&format!("/wiki/rest/api/content/{id}/restriction"))
            .await
            .json();
        let by = client
            .path(&format!(
                "/wiki/rest/api/content/{id}/restriction/byOperation"
            ))
            .await
            .json();
        for (at, operation) in [Operation::Read, Operation::Update].into_iter().enumerate() {
            let expected = site.restriction_of(&id, operation);
            for form in [&body["results"][at], &by[operation.name()]] {
                assert_eq!(form["operation"], operation.name());
                let users = form["restrictions"]["user"]["results"].as_array().unwrap();
                let groups = form["restrictions"]["group"]["results"].as_array().unwrap();
                // One answer has the first hundred of each.
                let first = |all: &[String]| all.iter().take(100).cloned().collect::<Vec<_>>();
                assert_eq!(texts(users, "accountId"), first(&expected.users));
                assert_eq!(texts(groups, "id"), first(&expected.groups));
            }
        }
        match (
            site.restriction_of(&id, Operation::Read).is_empty(),
            site.readers_of(&id),
        ) {
            (false, _) => own += 1,
            (true, Some(_)) => inherited += 1,
            (true, None) => {}
        }
    }
    assert!(own > 5 && inherited > 5, "{own} {inherited}");
    assert_eq!(
        client
            .path("/wiki/rest/api/content/5/restriction")
            .await
            .status,
        404
    );
    let page = site.page_ids().next().unwrap();
    let path = format!("/wiki/rest/api/content/{page}/restriction/byOperation/delete");
    assert_eq!(client.path(&path).await.status, 400);
}

#[tokio::test]
async fn a_label_is_found_by_its_name() {
    let client = Client::start(200).await;
    let site = client.simulator.site();
    let body = client
        .path("/wiki/rest/api/label?name=q3&type=page&limit=3")
        .await
        .json();
    assert_eq!(body["label"]["id"], site.label_ids().nth(4).unwrap());
    assert!(body["associatedContents"]["results"][0]["contentId"].is_u64());
    assert_eq!(
        client
            .path("/wiki/rest/api/label?name=nothing")
            .await
            .status,
        404
    );
    assert_eq!(client.path("/wiki/rest/api/label").await.status, 400);
}

#[tokio::test]
async fn search_finds_what_changed_in_order_and_lags_behind() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let query = "/rest/api/search?limit=20&includeArchivedSpaces=true\
        &cql=type+in+(page,+blogpost)+and+lastmodified+%3E%3D+%222026-09-01%22+order+by+lastmodified";
    let mut rows: Vec<Value> = Vec::new();
    let mut next = Some(query.to_owned());
    while let Some(path) = next {
        let body = client.path(&format!("/wiki{path}")).await.json();
        rows.extend(body["results"].as_array().unwrap().iter().cloned());
        next = body["_links"]["next"].as_str().map(str::to_owned);
    }
    assert!(texts(&rows, "lastModified").is_sorted());
    let found: BTreeSet<String> = rows
        .iter()
        .map(|row| row["content"]["id"].as_str().unwrap().to_owned())
        .collect();
    // Some hours around the day, for the time zone of the account.
    let (day, near) = (1_788_220_800_000, 50_400_000);
    let archived: BTreeSet<String> = site.archived_page_ids().collect();
    let changed = |since: u64| -> BTreeSet<String> {
        let pages = site.page_ids_changed_since(since);
        let all = pages.chain(site.blog_post_ids_changed_since(since));
        all.filter(|id| !archived.contains(id)).collect()
    };
    assert!(found.is_subset(&changed(day - near)));
    let missing: Vec<String> = changed(day + near).difference(&found).cloned().collect();
    let fresh = changed(site.last_change() - 600_000 + 1);
    assert!(missing.iter().all(|id| fresh.contains(id)) && missing.len() <= 1);
    assert!(found.len() > 50);
}

#[tokio::test]
async fn search_reads_times_as_the_account_does() {
    let client = Client::start(2_000).await;
    let count = async |authorization: &str| {
        let path = "/wiki/rest/api/search?limit=0&cql=type=page+and+lastmodified+%3C+%222026-03-29+02:30%22";
        let answer = client.ask("GET", path, Some(authorization)).await;
        (answer.status, answer.json()["totalSize"].as_u64())
    };
    let mut zones = BTreeMap::new();
    for at in 0..60 {
        let bearer = format!("Bearer token-{at}");
        let user = client
            .ask("GET", "/wiki/rest/api/user/current", Some(&bearer))
            .await
            .json();
        zones.insert(user["timeZone"].as_str().unwrap().to_owned(), bearer);
    }
    // That time was skipped in Berlin.
    let berlin = count(zones.get("Europe/Berlin").unwrap()).await;
    assert_eq!(berlin.0, 400);
    let (east, west) = (
        count(zones.get("Australia/Lord_Howe").unwrap()).await,
        count(zones.get("America/St_Johns").unwrap()).await,
    );
    assert!(east.1.unwrap() < west.1.unwrap(), "{east:?} {west:?}");
}

#[tokio::test]
async fn content_search_gives_bare_content_without_a_total() {
    let client = Client::start(200).await;
    let body = client
        .path("/wiki/rest/api/content/search?cql=type=folder&limit=2")
        .await
        .json();
    assert!(body.get("totalSize").is_none());
    assert_eq!(body["results"][0]["type"], "folder");
    let next = body["_links"]["next"].as_str().unwrap();
    assert!(next.starts_with("/rest/api/content/search?"));
    let folder = client.simulator.site().folder_ids().next().unwrap();
    assert_eq!(body["results"][0]["id"], folder.as_str());
}

#[tokio::test]
async fn audit_records_come_latest_first_with_times_as_numbers_and_without_ids() {
    let client = Client::start(30).await;
    let all = client.path("/wiki/rest/api/audit").await;
    let times: Vec<u64> = all
        .column("creationDate")
        .iter()
        .map(|time| time.as_u64().unwrap())
        .collect();
    assert!(times.len() > 50 && times.is_sorted_by(|a, b| a > b));
    let body = all.json();
    assert!(body["_links"].get("next").is_none() && body["results"][0].get("id").is_none());
    assert_eq!(
        (body["start"].as_u64(), body["limit"].as_u64()),
        (Some(0), Some(1_000))
    );
    let from = times[9];
    let path = format!(
        "/wiki/rest/api/audit?startDate={from}&endDate={}&start=2&limit=3",
        times[1]
    );
    let part = client.path(&path).await.column("creationDate");
    assert_eq!(part, all.column("creationDate")[3..6]);
    let found = client
        .path("/wiki/rest/api/audit?searchString=users+and+groups")
        .await;
    let found = found.column("category");
    assert!(!found.is_empty() && found.iter().all(|one| one == "Users and groups"));
    assert_eq!(
        client
            .path("/wiki/rest/api/audit?startDate=soon")
            .await
            .status,
        400
    );
}
