//! Tasks of those who release the connector: `cargo xtask dist`.
//!
//! Tasks are a program of their own, without the engine in their dependencies: what they build they
//! build with `cargo --workspace`, so that wasmtime is compiled with one set of features.

mod archive;
mod dist;

use std::path::PathBuf;
use std::process::ExitCode;

use dist::{Dist, DistError, Profile};

const USAGE: &str = "\
Usage: cargo xtask dist [--profile release|dev] [--key FILE] [--output FOLDER]

Build the program and write the release archive: the program with completions and manual pages,
the components, the contract, the manual, the license, and checksums.

  --profile   `release` or `dev` [default: release]
  --key       file with the private key that signs the components, from `component keygen`
  --output    output folder of the archive [default: target/dist]

The variable `SOURCE_DATE_EPOCH` sets the time of the files, in seconds since 1970 [default: the
time of the commit].";

#[allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program tells of its doings there"
)]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.split_first() {
        Some((task, rest)) if task == "dist" => read(rest).and_then(|dist| dist.run()),
        Some((help, _)) if matches!(help.as_str(), "help" | "--help" | "-h") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => Err(DistError::Usage {
            reason: "the one task is `dist`".to_owned(),
        }),
    };
    match outcome {
        Ok(archive) => {
            println!("{}", archive.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            if let DistError::Usage { .. } = error {
                eprintln!("\n{USAGE}");
                return ExitCode::from(2);
            }
            ExitCode::FAILURE
        }
    }
}

fn read(words: &[String]) -> Result<Dist, DistError> {
    let mut dist = Dist::default();
    let mut words = words.iter();
    while let Some(option) = words.next() {
        let value = words.next().ok_or_else(|| DistError::Usage {
            reason: format!("`{option}` has no value, or is no option"),
        })?;
        match (option.as_str(), value.as_str()) {
            ("--profile", "release") => dist.profile = Profile::Release,
            ("--profile", "dev") => dist.profile = Profile::Dev,
            ("--key", key) => dist.key = Some(PathBuf::from(key)),
            ("--output", folder) => dist.output = Some(PathBuf::from(folder)),
            _ => {
                return Err(DistError::Usage {
                    reason: format!("`{option} {value}` is no option"),
                });
            }
        }
    }
    Ok(dist)
}
