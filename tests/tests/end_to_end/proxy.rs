//! A proxy: asked to open a way to sites, never to ones on this machine, and never shown a token.

use std::sync::{Arc, Mutex};

use tests::{AUTHORIZATION, Host, TOKEN};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::caller::{Caller, component_error};
use crate::site;

/// A proxy that notes what it is asked, and opens no way.
async fn proxy() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::<Mutex<String>>::default();
    let notes = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&buffer[..read]);
            notes.lock().unwrap().push_str(&text);
            let _ = stream
                .write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
                )
                .await;
        }
    });
    (address, asked)
}

fn host_behind(proxy: &str, more: &str) -> Host {
    let host = Host::new();
    host.write(
        "cluster.toml",
        &format!(
            "network.allow-loopback = true\nretry.attempts = 0\nnetwork.proxy = \"{proxy}\"\n{more}"
        ),
    );
    host
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_reached_through_the_proxy_which_sees_its_name_alone() {
    let (proxy, asked) = proxy().await;
    let host = host_behind(&proxy, "");
    // No resolver of this machine is asked for the name: the proxy does it.
    host.set(
        "https://example.atlassian.invalid/wiki/api/v2/",
        AUTHORIZATION,
        "app",
    )
    .ok();
    host.call(&["listSpaces"])
        .fails(13, &["`network.proxy`", "proxy authorization required"]);
    let asked = asked.lock().unwrap().clone();
    assert!(
        asked.starts_with("CONNECT example.atlassian.invalid:443 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(!asked.to_lowercase().contains("authorization"), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_is_shown_what_the_file_for_it_holds() {
    let (proxy, asked) = proxy().await;
    let host = host_behind(&proxy, "");
    let file = host.state().join("proxy-authorization");
    std::fs::write(&file, "me:open sesame\n").unwrap();
    let host_file = file.display();
    host.write(
        "cluster.toml",
        &format!(
            "retry.attempts = 0\nnetwork.proxy = \"{proxy}\"\nnetwork.proxy-authorization-file = \"{host_file}\"\n"
        ),
    );
    host.set(
        "https://example.atlassian.invalid/wiki/api/v2/",
        AUTHORIZATION,
        "app",
    )
    .ok();
    let ended = host.call(&["listSpaces"]).fails(13, &[]);
    let asked = asked.lock().unwrap().clone();
    // `me:open sesame` in base64.
    assert!(
        asked.contains("Proxy-Authorization: Basic bWU6b3BlbiBzZXNhbWU=\r\n"),
        "{asked}"
    );
    assert!(!asked.contains(TOKEN) && !asked.contains(&AUTHORIZATION[6..]));
    assert!(!ended.stderr.contains("sesame"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_is_shown_what_the_file_for_it_holds_now() {
    let (proxy, asked) = proxy().await;
    let caller = Caller::new();
    let file = caller.folder().join("proxy-authorization");
    caller.set("retry.attempts", "0");
    caller.set("network.proxy", &proxy);
    let path = file.display().to_string();
    caller.set("network.proxy-authorization-file", &path);
    let endpoint = "https://example.atlassian.invalid/wiki/api/v2/";
    std::fs::write(&file, "me:open sesame\n").unwrap();
    caller.connect("one", endpoint, AUTHORIZATION).await;
    // `me:open sesame` and `me:open barley` in base64, as long as each other.
    for (held, shown) in [
        ("me:open sesame\n", "bWU6b3BlbiBzZXNhbWU="),
        ("me:open barley\n", "bWU6b3BlbiBiYXJsZXk="),
    ] {
        let draft = caller.folder().join("draft");
        std::fs::write(&draft, held).unwrap();
        std::fs::rename(&draft, &file).unwrap();
        for _ in 0..2 {
            caller.pages("one").await.unwrap_err();
            let asked = std::mem::take(&mut *asked.lock().unwrap());
            let line = format!("Proxy-Authorization: Basic {shown}\r\n");
            assert!(asked.contains(&line), "{asked}");
        }
    }
    // What is not there any more is not remembered.
    std::fs::remove_file(&file).unwrap();
    let told = component_error(caller.pages("one").await);
    let setting = "network.proxy-authorization-file";
    assert!(told.cause.contains(setting), "{told:?}");
    assert_eq!(*asked.lock().unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_on_this_machine_is_reached_directly() {
    let (proxy, asked) = proxy().await;
    let site = site().await;
    let host = host_behind(&proxy, "");
    host.set(&site.endpoint(), AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).ok();
    assert_eq!(*asked.lock().unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_a_network_is_not_reached_through_a_proxy_either() {
    let (proxy, asked) = proxy().await;
    let host = host_behind(&proxy, "");
    host.set("https://10.0.0.1/wiki/api/v2/", AUTHORIZATION, "app")
        .fails(20, &["private address"]);
    assert_eq!(*asked.lock().unwrap(), "");
}

#[test]
fn a_proxy_is_the_clusters_to_name() {
    let host = Host::new();
    host.write(
        "env/default.toml",
        "network.proxy = \"http://proxy.example.com:3128\"\n",
    );
    host.call(&["listSpaces"])
        .fails(27, &["network.proxy", "cluster"]);
}
