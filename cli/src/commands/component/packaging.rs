//! `host-runner component package`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;
use host_runner::{Digest, Packaging, package, write_oci_layout};

use super::file;
use crate::exit::Failure;
use crate::options::SessionOptions;
use crate::{candidates, report};

/// Creation time of the package in seconds since 1970, for reproducible builds. Default 0.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

#[derive(Debug, Args)]
// The group that is derived for the struct has each of its arguments in it, the component too.
#[command(group = ArgGroup::new("into").required(true).multiple(true).args(["output_file", "oci"]))]
pub(crate) struct PackageArguments {
    /// File, digest of a stored component, or `embedded`
    #[arg(value_name = "COMPONENT", default_value = "embedded", add = ArgValueCompleter::new(candidates::parts_and_files))]
    component: String,
    /// Output file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output_file: Option<PathBuf>,
    /// New or empty output folder for an OCI image layout
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    oci: Option<PathBuf>,
    /// Tag in the image layout [default: the component's version]
    #[arg(long, requires = "oci")]
    tag: Option<String>,
    /// Revision of the source code, such as a commit
    #[arg(long)]
    revision: Option<String>,
    /// URL of the source code
    #[arg(long, value_name = "URL")]
    source: Option<String>,
}

pub(super) fn run(session: &SessionOptions, arguments: &PackageArguments) -> Result<(), Failure> {
    let bytes = file::resolve(session, &arguments.component)?;
    let packaging = Packaging {
        revision: arguments.revision.clone(),
        source: arguments.source.clone(),
    };
    let packaged = package(&bytes, &packaging)?;
    let digest = Digest::of(&packaged);
    if let Some(path) = &arguments.output_file {
        file::write(path, &packaged)?;
        report::note(&format!("`{}` is `{digest}`", path.display()));
    }
    if let Some(folder) = &arguments.oci {
        let manifest = write_oci_layout(folder, &packaged, arguments.tag.as_deref(), created()?)?;
        report::note(&format!(
            "`{}` has the component `{digest}` under the manifest `{manifest}`; `oras cp --from-oci-layout {}:TAG REGISTRY/NAME:TAG` pushes it",
            folder.display(),
            folder.display()
        ));
    }
    Ok(())
}

fn created() -> Result<u32, Failure> {
    match std::env::var(EPOCH) {
        Err(_) => Ok(0),
        Ok(text) => text.parse().map_err(|_| {
            Failure::Usage(format!(
                "`{text}` is not a valid `{EPOCH}`: set it to seconds since 1970, or unset it"
            ))
        }),
    }
}
