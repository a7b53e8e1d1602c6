//! Levels as files: precedence, strictness, explanation, editing.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{AUTHORIZATION, Ended, Host};

use crate::site;

/// The files of the default scope's levels, from the widest to the narrowest.
const FILES: [&str; 3] = [
    "cluster.toml",
    "env/default.toml",
    "env/default/app/default.toml",
];

/// What `config explain` calls them.
const LEVELS: [&str; 3] = ["cluster", "env/default", "env/default/app/default"];

/// A value of a setting for each level, as TOML, from the widest to the narrowest. Of a setting that
/// protects, each is within the one before.
fn values(key: &str) -> [String; 3] {
    let three = |values: [&str; 3]| values.map(str::to_owned);
    match key {
        "connection" => three(["\"c\"", "\"e\"", "\"a\""]),
        "custom-content.types" => three(["[\"ac:c:c\"]", "[\"ac:e:e\"]", "[\"ac:a:a\"]"]),
        "component.digest" => [1, 2, 3].map(|n| format!("\"sha256:{n:064x}\"")),
        "component.signed-by" => {
            let key = |c: &str| format!("\"ed25519:{}=\"", c.repeat(43));
            let (one, two) = (key("A"), key("B").replace("B=", "A="));
            [
                format!("[{one}, {two}]"),
                format!("[{two}]"),
                "[]".to_owned(),
            ]
        }
        "component.allow-imports" => three([
            "[\"wasi:io\", \"wasi:http\"]",
            "[\"wasi:http/types\"]",
            "[]",
        ]),
        "component.require-exports" => three([
            "[\"a:b/c\"]",
            "[\"a:b/e\", \"a:b/c\"]",
            "[\"a:b/e\", \"a:b/c\", \"a:b/a\"]",
        ]),
        "network.allow-sites" => three(["[\"*.net\", \"c.org\"]", "[\"*.e.net\"]", "[]"]),
        "network.allow-hosts" => three(["[\"https://*.c.net\"]", "[\"https://e.c.net/a\"]", "[]"]),
        "network.requests-per-second" => three(["13", "12", "11"]),
        "network.points-per-hour" => three(["1300", "1200", "1100"]),
        "network.proxy" => three(["\"http://proxy.example:3128\"", "", ""]),
        "network.ca-file" | "network.proxy-authorization-file" | "sinks.duckdb-library" => {
            three(["\"/x\"", "", ""])
        }
        "retry.attempts" => three(["4", "2", "1"]),
        "retry.first-wait-seconds" => three(["1", "2.5", "3"]),
        "download.file-mib" => three(["13", "12", "11"]),
        "download.allow-media-types" => three(["[\"a/*\", \"e/c\"]", "[\"a/c\"]", "[]"]),
        "download.allow-hosts" => three(["[\"*.net\", \"c.org\"]", "[\"*.e.net\"]", "[]"]),
        // Its default, 32, is a bound.
        "limits.app-calls-at-once" => three(["32", "31", "30"]),
        key if key.ends_with("-seconds") => three(["3", "2.5", "1"]),
        key if key.starts_with("limits.") || key.starts_with("instances.") => {
            three(["103", "102", "101"])
        }
        "network.allow-loopback" => three(["true", "", ""]),
        "oauth.authorization-server" => three(["\"https://auth.example\"", "", ""]),
        "oauth.api" => three(["\"https://api.example\"", "", ""]),
        "secrets.store" => three(["\"sqlite\"", "", ""]),
        "secrets.vault.address" => three(["\"https://vault.example\"", "", ""]),
        key if key.starts_with("secrets.") => three(["\"x\"", "", ""]),
        key => panic!("this test knows no values for the setting `{key}`"),
    }
}

/// All settings that there are, and whether only the cluster level may have them.
fn settings() -> Vec<(String, bool)> {
    let listed = Host::new()
        .run(&["config", "list", "--all", "--output", "json"])
        .ok()
        .json();
    let settings: Vec<(String, bool)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["key"].as_str().unwrap().to_owned(),
                row["levels"] == "cluster",
            )
        })
        .collect();
    assert!(settings.len() >= 20);
    settings
}

fn explained(ended: &Ended) -> BTreeMap<String, Value> {
    ended
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["key"].as_str().unwrap().to_owned(), row.clone()))
        .collect()
}

fn explain(host: &Host) -> BTreeMap<String, Value> {
    explained(&host.run(&["config", "explain", "--output", "json"]).ok())
}

/// TOML and JSON write these values alike, but for a number of seconds without a fraction.
fn as_json(toml: &str) -> Value {
    serde_json::from_str(toml).unwrap()
}

#[test]
fn the_narrowest_level_that_has_a_setting_supplies_it_for_every_setting_and_combination() {
    let settings = settings();
    let defaults = explain(&Host::bare());
    // Every setting alone in every combination of levels, and all settings together.
    let mut tables: Vec<Vec<&(String, bool)>> = settings.iter().map(|one| vec![one]).collect();
    tables.push(settings.iter().collect());
    for table in tables {
        for present in 0..8u8 {
            let host = Host::bare();
            for (index, file) in FILES.iter().enumerate() {
                let lines: Vec<String> = table
                    .iter()
                    .filter(|(_, cluster_only)| index == 0 || !cluster_only)
                    .map(|(key, _)| format!("{key} = {}", values(key)[index]))
                    .collect();
                if present & (1 << index) != 0 {
                    host.write(file, &format!("# first line\n{}\n", lines.join("\n")));
                }
            }
            let explained = explain(&host);
            for (key, cluster_only) in &table {
                let winner = (0..3)
                    .rev()
                    .find(|index| present & (1 << index) != 0 && (*index == 0 || !cluster_only));
                let told = &explained[key];
                let Some(winner) = winner else {
                    assert_eq!(told, &defaults[key], "{key} in {present:03b}");
                    assert_eq!(told["level"], "default");
                    continue;
                };
                let wanted = as_json(&values(key)[winner]);
                assert!(
                    told["value"] == wanted
                        || told["value"].as_f64() == wanted.as_f64().or(Some(f64::NAN)),
                    "{key} in {present:03b}: {told}"
                );
                assert_eq!(told["level"], LEVELS[winner], "{key} in {present:03b}");
                assert_eq!(
                    told["file"],
                    host.config().join(FILES[winner]).display().to_string()
                );
                let line = 2 + table
                    .iter()
                    .filter(|(_, cluster_only)| winner == 0 || !cluster_only)
                    .position(|(other, _)| other == key)
                    .unwrap();
                assert_eq!(told["line"], line, "{told}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_the_narrowest_level_is_the_one_that_calls_have() {
    let site = crate::site_of(2000).await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--limit", "1000", "--body-format", "storage"];
    let set = |value: &str, level: &str| {
        host.run(&[
            "config",
            "set",
            "limits.memory-mib",
            value,
            "--level",
            level,
        ])
        .ok();
    };
    set("64", "cluster");
    host.call(&words).ok();
    set("5", "env");
    host.call(&words).fails(17, &["5 MiB"]);
    set("4", "app");
    host.call(&words).fails(17, &["4 MiB"]);
    // Nor does the command line go beyond what a level has.
    host.call(&[&words[..], &["--memory", "64"]].concat())
        .fails(27, &["limits.memory-mib", "above the maximum", "omit"]);
    host.run(&["config", "unset", "limits.memory-mib", "--level", "app"])
        .ok();
    host.run(&["config", "unset", "limits.memory-mib", "--level", "env"])
        .ok();
    host.call(&[&words[..], &["--memory", "64"]].concat()).ok();
    host.call(&[&words[..], &["--memory", "4"]].concat())
        .fails(17, &["4 MiB"]);
}

#[test]
fn an_unknown_key_is_told_with_file_line_and_the_nearest_right_name() {
    let host = Host::new();
    host.write(
        "env/default.toml",
        "# one\n\n[limits]\nmemory-mb = 64\nhandels = 9\n",
    );
    let place = host.config().join("env/default.toml:4:1");
    let ended = host.call(&["listSpaces"]).fails(
        27,
        &[
            &place.display().to_string(),
            "unknown setting `limits.memory-mb`",
            "`limits.memory-mib`",
            "4 | memory-mb",
            "`limits.handles`",
        ],
    );
    assert!(ended.stderr.contains("^^^^^^^^^"), "{ended:#?}");
    host.run(&["config", "validate"])
        .fails(27, &["limits.memory-mb"]);
    host.run(&["config", "unset", "limits.memory-mb", "--level", "env"])
        .ok();
    host.run(&["config", "unset", "limits.handels", "--level", "env"])
        .ok();
    host.run(&["config", "validate"]).ok();
}

#[test]
fn a_wrong_type_is_told_with_file_line_and_what_belongs_there() {
    let host = Host::new();
    host.write(
        "env/default/app/default.toml",
        "limits.memory-mib = \"64\"\n",
    );
    host.call(&["listSpaces"]).fails(
        27,
        &[
            "env/default/app/default.toml:1:21",
            "a string",
            "an integer from 1 to 4096",
        ],
    );
    // Other apps are not touched by it.
    host.run(&["--app", "other", "call", "listSpaces"])
        .fails(3, &[]);
}

#[test]
fn a_host_to_allow_that_is_none_is_told_with_file_and_line() {
    let host = Host::new();
    for (entry, said) in [
        ("*.example.com", "must start with `https://`"),
        ("https://*", "not a valid name"),
        (
            "https://me:sesame@example.com",
            "cannot have a user and password",
        ),
        ("https://10.0.0.1", "is an address"),
        ("http://localhost:8080", "is this machine"),
        ("https://example.com/../a", "without `.`, `..`"),
    ] {
        host.write(
            "env/default.toml",
            &format!("# one\nnetwork.allow-hosts = [\"https://a.example\", \"{entry}\"]\n"),
        );
        host.call(&["listSpaces"])
            .fails(27, &["env/default.toml:2:", "network.allow-hosts", said]);
    }
}

#[test]
fn a_narrower_level_allows_no_host_that_a_wider_one_does_not() {
    let host = Host::new();
    let set = |entries: &str, level: &str| {
        host.run(&[
            "config",
            "set",
            "network.allow-hosts",
            entries,
            "--level",
            level,
        ])
    };
    // As long as no level has a list, an app decides for itself.
    set("https://a.example", "app").ok();
    set("[]", "app").ok();
    set("https://*.example.com, https://b.example/x/", "cluster").ok();
    set("https://a.example.com", "env").ok();
    set("https://a.example.com/x", "app").ok();
    for beyond in [
        "https://b.example.com",
        "https://*.example.com",
        "http://a.example.com",
        "https://a.example.com:8443",
        "https://b.example/x/",
    ] {
        set(beyond, "app").fails(20, &[beyond, "the list of level"]);
    }
    set("https://b.example/", "env").fails(20, &["https://b.example/", "level `cluster`"]);
    host.write(
        "env/default/app/default.toml",
        "\nnetwork.allow-hosts = [\"https://a.example.com\", \"https://evil.example\"]\n",
    );
    host.call(&["listSpaces"]).fails(
        27,
        &[
            "env/default/app/default.toml:2:",
            "https://evil.example",
            "level `cluster`",
            "cluster.toml:",
        ],
    );
    // An empty list of a wider level forbids.
    host.write("env/default/app/default.toml", "");
    set("[]", "env").ok();
    set("https://a.example.com", "app").fails(20, &["level `env/default`"]);
}

#[test]
fn a_narrower_level_can_only_restrict_a_setting_that_protects() {
    let listed = Host::bare()
        .run(&["config", "list", "--all", "--output", "json"])
        .ok()
        .json();
    let rows = listed.as_array().unwrap();
    let mut restricting = Vec::new();
    for row in rows {
        let key = row["key"].as_str().unwrap();
        let [widest, _, narrowest] = values(key);
        let (host, app) = (Host::bare(), FILES[2]);
        match row["narrowerLevels"].as_str().unwrap() {
            "cluster only" => continue,
            "override" => {
                for (cluster, narrow) in [(&widest, &narrowest), (&narrowest, &widest)] {
                    host.write("cluster.toml", &format!("{key} = {cluster}\n"));
                    host.write(app, &format!("{key} = {narrow}\n"));
                    assert_eq!(explain(&host)[key]["value"], as_json(narrow));
                    assert_eq!(explain(&host)[key]["within"], Value::Null);
                }
                continue;
            }
            word => assert_eq!(word, "restrict", "{key}"),
        }
        restricting.push(key);
        // Within the wider level's value, which is told.
        host.write("cluster.toml", &format!("{key} = {widest}\n"));
        host.write(app, &format!("{key} = {narrowest}\n"));
        let within = &explain(&host)[key]["within"];
        assert!(within.as_str().unwrap().ends_with("(cluster)"), "{key}");
        // Beyond it, in a file and by an edit, without a lock.
        host.write("cluster.toml", &format!("{key} = {narrowest}\n"));
        host.write(app, &format!("# first line\n{key} = {widest}\n"));
        host.call(&["listSpaces"])
            .fails(27, &["app/default.toml:2:", key, "level `cluster`"]);
        host.run(&["config", "validate"])
            .fails(27, &["app/default.toml:2:", key, "cluster.toml:1"]);
        host.write(app, "");
        host.run(&["config", "set", key, &widest])
            .fails(20, &[key, "level `cluster`", "ask whoever maintains"]);
        assert_eq!(host.read(app), "");
        // A default is no bound.
        host.write("cluster.toml", "");
        host.write(app, &format!("{key} = {widest}\n"));
        assert_eq!(explain(&host)[key]["within"], Value::Null);
    }
    // The default of this one is, for all but the cluster: it protects other apps.
    let (host, key) = (Host::bare(), "limits.app-calls-at-once");
    host.run(&["config", "set", key, "512"])
        .fails(20, &[key, "above the maximum of 32 from the default"]);
    host.run(&["config", "set", key, "512", "--level", "cluster"])
        .ok();
    host.run(&["config", "set", key, "512"]).ok();
    for key in [
        "component.signed-by",
        "network.allow-sites",
        "limits.app-calls-at-once",
        "network.requests-per-second",
    ] {
        assert!(restricting.contains(&key), "{restricting:?}");
    }
}

#[test]
fn a_wider_level_that_is_narrowed_names_the_files_that_go_beyond_it() {
    let host = Host::bare();
    host.write(FILES[2], "limits.memory-mib = 200\n");
    let set = host
        .run(&[
            "config",
            "set",
            "limits.memory-mib",
            "100",
            "--level",
            "env",
        ])
        .ok();
    assert!(
        set.stderr.contains("app/default.toml:1:") && set.stderr.contains("100"),
        "{}",
        set.stderr
    );
}

#[test]
fn every_mistake_of_every_file_is_told_once() {
    let host = Host::new();
    host.write("cluster.toml", "a = 1\n");
    host.write("env/prod.toml", "b = 2\n");
    host.write("env/prod/app/one.toml", "c = 3\n");
    host.write("env/prod/app/two.toml", "final = [\"limits\"]\n");
    let ended = host.run(&["config", "validate"]).fails(27, &[]);
    for place in [
        "cluster.toml:1:1",
        "env/prod.toml:1:1",
        "one.toml:1:1",
        "two.toml:1:1",
    ] {
        assert_eq!(
            ended.stderr.matches(place).count(),
            1,
            "{place} in {ended:#?}"
        );
    }
}

#[test]
fn comments_survive_every_edit() {
    let host = Host::new();
    let text = "# kept by the platform team\nconnection = \"main\" # see the wiki\n\n[limits]\n# small machines\nmemory-mib = 64 # MiB\n";
    host.write("cluster.toml", text);
    let config = |words: &[&str]| {
        host.run(&[&["config"], words, &["--level", "cluster"]].concat())
            .ok()
    };
    config(&["set", "limits.memory-mib", "128"]);
    assert_eq!(host.read("cluster.toml"), text.replace("= 64", "= 128"));
    config(&["set", "network.allow-sites", "*.atlassian.net, example.com"]);
    config(&["set", "limits.handles", "99", "--lock"]);
    let edited = host.read("cluster.toml");
    for line in [
        "# kept by the platform team",
        "# see the wiki",
        "# small machines",
        "# MiB",
        "allow-sites = [\"*.atlassian.net\", \"example.com\"]",
        "locked = [\"limits.handles\"]",
    ] {
        assert!(edited.contains(line), "{line} is missing in\n{edited}");
    }
    config(&["unset", "locked"]);
    config(&["unset", "limits.handles"]);
    config(&["unset", "network.allow-sites"]);
    config(&["set", "limits.memory-mib", "64"]);
    assert_eq!(host.read("cluster.toml"), text);
}

#[test]
fn a_value_that_may_not_be_is_refused_and_the_file_stays() {
    let host = Host::new();
    let before = host.read("cluster.toml");
    for (words, told) in [
        (["limits.memory-mib", "0"], "1 to 4096"),
        (["limits.memory-mib", "much"], "integer"),
        (["limits.memory-mb", "4"], "`limits.memory-mib`"),
        (["network.allow-loopback", "perhaps"], "`true` or `false`"),
        (["secrets.store", "paper"], "`sqlite` or `vault`"),
        (["component.allow-imports", "wasi:sockets"], "wasi:http"),
        (["component.digest", "sha256:12"], "64 hexadecimal digits"),
        (
            ["connections.x.site", "https://x.atlassian.net"],
            "no `user`",
        ),
        (["connections.x.token", "sesame"], "unknown setting"),
        (["locked", "limit"], "`limits"),
    ] {
        host.run(&["config", "set", words[0], words[1], "--level", "cluster"])
            .fails(20, &[told]);
        assert_eq!(host.read("cluster.toml"), before, "{words:?}");
    }
    host.run(&["config", "set", "network.allow-loopback", "true"])
        .fails(20, &["cluster level alone"]);
}

#[test]
fn get_prints_the_value_in_force_and_nothing_else() {
    let host = Host::new();
    assert_eq!(
        host.run(&["config", "get", "limits.memory-mib"])
            .ok()
            .stdout,
        "256\n"
    );
    host.run(&["config", "set", "limits.memory-mib", "64"]).ok();
    assert_eq!(
        host.run(&["config", "get", "limits.memory-mib"])
            .ok()
            .stdout,
        "64\n"
    );
    host.run(&["config", "get", "secrets.vault.address"])
        .fails(3, &["no default"]);
}

#[test]
fn an_option_of_the_command_line_is_explained_as_one() {
    let host = Host::new();
    let told = explained(
        &host
            .run(&[
                "--memory", "9", "config", "explain", "limits", "--output", "json",
            ])
            .ok(),
    );
    assert_eq!(told["limits.memory-mib"]["value"], 9);
    assert_eq!(told["limits.memory-mib"]["level"], "command line");
    assert!(told.keys().all(|key| key.starts_with("limits.")));
}

#[test]
fn explain_tells_connections_with_their_place() {
    let host = Host::new();
    host.write(
        "env/default.toml",
        "\n[connections.docs]\nsite = \"docs.atlassian.net\"\nuser = \"me@example.com\"\n",
    );
    let told = &explain(&host)["connections.docs"];
    assert_eq!(told["level"], "env/default");
    assert_eq!(told["line"], 2);
    assert_eq!(told["value"]["site"], "https://docs.atlassian.net/wiki");
    assert_eq!(told["value"]["concurrency"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_names_the_file_and_line_that_supplied_the_endpoint() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(crate::faults("*:403"));
    let place = host.config().join("env/default/app/default.toml:1");
    host.call(&["listSpaces"])
        .fails(5, &["connection `default`", &place.display().to_string()]);
}

#[test]
fn the_published_schema_is_the_one_that_the_program_prints() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../host-runner/level.schema.json"
    );
    let printed = Host::bare().run(&["config", "schema"]).ok().stdout;
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &printed).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), printed);
    let schema: Value = serde_json::from_str(&printed).unwrap();
    for (key, _) in settings() {
        let property = key
            .split('.')
            .try_fold(&schema, |at, name| at.get("properties")?.get(name));
        assert!(
            property.is_some_and(|property| property["description"].is_string()),
            "{key}"
        );
    }
    assert_eq!(schema["additionalProperties"], json!(false));
}

#[test]
fn a_configuration_folder_that_cannot_be_written_is_told() {
    let host = Host::new();
    let folder = tempfile::tempdir().unwrap();
    // A file in place of the folder: nobody can write below it, not even root.
    let config = folder.path().join("config");
    std::fs::write(&config, "").unwrap();
    let words = |rest: &[&str]| {
        let mut words = vec!["--config-dir".to_owned(), config.display().to_string()];
        words.extend(rest.iter().map(|word| (*word).to_owned()));
        words
    };
    host.run(&words(&["config", "set", "limits.handles", "99"]))
        .fails(24, &["cannot write", "mounted read-only"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_changed_keeps_who_may_read_it() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let host = Host::new();
    let cluster = host.config().join("cluster.toml");
    let access = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).unwrap();
        (metadata.uid(), metadata.gid(), metadata.mode() & 0o777)
    };
    std::fs::set_permissions(&cluster, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Root alone can give files to a service.
    let is_root = chown(&cluster, Some(4711), Some(4712)).is_ok();
    let before = access(&cluster);
    if is_root {
        chown(host.config(), Some(4711), Some(4712)).unwrap();
        assert_eq!(before, (4711, 4712, 0o640));
    }
    let words = [
        "config",
        "set",
        "limits.handles",
        "99",
        "--level",
        "cluster",
    ];
    host.run(&words).ok();
    assert!(host.read("cluster.toml").contains("99"));
    assert_eq!(access(&cluster), before);
    let (owner, group, mode) = access(&host.config().join(".config.lock"));
    assert_eq!(mode, 0o600);
    if is_root {
        assert_eq!((owner, group), (4711, 4712));
    }
}

#[test]
fn a_file_of_somebody_elses_that_is_called_a_draft_stays() {
    let host = Host::new();
    let path = host.config().join(".draft-of-the-rules.toml");
    std::fs::write(&path, "# mine\n").unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(long_ago).unwrap();
    let words = [
        "config",
        "set",
        "limits.handles",
        "99",
        "--level",
        "cluster",
    ];
    host.run(&words).ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# mine\n");
}

#[test]
fn a_file_that_is_no_levels_is_told_with_where_it_belongs() {
    let host = Host::new();
    host.write("env/prod.toml", "limits.handles = 99\n");
    host.write("env/prod/app/search.toml", "limits.handles = 98\n");
    host.write(".hidden/x.toml", "");
    host.write("env/notes.md", "");
    host.run(&["config", "validate"]).ok();
    for (stray, way_out) in [
        ("env/prod/search.toml", "`env/prod/app/search.toml`"),
        ("env/my app.toml", "`env/ENV.toml`"),
        ("prod.toml", "`cluster.toml`"),
        ("env/prod/app/search/x.toml", "`env/ENV/app/APP.toml`"),
    ] {
        host.write(stray, "limits.handles = 97\n");
        let shown = host.config().join(stray).display().to_string();
        let told = [shown.as_str(), "nothing in it is in force", way_out];
        host.run(&["config", "validate"]).fails(27, &told);
        let rows = host
            .run(&["doctor", "--offline", "--output", "json"])
            .json();
        let rows = rows.as_array().unwrap().iter();
        let row = rows
            .filter(|row| row["check"] == "configuration")
            .find(|row| row["seen"].as_str().unwrap().contains(&shown))
            .unwrap();
        assert_eq!(row["state"], "warning");
        std::fs::remove_file(host.config().join(stray)).unwrap();
    }
    host.run(&["config", "validate"]).ok();
}

#[test]
fn without_a_config_folder_option_the_state_folder_has_it() {
    let host = Host::bare();
    host.run(&[
        "config",
        "set",
        "limits.handles",
        "99",
        "--level",
        "cluster",
    ])
    .ok();
    assert!(host.read("cluster.toml").contains("handles = 99"));
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().display().to_string();
    let variables = [("HOST_RUNNER_CONFIG_DIR", path.as_str())];
    host.run_with(&["config", "set", "limits.handles", "98"], "", &variables)
        .ok();
    assert!(
        elsewhere
            .path()
            .join("env/default/app/default.toml")
            .exists()
    );
    host.run_with(
        &[
            "call",
            "setApiUrlAndAuth",
            "https://a.atlassian.net",
            "-",
            "env",
        ],
        AUTHORIZATION,
        &variables,
    )
    .ok();
    assert!(elsewhere.path().join("env/default.toml").exists());
}
