//! What is refused, and what is ignored.

use crate::client::{BEARER, Client};
use confluence_simulator::{Settings, Simulator, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn refused(client: &Client, path: &str) {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 400, "{path}");
    let error = &answer.json()["errors"][0];
    assert_eq!(
        (error["status"].as_u64(), error["code"].as_str()),
        (Some(400), Some("INVALID_REQUEST_PARAMETER")),
        "{path}"
    );
}

fn repeated(name: &str, times: u64) -> String {
    (1..=times)
        .map(|id| format!("{name}={id}"))
        .collect::<Vec<_>>()
        .join("&")
}

#[tokio::test]
async fn limits_out_of_range_are_400() {
    let client = Client::start(20).await;
    for resource in [
        "pages",
        "spaces",
        "blogposts",
        "labels",
        "attachments",
        "tasks",
    ] {
        for limit in ["0", "251", "-1", "x", "", "99999999999", "2.5"] {
            refused(&client, &format!("{resource}?limit={limit}")).await;
        }
        for limit in ["1", "250"] {
            assert_eq!(
                client
                    .get(&format!("{resource}?limit={limit}"))
                    .await
                    .status,
                200
            );
        }
    }
}

#[tokio::test]
async fn too_many_values_are_400() {
    let client = Client::start(20).await;
    for (path, most) in [
        ("pages?{id}", 250),
        ("pages?{space-id}", 100),
        ("blogposts?{id}", 250),
        ("blogposts?{space-id}", 100),
        ("spaces?{ids}", 250),
        ("spaces?{keys}", 250),
        ("tasks?{space-id}", 250),
        ("custom-content?type=a&{space-id}", 100),
    ] {
        let (before, name) = path.trim_end_matches('}').split_once('{').unwrap();
        refused(&client, &format!("{before}{}", repeated(name, most + 1))).await;
        assert_eq!(
            client
                .get(&format!("{before}{}", repeated(name, most)))
                .await
                .status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn values_outside_of_a_closed_set_are_400() {
    let client = Client::start(20).await;
    let space = client.simulator.site().space_ids().next().unwrap();
    for path in [
        "pages?status=draft",
        "pages?status=current,archived",
        "pages?status=",
        "pages?sort=key",
        "pages?sort=title:desc",
        "pages?sort=--title",
        "pages?body-format=view",
        "pages?body-format=raw",
        "pages?subtype=blog",
        "blogposts?status=archived",
        "blogposts?sort=title",
        "attachments?status=deleted",
        "attachments?sort=id",
        "labels?sort=title",
        "spaces?sort=title",
        "spaces?status=trashed",
        "spaces?type=team",
        "spaces?description-format=storage",
        "tasks?status=done",
        "tasks?due-at-from=2026-01-01",
        "tasks?body-format=view",
        "custom-content",
        "custom-content?type=",
        "custom-content?type=a&body-format=view",
        "pages?id=abc",
        "pages?id=1,2",
        "pages?id=",
        "pages?id=99999999999999999999",
    ] {
        refused(&client, path).await;
    }
    for path in [
        "labels?prefix=global",
        "labels?prefix=nonsense",
        "pages?depth=nonsense",
        "pages?sort=",
    ] {
        refused(&client, &format!("spaces/{space}/{path}")).await;
    }
    // What a list refuses, a single page gives.
    let page = client.simulator.site().page_ids().next().unwrap();
    assert_eq!(
        client
            .get(&format!("pages/{page}?body-format=view"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn unknown_parameters_are_ignored_with_200() {
    let client = Client::start(200).await;
    let plain = client.get("pages").await;
    for query in [
        "space-key=ENG",
        "expand=body",
        "start=100",
        "spaceId=1",
        "include=labels",
        "sort-order=x",
    ] {
        let answer = client.get(&format!("pages?{query}")).await;
        assert_eq!((answer.status, answer.ids()), (200, plain.ids()), "{query}");
    }
    // Tasks have no sort, and a listing below a space no ids.
    assert_eq!(client.get("tasks?sort=nonsense").await.status, 200);
    let space = client.simulator.site().space_ids().next().unwrap();
    let below = format!("spaces/{space}/pages");
    assert_eq!(
        client.get(&format!("{below}?id=1")).await.ids(),
        client.get(&below).await.ids()
    );
}

#[tokio::test]
async fn the_last_of_two_scalars_wins() {
    let client = Client::start(200).await;
    assert_eq!(client.get("pages?limit=9&limit=3").await.ids().len(), 3);
    refused(&client, "pages?limit=3&limit=0").await;
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_no_id_is_400() {
    let client = Client::start(20).await;
    for resource in ["pages", "spaces", "blogposts", "tasks", "custom-content"] {
        let missing = client.get(&format!("{resource}/1")).await;
        assert_eq!(
            (missing.status, missing.json()["errors"][0]["code"].as_str()),
            (404, Some("NOT_FOUND")),
            "{resource}"
        );
        assert_eq!(
            client.get(&format!("{resource}/abc")).await.status,
            400,
            "{resource}"
        );
    }
    let id = client.simulator.site().attachment_ids().next().unwrap();
    assert_eq!(client.get(&format!("attachments/{id}")).await.status, 200);
    assert_eq!(
        client
            .get(&format!("attachments/{}", id.trim_start_matches("att")))
            .await
            .status,
        404
    );
    assert_eq!(client.get("attachments/att1").await.status, 404);
    for path in [
        "pages/1/labels",
        "pages/1/attachments",
        "spaces/1/pages",
        "nonsense",
        "pages/",
        "",
        "pages/1/2/3",
    ] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    for path in [
        "/",
        "/wiki",
        "/api/v2/pages",
        "/wiki/wiki/api/v2/pages",
        "/wiki/rest/api/content",
    ] {
        assert_eq!(client.path(path).await.status, 404, "{path}");
    }
    assert_eq!(
        client.path("/wiki/rest/api/content").await.json()["statusCode"],
        404
    );
}

#[tokio::test]
async fn other_methods_are_405() {
    let client = Client::start(20).await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "HEAD"] {
        let answer = client.ask(method, "/wiki/api/v2/pages", Some(BEARER)).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, "GET"),
            "{method}"
        );
    }
}

#[tokio::test]
async fn nobody_is_let_in_without_a_well_formed_authorization() {
    let client = Client::start(20).await;
    let gateway = format!(
        "/ex/confluence/{}/wiki/api/v2/pages",
        client.simulator.site().cloud_id()
    );
    for authorization in [
        None,
        Some("Basic"),
        Some("Basic eA=="),
        Some("Digest abc"),
        Some("Bearer "),
    ] {
        let site = client.ask("GET", "/wiki/api/v2/pages", authorization).await;
        assert_eq!(
            (site.status, site.json()["errors"][0]["status"].as_u64()),
            (401, Some(401))
        );
        assert!(!site.header("www-authenticate").is_empty());
        let behind = client.ask("GET", &gateway, authorization).await;
        assert_eq!(
            (behind.status, behind.json()["code"].as_u64()),
            (401, Some(401))
        );
        let version_1 = client
            .ask("GET", "/wiki/rest/api/user/current", authorization)
            .await;
        assert_eq!(version_1.status, 401);
        assert!(version_1.header("content-type").starts_with("text/html"));
    }
    let known = client.ask("GET", "/_edge/tenant_info", None).await;
    assert_eq!(
        (known.status, known.json()["cloudId"].as_str()),
        (200, Some(client.simulator.site().cloud_id()))
    );
}

#[tokio::test]
async fn a_demanded_credential_lets_no_other_in() {
    let credential = Some("Bearer the-one".to_owned());
    let client = Client::with(Settings {
        credential,
        pages: 20,
        ..Settings::default()
    })
    .await;
    assert_eq!(
        client
            .ask("GET", "/wiki/api/v2/pages", Some("Bearer the-one"))
            .await
            .status,
        200
    );
    assert_eq!(
        client
            .ask("GET", "/wiki/api/v2/pages", Some("Bearer another"))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let refused = Simulator::start_at(Settings::default(), "0.0.0.0:0".parse().unwrap())
        .await
        .unwrap_err();
    assert!(matches!(refused, StartError::NotLoopback { .. }));
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let taken = Simulator::start_at(Settings::default(), simulator.address())
        .await
        .unwrap_err();
    assert!(matches!(taken, StartError::AddressInUse { .. }), "{taken}");
}

#[tokio::test]
async fn a_dropped_simulator_closes_its_connections_and_frees_its_port() {
    let Client { simulator, .. } = Client::start(20).await;
    let address = simulator.address();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection
        .write_all(b"GET /_edge/tenant_info HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(simulator);
    // Ends only when the other side closes. A reset closes as well.
    let _ = connection.read_to_end(&mut Vec::new()).await;
    assert!(
        Simulator::start_at(Settings::default(), address)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_log_holds_what_was_asked_and_answered() {
    let client = Client::start(20).await;
    client.get("pages?limit=0").await;
    client.get("spaces").await;
    let log = client.simulator.requests();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].number, log[0].status, log[1].status), (1, 400, 200));
    assert_eq!(log[0].method, "GET");
    assert_eq!(log[0].path_and_query, "/wiki/api/v2/pages?limit=0");
    assert!(
        log[0]
            .headers
            .contains(&("authorization".to_owned(), BEARER.to_owned()))
    );
}
