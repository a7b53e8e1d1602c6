//! The Rust target of the guest, where the toolchain lacks it.

use std::process::Command;

use crate::GUEST_TARGET;

/// The variable that keeps builds from installing anything, where it is `0`.
const ADD_TARGET: &str = "CONFLUENCE_ADD_TARGET";

/// Whether that is why the compiler failed.
pub(crate) fn is_missing(stderr: &[u8]) -> bool {
    let output = String::from_utf8_lossy(stderr);
    output.contains("target may not be installed")
        || output.contains("can't find crate for `core`")
        || output.contains("can't find crate for `std`")
}

/// Installs the target through `rustup`, for the toolchain that runs.
///
/// # Errors
///
/// Why it was not installed.
pub(crate) fn add() -> Result<(), String> {
    if std::env::var_os(ADD_TARGET).is_some_and(|value| value == "0") {
        return Err(format!("{ADD_TARGET} is 0, so it was not installed"));
    }
    let output = Command::new("rustup")
        .args(["target", "add", GUEST_TARGET])
        .output()
        .map_err(|error| format!("`rustup` could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(format!(
        "rustup could not install it: {}",
        last.unwrap_or("it printed no reason")
    ))
}

#[cfg(test)]
mod tests {
    use super::is_missing;

    #[test]
    fn a_missing_target_is_distinguished_from_code_that_does_not_compile() {
        assert!(is_missing(
            b"error[E0463]: can't find crate for `core`\n  = note: the `wasm32-unknown-unknown` target may not be installed"
        ));
        assert!(!is_missing(b"error[E0308]: mismatched types"));
    }
}
