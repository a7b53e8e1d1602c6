//! Files: the redirect at the site, and the bytes at the media host.

use crate::client::{BEARER, Client};
use confluence_simulator::{Fault, Faults};
use http_body_util::BodyExt;

fn path(client: &Client, id: &str) -> String {
    let content = client.simulator.site().attachment_container(id).unwrap();
    format!("/wiki/rest/api/content/{content}/child/attachment/{id}/download")
}

/// Attachments whose file is there and small enough for a test.
fn small(client: &Client) -> Vec<String> {
    let site = client.simulator.site();
    let size = |id: &String| site.attachment_size(id);
    site.attachment_ids()
        .filter(|id| size(id).is_some_and(|size| size < 3_000_000))
        .collect()
}

#[tokio::test]
async fn a_download_is_found_at_the_media_host_with_the_size_and_type_promised() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let ids = small(&client);
    assert!(ids.len() > 3);
    for id in ids.iter().take(4) {
        let answer = client.path(&path(&client, id)).await;
        assert_eq!(answer.status, 302);
        let location = answer.header("location").to_owned();
        assert!(
            location.starts_with(&client.simulator.media_url()),
            "{location}"
        );
        let file = client.fetch(&location, None).await;
        assert_eq!(file.status(), 200);
        let row = client.get(&format!("attachments/{id}")).await.json();
        assert_eq!(
            file.headers()["content-type"],
            row["mediaType"].as_str().unwrap()
        );
        assert_eq!(
            file.headers()["content-length"],
            row["fileSize"].to_string()
        );
        let bytes = file.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(bytes.len() as u64, site.attachment_size(id).unwrap());
        assert!(bytes.iter().copied().eq(site.attachment_bytes(id)));
        assert_eq!(row["mediaType"], site.attachment_media_type(id).unwrap());
    }
}

#[tokio::test]
async fn the_media_host_refuses_credentials_cookies_and_wrong_tokens() {
    let client = Client::start(400).await;
    let id = small(&client).remove(0);
    let answer = client.path(&path(&client, &id)).await;
    let location = answer.header("location").to_owned();
    for header in [("authorization", BEARER), ("cookie", "a=b")] {
        assert_eq!(client.fetch(&location, Some(header)).await.status(), 400);
    }
    let forged = location.replace("token=", "token=1");
    assert_eq!(client.fetch(&forged, None).await.status(), 403);
    let bare = location.split('?').next().unwrap();
    assert_eq!(client.fetch(bare, None).await.status(), 403);
    let other = location.replace("/file/", "/file/0");
    assert_eq!(client.fetch(&other, None).await.status(), 404);
    // The media host knows nothing of the site, nor the site of files.
    let pages = format!("{}/wiki/api/v2/pages", client.simulator.media_url());
    assert_eq!(client.fetch(&pages, None).await.status(), 404);
}

#[tokio::test]
async fn a_file_that_is_gone_is_404_at_the_media_host_only() {
    let client = Client::start(1_000).await;
    let site = client.simulator.site();
    let gone = site
        .attachment_ids()
        .find(|id| site.attachment_size(id).is_none())
        .unwrap();
    let answer = client.path(&path(&client, &gone)).await;
    assert_eq!(answer.status, 302);
    let location = answer.header("location");
    assert!(location.contains("UNKNOWN_MEDIA_ID"));
    assert_eq!(client.fetch(location, None).await.status(), 404);
}

#[tokio::test]
async fn downloads_that_name_the_wrong_thing_are_refused() {
    let client = Client::start(400).await;
    let site = client.simulator.site();
    let ids: Vec<String> = site.attachment_ids().collect();
    let held = |id: &String| site.attachment_container(id).unwrap();
    let (id, other) = (
        &ids[0],
        ids.iter().find(|id| held(id) != held(&ids[0])).unwrap(),
    );
    let good = path(&client, id);
    let wrong = good.replace(&held(id), &held(other));
    assert_eq!(client.path(&wrong).await.status, 404);
    assert_eq!(client.path(&format!("{good}?version=1")).await.status, 302);
    assert_eq!(
        client.path(&format!("{good}?version=999")).await.status,
        400
    );
    assert_eq!(client.path(&good.replace("att", "attx")).await.status, 404);
    assert_eq!(client.ask("GET", &good, None).await.status, 401);
    // The path for browsers takes no token.
    let link = client.get(&format!("attachments/{id}")).await.json();
    let link = format!("/wiki{}", link["downloadLink"].as_str().unwrap());
    assert_eq!(client.path(&link).await.status, 401);
}

#[tokio::test]
async fn files_are_hit_by_faults_as_well() {
    let client = Client::start(400).await;
    let id = small(&client).remove(0);
    let answer = client.path(&path(&client, &id)).await;
    let location = answer.header("location").to_owned();
    client.simulator.set_faults(
        Faults::none()
            .at(1, Fault::Status(503))
            .at(2, Fault::TruncatedBody),
    );
    assert_eq!(client.fetch(&location, None).await.status(), 503);
    let cut = client.fetch(&location, None).await;
    assert!(cut.into_body().collect().await.is_err());
    let logged = client.simulator.requests();
    assert!(logged.last().unwrap().path_and_query.starts_with("/file/"));
}
