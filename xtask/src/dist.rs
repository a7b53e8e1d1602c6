//! `cargo xtask dist`: the archive of a release.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use ring::digest::{SHA256, digest};

use crate::archive::Content;

/// How the program is compiled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Profile {
    #[default]
    Release,
    Dev,
}

/// What a release is made of.
#[derive(Debug, Default)]
pub(crate) struct Dist {
    pub(crate) profile: Profile,
    pub(crate) key: Option<PathBuf>,
    pub(crate) output: Option<PathBuf>,
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DistError {
    #[error("{reason}")]
    Usage { reason: String },
    #[error("`{path}` cannot be read or written: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("`{program}` cannot be started: {source}")]
    Start { program: String, source: io::Error },
    #[error("`{command}` failed:\n{output}")]
    Failed { command: String, output: String },
    #[error("the variable `SOURCE_DATE_EPOCH` is `{text}`, and should be seconds since 1970")]
    Epoch { text: String },
}

impl Dist {
    /// Builds everything, and answers where the archive is.
    pub(crate) fn run(&self) -> Result<PathBuf, DistError> {
        let workspace = workspace();
        let mut build = Command::new(env("CARGO").unwrap_or_else(|| "cargo".to_owned()));
        build.args(["build", "--locked", "--workspace", "--bins"]);
        if self.profile == Profile::Release {
            build.arg("--release");
        }
        run(build.current_dir(&workspace))?;
        let folder = match self.profile {
            Profile::Release => "release",
            Profile::Dev => "debug",
        };
        let target =
            env("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        let program = target
            .join(folder)
            .join(format!("host-runner{}", std::env::consts::EXE_SUFFIX));

        let content = self.content(&workspace, &program)?;
        let name = format!(
            "host-runner-{}-{}-{}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH,
            std::env::consts::OS
        );
        let output = self.output.clone().unwrap_or_else(|| target.join("dist"));
        let archive = output.join(format!("{name}.tar.gz"));
        let bytes = content
            .to_tar_gz(&name, seconds(&workspace)?)
            .map_err(|source| DistError::File {
                path: archive.clone(),
                source,
            })?;
        create(&output)?;
        write(&archive, &bytes)?;
        let sum = format!("{}  {name}.tar.gz\n", hex(&bytes));
        write(
            &output.join(format!("{name}.tar.gz.sha256")),
            sum.as_bytes(),
        )?;
        Ok(archive)
    }

    /// Everything that goes into the archive, its checksums included.
    fn content(&self, workspace: &Path, program: &Path) -> Result<Content, DistError> {
        let scratch = workspace.join("target/dist/content");
        // What an earlier run left there would be packed, too.
        match std::fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DistError::File {
                    path: scratch,
                    source: error,
                });
            }
            _ => {}
        }
        let components = scratch.join("components");
        create(&components)?;
        let mut content = Content::default();
        content.add("bin/host-runner", read(program)?, true);
        for (shell, file) in [
            ("bash", "host-runner.bash"),
            ("zsh", "_host-runner"),
            ("fish", "host-runner.fish"),
        ] {
            let text = run(Command::new(program).args(["completions", shell]))?;
            content.add(&format!("completions/{file}"), text, false);
        }
        let manual = scratch.join("man");
        run(Command::new(program).args([
            OsStr::new("man"),
            OsStr::new("--folder"),
            manual.as_os_str(),
        ]))?;
        add(&mut content, "man/man1", &manual)?;

        for (component, file) in [
            ("embedded", "confluence.wasm"),
            ("environment-provider", "environment-provider.wasm"),
            ("config-store-provider", "config-store-provider.wasm"),
        ] {
            let path = components.join(file);
            let mut package = Command::new(program);
            package.args(["component", "package", component, "--output-file"]);
            package.arg(&path);
            if let Some(revision) = revision(workspace)? {
                package.args(["--revision", &revision]);
            }
            run(&mut package)?;
            if let Some(key) = &self.key {
                let mut sign = Command::new(program);
                sign.args(["component", "sign"]).arg(&path);
                run(sign.arg("--key").arg(key))?;
            }
        }
        add(&mut content, "components", &components)?;
        for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
            let path = workspace.join(file);
            if path.exists() {
                content.add(file, read(&path)?, false);
            }
        }
        for folder in ["docs", "wit"] {
            add(&mut content, folder, &workspace.join(folder))?;
        }
        let sums: String = content
            .files()
            .map(|(name, bytes)| format!("{}  {name}\n", hex(bytes)))
            .collect();
        content.add("SHA256SUMS", sums.into_bytes(), false);
        Ok(content)
    }
}

fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// The commit, if what is built is what was committed, and this is a clone at all.
fn revision(workspace: &Path) -> Result<Option<String>, DistError> {
    let git = |words: &[&str]| {
        let output = Command::new("git")
            .current_dir(workspace)
            .args(words)
            .output();
        match output {
            Ok(output) if output.status.success() => Ok(Some(
                String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            )),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DistError::Start {
                program: "git".to_owned(),
                source,
            }),
        }
    };
    match git(&["status", "--porcelain"])? {
        Some(changes) if changes.is_empty() => git(&["rev-parse", "HEAD"]),
        _ => Ok(None),
    }
}

/// What time the files have: what `SOURCE_DATE_EPOCH` says, or the commit's, or 1970.
fn seconds(workspace: &Path) -> Result<u64, DistError> {
    if let Some(text) = env("SOURCE_DATE_EPOCH") {
        return text.parse().map_err(|_| DistError::Epoch { text });
    }
    let committed = Command::new("git")
        .current_dir(workspace)
        .args(["log", "-1", "--format=%ct"])
        .output();
    Ok(committed
        .ok()
        .and_then(|output| String::from_utf8_lossy(&output.stdout).trim().parse().ok())
        .unwrap_or(0))
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Runs a program and answers what it printed.
fn run(command: &mut Command) -> Result<Vec<u8>, DistError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|source| DistError::Start {
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    Err(DistError::Failed {
        command: format!("{program} {}", words.join(" ")),
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

fn add(content: &mut Content, name: &str, folder: &Path) -> Result<(), DistError> {
    content
        .add_folder(name, folder)
        .map_err(|source| DistError::File {
            path: folder.to_owned(),
            source,
        })
}

fn read(path: &Path) -> Result<Vec<u8>, DistError> {
    std::fs::read(path).map_err(|source| DistError::File {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), DistError> {
    std::fs::write(path, bytes).map_err(|source| DistError::File {
        path: path.to_owned(),
        source,
    })
}

fn create(folder: &Path) -> Result<(), DistError> {
    std::fs::create_dir_all(folder).map_err(|source| DistError::File {
        path: folder.to_owned(),
        source,
    })
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
