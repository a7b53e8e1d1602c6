//! No image of this process's memory on a disk: it would have tokens in it, also those that the HTTP
//! library has already sent.

/// The variable that allows core dumps, with the value `1`.
#[cfg(unix)]
const ALLOW: &str = "HOST_RUNNER_CORE_DUMPS";

/// Maximum size of a core dump, in bytes. Linux ignores 0 where dumps are piped to a program, as most
/// distributions have it, and dumps nothing with 1.
#[cfg(unix)]
const MAX_SIZE: u64 = if cfg!(target_os = "linux") { 1 } else { 0 };

/// Prevents core dumps of this process and of those that it starts. A limit that is lower already is
/// kept, and a system that does not have one is no reason not to run.
#[cfg(unix)]
pub(crate) fn prevent() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    if std::env::var_os(ALLOW).is_some_and(|value| value == "1") {
        return;
    }
    let limit = getrlimit(Resource::Core);
    let least = |size: Option<u64>| Some(size.map_or(MAX_SIZE, |size| size.min(MAX_SIZE)));
    let _ = setrlimit(
        Resource::Core,
        Rlimit {
            current: least(limit.current.or(limit.maximum)),
            maximum: limit.maximum,
        },
    );
}

/// Windows writes no dumps unless an administrator sets them up.
#[cfg(not(unix))]
pub(crate) fn prevent() {}
