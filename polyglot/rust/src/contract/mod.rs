//! The contract in Python and JavaScript: types, functions and their documentation, made of `wit/`.
//!
//! Hosts in these languages find names and types in the component itself and could do without; people
//! and their editors could not.

mod javascript;
mod python;
mod wit;

use std::path::Path;

use crate::error::SuiteError;

/// What is said at the top of each file.
const MADE: &str = "Made of `wit/` by `conformance contract polyglot`: changes are lost.";

/// Writes the files below the folder `polyglot`, or checks that they are what would be written.
///
/// # Errors
///
/// [`SuiteError::Drifted`] when a file is another one.
pub(crate) fn write(polyglot: &Path, check: bool) -> Result<(), SuiteError> {
    let contract = wit::Contract::read(&polyglot.join("../wit"))?;
    for (file, text) in [
        (
            "python/src/confluence_connector/_contract.py",
            python::module(&contract),
        ),
        ("node/contract.js", javascript::module(&contract)),
        ("node/contract.d.ts", javascript::declarations(&contract)),
    ] {
        let path = polyglot.join(file);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        if check {
            return Err(SuiteError::Drifted { path });
        }
        std::fs::write(&path, text).map_err(|source| {
            SuiteError::io(format!("`{}` cannot be written", path.display()), source)
        })?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) fn error_kinds() -> Result<Vec<String>, SuiteError> {
    let contract =
        wit::Contract::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")))?;
    let kinds = contract
        .enums
        .into_iter()
        .find(|one| one.name == "error-kind");
    Ok(kinds.map_or_else(Vec::new, |one| one.cases))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::path::Path;

    #[test]
    fn what_other_languages_have_of_the_contract_is_what_the_wit_says() {
        let check = std::env::var_os("BLESS").is_none();
        super::write(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")), check).unwrap();
    }
}
