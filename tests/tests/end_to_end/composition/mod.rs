//! Components composed into one file, and run in hosts that know nothing of the connector.

mod foreign_host;

use confluence_simulator::Simulator;
use host_runner::{Inspection, embedded_component, environment_provider};
use tests::{AUTHORIZATION, Ended, Host, TOKEN};
use wasmtime::component::Val;

use crate::site;
use foreign_host::{ForeignHost, Offers};

const SERVICE: &str = "confluence:connector/confluence-service@0.3.0";

/// Composes with the real binary, and answers what it wrote.
fn composed(host: &Host, main: &str, plugs: &[&str]) -> (Ended, Option<Vec<u8>>) {
    let file = host.state().join("composed.wasm");
    let _ = std::fs::remove_file(&file);
    let mut words = vec!["component", "compose", main];
    for plug in plugs {
        words.extend(["--plug", plug]);
    }
    let path = file.display().to_string();
    words.extend(["--output-file", &path]);
    (host.run(&words), std::fs::read(&file).ok())
}

fn file(host: &Host, name: &str, bytes: &[u8]) -> String {
    let path = host.state().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn wat(host: &Host, name: &str, text: &str) -> String {
    file(host, name, &wat::parse_str(text).unwrap())
}

/// The connector in one file with the provider of that name.
fn with_provider(provider: &str) -> Vec<u8> {
    let (ended, bytes) = composed(&Host::bare(), "embedded", &[provider]);
    ended.ok();
    bytes.unwrap()
}

/// `listPages` with a limit of three.
async fn list(host: &ForeignHost, values: &[(&str, &str)]) -> Result<Box<Val>, Box<Val>> {
    let none = || Val::Option(None);
    let limit = Val::Option(Some(Box::new(Val::U32(3))));
    let arguments = [none(), limit, none(), none()];
    match host
        .call(values, SERVICE, "list-pages", &arguments)
        .await
        .unwrap()
    {
        Val::Result(Ok(listing)) => Ok(listing.unwrap()),
        Val::Result(Err(error)) => Err(error.unwrap()),
        other => panic!("{other:?}"),
    }
}

fn values<'a>(offers: Offers, values: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let key = |name: &'a str| match (offers, name) {
        (Offers::Environment, name) => name,
        (Offers::ConfigStore, "CONFLUENCE_URL") => "confluence_url",
        (Offers::ConfigStore, "CONFLUENCE_AUTHORIZATION") => "confluence_authorization",
        (Offers::ConfigStore, "CONFLUENCE_USER") => "confluence_user",
        (Offers::ConfigStore, _) => "confluence_token",
    };
    values
        .iter()
        .map(|(name, value)| (key(name), *value))
        .collect()
}

const BOTH: [(&str, Offers); 2] = [
    ("environment-provider", Offers::Environment),
    ("config-store-provider", Offers::ConfigStore),
];

fn authorizations(site: &Simulator) -> Vec<String> {
    site.requests()
        .iter()
        .flat_map(|request| &request.headers)
        .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map(|(_, value)| value.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_with_environment_variables_or_configuration_runs_the_connector() {
    for (provider, offers) in BOTH {
        let host = ForeignHost::new(&with_provider(provider), offers).unwrap();
        let site = site().await;
        let bare = site.site_url();
        for url in [
            bare.clone(),
            format!("{bare}/"),
            format!("{bare}/wiki"),
            site.endpoint(),
        ] {
            let whole = [
                ("CONFLUENCE_URL", url.as_str()),
                ("CONFLUENCE_AUTHORIZATION", AUTHORIZATION),
            ];
            let halves = [
                ("CONFLUENCE_URL", url.as_str()),
                ("CONFLUENCE_USER", "me@example.com"),
                ("CONFLUENCE_TOKEN", TOKEN),
            ];
            for given in [&whole[..], &halves] {
                let asked = site.request_count();
                let listing = list(&host, &values(offers, given)).await.unwrap();
                assert_eq!(
                    format!("{listing:?}").matches("(\"title\", ").count(),
                    3,
                    "{listing:?}"
                );
                assert_eq!(site.request_count() - asked, 1);
            }
        }
        let sent = authorizations(&site);
        assert_eq!(sent.len(), 8);
        assert!(sent.iter().all(|one| one == AUTHORIZATION), "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_missing_or_wrong_is_told_and_nothing_is_sent() {
    for (provider, offers) in BOTH {
        let host = ForeignHost::new(&with_provider(provider), offers).unwrap();
        let site = site().await;
        let url = ("CONFLUENCE_URL", &*site.endpoint().leak());
        let auth = ("CONFLUENCE_AUTHORIZATION", AUTHORIZATION);
        let (user, token) = (("CONFLUENCE_USER", "me"), ("CONFLUENCE_TOKEN", TOKEN));
        for (given, told) in [
            (&[][..], ["NotConfigured", "onfluence_url"]),
            (&[auth], ["NotConfigured", "onfluence_url"]),
            (
                &[("CONFLUENCE_URL", " "), auth],
                ["NotConfigured", "onfluence_url"],
            ),
            (&[url], ["NotConfigured", "onfluence_token"]),
            (&[url, user], ["NotConfigured", "onfluence_token"]),
            (&[url, token], ["NotConfigured", "onfluence_user"]),
            (
                &[url, ("CONFLUENCE_AUTHORIZATION", TOKEN)],
                ["authorization-scheme", "Basic"],
            ),
            (
                &[("CONFLUENCE_URL", "http://example.net"), auth],
                ["endpoint-plain-http", "https"],
            ),
            (
                &[("CONFLUENCE_URL", "https://me:x@a.net"), auth],
                ["endpoint-user-info", "credentials"],
            ),
            (
                &[("CONFLUENCE_URL", "https://a.net/jira"), auth],
                ["endpoint-path", "DOMAIN"],
            ),
            (
                &[("CONFLUENCE_URL", "https://a.net/wikis"), auth],
                ["endpoint-path", "DOMAIN"],
            ),
            (
                &[("CONFLUENCE_URL", "https://a.net/ex/confluence/"), auth],
                ["endpoint-path", "CLOUD-ID"],
            ),
        ] {
            let error = list(&host, &values(offers, given)).await.unwrap_err();
            let text = format!("{error:?}");
            let lower = text.to_lowercase().replace('-', "");
            for word in told {
                let word = word.to_lowercase().replace('-', "");
                assert!(lower.contains(&word), "{word} in {text} for {given:?}");
            }
            assert!(!text.contains(TOKEN), "{text}");
        }
        assert_eq!(site.request_count(), 0);
        // What it takes from its host it does not store elsewhere.
        let arguments = [
            Val::String(url.1.to_owned()),
            Val::String(AUTHORIZATION.to_owned()),
            Val::Enum("app".to_owned()),
        ];
        let refused = host
            .call(&[], SERVICE, "set-api-url-and-auth", &arguments)
            .await
            .unwrap();
        let text = format!("{refused:?}");
        assert!(
            text.contains("settings-read-only") && !text.contains(AUTHORIZATION),
            "{text}"
        );
    }
    let component = with_provider("config-store-provider");
    let host = ForeignHost::new(&component, Offers::ConfigStore).unwrap();
    let given = [("confluence_url", "unreadable")];
    let error = list(&host, &given).await.unwrap_err();
    assert!(
        format!("{error:?}").contains("the vault is sealed"),
        "{error:?}"
    );
}

#[test]
fn a_composed_component_asks_for_what_is_left_over_and_exports_what_the_first_does() {
    for (provider, import) in [
        ("environment-provider", "wasi:cli/environment@0.2.3"),
        ("config-store-provider", "wasi:config/store@0.2.0-rc.1"),
    ] {
        let bytes = with_provider(provider);
        let inspection = Inspection::of(&bytes).unwrap();
        let own = Inspection::of(embedded_component()).unwrap();
        let mut expected: Vec<String> = own
            .imports
            .iter()
            .filter(|name| !name.starts_with("confluence:"))
            .cloned()
            .chain([import.to_owned()])
            .collect();
        expected.sort();
        assert_eq!(inspection.imports, expected);
        assert_eq!(inspection.exports, own.exports);
        assert_eq!(
            inspection.documentation(&bytes),
            own.documentation(embedded_component())
        );
        assert_eq!(bytes, with_provider(provider), "the same bytes twice");
    }
}

#[test]
fn what_does_not_fit_together_is_told_with_who_and_why() {
    let host = Host::bare();
    let told = |main: &str, plugs: &[&str], code: i32, words: &[&str]| {
        let (ended, bytes) = composed(&host, main, plugs);
        ended.fails(code, words);
        assert!(bytes.is_none());
    };
    let provider = file(&host, "provider.wasm", environment_provider());
    told(
        "embedded",
        &[&provider, "config-store-provider"],
        28,
        &[
            "both export",
            "confluence:connector/settings@0.3.0",
            "provider.wasm",
        ],
    );
    told(
        &provider,
        &["embedded"],
        28,
        &[
            "`embedded` has nothing that the others ask for",
            "confluence-service",
        ],
    );
    let other = wat(
        &host,
        "other.wasm",
        r#"(component
            (core module $m (func (export "f") (result i32) (i32.const 1)))
            (core instance $c (instantiate $m))
            (func $f (result bool) (canon lift (core func $c "f")))
            (instance $i (export "base-url" (func $f)))
            (export "confluence:connector/settings@0.3.0" (instance $i)))"#,
    );
    told(
        "embedded",
        &[&other],
        28,
        &[
            "confluence:connector/settings@0.3.0",
            "other.wasm",
            "is not what `embedded` imports",
        ],
    );
    let module = file(&host, "module.wasm", b"\0asm\x01\0\0\0");
    told("embedded", &[&module], 28, &["module.wasm", "core module"]);
    told(&module, &["environment-provider"], 28, &["core module"]);
    let cut = file(&host, "cut.wasm", &environment_provider()[..1000]);
    told(
        "embedded",
        &[&cut],
        28,
        &["cut.wasm", "truncated or damaged"],
    );
    told("embedded", &["/no/such"], 2, &["/no/such"]);
    let ended = host.run(&["component", "compose", "embedded", "--output-file", "x"]);
    assert_eq!(ended.code, 2, "{ended:#?}");
    let nowhere = ["component", "compose", "embedded", "--plug", &provider];
    host.run(&[&nowhere[..], &["--output-file", "/no/such/folder/x.wasm"]].concat())
        .fails(25, &["/no/such/folder/x.wasm"]);
}

#[test]
fn a_composed_component_asks_more_than_this_host_gives_and_is_refused_by_it() {
    let host = Host::new();
    let bytes = with_provider("environment-provider");
    host.run(&["component", "load", &file(&host, "env.wasm", &bytes)])
        .fails(28, &["wasi:cli/environment@0.2.3", "not granted"]);
}
