//! What is the same for every scope: folders, key and secrets, the clock, TLS roots.

use std::path::Path;
use std::time::{Duration, SystemTime};

use host_runner::{
    ConfigFolder, KeyError, KeyLocation, KeyState, Level, Scope, SecretsState, WrongOwner,
};

use super::Rows;
use crate::count::count;
use crate::remedy;

/// Before this version was made, 2026-01-01, in seconds since 1970: a clock that says so is wrong,
/// and finds certificates not valid yet.
const EARLIEST_S: u64 = 1_767_225_600;

/// The configuration folder, and who else can write it.
pub(super) fn configuration(rows: &mut Rows, config: &ConfigFolder) {
    const CHECK: &str = "configuration";
    let path = config.path().display();
    if !config.path().exists() {
        rows.ok(
            CHECK,
            format!("`{path}` does not exist: all settings have their defaults"),
        );
        return;
    }
    let files = match config.levels() {
        Ok(levels) => levels.len(),
        Err(error) => {
            rows.failed(
                CHECK,
                error,
                format!("make `{path}` readable, or pass another folder with `--config-dir`"),
            );
            return;
        }
    };
    let cluster = config.file(&Scope::default().path(Level::Cluster));
    for path in [config.path(), &cluster] {
        if let Some(mode) = mode(path).filter(|mode| mode & 0o002 != 0) {
            rows.failed(
                CHECK,
                format!(
                    "every user of this machine can write `{}` (mode {mode:o}) and change the settings of all apps",
                    path.display()
                ),
                format!("run `chmod o-w {}`", path.display()),
            );
            return;
        }
    }
    match config.strays() {
        Ok(strays) if strays.is_empty() => {
            rows.ok(
                CHECK,
                format!(
                    "`{path}` has {}",
                    count(files.try_into().unwrap_or(u64::MAX), "file")
                ),
            );
        }
        Ok(strays) => {
            for stray in strays {
                rows.warning(CHECK, &stray, remedy::fix(&stray).unwrap_or_default());
            }
        }
        Err(error) => rows.failed(CHECK, error, "make it readable for this user"),
    }
}

/// The state folder. Answers whether it is there.
pub(super) fn state(rows: &mut Rows, state: &Path) -> bool {
    const CHECK: &str = "state";
    let path = state.display();
    let metadata = match std::fs::metadata(state) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            rows.ok(
                CHECK,
                format!("`{path}` does not exist; it is created on first use"),
            );
            return false;
        }
        Err(error) => {
            rows.failed(
                CHECK,
                format!("`{path}` cannot be read: {error}"),
                "make it readable, or pass another folder with `--state-dir`",
            );
            return false;
        }
    };
    if !metadata.is_dir() {
        rows.failed(
            CHECK,
            format!("`{path}` is not a folder"),
            "pass a folder with `--state-dir`",
        );
        return false;
    }
    let mode = mode(state).unwrap_or_default();
    if let Some(WrongOwner { owner, own, .. }) = WrongOwner::of(&metadata) {
        rows.failed(
            CHECK,
            format!(
                "`{path}` contains code that would run here but is owned by user {owner}; this program runs as user {own}"
            ),
            format!(
                "run `chown -R {own} {path}` if everything in it is yours, or pass another folder with `--state-dir`"
            ),
        );
    } else if mode & 0o022 != 0 {
        rows.failed(
            CHECK,
            format!("other users can write `{path}` (mode {mode:o}) and replace code and key"),
            format!("run `chmod go-w {path}`"),
        );
    } else if let Err(error) = tempfile::tempfile_in(state) {
        rows.failed(
            CHECK,
            format!("cannot write to `{path}`: {error}"),
            "make it writable for this user, or pass another folder with `--state-dir`",
        );
    } else {
        rows.ok(CHECK, format!("`{path}` is writable{}", owner(&metadata)));
    }
    true
}

#[cfg(unix)]
fn owner(metadata: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!(
        ", owned by user {} (mode {:o})",
        metadata.uid(),
        metadata.mode() & 0o777
    )
}

#[cfg(not(unix))]
fn owner(_metadata: &std::fs::Metadata) -> String {
    String::new()
}

/// The permissions of a file or folder, where there are such.
#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> Option<u32> {
    None
}

/// Whether there are secrets, and whether they can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    Open,
    NotMade,
    Unusable,
}

/// The key, and the secrets that it opens.
pub(super) fn secrets(rows: &mut Rows, state: &Path, state_is_there: bool) -> Secrets {
    let key = KeyState::of(state);
    match &key {
        Ok(key) => rows.ok("key", seen(key)),
        Err(error) => rows.failed("key", error, key_fix(error)),
    }
    const CHECK: &str = "secrets";
    if key.is_err() {
        rows.skipped(CHECK, "no key to decrypt them");
        return Secrets::Unusable;
    }
    if !state_is_there {
        rows.skipped(CHECK, "no secrets; their file is created on first use");
        return Secrets::NotMade;
    }
    match SecretsState::of(state) {
        Ok(SecretsState::Open { count }) => {
            rows.ok(
                CHECK,
                match count {
                    1 => "the key decrypts the only secret".to_owned(),
                    count => format!("the key decrypts all {count} secrets"),
                },
            );
            Secrets::Open
        }
        Ok(SecretsState::WithoutKey { path }) => {
            rows.failed(
                CHECK,
                format!("the key that encrypts `{}` is missing", path.display()),
                "restore the key file, or set `HOST_RUNNER_KEY` to the key; if it is lost, delete that file and enter the tokens again with `host-runner connection edit`",
            );
            Secrets::Unusable
        }
        Ok(_) => {
            rows.skipped(CHECK, "no secrets; their file is created on first use");
            Secrets::NotMade
        }
        Err(error) => {
            let fix = remedy::words_of(error.remedy());
            rows.failed(CHECK, error, fix);
            Secrets::Unusable
        }
    }
}

fn seen(key: &KeyState) -> String {
    match &key.origin {
        KeyLocation::Variable => "from the variable `HOST_RUNNER_KEY`".to_owned(),
        KeyLocation::NamedFile(path) => {
            format!(
                "from `{}`, which `HOST_RUNNER_KEY_FILE` names",
                path.display()
            )
        }
        KeyLocation::OwnFile(path) if key.is_there => {
            format!("from `{}`, readable by its owner only", path.display())
        }
        KeyLocation::OwnFile(path) => {
            format!(
                "`{}` does not exist; it is created on first use",
                path.display()
            )
        }
        _ => String::new(),
    }
}

/// What to do about a key, where the message does not say it.
fn key_fix(error: &KeyError) -> String {
    match error {
        KeyError::Malformed { .. } => {
            "supply the key that encrypts the secrets, or a new one if there are no secrets yet"
                .to_owned()
        }
        error => remedy::words_of(error.remedy()),
    }
}

/// Whether the clock can be right at all.
pub(super) fn clock(rows: &mut Rows) {
    const CHECK: &str = "clock";
    let now = SystemTime::now();
    let earliest = SystemTime::UNIX_EPOCH + Duration::from_secs(EARLIEST_S);
    if now < earliest {
        rows.failed(
            CHECK,
            "the clock of this machine is before 2026, so certificates are not valid yet",
            "set it, or run a time service such as `systemd-timesyncd`",
        );
    } else {
        rows.ok(CHECK, "the clock of this machine is plausible");
    }
}

/// The certificates that TLS trusts.
pub(super) fn roots(rows: &mut Rows) {
    const CHECK: &str = "tls roots";
    let loaded = rustls_native_certs::load_native_certs();
    let reason = loaded
        .errors
        .first()
        .map(|error| format!(" ({error})"))
        .unwrap_or_default();
    match loaded.certs.len() {
        0 => rows.failed(
            CHECK,
            format!("this machine has no trusted certificates{reason}, so TLS connections fail"),
            "install them (`apt install ca-certificates`), or set `SSL_CERT_FILE` to a file that contains them",
        ),
        count => rows.ok(CHECK, format!("this machine has {count} trusted certificates")),
    }
}
