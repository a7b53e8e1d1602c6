//! What a shell is told when somebody presses Tab, asked for as the shells' scripts ask.

use std::path::Path;
use std::process::{Command, Stdio};

use tests::{Host, binary};

/// What the binary answers to the words of a line, the last one being typed.
fn asked(host: &Host, shell: &str, words: &[&str]) -> Vec<String> {
    asked_with(host, shell, words, &[])
}

fn asked_with(host: &Host, shell: &str, words: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let mut variables = variables.to_vec();
    variables.push(("HOST_RUNNER_COMPLETE", shell));
    let ended = host
        .run_with(&[&["--", "host-runner"], words].concat(), "", &variables)
        .ok();
    assert_eq!(ended.stderr, "", "{words:?}");
    ended.stdout.lines().map(str::to_owned).collect()
}

/// The candidates alone.
fn candidates(host: &Host, words: &[&str]) -> Vec<String> {
    asked(host, "bash", words)
}

#[track_caller]
fn assert_has(found: &[String], wanted: &[&str]) {
    for wanted in wanted {
        assert!(
            found.iter().any(|there| there == wanted),
            "`{wanted}` is missing in {found:?}"
        );
    }
}

/// A program, if this machine has it.
fn installed(name: &str) -> bool {
    Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn commands_and_their_options_are_offered() {
    let host = Host::bare();
    assert_has(
        &candidates(&host, &[""]),
        &["call", "functions", "config", "connection", "doctor", "man"],
    );
    assert_eq!(candidates(&host, &["conn"]), ["connection"]);
    assert_has(
        &candidates(&host, &["connection", "add", "--"]),
        &["--site", "--user", "--token-kind", "--level", "--env"],
    );
    assert_eq!(
        candidates(&host, &["connection", "add", "--token-kind", ""]),
        ["unscoped", "scoped", "service-account"]
    );
    assert_eq!(
        candidates(&host, &["connection", "add", "--level", "c"]),
        ["cluster"]
    );
    assert_eq!(
        candidates(&host, &["completions", ""]),
        ["bash", "zsh", "fish"]
    );
}

#[test]
fn functions_are_offered_with_the_first_sentence_of_their_documentation() {
    let host = Host::bare();
    let found = candidates(&host, &["call", ""]);
    assert_eq!(found.len(), 59);
    assert_has(&found, &["listTasks", "setApiUrlAndAuth", "testConnection"]);
    assert_eq!(candidates(&host, &["functions", "listT"]), ["listTasks"]);
    assert_eq!(
        asked(&host, "fish", &["call", "listT"]),
        ["listTasks\tLists tasks."]
    );
    assert_eq!(
        asked(&host, "zsh", &["call", "listT"]),
        ["listTasks:Lists tasks."]
    );
}

#[test]
fn the_arguments_of_a_function_are_offered_as_options() {
    let host = Host::bare();
    let found = candidates(&host, &["call", "listTasks", "--"]);
    assert_has(
        &found,
        &[
            "--status",
            "--space-ids",
            "--body-format",
            "--mention-names",
            "--all",
            "--output",
            "--columns",
            "--env",
            "--app",
            "--timeout",
            "--memory",
        ],
    );
    // Another function's argument, and options that this one rejects.
    for other in ["--page-id", "--sort", "--name-prefix", "--more"] {
        assert!(!found.contains(&other.to_owned()), "{found:?}");
    }
    assert_has(
        &asked(&host, "fish", &["call", "listTasks", "--st"]),
        &["--status\tcomplete|incomplete|open"],
    );
    // A function that is named otherwise, and one that answers no list.
    assert_eq!(
        candidates(
            &host,
            &["call", "--env", "prod", "list-tasks", "--due-date-f"]
        ),
        ["--due-date-from"]
    );
    let found = candidates(&host, &["call", "testConnection", "--"]);
    assert!(!found.contains(&"--all".to_owned()), "{found:?}");
}

#[test]
fn the_values_of_an_argument_are_offered_where_it_stands() {
    let host = Host::bare();
    for (words, expected) in [
        (
            &["call", "listTasks", "--status", ""][..],
            &["complete", "incomplete", "open"][..],
        ),
        (
            &["call", "listTasks", "--status=in"],
            &["--status=incomplete"],
        ),
        (
            &["call", "setApiUrlAndAuth", "https://example.net", "-", ""],
            &["app", "env", "cluster"],
        ),
        (
            &["call", "listTasks", "null", "null", "null", "null", "i"],
            &["incomplete"],
        ),
        (
            &[
                "call",
                "listTasks",
                "--sort",
                "-modified-date",
                "--status",
                "c",
            ],
            &["complete"],
        ),
        (
            &["call", "listTasks", "--output", ""],
            &["table", "wide", "json", "ndjson", "csv"],
        ),
        (&["call", "listTasks", "-o", "c"], &["csv"]),
        (&["call", "listPages", "--columns", "ti"], &["title"]),
        (
            &["call", "listPages", "--columns", "id,version.n"],
            &["id,version.number"],
        ),
        (&["call", "listPages", "--ids", ""], &[]),
    ] {
        assert_eq!(candidates(&host, words), expected, "{words:?}");
    }
}

#[test]
fn levels_apps_and_connections_are_those_of_the_folders_and_the_scope_that_were_typed() {
    let host = Host::bare();
    let site = "site = \"https://example.atlassian.net\"\nuser = \"me@example.com\"\n";
    host.write("cluster.toml", &format!("[connections.shared]\n{site}"));
    host.write("env/prod.toml", &format!("[connections.docs]\n{site}"));
    host.write(
        "env/prod/app/search.toml",
        &format!("[connections.bot]\n{site}"),
    );
    host.write("env/prod/app/sync.toml", "");
    host.write("env/test/app/probe.toml", "");
    let lists = |words: &[&str], expected: &[&str]| {
        assert_eq!(candidates(&host, words), expected, "{words:?}");
    };
    lists(&["--env", ""], &["prod", "test"]);
    lists(&["--env", "prod", "--app", ""], &["search", "sync"]);
    lists(
        &["call", "listPages", "--env=test", "--app", ""],
        &["probe"],
    );
    lists(&["connection", "show", ""], &["shared"]);
    lists(
        &["--env", "prod", "--app", "search", "connection", "show", ""],
        &["bot", "docs", "shared"],
    );
    assert_eq!(
        asked_with(
            &host,
            "bash",
            &["config", "set", "connection", ""],
            &[("HOST_RUNNER_ENV", "prod")]
        ),
        ["docs", "shared"]
    );
    let elsewhere = Host::bare();
    let config = host.config().display().to_string();
    assert_eq!(
        candidates(&elsewhere, &["--config-dir", &config, "--env", ""]),
        ["prod", "test"]
    );
    // A level that has mistakes gives nothing, and says nothing.
    host.write("cluster.toml", "this is no TOML");
    let found = candidates(&host, &["connection", "show", ""]);
    assert!(
        found.iter().all(|there| there.starts_with("--")),
        "{found:?}"
    );
    lists(&["call", "listPages", "--env", "../..", "--app", ""], &[]);
}

#[test]
fn settings_and_their_values_are_offered() {
    let host = Host::bare();
    host.write(
        "cluster.toml",
        "[connections.docs]\nsite = \"https://example.atlassian.net\"\nuser = \"me@example.com\"\n",
    );
    let lists = |words: &[&str], expected: &[&str]| {
        assert_eq!(candidates(&host, words), expected, "{words:?}");
    };
    lists(&["config", "get", "limits.mem"], &["limits.memory-mib"]);
    lists(
        &["config", "set", "connections.docs.con"],
        &["connections.docs.concurrency"],
    );
    lists(
        &["config", "set", "network.allow-loopback", ""],
        &["true", "false"],
    );
    lists(&["config", "set", "secrets.store", "v"], &["vault"]);
    host.write("env/default.toml", "[syncs.docs]\nto = \"sqlite:x.db\"\n");
    lists(&["sync", "run", "d"], &["docs"]);
    lists(&["sync", "approve", "pages", "d"], &["docs"]);
    lists(
        &["config", "set", "syncs.docs.sch"],
        &["syncs.docs.schedule"],
    );
    lists(&["config", "set", "syncs.docs.bodies", "m"], &["markdown"]);
    lists(&["config", "set", "syncs.docs.raw", ""], &["true", "false"]);
    lists(
        &["config", "set", "connections.docs.authorization", ""],
        &["basic", "bearer", "oauth"],
    );
    lists(
        &[
            "config",
            "set",
            "component.allow-imports",
            "wasi:io/poll,wasi:io/e",
        ],
        &["wasi:io/poll,wasi:io/error"],
    );
    lists(
        &["config", "set", "--level", "cluster", "connection", ""],
        &["docs"],
    );
    let described = asked(&host, "fish", &["config", "set", "limits.handles"]);
    assert!(
        described[0].starts_with("limits.handles\tMaximum number of requests"),
        "{described:?}"
    );
    // zsh splits at colons.
    assert_eq!(
        asked(&host, "zsh", &["component", "allow-imports", "wasi:io/p"]),
        [r"wasi\:io/poll"]
    );
}

/// A component with one function, `greet`, with an enumeration.
fn greeter() -> Vec<u8> {
    wat::parse_str(
        r#"(component
            (type $tone (enum "kind" "curt"))
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
                (func (export "greet") (param i32 i32 i32)))
            (core instance $i (instantiate $m))
            (component $shell
                (import "imported-tone" (type $tone' (eq $tone)))
                (import "greet" (func $greet (param "name" string) (param "env" $tone')))
                (export $tone'' "tone" (type $tone'))
                (export "greet" (func $greet)
                    (func (param "name" string) (param "env" $tone''))))
            (func $greet (param "name" string) (param "env" $tone)
                (canon lift (core func $i "greet") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (instance $out (instantiate $shell (with "imported-tone" (type $tone)) (with "greet" (func $greet))))
            (export "example:greeter/greet@1.0.0" (instance $out))
        )"#,
    )
    .unwrap()
}

#[test]
fn the_functions_are_those_of_the_component_that_the_level_runs() {
    let host = Host::bare();
    let file = host.state().join("greeter.wasm");
    std::fs::write(&file, greeter()).unwrap();
    for (key, value) in [
        ("component.require-exports", "[]"),
        ("network.allow-loopback", "true"),
    ] {
        host.run(&["config", "set", key, value, "--level", "cluster"])
            .ok();
    }
    host.run(&[
        "--env",
        "prod",
        "component",
        "load",
        &file.display().to_string(),
        "--level",
        "env",
    ])
    .ok();
    assert_eq!(candidates(&host, &["--env", "prod", "call", ""]), ["greet"]);
    assert_eq!(candidates(&host, &["call", ""]).len(), 59);
    // An argument that is called as an option of this program stands in its place alone.
    assert_eq!(
        candidates(&host, &["--env", "prod", "call", "greet", "you", ""]),
        ["kind", "curt"]
    );
    assert_eq!(
        candidates(&host, &["--env", "prod", "call", "greet", "--en"]),
        ["--env"]
    );
    let stored = candidates(&host, &["component", "remove", ""]);
    assert!(
        matches!(stored.as_slice(), [digest] if digest.starts_with("sha256:")),
        "{stored:?}"
    );
    assert_eq!(
        candidates(&host, &["config", "set", "component.digest", "emb"]),
        ["embedded"]
    );
}

#[test]
fn providers_are_offered_where_components_are_put_together_and_nowhere_else() {
    let host = Host::bare();
    let carried = ["embedded", "environment-provider", "config-store-provider"];
    for words in [
        &["component", "compose", ""][..],
        &["component", "compose", "embedded", "--plug", ""],
        &["component", "inspect", ""],
        &["component", "package", ""],
    ] {
        assert_has(&candidates(&host, words), &carried);
    }
    assert_eq!(
        asked(
            &host,
            "fish",
            &["component", "compose", "embedded", "--plug", "conf"]
        ),
        ["config-store-provider\tsupplies settings from wasi:config/store"]
    );
    // No level runs one.
    for words in [
        &["component", "load", "env"][..],
        &["config", "set", "component.digest", "env"],
    ] {
        let found = candidates(&host, words);
        assert!(
            !found.iter().any(|word| word.contains("provider")),
            "{found:?}"
        );
    }
}

#[test]
fn completing_makes_nothing() {
    let host = Host::bare();
    let state = host.state().join("not-there");
    let words = [
        "--state-dir",
        &state.display().to_string(),
        "call",
        "listPages",
        "--",
    ];
    assert!(candidates(&host, &words).len() > 10);
    assert!(!state.exists());
    for words in [
        &["component", "remove", ""][..],
        &["call", ""],
        &["--env", ""],
    ] {
        candidates(&host, words);
    }
    assert_eq!(std::fs::read_dir(host.state()).unwrap().count(), 0);
}

#[test]
fn completing_reads_no_key() {
    let host = Host::bare();
    let variables = [
        ("HOST_RUNNER_KEY", "no key"),
        ("HOST_RUNNER_KEY_FILE", "/no/such/file"),
    ];
    let found = asked_with(&host, "bash", &["call", "listT"], &variables);
    assert_eq!(found, ["listTasks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn completing_asks_no_site() {
    let site = crate::site().await;
    let host = Host::with_site(&site);
    let before = site.connection_count();
    for words in [
        &["call", "listPages", "--"][..],
        &["call", "listPages", "--ids", ""],
        &["connection", "test", ""],
    ] {
        candidates(&host, words);
    }
    assert_eq!(candidates(&host, &["connection", "test", ""]), ["default"]);
    assert_eq!(site.connection_count(), before);
}

/// A line as bash hands it to a completion function: words split at `:` and `=`, too.
fn bash(host: &Host, line: &str, words: &[&str]) -> Vec<String> {
    let quoted = |word: &&str| format!("'{word}'");
    let last = words.last().unwrap();
    let current = if [":", "="].contains(last) { "" } else { last };
    let script = format!(
        "source <('{}' completions bash)
         complete -p host-runner > /dev/null
         COMP_LINE='{line}' COMP_POINT={} COMP_CWORD={} COMP_WORDS=({})
         _host_runner host-runner '{current}' ''
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        binary().display(),
        line.len(),
        words.len() - 1,
        words.iter().map(quoted).collect::<Vec<_>>().join(" "),
    );
    let output = Command::new("bash")
        .args(["--norc", "-euo", "pipefail", "-c", &script])
        .env("HOST_RUNNER_STATE_DIR", host.state())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{script}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_with_the_script() {
    if !installed("bash") {
        return;
    }
    let host = Host::bare();
    let completes = |line: &str, words: &[&str], expected: &[&str]| {
        assert_eq!(bash(&host, line, words), expected, "{line}");
    };
    completes(
        "host-runner call listTasks --status ",
        &["host-runner", "call", "listTasks", "--status", ""],
        &["complete", "incomplete", "open"],
    );
    completes(
        "host-runner call listTasks --status=in",
        &["host-runner", "call", "listTasks", "--status", "=", "in"],
        &["incomplete"],
    );
    completes(
        "host-runner call  setApiUrlAndAuth http://127.0.0.1:8090/wiki - c",
        &[
            "host-runner",
            "call",
            "setApiUrlAndAuth",
            "http",
            ":",
            "//127.0.0.1",
            ":",
            "8090/wiki",
            "-",
            "c",
        ],
        &["cluster"],
    );
    completes(
        "host-runner component allow-imports wasi:",
        &["host-runner", "component", "allow-imports", "wasi", ":"],
        &[
            "http/outgoing-handler",
            "http/types",
            "io/error",
            "io/poll",
            "io/streams",
        ],
    );
    completes(
        "host-runner call nothing-like-this --x",
        &["host-runner", "call", "nothing-like-this", "--x"],
        &[""],
    );
}

#[test]
fn the_scripts_are_of_their_shells() {
    let host = Host::bare();
    for shell in ["bash", "zsh", "fish"] {
        let script = host.run(&["completions", shell]).ok().stdout;
        assert!(script.contains(&binary().display().to_string()), "{script}");
        if !installed(shell) {
            continue;
        }
        let file = host.state().join(shell);
        std::fs::write(&file, script).unwrap();
        let status = Command::new(shell).arg("-n").arg(&file).status().unwrap();
        assert!(status.success(), "{shell} does not take its script");
    }
    host.run(&["completions", "csh"]).fails(2, &["csh", "fish"]);
}

#[test]
fn fish_completes_with_the_script_from_a_path_with_a_space_and_a_quote() {
    if !installed("fish") {
        return;
    }
    let host = Host::bare();
    let folder = host.state().join("it's a folder");
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("host-runner");
    link(&program);
    let script = Command::new(&program)
        .args(["completions", "fish"])
        .output()
        .unwrap();
    let file = host.state().join("script.fish");
    std::fs::write(&file, script.stdout).unwrap();
    let output = Command::new("fish")
        .args(["--no-config", "--command"])
        .arg(format!(
            "source {}; complete --do-complete 'host-runner call listTasks --status '",
            file.display()
        ))
        .env("HOST_RUNNER_STATE_DIR", host.state())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        ["complete", "incomplete", "open"]
    );
}

#[cfg(unix)]
fn link(path: &Path) {
    std::os::unix::fs::symlink(binary(), path).unwrap();
}

#[cfg(not(unix))]
fn link(path: &Path) {
    std::fs::copy(binary(), path).unwrap();
}
