//! Somebody who may write one app's file, and nothing else: what they try, and what comes of it.

use confluence_simulator::{Settings, Simulator};
use tests::Host;

/// `cluster:token-of-cluster`.
const CLUSTER: &str = "Basic Y2x1c3Rlcjp0b2tlbi1vZi1jbHVzdGVy";
const CLUSTER_TOKEN: &str = "token-of-cluster";

/// The file that the attacker may write.
const APP: &str = "env/default/app/default.toml";

async fn anyones_site() -> Simulator {
    Simulator::start(Settings::default()).await.unwrap()
}

/// A host whose cluster level has a connection that works.
async fn cluster() -> (Host, Simulator) {
    let site = Simulator::start(Settings {
        credential: Some(CLUSTER.to_owned()),
        ..Settings::default()
    })
    .await
    .unwrap();
    let host = Host::new();
    host.set(&site.endpoint(), CLUSTER, "cluster").ok();
    host.call(&["listSpaces"]).ok();
    (host, site)
}

fn connection(site: &Simulator, user: &str) -> String {
    format!(
        "[connections.default]\nsite = \"{}\"\nuser = \"{user}\"\n",
        site.site_url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_the_apps_own_does_not_get_the_clusters_token() {
    let (host, site) = cluster().await;
    let evil = anyones_site().await;
    let asked = site.request_count();
    for text in [
        connection(&evil, "cluster"),
        // The very same site and user: the token is the cluster level's all the same.
        connection(&site, "cluster"),
    ] {
        host.write(APP, &text);
        host.call(&["listSpaces"])
            .fails(3, &["has no token", "level `env/default/app/default`"]);
        host.run(&["connection", "test"]).fails(3, &["no token"]);
    }
    assert_eq!(evil.request_count(), 0);
    assert_eq!(site.request_count(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_connection_is_not_filled_up_with_the_clusters_other_half() {
    let (host, site) = cluster().await;
    let evil = anyones_site().await;
    let asked = site.request_count();
    for field in [
        format!("site = \"{}\"", evil.site_url()),
        "user = \"cluster\"".to_owned(),
        "concurrency = 25".to_owned(),
    ] {
        host.write(APP, &format!("[connections.default]\n{field}\n"));
        host.call(&["listSpaces"])
            .fails(27, &["a connection is one record"]);
    }
    assert_eq!(evil.request_count() + site.request_count() - asked, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_wider_level_fixed_is_refused_before_anything_is_sent() {
    let (host, site) = cluster().await;
    let asked = site.request_count();
    let fixed = [
        "limits",
        "component",
        "network",
        "connection",
        "connections.default",
    ];
    for key in fixed {
        host.run(&[
            "config",
            "set",
            "locked",
            &fixed.join(","),
            "--level",
            "cluster",
        ])
        .ok();
        let attempts: &[&str] = match key {
            "limits" => &[
                "limits.memory-mib = 4096",
                "limits.call-seconds = 86400",
                "limits.handles = 65536",
            ],
            "component" => &[
                "component.allow-imports = [\"wasi:io\"]",
                "component.require-exports = []",
                "component.digest = \"embedded\"",
            ],
            "network" => &[
                "network.allow-sites = [\"*\"]",
                "network.allow-hosts = [\"https://evil.example\"]",
            ],
            "connection" => &["connection = \"other\""],
            _ => &["connections.default = { site = \"https://evil.example\", user = \"x\" }"],
        };
        for attempt in attempts {
            host.write(APP, &format!("{attempt}\n"));
            host.call(&["listSpaces"])
                .fails(27, &["is locked by level `cluster`", "default.toml:1"]);
            host.run(&["config", "explain"]).fails(27, &["is locked"]);
        }
    }
    assert_eq!(site.request_count(), asked);
    // Through the command line neither, and not with its options.
    host.write(APP, "");
    host.run(&["config", "set", "locked", "limits", "--level", "cluster"])
        .ok();
    host.run(&["config", "set", "limits.memory-mib", "4096"])
        .fails(20, &["is locked by level `cluster`"]);
    host.call(&["listSpaces", "--memory", "4096"])
        .fails(27, &["is locked", "omit the option"]);
    host.call(&["listSpaces"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_the_cluster_alone_is_refused_in_an_apps_file() {
    let (host, _site) = cluster().await;
    for attempt in [
        "network.allow-loopback = true",
        "secrets.store = \"vault\"",
        "secrets.vault.address = \"https://evil.example\"",
        "secrets.vault.token-file = \"/etc/passwd\"",
        "secrets.vault.prefix = \"elsewhere\"",
    ] {
        host.write(APP, &format!("{attempt}\n"));
        host.call(&["listSpaces"])
            .fails(27, &["setting of the cluster level alone"]);
    }
    // The marks of wider levels are not taken back.
    host.write(APP, "final = []\n");
    host.call(&["listSpaces"])
        .fails(27, &["no level is narrower than an app"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn loopback_is_the_clusters_to_allow() {
    let (host, site) = cluster().await;
    host.run(&[
        "config",
        "unset",
        "network.allow-loopback",
        "--level",
        "cluster",
    ])
    .ok();
    let asked = site.request_count();
    host.call(&["listSpaces"])
        .fails(20, &["on this machine", "network.allow-loopback"]);
    host.set("http://127.0.0.1:1/wiki", CLUSTER, "app")
        .fails(20, &["on this machine"]);
    host.set("http://localhost:1/wiki", CLUSTER, "app")
        .fails(20, &["on this machine"]);
    assert_eq!(site.request_count(), asked);
}

#[test]
fn hosts_that_a_level_does_not_allow_are_not_led_to() {
    let host = Host::new();
    host.write(
        "cluster.toml",
        "final = [\"network\"]\nnetwork.allow-sites = [\"*.atlassian.net\"]\n",
    );
    for site in [
        "https://evil.example",
        "https://atlassian.net.evil.example",
        "https://atlassian.net",
    ] {
        host.set(site, CLUSTER, "app")
            .fails(20, &["network.allow-sites", "cluster.toml:2"]);
    }
    host.set("https://a.atlassian.net", CLUSTER, "app").ok();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_place_of_the_apps_file_shows_no_other_file() {
    let (host, _site) = cluster().await;
    let app = host.config().join(APP);
    std::fs::create_dir_all(app.parent().unwrap()).unwrap();
    let key = std::fs::read_to_string(host.state().join("key")).unwrap();
    for target in [
        host.state().join("key"),
        host.state().join("secrets.sqlite"),
        "/etc/passwd".into(),
        "/dev/zero".into(),
    ] {
        let _ = std::fs::remove_file(&app);
        std::os::unix::fs::symlink(&target, &app).unwrap();
        for words in [
            &["call", "listSpaces"][..],
            &["config", "list"],
            &["config", "validate"],
            &["config", "set", "limits.handles", "99"],
        ] {
            let ended = host.run(words);
            assert_ne!(ended.code, 0, "{ended:#?}");
            assert!(!format!("{ended:?}").contains(key.trim()), "{ended:#?}");
            assert!(!format!("{ended:?}").contains("root:"), "{ended:#?}");
        }
        assert!(target.exists(), "the target is not replaced");
    }
    assert_eq!(
        std::fs::read_to_string(host.state().join("key")).unwrap(),
        key
    );
    // A link inside the folder is what mounted configuration is made of.
    std::fs::remove_file(&app).unwrap();
    host.write("data/app.toml", "limits.handles = 99\n");
    std::os::unix::fs::symlink(host.config().join("data/app.toml"), &app).unwrap();
    assert_eq!(
        host.run(&["config", "get", "limits.handles"]).ok().stdout,
        "99\n"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_another_levels_file_is_neither_read_nor_written_through() {
    let (host, _site) = cluster().await;
    let app = host.config().join(APP);
    std::fs::create_dir_all(app.parent().unwrap()).unwrap();
    host.write("env/default.toml", "limits.handles = 99\n");
    host.write("env/prod/app/rival.toml", "limits.handles = 98\n");
    for target in [
        "cluster.toml",
        "env/default.toml",
        "env/prod/app/rival.toml",
    ] {
        let before = host.read(target);
        let _ = std::fs::remove_file(&app);
        std::os::unix::fs::symlink(host.config().join(target), &app).unwrap();
        host.set("https://evil.atlassian.net", CLUSTER, "app")
            .fails(27, &["link to another level's file"]);
        host.run(&["config", "set", "limits.memory-mib", "4096"])
            .fails(27, &["link to another level's file"]);
        host.call(&["listSpaces"]).fails(27, &[]);
        assert_eq!(host.read(target), before);
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_taken_for_a_file_that_is_not_there() {
    let host = Host::bare();
    std::fs::create_dir_all(host.config()).unwrap();
    std::os::unix::fs::symlink("gone.toml", host.config().join("cluster.toml")).unwrap();
    host.call(&["listSpaces"]).fails(27, &["leads nowhere"]);
    host.run(&["config", "validate"])
        .fails(27, &["leads nowhere"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_mistakes_is_told_in_a_few_lines() {
    let (host, _site) = cluster().await;
    let many: Vec<String> = (0..50_000).map(|n| format!("a{n}=1")).collect();
    let borrowers: String = (0..900)
        .map(|n| {
            format!(
                "[connections.c{n}]\nsite = \"a.b\"\nuser = \"x\"\nborrow-concurrency-from = \"c{}\"\n",
                n + 1
            )
        })
        .collect();
    for text in [format!("limits={{{}}}\n", many.join(",")), borrowers] {
        host.write(APP, &text);
        let ended = host.call(&["listSpaces"]).fails(27, &[]);
        assert!(ended.stderr.len() < 400_000, "{}", ended.stderr.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_end_is_not_read() {
    let (host, _site) = cluster().await;
    host.write(APP, &"# padding\n".repeat(120_000));
    host.call(&["listSpaces"]).fails(27, &["larger than 1 MiB"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_written_into_a_file_is_not_repeated() {
    let (host, site) = cluster().await;
    for text in [
        format!("{}token = \"{CLUSTER_TOKEN}\"\n", connection(&site, "x")),
        format!("connections.x.password = \"{CLUSTER_TOKEN}\"\n"),
        format!("token = \"{CLUSTER_TOKEN}\n"),
        format!("pat = \"{CLUSTER_TOKEN}\"\n"),
        format!("[connections.default]\n{CLUSTER_TOKEN}\n"),
        format!("[connections.default]\nsite = \"a.b\"\nuser = \"x:{CLUSTER_TOKEN}\"\n"),
    ] {
        host.write(APP, &text);
        let ended = host.call(&["listSpaces"]).fails(27, &[]);
        assert!(!format!("{ended:?}").contains(CLUSTER_TOKEN), "{ended:#?}");
    }
}

#[test]
fn a_caller_that_may_write_the_app_level_alone_stores_nothing_wider() {
    use host_runner::{CallError, HostRunner, Level, Scope, bind};
    let folder = tempfile::tempdir().unwrap();
    let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
        .widest_level(Level::App)
        .open()
        .unwrap();
    let tenant = host.tenant(&Scope::default()).unwrap();
    let set = tenant.function("setApiUrlAndAuth").unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = |level: &str| {
        let words = ["https://a.atlassian.net", CLUSTER, level].map(str::to_owned);
        runtime.block_on(tenant.call(set, bind(set, &words, &[]).unwrap()))
    };
    for level in ["env", "cluster"] {
        assert!(matches!(
            store(level),
            Err(CallError::LevelNotWritable { .. })
        ));
    }
    store("app").unwrap();
    assert!(!folder.path().join("config/cluster.toml").exists());
}
