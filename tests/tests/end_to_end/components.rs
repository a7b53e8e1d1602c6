//! Components of levels: stored under their digest, granted imports, held to their exports.

use tests::Host;

use crate::site;

/// The connector with something in it that makes its digest another one.
fn variant(mark: u8) -> Vec<u8> {
    let mut bytes = host_runner::embedded_component().to_vec();
    // A custom section: id 0, its size, a name of one byte, and one byte.
    bytes.extend([0, 3, 1, b'x', mark]);
    bytes
}

fn file(host: &Host, name: &str, bytes: &[u8]) -> String {
    let path = host.state().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn wat(host: &Host, name: &str, text: &str) -> String {
    file(host, name, &wat::parse_str(text).unwrap())
}

fn digest(bytes: &[u8]) -> String {
    host_runner::Digest::of(bytes).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_runs_the_component_that_it_names() {
    let site = site().await;
    let host = Host::with_site(&site);
    let (one, two) = (variant(1), variant(2));
    host.run(&[
        "component",
        "load",
        &file(&host, "one.wasm", &one),
        "--level",
        "cluster",
    ])
    .fails(0, &[&digest(&one)]);
    host.run(&[
        "component",
        "load",
        &file(&host, "two.wasm", &two),
        "--level",
        "env",
    ])
    .ok();
    host.call(&["listSpaces"]).ok();
    let listed = host
        .run(&["component", "list", "--output", "json"])
        .ok()
        .json();
    let row = |digest: &str| {
        listed
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["digest"] == digest)
            .cloned()
            .unwrap()
    };
    assert_eq!(row(&digest(&one))["levels"][0], "cluster");
    assert_eq!(row(&digest(&two))["levels"][0], "env/default");
    assert_eq!(row(&digest(&two))["bytes"], two.len());
    // By digest, shortened, and back to the embedded one.
    let short = &digest(&one)[..16];
    host.run(&["component", "load", short]).ok();
    assert_eq!(
        host.run(&["config", "get", "component.digest"])
            .ok()
            .stdout
            .trim(),
        digest(&one)
    );
    host.run(&["component", "remove", short]).fails(
        28,
        &["is used by", "`cluster`", "`env/default/app/default`"],
    );
    host.run(&["component", "load", "embedded"]).ok();
    host.run(&["component", "load", "embedded", "--level", "cluster"])
        .ok();
    host.run(&["component", "remove", short]).ok();
    host.run(&["component", "remove", short])
        .fails(3, &["load its file first"]);
    host.call(&["listSpaces"]).ok();
}

#[test]
fn a_component_that_is_not_stored_here_is_told_with_the_line_that_names_it() {
    let host = Host::new();
    let missing = digest(b"nothing");
    host.write(
        "env/default.toml",
        &format!("\ncomponent.digest = \"{missing}\"\n"),
    );
    host.call(&["listSpaces"])
        .fails(28, &[&missing, "env/default.toml:2", "component load FILE"]);
}

#[test]
fn a_component_with_a_changed_byte_is_refused() {
    let host = Host::new();
    let bytes = variant(1);
    host.run(&["component", "load", &file(&host, "one.wasm", &bytes)])
        .ok();
    let stored = host
        .state()
        .join("components")
        .join(format!("{}.wasm", &digest(&bytes)["sha256:".len()..]));
    let mut changed = std::fs::read(&stored).unwrap();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    std::fs::write(&stored, changed).unwrap();
    host.run(&["functions"])
        .fails(28, &["no longer the component"]);
    // Loading the original mends it.
    host.run(&["component", "load", &file(&host, "one.wasm", &bytes)])
        .ok();
    host.run(&["functions"]).ok();
}

#[test]
fn imports_beyond_the_grant_are_listed_and_nothing_changes() {
    let host = Host::new();
    let greedy = wat(
        &host,
        "greedy.wasm",
        r#"(component
            (import "wasi:filesystem/preopens@0.2.3" (instance (export "get-directories" (func))))
            (import "wasi:sockets/tcp@0.2.3" (instance (export "listen" (func)))))"#,
    );
    host.run(&["component", "load", &greedy, "--level", "cluster"])
        .fails(
            28,
            &[
                "wasi:filesystem/preopens@0.2.3",
                "wasi:sockets/tcp@0.2.3",
                "component.allow-imports",
            ],
        );
    assert!(!host.read("cluster.toml").contains("digest"));
    // What this host cannot give is not granted either.
    host.run(&[
        "component",
        "allow-imports",
        "wasi:filesystem",
        "--level",
        "cluster",
    ])
    .fails(20, &["cannot be granted", "wasi:io"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_grant_refuses_the_connector_itself() {
    let site = site().await;
    let host = Host::with_site(&site);
    let asked = site.request_count();
    let grant = |imports: &[&str]| {
        host.run(
            &[
                &["component", "allow-imports"],
                imports,
                &["--level", "env"],
            ]
            .concat(),
        )
    };
    grant(&["wasi:io", "confluence:connector/settings"]).ok();
    host.call(&["listSpaces"])
        .fails(28, &["wasi:http/outgoing-handler", "wasi:http/types"]);
    grant(&["none"]).ok();
    host.call(&["listSpaces"]).fails(28, &["wasi:io/error"]);
    assert_eq!(site.request_count(), asked);
    grant(&["wasi:io", "wasi:http", "confluence:connector"]).ok();
    host.call(&["listSpaces"]).ok();
}

#[test]
fn an_export_that_callers_rely_on_and_that_is_missing_is_named() {
    let host = Host::new();
    let empty = wat(&host, "empty.wasm", "(component)");
    host.run(&["component", "load", &empty]).fails(
        28,
        &["the interface `confluence:connector/confluence-service`"],
    );
    let other = wat(
        &host,
        "other.wasm",
        r#"(component
            (core module $module (func (export "run") (result i32) (i32.const 1)))
            (core instance $core (instantiate $module))
            (func $run (result bool) (canon lift (core func $core "run")))
            (instance $service (export "test-connection" (func $run)))
            (export "confluence:connector/confluence-service@0.3.0" (instance $service)))"#,
    );
    host.run(&["component", "load", &other]).fails(
        28,
        &[
            "`listSpaces(",
            "`testConnection(",
            "which is `testConnection()` there",
        ],
    );
    // A level may ask for something else.
    host.run(&["config", "set", "component.require-exports", "[]"])
        .ok();
    host.run(&["component", "load", &other]).ok();
    assert_eq!(host.call(&["testConnection"]).ok().stdout.trim(), "true");
}

#[test]
fn what_is_no_component_is_told_as_what_it_is() {
    let host = Host::new();
    let load = |path: &str| host.run(&["component", "load", path]);
    load(&file(&host, "a", b"\0asm\x01\0\0\0")).fails(28, &["core module", "component new"]);
    load(&file(&host, "b", b"")).fails(28, &["empty"]);
    load(&file(&host, "c", b"(component)")).fails(28, &["text form"]);
    load(&file(&host, "d", b"PK\x03\x04")).fails(28, &["not WebAssembly"]);
    let whole = host_runner::embedded_component();
    load(&file(&host, "e", &whole[..whole.len() / 2])).fails(28, &["truncated or damaged"]);
    load("/no/such/file").fails(2, &["/no/such/file"]);
    load("sha256:abcdef").fails(3, &["load its file first"]);
}

#[test]
fn inspect_tells_what_a_component_is() {
    let host = Host::bare();
    let told = host
        .run(&["component", "inspect", "--output", "json"])
        .ok()
        .json();
    let bytes = host_runner::embedded_component();
    assert_eq!(told["digest"], digest(bytes));
    assert_eq!(told["bytes"], bytes.len());
    assert_eq!(told["imports"].as_array().unwrap().len(), 6);
    assert!(
        told["exports"]
            .as_array()
            .unwrap()
            .iter()
            .any(|name| name == "confluence:connector/confluence-service@0.3.0")
    );
    assert!(told["producers"].to_string().contains("rustc"));
    assert!(told["documentation"].as_str().unwrap().len() > 40);
    assert_eq!(std::fs::read_dir(host.state()).unwrap().count(), 0);
    let table = host
        .run(&["component", "inspect", "--output", "table"])
        .ok();
    assert!(
        table.stdout.contains("wasi:http/outgoing-handler"),
        "{table:#?}"
    );
}

#[test]
fn the_folder_that_the_program_is_started_in_configures_nothing() {
    let host = Host::new();
    host.run(&["component", "load", &file(&host, "one.wasm", &variant(1))])
        .ok();
    let folder = tempfile::tempdir().unwrap();
    let cluster = folder.path().join("cluster.toml");
    std::fs::write(cluster, "component.allow-imports = []\n").unwrap();
    std::fs::create_dir(folder.path().join("env")).unwrap();
    std::fs::write(folder.path().join("env/default.toml"), "wrong = 1\n").unwrap();
    let status = host
        .command()
        .args(["functions", "listSpaces"])
        .stdout(std::process::Stdio::null())
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn an_exported_component_is_the_one_that_was_asked_for() {
    let host = Host::new();
    let exported = host.state().join("exported.wasm");
    let path = exported.display().to_string();
    std::fs::write(&exported, "what was there").unwrap();
    host.run(&["component", "export", &path])
        .fails(0, &[&digest(host_runner::embedded_component())]);
    assert_eq!(
        std::fs::read(&exported).unwrap(),
        host_runner::embedded_component()
    );

    let other = variant(1);
    host.run(&["component", "load", &file(&host, "one.wasm", &other)])
        .ok();
    let short = &digest(&other)[..16];
    host.run(&["component", "export", &path, "--component", short])
        .ok();
    assert_eq!(std::fs::read(&exported).unwrap(), other);
    // Loading it is where it came from.
    host.run(&["component", "load", &path])
        .fails(0, &[&digest(&other)]);
    host.run(&["component", "export", &path, "--component", "abcdef"])
        .fails(3, &["load its file first"]);
    host.run(&["component", "export", "/no/such/folder/c.wasm"])
        .fails(25, &["/no/such/folder/c.wasm"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_written_into_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let host = Host::bare();
    let path = |name: &str| host.state().join(name);
    let [pipe, device] = [path("pipe"), path("device")];
    let status = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(status.unwrap().success());
    std::os::unix::fs::symlink("/dev/null", &device).unwrap();
    let commands: [&[&str]; 2] = [
        &["component", "export"],
        &["component", "package", "--output-file"],
    ];
    let plain = path("plain");
    for command in commands {
        let to = |target: &std::path::Path| {
            let mut words: Vec<&std::ffi::OsStr> =
                command.iter().map(|word| word.as_ref()).collect();
            words.push(target.as_os_str());
            host.run(&words).ok();
        };
        to(&plain);
        let (other, expected) = (pipe.clone(), std::fs::read(&plain).unwrap());
        let reader = std::thread::spawn(move || std::fs::read(other).unwrap());
        to(&pipe);
        assert_eq!(reader.join().unwrap(), expected);
        to(&device);
    }
    let kind = |path: &std::path::Path| std::fs::symlink_metadata(path).unwrap().file_type();
    assert!(kind(&pipe).is_fifo() && kind(&device).is_symlink());
}
