//! What compiling a component may take, and where it is compiled.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use host_runner::{
    AssignComponentError, CompileError, Compiler, Digest, HostRunner, HostRunnerBuilder, Level,
    LoadError, Scope, StructureError, TenantError,
};
use tests::{Host, binary};

/// A component whose only function takes a minute to compile: each of many variables may come from
/// each of many branches.
fn slow() -> Vec<u8> {
    const VARIABLES: usize = 4_000;
    let mut body = String::new();
    for branch in 0..30_000 {
        let (from, to) = (branch * 7 % VARIABLES, branch * 13 % VARIABLES);
        write!(
            body,
            "(if (local.get {from}) (then (local.set {to} (i32.add (local.get {from}) (local.get 1)))))"
        )
        .unwrap();
    }
    let locals = " i32".repeat(VARIABLES);
    let text = format!(
        "(component (core module $m (func (export \"f\") (local{locals}) (loop {body} (br_if 0 (local.get 2)))))
            (core instance (instantiate $m)))"
    );
    wat::parse_str(text).unwrap()
}

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

/// A host whose cluster level has these settings.
fn host(settings: &str) -> Host {
    let host = Host::bare();
    host.write(
        "cluster.toml",
        &format!("component.require-exports = []\n{settings}"),
    );
    host
}

/// Puts a component into the store by hand, as somebody may who can write there.
fn put(host: &Host, component: &[u8]) -> String {
    let digest = Digest::of(component);
    let folder = host.state().join("components");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{}.wasm", digest.hex())), component).unwrap();
    digest.to_string()
}

#[test]
fn compiling_ends_with_the_time_of_the_call_that_needs_it() {
    let host = Host::bare();
    // The program's own component is compiled with time enough.
    host.run(&["functions"]).ok();
    let digest = put(&host, &slow());
    host.write(
        "cluster.toml",
        &format!("component.require-exports = []\ncomponent.digest = \"{digest}\"\n"),
    );
    host.run(&["--timeout", "0.5", "call", "f"])
        .fails(15, &["compiling it", "0.5 s", "`limits.call-seconds`"]);
}

#[test]
fn compiling_ends_at_its_own_limits_of_time_and_memory() {
    let bytes = slow();
    let warm = host("");
    warm.run(&["functions"]).ok();
    for (settings, words) in [
        (
            "limits.compile-seconds = 0.5\n",
            ["0.5 s", "`limits.compile-seconds`"],
        ),
        #[cfg(target_os = "linux")]
        (
            "limits.compile-mib = 64\n",
            ["64 MiB", "`limits.compile-mib`"],
        ),
    ] {
        warm.write(
            "cluster.toml",
            &format!("component.require-exports = []\n{settings}"),
        );
        let path = file(&warm, "slow.wasm", &bytes);
        warm.run(&["component", "load", &path]).fails(17, &words);
        assert!(!warm.state().join("components").exists());
    }
}

#[test]
fn limits_of_compiling_belong_to_the_cluster_level() {
    let host = host("");
    for setting in ["limits.compile-seconds", "limits.compile-mib"] {
        host.run(&["config", "set", setting, "100", "--level", "app"])
            .fails(20, &[setting]);
        host.run(&["config", "set", setting, "100", "--level", "cluster"])
            .ok();
    }
}

#[test]
fn a_component_with_too_many_parts_is_refused_when_it_is_loaded() {
    let host = host("");
    let instances = "(core instance (instantiate $m))".repeat(257);
    let many = wat::parse_str(format!("(component (core module $m) {instances})")).unwrap();
    host.run(&["component", "load", &file(&host, "many.wasm", &many)])
        .fails(28, &["257 instances of modules", "the maximum is 256"]);
    let body = "nop ".repeat(3 << 20);
    let large = wat::parse_str(format!("(component (core module (func {body})))")).unwrap();
    host.run(&["component", "load", &file(&host, "large.wasm", &large)])
        .fails(
            28,
            &["bytes of code in one function", "the maximum is 2097152"],
        );
}

/// A program that compiles as the binary does, and writes down that it was started, and with which
/// environment.
#[cfg(unix)]
fn noting(folder: &Path) -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let (program, notes) = (folder.join("compiler"), folder.join("notes"));
    let script = format!(
        "#!/bin/sh\nset >> '{0}'\necho STARTED >> '{0}'\nexec '{1}' \"$@\"\n",
        notes.display(),
        binary().display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    (program, notes)
}

#[cfg(unix)]
fn started(notes: &Path) -> usize {
    let text = std::fs::read_to_string(notes).unwrap_or_default();
    text.lines().filter(|line| *line == "STARTED").count()
}

fn setup(folder: &Path) -> HostRunnerBuilder {
    HostRunner::builder(folder.join("config"), folder.join("state"))
}

#[cfg(unix)]
#[test]
fn hosts_that_start_together_compile_a_component_once() {
    let folder = tempfile::tempdir().unwrap();
    let (program, notes) = noting(folder.path());
    let hosts: Vec<HostRunner> = (0..6)
        .map(|_| {
            let setup = setup(folder.path()).compiler(&program);
            setup.open().unwrap()
        })
        .collect();
    std::thread::scope(|scope| {
        for host in &hosts {
            scope.spawn(|| host.tenant(&Scope::default()).map(drop).unwrap());
        }
    });
    assert_eq!(started(&notes), 1);
    // Code that is kept is loaded without a process.
    let next = setup(folder.path()).compiler(&program).open().unwrap();
    next.tenant(&Scope::default()).unwrap();
    assert_eq!(started(&notes), 1);
    // Nothing of this process's environment gets there.
    let text = std::fs::read_to_string(&notes).unwrap();
    assert!(text.contains("RAYON_NUM_THREADS"), "{text}");
    assert!(!text.contains("CARGO"), "{text}");
}

/// Why a component is not taken.
fn refusal(host: &HostRunner, component: &[u8]) -> LoadError {
    let loaded = host.load_component(&Scope::default(), Level::App, component, None);
    match loaded.unwrap_err() {
        AssignComponentError::Tenant(TenantError::Load { error, .. }) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_library_says_where_it_compiles() {
    let folder = tempfile::tempdir().unwrap();
    let own = setup(folder.path()).open().unwrap();
    assert_eq!(*own.compiler(), Compiler::InProcess);
    // What has too many parts is refused all the same.
    let body = "nop ".repeat(3 << 20);
    let large = wat::parse_str(format!("(component (core module (func {body})))")).unwrap();
    assert!(matches!(
        refusal(&own, &large),
        LoadError::Structure(StructureError::TooMany { .. })
    ));

    let program = binary().to_owned();
    let apart = setup(folder.path()).compiler(&program).open().unwrap();
    assert_eq!(
        *apart.compiler(),
        Compiler::Process {
            program: program.clone()
        }
    );
    apart.tenant(&Scope::default()).unwrap();

    // The process knows nothing of how an engine was tuned.
    let tuned = setup(folder.path()).compiler(&program);
    let tuned = tuned.tune_engine(|config| {
        config.epoch_interruption(false);
    });
    assert_eq!(*tuned.open().unwrap().compiler(), Compiler::InProcess);
}

#[cfg(unix)]
#[test]
fn a_program_that_does_not_compile_is_an_error_for_all_but_this_programs_own_component() {
    for (program, is_expected) in [
        (
            "/no/such/program",
            (|error| matches!(error, CompileError::Start { .. })) as fn(&CompileError) -> bool,
        ),
        ("/bin/cat", |error| {
            matches!(error, CompileError::Ended { .. })
        }),
        ("/bin/true", |error| {
            matches!(error, CompileError::OtherVersion { .. })
        }),
    ] {
        let folder = tempfile::tempdir().unwrap();
        // Its own component is there.
        let own = setup(folder.path()).open().unwrap();
        own.tenant(&Scope::default()).unwrap();
        let host = setup(folder.path()).compiler(program).open().unwrap();
        match refusal(&host, &variant(1)) {
            LoadError::Compile(error) => assert!(is_expected(&error), "{program}: {error}"),
            other => panic!("{program}: {other}"),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let host = setup(folder.path()).compiler("/no/such/program").open();
    host.unwrap().tenant(&Scope::default()).unwrap();
}

#[cfg(unix)]
#[test]
fn pipes_in_place_of_files_of_the_state_folder_are_not_waited_for() {
    let pipe_at = |path: &Path| {
        let _ = std::fs::remove_file(path);
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    let host = host("");
    let bytes = variant(1);
    let path = file(&host, "one.wasm", &bytes);
    host.run(&["component", "load", &path]).ok();
    let hex = Digest::of(&bytes).hex();
    let stored = |end: &str| host.state().join("components").join(format!("{hex}.{end}"));

    // Compiled code is compiled anew.
    let compiled = host.state().join("compiled");
    for entry in std::fs::read_dir(&compiled).unwrap() {
        pipe_at(&entry.unwrap().path());
    }
    host.run(&["functions"]).ok();

    pipe_at(&stored("sig"));
    host.run(&["component", "load", &path])
        .fails(28, &[&hex, "not a regular file"]);
    std::fs::remove_file(stored("sig")).unwrap();
    // Beside a file that is loaded.
    pipe_at(&host.state().join("one.wasm.sig"));
    host.run(&["component", "load", &path])
        .fails(2, &["one.wasm.sig", "not a regular file"]);

    pipe_at(&stored("wasm"));
    host.run(&["functions"])
        .fails(28, &[&hex, "not a regular file"]);

    let key = host.state().join("key");
    pipe_at(&key);
    host.run(&["functions"])
        .fails(24, &["not a regular file", "key"]);
    let named = key.display().to_string();
    host.run_with(&["functions"], "", &[("HOST_RUNNER_KEY_FILE", &named)])
        .fails(24, &["not a regular file", "key"]);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn calls_work_where_the_address_space_is_limited_and_doctor_says_so() {
    let site = crate::site().await;
    let host = Host::with_site(&site);
    let limited = |words: &str| {
        let line = format!("ulimit -v 4194304; exec {} {words}", binary().display());
        let output = host.command_line(&line).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, out, said) = limited("call listSpaces --output json");
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("\"items\""), "{out}");
    // The code for either layout is kept.
    host.call(&["listSpaces"]).ok();
    let kept = std::fs::read_dir(host.state().join("compiled")).unwrap();
    let kept = kept.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|end| end == "cwasm")
    });
    assert_eq!(kept.count(), 2);
    let (_, out, said) = limited("doctor --offline --output table");
    assert!(out.contains("4096 MiB"), "{out}{said}");
    assert!(out.contains("ulimit -v unlimited"), "{out}");
    let doctor = host
        .run(&["doctor", "--offline", "--output", "table"])
        .stdout;
    assert!(!doctor.contains("address space"), "{doctor}");
    assert!(doctor.contains("components are compiled by"), "{doctor}");
}
