//! Cursors and links.

use crate::client::{Client, cursor_of, escaped};

#[tokio::test]
async fn a_cursor_may_go_on_with_another_limit() {
    let client = Client::start(200).await;
    let first = client.get("pages?limit=10").await;
    let cursor = escaped(&cursor_of(&first.next().unwrap()));
    let second = client
        .get(&format!("pages?limit=100&cursor={cursor}"))
        .await;
    let expected: Vec<String> = client
        .simulator
        .site()
        .page_ids()
        .skip(10)
        .take(100)
        .collect();
    assert_eq!(second.ids(), expected);
}

#[tokio::test]
async fn a_cursor_of_another_query_is_400() {
    let client = Client::start(200).await;
    let space = client.simulator.site().space_ids().next().unwrap();
    let next = client
        .get("pages?limit=10&sort=title")
        .await
        .next()
        .unwrap();
    let cursor = escaped(&cursor_of(&next));
    assert_eq!(
        client
            .get(&format!("pages?limit=10&sort=title&cursor={cursor}"))
            .await
            .status,
        200
    );
    for other in [
        format!("pages?limit=10&cursor={cursor}"),
        format!("pages?limit=10&sort=-title&cursor={cursor}"),
        format!("pages?limit=10&sort=title&status=current&cursor={cursor}"),
        format!("pages?limit=10&sort=title&space-id={space}&cursor={cursor}"),
        format!("spaces/{space}/pages?limit=10&sort=title&cursor={cursor}"),
        "pages?cursor=nonsense".to_owned(),
        "pages?cursor=".to_owned(),
        format!("pages?cursor={}", escaped(&next)),
        // A plus that was taken for a space.
        format!("pages?limit=10&sort=title&cursor=%20{cursor}"),
    ] {
        let answer = client.get(&other).await;
        assert_eq!(answer.status, 400, "{other}");
        let error = &answer.json()["errors"][0];
        assert_eq!(error["code"], "INVALID_REQUEST_PARAMETER");
        assert!(
            error["title"]
                .as_str()
                .unwrap()
                .contains("Expected type is Cursor")
        );
    }
}

#[tokio::test]
async fn next_links_hold_the_cursor_at_any_place_and_awkward_characters_in_it() {
    let client = Client::start(2_000).await;
    let mut links = Vec::new();
    let mut path =
        "/wiki/api/v2/pages?limit=7&status=current&space-id=65538&space-id=65550".to_owned();
    while links.len() < 12 {
        let answer = client.path(&path).await;
        let Some(next) = answer.next() else { break };
        assert!(next.starts_with("/wiki/api/v2/pages?"));
        let header = answer.header("link").to_owned();
        assert!(
            header.contains(&format!("<{next}>; rel=\"next\"")),
            "{header}"
        );
        links.push(next.clone());
        path = next;
    }
    let queries: Vec<&str> = links
        .iter()
        .map(|link| link.split_once('?').unwrap().1)
        .collect();
    assert!(queries.iter().any(|query| query.starts_with("cursor=")));
    assert!(
        queries
            .iter()
            .any(|query| query.contains("&cursor=") && !query.ends_with('='))
    );
    assert!(queries.iter().any(|query| query.ends_with('=')));
    assert!(queries.iter().any(|query| query.contains('+')));
    assert!(queries.iter().any(|query| query.contains("%2B")));
    assert!(queries.iter().any(|query| query.contains('/')));
}

#[tokio::test]
async fn the_link_header_is_there_on_the_last_page_too() {
    let client = Client::start(10).await;
    let mut deprecated = 0;
    for _ in 0..5 {
        let answer = client.get("pages").await;
        assert!(answer.next().is_none());
        assert!(
            !answer.json()["_links"]
                .as_object()
                .unwrap()
                .contains_key("next")
        );
        let base = format!("{}/wiki", client.simulator.site_url());
        assert_eq!(answer.json()["_links"]["base"], base.as_str());
        let link = answer.header("link");
        assert!(
            link.ends_with(&format!("<{base}>; rel=\"base\"")) && !link.contains("rel=\"next\""),
            "{link}"
        );
        deprecated +=
            usize::from(link.starts_with("<https://") && link.contains("rel=\"deprecation\""));
    }
    assert_eq!(deprecated, 1);
}

#[tokio::test]
async fn links_stay_relative_to_the_site_behind_the_gateway() {
    let client = Client::start(200).await;
    let endpoint = client.simulator.gateway_endpoint();
    let below = endpoint
        .strip_prefix(&client.simulator.site_url())
        .unwrap()
        .to_owned();
    let answer = client.path(&format!("{below}pages?limit=10")).await;
    assert_eq!(answer.status, 200);
    let next = answer.next().unwrap();
    assert!(next.starts_with("/wiki/api/v2/pages?"), "{next}");
    let cursor = escaped(&cursor_of(&next));
    let second = client
        .path(&format!("{below}pages?limit=10&cursor={cursor}"))
        .await;
    assert_eq!(
        second.ids(),
        client
            .simulator
            .site()
            .page_ids()
            .skip(10)
            .take(10)
            .collect::<Vec<_>>()
    );
    assert_eq!(
        client
            .path("/ex/confluence/another-site/wiki/api/v2/pages")
            .await
            .status,
        404
    );
}
