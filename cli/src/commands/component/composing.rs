//! `host-runner component compose`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use host_runner::{Inspection, Part, compose};

use super::file;
use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::{candidates, report};

#[derive(Debug, Args)]
pub(crate) struct ComposeArguments {
    /// Component whose exports are kept: a file, the digest of a stored component, or `embedded`
    #[arg(value_name = "COMPONENT", add = ArgValueCompleter::new(candidates::parts_and_files))]
    component: String,
    /// Component to link: a file, a digest, `embedded`, `environment-provider` or
    /// `config-store-provider`; repeatable
    #[arg(long = "plug", value_name = "COMPONENT", required = true, add = ArgValueCompleter::new(candidates::parts_and_files))]
    plugs: Vec<String>,
    /// Output file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output_file: PathBuf,
}

pub(super) fn run(session: &SessionOptions, arguments: &ComposeArguments) -> Result<(), Failure> {
    let main = file::resolve(session, &arguments.component)?;
    let plugs = arguments
        .plugs
        .iter()
        .map(|word| file::resolve(session, word))
        .collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<Part<'_>> = arguments
        .plugs
        .iter()
        .zip(&plugs)
        .map(|(name, bytes)| Part { name, bytes })
        .collect();
    let main = Part {
        name: &arguments.component,
        bytes: &main,
    };
    let composed = compose(main, &parts)?;
    let path = &arguments.output_file;
    file::write(path, &composed)?;
    let inspection = Inspection::of(&composed).map_err(|source| Failure::Inspect {
        path: path.display().to_string(),
        source,
    })?;
    report::note(&format!(
        "`{}` is `{}` and imports `{}`",
        path.display(),
        inspection.digest,
        inspection.imports.join("`, `")
    ));
    Ok(())
}
