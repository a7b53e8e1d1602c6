//! TLS: a site that cannot prove who it is is sent nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use host_runner::{HostRunner, Level, Scope, bind};
use tests::{AUTHORIZATION, Host};

use crate::caller::{Caller, component_error};
use crate::front::{AUTHORITY, BOTH, Coding, Front, Speaks, acceptor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A certificate that nobody vouches for but itself, for `127.0.0.1`.
const CERTIFICATE: &[u8] = include_bytes!("../../certificates/self-signed.pem");
const KEY: &[u8] = include_bytes!("../../certificates/self-signed.key.pem");

/// A site on TLS that counts what arrives after the handshake.
async fn untrusted_site() -> (String, Arc<AtomicU64>) {
    let acceptor = acceptor(CERTIFICATE, KEY, &[]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("https://{}", listener.local_addr().unwrap());
    let arrived = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&arrived);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, counter) = (acceptor.clone(), Arc::clone(&counter));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    return;
                };
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    counter.fetch_add(read as u64, Ordering::SeqCst);
                }
            });
        }
    });
    (site, arrived)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_told_as_one() {
    let (site, arrived) = untrusted_site().await;
    let host = Host::new();
    host.set(&site, AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).fails(22, &["certificate"]);
    assert_eq!(arrived.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_does_not_speak_tls_is_told_as_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket
                .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                .await;
        }
    });
    let host = Host::new();
    host.set(&site, AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).fails(22, &["TLS"]);
}

/// A host that trusts the front's authority.
fn trusting() -> Host {
    let host = Host::new();
    host.write(
        "cluster.toml",
        &format!("network.allow-loopback = true\nnetwork.ca-file = \"{AUTHORITY}\"\n"),
    );
    host
}

/// A thousand calls of one request each, five at once, as the concurrency of a connection is by
/// default. Answers how many connections there were.
async fn connections_of_a_thousand_requests(speaks: Speaks) -> (u64, Front) {
    let site = crate::site().await;
    let front = Front::start(&site, speaks, Coding::Plain).await;
    let folder = tempfile::TempDir::new().unwrap();
    let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
        .open()
        .unwrap();
    crate::allow_loopback(&host);
    let scope = Scope::default();
    host.config()
        .set(&scope, Level::Cluster, "network.ca-file", AUTHORITY)
        .unwrap();
    let call = async |function: &str, words: &[String]| {
        let tenant = host.tenant(&scope).unwrap();
        let function = tenant.function(function).unwrap();
        let arguments = bind(function, words, &[]).unwrap();
        tenant.call(function, arguments).await.unwrap();
    };
    let words = [&front.endpoint(), AUTHORIZATION, "app"].map(str::to_owned);
    call("setApiUrlAndAuth", &words).await;
    let one_of_five = async || {
        for _ in 0..200 {
            call("getCurrentUser", &[]).await;
        }
    };
    tokio::join!(
        one_of_five(),
        one_of_five(),
        one_of_five(),
        one_of_five(),
        one_of_five()
    );
    assert_eq!(front.requests(), 1000);
    (front.connections(), front)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_go_over_one_connection_of_http_2() {
    let (connections, front) = connections_of_a_thousand_requests(BOTH).await;
    assert_eq!(connections, 1);
    assert_eq!(front.requests_over_http_2(), 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_requests_go_over_no_more_connections_of_http_1_than_are_under_way() {
    for speaks in [Speaks::Plain, Speaks::Tls(&[b"http/1.1"])] {
        let (connections, _) = connections_of_a_thousand_requests(speaks).await;
        assert!(connections <= 5, "{connections} over {speaks:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_has_no_http_2_is_spoken_to_without() {
    let site = crate::site().await;
    let front = Front::start(&site, Speaks::Tls(&[b"http/1.1"]), Coding::Plain).await;
    let host = trusting();
    host.set(&front.endpoint(), AUTHORIZATION, "app").ok();
    assert!(
        !host
            .call(&["listSpaces", "--output", "json"])
            .ok()
            .ids()
            .is_empty()
    );
    assert_eq!(front.requests_over_http_2(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_to_trust_that_are_not_there_are_told_with_their_setting() {
    let site = crate::site().await;
    let front = Front::start(&site, BOTH, Coding::Plain).await;
    let host = Host::new();
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nnetwork.ca-file = \"/there/is/no/such.pem\"\n",
    );
    host.set(&front.endpoint(), AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"])
        .fails(16, &["/there/is/no/such.pem", "network.ca-file"]);
    assert_eq!(front.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_to_trust_are_those_that_the_file_holds_now() {
    let site = crate::site().await;
    let front = Front::start(&site, BOTH, Coding::Plain).await;
    let caller = Caller::new();
    let file = caller.folder().join("authorities.pem");
    caller.set("network.ca-file", &file.display().to_string());
    let authority = std::fs::read(AUTHORITY).unwrap();
    std::fs::write(&file, CERTIFICATE).unwrap();
    caller
        .connect("one", &front.endpoint(), AUTHORIZATION)
        .await;
    // A connection that has been trusted serves nobody who does not trust it any more.
    for (held, is_trusted) in [
        (CERTIFICATE, false),
        (&authority, true),
        (CERTIFICATE, false),
        (&authority, true),
    ] {
        std::fs::write(&file, held).unwrap();
        let ended = caller.pages("one").await;
        if is_trusted {
            assert_eq!(ended.unwrap().len(), 200);
        } else {
            assert_eq!(component_error(ended).kind.as_str(), "insecure");
        }
    }
    assert_eq!(front.requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_trusted_vouches_for_nothing() {
    let site = crate::site().await;
    let front = Front::start(&site, BOTH, Coding::Plain).await;
    let host = Host::new();
    host.set(&front.endpoint(), AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).fails(22, &["certificate"]);
    assert_eq!(front.requests(), 0);
}
