//! What goes over the wire, as the site sees it.

use tests::{AUTHORIZATION, Host};

use crate::{site, site_of};

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_serves_all_requests_of_a_process() {
    let site = site_of(5000).await;
    let host = Host::with_site(&site);
    let (requests, connections) = (site.request_count(), site.connection_count());
    host.call(&["listPages", "--all"]).ok();
    assert_eq!(site.request_count() - requests, 20);
    assert_eq!(site.connection_count() - connections, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_a_get_with_the_authorization_and_no_body() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.call(&["testConnection"]).ok();
    host.call(&["listPages", "--all"]).ok();
    for request in site.requests() {
        let header = |name: &str| {
            let values: Vec<&str> = request
                .headers
                .iter()
                .filter(|(given, _)| given.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
                .collect();
            values
        };
        assert_eq!(request.method, "GET");
        assert_eq!(header("authorization"), [AUTHORIZATION]);
        assert_eq!(header("accept"), ["application/json"]);
        assert_eq!(header("host"), [site.address().to_string()]);
        assert!(header("content-length").is_empty() && header("transfer-encoding").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_test_reports_who_we_are_and_what_we_see() {
    let site = site().await;
    let report = Host::with_site(&site).call(&["testConnection"]).ok().json();
    assert_eq!(report["email"], "me@example.com");
    assert_eq!(report["baseUrl"], format!("{}/wiki", site.site_url()));
    assert_eq!(report["spaces"]["value"], site.site().space_count());
    assert_eq!(
        report["pages"]["value"],
        site.site().searchable_page_count()
    );
}

#[test]
fn an_address_inside_a_network_is_neither_stored_nor_dialled_however_it_is_spelled() {
    let host = Host::new();
    for site in [
        "https://10.0.0.1",
        "https://10.1",
        "https://0",
        "https://169.254.169.254",
        "https://[fd00:ec2::254]",
        "https://[::ffff:10.0.0.1]",
        "https://[::127.0.0.1]",
        "https://[64:ff9b::10.0.0.1]",
    ] {
        host.set(site, AUTHORIZATION, "app")
            .fails(20, &["private address"]);
        let variables = [
            ("CONFLUENCE_URL", site),
            ("CONFLUENCE_USER", "me@example.com"),
            ("CONFLUENCE_TOKEN", "token-0123456789"),
        ];
        host.run_with(&["call", "listSpaces"], "", &variables)
            .fails(16, &["private address"]);
    }
    for site in ["https://127.1", "https://2130706433", "https://0x7f.1"] {
        Host::bare()
            .set(site, AUTHORIZATION, "app")
            .fails(20, &["on this machine"]);
    }
}
