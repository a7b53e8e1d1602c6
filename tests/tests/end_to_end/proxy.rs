//! A proxy: asked to open a way to sites, never to ones on this machine, and never shown a token.

use tests::scripted::{Reply, Scripted, answer};
use tests::{AUTHORIZATION, Host, TOKEN};

use crate::caller::{Caller, component_error};
use crate::site;

/// A proxy that opens no way.
async fn proxy() -> Scripted {
    Scripted::start(|_| Reply::Closes(answer("407 Proxy Authentication Required", ""))).await
}

fn host_behind(proxy: &Scripted, more: &str) -> Host {
    let host = Host::new();
    let proxy = proxy.url();
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
    let proxy = proxy().await;
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
    let asked = proxy.heads().concat();
    assert!(
        asked.starts_with("CONNECT example.atlassian.invalid:443 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(!asked.to_lowercase().contains("authorization"), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_is_shown_what_the_file_for_it_holds() {
    let proxy = proxy().await;
    let host = host_behind(&proxy, "");
    let file = host.state().join("proxy-authorization");
    std::fs::write(&file, "me:open sesame\n").unwrap();
    let host_file = file.display();
    host.write(
        "cluster.toml",
        &format!(
            "retry.attempts = 0\nnetwork.proxy = \"{}\"\nnetwork.proxy-authorization-file = \"{host_file}\"\n",
            proxy.url()
        ),
    );
    host.set(
        "https://example.atlassian.invalid/wiki/api/v2/",
        AUTHORIZATION,
        "app",
    )
    .ok();
    let ended = host.call(&["listSpaces"]).fails(13, &[]);
    let asked = proxy.heads().concat();
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
    let proxy = proxy().await;
    let caller = Caller::new();
    let file = caller.folder().join("proxy-authorization");
    caller.set("retry.attempts", "0");
    caller.set("network.proxy", &proxy.url());
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
            let asked = proxy.take_heads().concat();
            let line = format!("Proxy-Authorization: Basic {shown}\r\n");
            assert!(asked.contains(&line), "{asked}");
        }
    }
    // What is not there any more is not remembered.
    std::fs::remove_file(&file).unwrap();
    let told = component_error(caller.pages("one").await);
    let setting = "network.proxy-authorization-file";
    assert!(told.cause.contains(setting), "{told:?}");
    assert!(proxy.heads().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_on_this_machine_is_reached_directly() {
    let proxy = proxy().await;
    let site = site().await;
    let host = host_behind(&proxy, "");
    host.set(&site.endpoint(), AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).ok();
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_a_network_is_not_reached_through_a_proxy_either() {
    let proxy = proxy().await;
    let host = host_behind(&proxy, "");
    host.set("https://10.0.0.1/wiki/api/v2/", AUTHORIZATION, "app")
        .fails(20, &["private address"]);
    assert_eq!(proxy.connections(), 0);
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
