//! What end-to-end tests share: the real binary in a state folder of its own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

pub mod scripted;

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::Write as _;
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use confluence_simulator::Simulator;
use tempfile::TempDir;

/// `me@example.com:sesame-open-0123456789`: what tests authorize themselves with.
pub const AUTHORIZATION: &str = "Basic bWVAZXhhbXBsZS5jb206c2VzYW1lLW9wZW4tMDEyMzQ1Njc4OQ==";

/// The token in it, which must turn up nowhere.
pub const TOKEN: &str = "sesame-open-0123456789";

/// The binary, built by the `cargo` that runs the tests, so that it is never an old one.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = std::env::current_exe().expect("a test has a path");
        let folder = test
            .parent()
            .and_then(Path::parent)
            .expect("a test lies in `target/PROFILE/deps`");
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, as in `cargo test --workspace`: for one package alone `cargo` would
        // choose other features of dependencies, and compile wasmtime once more.
        build.args(["build", "--quiet", "--workspace", "--bins"]);
        // What `cargo` told this test of its package. Build scripts that ask for these variables
        // (ring's does) would run once more, here and in the next `cargo test`.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                build.env_remove(&name);
            }
        }
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().expect("cargo can be started");
        assert!(status.success(), "`host-runner` does not build");
        folder.join(format!("host-runner{}", std::env::consts::EXE_SUFFIX))
    })
}

/// What the first run of the program leaves in its state folder: a key, and compiled code that is authentic
/// under it.
struct FirstRun {
    key: Vec<u8>,
    /// By file name.
    compiled: Vec<(OsString, Vec<u8>)>,
}

impl FirstRun {
    fn shared() -> &'static Self {
        static FIRST_RUN: OnceLock<FirstRun> = OnceLock::new();
        FIRST_RUN.get_or_init(|| {
            let host = Host::bare();
            host.run(&["functions"]).ok();
            let read = |path: PathBuf| std::fs::read(path).expect("the file can be read");
            let compiled = std::fs::read_dir(host.state().join("compiled"));
            let compiled = compiled.expect("the program keeps compiled code");
            let compiled = compiled.map(|entry| entry.expect("the folder can be read"));
            Self {
                key: read(host.state().join("key")),
                compiled: compiled
                    .map(|entry| (entry.file_name(), read(entry.path())))
                    .collect(),
            }
        })
    }

    fn write(&self, state: &Path) {
        let write = |path: PathBuf, bytes: &[u8]| {
            let mut file = OpenOptions::new();
            file.write(true).create_new(true);
            #[cfg(unix)]
            file.mode(0o600);
            let file = file.open(path).and_then(|mut file| file.write_all(bytes));
            file.expect("the file can be written");
        };
        write(state.join("key"), &self.key);
        let folder = state.join("compiled");
        std::fs::create_dir(&folder).expect("the folder can be made");
        for (name, code) in &self.compiled {
            write(folder.join(name), code);
        }
    }
}

/// The binary in a state folder of its own.
pub struct Host {
    state: TempDir,
}

/// How the binary ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; -1 after a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Host {
    /// A host with nothing configured but that connections may lead to this machine, and that a
    /// request which goes wrong is not made again: what a failure looks like is then seen at once.
    ///
    /// It has a key and compiled code already. Compiling takes three seconds here, which would be
    /// most of the time of most tests.
    pub fn new() -> Self {
        let host = Self::fresh();
        FirstRun::shared().write(host.state());
        host
    }

    /// A host like a [`new`](Self::new) one that has not run yet: it has no key and no compiled code.
    pub fn fresh() -> Self {
        let host = Self::bare();
        host.write(
            "cluster.toml",
            "network.allow-loopback = true\nretry.attempts = 0\n",
        );
        host
    }

    /// A host with nothing configured at all.
    pub fn bare() -> Self {
        Self {
            state: tempfile::tempdir().expect("a folder for state"),
        }
    }

    /// Its configuration folder.
    pub fn config(&self) -> PathBuf {
        self.state().join("config")
    }

    /// Writes a file of the configuration folder by hand.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.config().join(file);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("the folder can be made");
        std::fs::write(path, text).expect("the file can be written");
    }

    /// The text of a file of the configuration folder; empty when it is not there.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.config().join(file)).unwrap_or_default()
    }

    /// A host whose app level has the simulator's endpoint and [`AUTHORIZATION`].
    pub fn with_site(site: &Simulator) -> Self {
        let host = Self::new();
        host.set(&site.endpoint(), AUTHORIZATION, "app").ok();
        host
    }

    /// Its state folder.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Runs the binary.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Ended {
        self.run_with(words, "", &[])
    }

    /// The binary, to be run in the state folder with nothing else of the environment's settings.
    pub fn command(&self) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HOST_RUNNER_") {
                command.env_remove(name);
            }
        }
        command
            .env_remove("CARGO")
            .env_remove("COLUMNS")
            .env_remove("PAGER")
            .env_remove("BROWSER")
            .env_remove("CONFLUENCE_URL")
            .env_remove("CONFLUENCE_TOKEN")
            .env("HOST_RUNNER_STATE_DIR", self.state.path());
        command
    }

    /// Starts the program with these words; what it prints is read by the test.
    pub fn start(&self, words: &[&str]) -> Child {
        self.command()
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }

    /// A line for `bash`, to be run as [`command`](Self::command) is.
    pub fn command_line(&self, line: &str) -> Command {
        let mut command = Command::new("bash");
        for (name, value) in self.command().get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(["-euo", "pipefail", "-c", line]);
        command.stdin(Stdio::null());
        command
    }

    /// Runs the binary with standard output and standard error on a terminal so many characters
    /// wide, 0 for one that does not tell; standard output is what it shows. The words have nothing
    /// that a shell would read otherwise.
    #[cfg(target_os = "linux")]
    pub fn on_terminal(&self, columns: u16, words: &[&str], variables: &[(&str, &str)]) -> Ended {
        let line = format!(
            "stty cols {columns}; exec {} {}",
            binary().display(),
            words.join(" ")
        );
        let output = self
            .command_line("exec script --quiet --return --command \"$LINE\" /dev/null")
            .env("LINE", line)
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .envs(variables.iter().copied())
            .output()
            .expect("`script` of util-linux starts");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("what is shown is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Runs the binary with something on standard input and in the environment.
    pub fn run_with<S: AsRef<OsStr>>(
        &self,
        words: &[S],
        stdin: &str,
        variables: &[(&str, &str)],
    ) -> Ended {
        let mut child = self
            .command()
            .args(words)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut pipe = child.stdin.take().expect("standard input is piped");
        // A program that does not read it may close it early.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        let output = child.wait_with_output().expect("the binary ends");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// `host-runner call …`
    pub fn call(&self, words: &[&str]) -> Ended {
        self.run(&[&["call"], words].concat())
    }

    /// Stores a connection with the component's own function, the authorization on standard input.
    pub fn set(&self, endpoint: &str, authorization: &str, level: &str) -> Ended {
        self.run_with(
            &["call", "setApiUrlAndAuth", endpoint, "-", level],
            authorization,
            &[],
        )
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Ended {
    /// Asserts that all went well.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// Asserts an exit code, and that the message names a cause or a way out with these words.
    #[track_caller]
    pub fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        for word in words {
            assert!(
                self.stderr.contains(word),
                "`{word}` is missing in {self:#?}"
            );
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }

    /// The ids of the items of a list answer.
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        ids(self.json()["items"].as_array().expect("a list of items"))
    }

    /// The ids of the lines of an NDJSON answer.
    #[track_caller]
    pub fn line_ids(&self) -> Vec<String> {
        let lines: Vec<serde_json::Value> = self
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("each line is JSON"))
            .collect();
        ids(&lines)
    }
}

fn ids(rows: &[serde_json::Value]) -> Vec<String> {
    rows.iter()
        .map(|row| row["id"].as_str().expect("an id is text").to_owned())
        .collect()
}
