//! Requests whose bodies are cut off.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::net::SocketAddr;

use confluence_simulator::{Settings, Simulator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A complete body, in requests that announce more of it, or damage it.
fn damaged(body: &str) -> [String; 3] {
    let length = body.len();
    [
        format!("content-length: {}\r\n\r\n{body}", length + 1),
        // No last chunk.
        format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n"),
        format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\nno length\r\n"),
    ]
}

/// The status of the answer to a request, of which no more is sent.
async fn status(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

async fn post(address: SocketAddr, path: &str, rest: &str) -> String {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer example-token\r\n"
    );
    status(address, &format!("{head}{rest}")).await
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_refused_and_changes_nothing() {
    let mut simulator = Simulator::start(Settings::default()).await.unwrap();
    let control = SocketAddr::from(([127, 0, 0, 1], 0));
    let control = simulator.serve_control(control).await.unwrap();
    let space = "{\"kind\":\"create-page\",\"space\":\"ENG\",\"title\":\"new\"}";
    let clock = "{\"advanceSeconds\":900}";
    for (path, body) in [
        ("/mutations", space),
        ("/clock", clock),
        ("/index/flush", "{}"),
    ] {
        for rest in damaged(body) {
            assert_eq!(post(control, path, &rest).await, "400", "{path}: {rest}");
        }
    }
    assert_eq!(simulator.journal(), []);
    let site = simulator.address();
    let users = "{\"accountIds\":[]}";
    for path in ["/wiki/api/v2/users-bulk", "/oauth/token"] {
        for rest in damaged(users) {
            assert_eq!(post(site, path, &rest).await, "400", "{path}: {rest}");
        }
    }
    // What is complete is accepted by the same paths.
    let complete = |body: &str| format!("content-length: {}\r\n\r\n{body}", body.len());
    assert_eq!(post(control, "/mutations", &complete(space)).await, "200");
    assert_eq!(simulator.journal().len(), 1);
}

#[tokio::test]
async fn a_body_that_is_longer_than_is_accepted_is_refused() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let body = " ".repeat(1_000_001);
    let rest = format!("content-length: {}\r\n\r\n{body}", body.len());
    let users = "/wiki/api/v2/users-bulk";
    assert_eq!(post(simulator.address(), users, &rest).await, "413");
}
