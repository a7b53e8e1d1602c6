//! What an HTTP client that the program brings along is given of a guest's requests. It answers
//! them itself: nothing here reaches a socket.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use host_runner::{AddressScope, HttpBody, HttpClient, HttpFuture, Scope};
use http::{HeaderMap, Method, Request, Response, header};
use http_body_util::Full;

use super::look_ups::{LOOKS_UP, TYPES};
use super::{Stage, error, guest};

const SITE: &str = "127.0.0.1:1";
const TOKEN: &str = "sesame-open-0123456789";

/// A client that answers the statuses of a script, and then 200.
struct Answering {
    script: &'static [u16],
    given: Mutex<Vec<(Request<Bytes>, AddressScope)>>,
}

impl HttpClient for Answering {
    fn send(&self, request: Request<Bytes>, reach: AddressScope) -> HttpFuture<'_> {
        let mut given = self.given.lock().unwrap();
        let status = self.script.get(given.len()).copied().unwrap_or(200);
        given.push((request, reach));
        let body = HttpBody::new(Full::new(Bytes::from_static(b"{}")));
        let answer = Response::builder().status(status).body(body).unwrap();
        Box::pin(async move { Ok(answer) })
    }
}

/// A host that sends over a client, with a guest and a connection to the site.
async fn stage(script: &'static [u16], component: Vec<u8>) -> (Stage, Arc<Answering>) {
    let client = Arc::new(Answering {
        script,
        given: Mutex::default(),
    });
    let stage = Stage::set(component, |setup| setup.http_client(client.clone()));
    stage.connect(&Scope::default(), SITE, TOKEN).await;
    (stage, client)
}

/// The names of headers, in order.
fn names(headers: &HeaderMap) -> Vec<&str> {
    let mut names: Vec<&str> = headers.keys().map(header::HeaderName::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_supplied_client_is_given_the_body_of_a_look_up_each_time() {
    let ids = format!(r#"{{"contentIds":["{}"]}}"#, "1".repeat(20_000));
    let (stage, client) = stage(&[503], guest("", &[SITE, TYPES, &ids], LOOKS_UP)).await;
    stage.set_cluster("retry.attempts", "1");
    stage.set_cluster("retry.first-wait-seconds", "0.001");
    assert_eq!(stage.run().await.unwrap(), 200);
    stage.has_everything_back().await;
    let given = client.given.lock().unwrap();
    assert_eq!(given.len(), 2);
    for (request, reach) in given.iter() {
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri().to_string(), format!("http://{SITE}{TYPES}"));
        assert!(request.body() == ids.as_bytes());
        let headers = request.headers();
        assert_eq!(
            headers[header::CONTENT_LENGTH],
            ids.len().to_string().as_str()
        );
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        assert!(headers.contains_key(header::AUTHORIZATION));
        assert_eq!(*reach, AddressScope::Loopback);
    }
}

#[tokio::test]
async fn a_supplied_client_is_shown_the_credential_for_the_site_alone() {
    let body = "(local.set $a (call $ask (call $request TEXT0 TEXT1)))
        (local.set $b (call $ask (call $request TEXT2 TEXT3)))
        (i32.add (i32.mul (i32.const 1000) (local.get $a)) (local.get $b))";
    let other = "api.example.com";
    let texts = [SITE, "/wiki/api/v2/spaces", other, "/public/a"];
    let (stage, client) = stage(&[], guest("", &texts, body)).await;
    // What is not allowed does not come as far as the client.
    assert_eq!(
        stage.run().await.unwrap(),
        200_000 + error("HTTP-request-denied")
    );
    assert_eq!(client.given.lock().unwrap().len(), 1);

    stage.set_cluster("network.allow-hosts", "http://api.example.com/public");
    // 200 and 200.
    assert_eq!(stage.run().await.unwrap(), 200_200);
    stage.has_everything_back().await;
    let given = client.given.lock().unwrap();
    let [_, (site, to_site), (allowed, to_allowed)] = &given[..] else {
        panic!("{given:?}");
    };
    assert!(site.headers().contains_key(header::AUTHORIZATION));
    assert_eq!(*to_site, AddressScope::Loopback);
    let uri = allowed.uri().to_string();
    assert_eq!(uri, format!("http://{other}/public/a"));
    let names = names(allowed.headers());
    assert_eq!(names, ["accept-encoding", "host", "user-agent"]);
    assert_eq!(*to_allowed, AddressScope::Public);
}
