//! `host-runner component`.

mod composing;
mod file;
mod packaging;
mod signing;

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueHint};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use host_runner::{Digest, HostRunner, Inspection, Metadata, Scope, embedded_component};
use serde_json::{Value, json};

pub(crate) use self::composing::ComposeArguments;
pub(crate) use self::packaging::PackageArguments;
pub(crate) use self::signing::{KeygenArguments, SignArguments};
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::{LevelOption, SessionOptions};
use crate::output::{PrintOptions, Sheet};
use crate::{candidates, output, report, visible};

#[derive(Debug, Subcommand)]
pub(crate) enum ComponentCommand {
    /// Store a component under its digest and set a level to it
    #[command(after_help = "\
Examples:
  host-runner component load confluence.wasm --level cluster
  host-runner component load confluence.wasm --signature release.sig --level cluster
  host-runner --env prod component load sha256:ab12cd --level env
  host-runner component load embedded")]
    Load(LoadArguments),
    /// List stored components and the levels that run them
    #[command(after_help = "Examples:\n  host-runner component list")]
    List(OutputArguments),
    /// Show a component's imports, exports, size, digest, metadata and documentation
    #[command(after_help = "\
Examples:
  host-runner component inspect
  host-runner component inspect confluence.wasm
  host-runner component inspect sha256:ab12cd --output json")]
    Inspect(InspectArguments),
    /// Write a component to a file, for other hosts
    #[command(after_help = "\
Examples:
  host-runner component export confluence.wasm
  host-runner component export ab12cd.wasm --component sha256:ab12cd
  host-runner component export - | sha256sum")]
    Export(ExportArguments),
    /// Remove a stored component that no level runs
    #[command(after_help = "Examples:\n  host-runner component remove sha256:ab12cd")]
    Remove(RemoveArguments),
    /// Set the imports that a level grants to its component
    #[command(after_help = "\
Examples:
  host-runner component allow-imports wasi:io wasi:http confluence:connector/settings --level cluster
  host-runner component allow-imports none --level env
  host-runner component allow-imports")]
    AllowImports(AllowImportsArguments),
    /// Create a signing key: write the private key to a file, print the public key
    #[command(after_help = "\
Examples:
  host-runner component keygen signing.pem > signing.pub
  host-runner config set component.signed-by \"$(cat signing.pub)\" --level cluster --lock")]
    Keygen(KeygenArguments),
    /// Compose components into one file, linking imports to exports
    #[command(after_help = "\
Examples:
  host-runner component compose embedded --plug environment-provider --output-file confluence-env.wasm
  host-runner component compose app.wasm --plug embedded --output-file app-with-confluence.wasm")]
    Compose(ComposeArguments),
    /// Add metadata to a component, and write it to a file or an OCI image layout
    #[command(after_help = "\
Examples:
  host-runner component package --output-file confluence.wasm
  host-runner component package confluence.wasm --revision \"$(git rev-parse HEAD)\" --oci layout")]
    Package(PackageArguments),
    /// Sign a component's file
    #[command(after_help = "\
Examples:
  host-runner component sign confluence.wasm --key signing.pem
  cat signing.pem | host-runner component sign confluence.wasm --key - --signature release.sig")]
    Sign(SignArguments),
}

#[derive(Debug, Args)]
pub(crate) struct LoadArguments {
    /// File, digest of a stored component, or `embedded`
    #[arg(value_name = "FILE|DIGEST", add = ArgValueCompleter::new(candidates::components_and_files))]
    component: String,
    /// Signature file [default: FILE.sig, if it exists]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    signature: Option<PathBuf>,
    #[command(flatten)]
    level: LevelOption,
}

#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// File, digest of a stored component, `environment-provider` or `config-store-provider`
    /// [default: the embedded connector]
    #[arg(value_name = "FILE|DIGEST", add = ArgValueCompleter::new(candidates::parts_and_files))]
    component: Option<String>,
    #[command(flatten)]
    print: PrintOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// File to write or replace, or `-` for standard output
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Digest of a stored component [default: the embedded connector]
    #[arg(long, value_name = "DIGEST", add = ArgValueCandidates::new(candidates::stored_components))]
    component: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// Digest, or its first digits
    #[arg(add = ArgValueCandidates::new(candidates::stored_components))]
    digest: String,
}

#[derive(Debug, Args)]
pub(crate) struct AllowImportsArguments {
    /// Interfaces (`wasi:http/types`) or packages (`wasi:io`), or `none` [default: show the
    /// effective imports]
    #[arg(add = ArgValueCandidates::new(candidates::imports))]
    imports: Vec<String>,
    #[command(flatten)]
    level: LevelOption,
}

pub(crate) fn run(session: &SessionOptions, command: &ComponentCommand) -> Result<(), Failure> {
    let scope = session.scope();
    match command {
        ComponentCommand::Load(arguments) => load(&session.open()?, &scope, arguments),
        ComponentCommand::List(arguments) => {
            let host = session.open_to_read()?;
            list(&host, arguments)
        }
        ComponentCommand::Inspect(arguments) => inspect(session, arguments),
        ComponentCommand::Export(arguments) => export(session, arguments),
        ComponentCommand::Remove(arguments) => remove(&session.open()?, arguments),
        ComponentCommand::AllowImports(arguments) => allow_imports(session, arguments),
        ComponentCommand::Compose(arguments) => composing::run(session, arguments),
        ComponentCommand::Keygen(arguments) => signing::keygen(arguments),
        ComponentCommand::Package(arguments) => packaging::run(session, arguments),
        ComponentCommand::Sign(arguments) => signing::sign(arguments),
    }
}

fn load(host: &HostRunner, scope: &Scope, arguments: &LoadArguments) -> Result<(), Failure> {
    let level = arguments.level.level;
    let level_path = scope.path(level);
    let path = Path::new(&arguments.component);
    if arguments.signature.is_some() && !path.exists() {
        return Err(Failure::Usage(
            "`--signature` needs a component's file: a stored component already has its signature"
                .to_owned(),
        ));
    }
    if arguments.component == "embedded" {
        host.config()
            .set(scope, level, "component.digest", "embedded")?;
        report::note(&format!(
            "level `{level_path}` now runs the embedded component"
        ));
        return Ok(());
    }
    let digest = if path.exists() {
        let bytes = file::read(path)?;
        Inspection::of(&bytes).map_err(|source| Failure::Inspect {
            path: arguments.component.clone(),
            source,
        })?;
        let signatures = signing::signatures(path, arguments.signature.as_deref())?;
        host.load_component(scope, level, &bytes, signatures.as_deref())?
    } else if file::looks_like_digest(&arguments.component) {
        let digest = host.component_store().find(&arguments.component)?;
        host.assign_component(scope, level, &digest)?;
        digest
    } else {
        return Err(Failure::input(
            format!("the component `{}`", arguments.component),
            io::Error::from(io::ErrorKind::NotFound),
        ));
    };
    report::note(&format!("level `{level_path}` now runs `{digest}`"));
    Ok(())
}

fn list(host: &HostRunner, arguments: &OutputArguments) -> Result<(), Failure> {
    let uses = host.component_uses()?;
    let mut rows = vec![json!({
        "digest": Digest::of(embedded_component()).to_string(),
        "bytes": embedded_component().len(),
        "stored": "embedded",
        "levels": "levels that name no other",
    })];
    for component in host.component_store().list()? {
        let levels: Vec<&str> = uses
            .iter()
            .filter(|there| there.digest == component.digest)
            .map(|there| there.level.as_str())
            .collect();
        rows.push(json!({
            "digest": component.digest.to_string(),
            "bytes": component.bytes,
            "stored": "in the state folder",
            "levels": levels,
        }));
    }
    let printing = arguments.print.printing()?;
    output::records(
        &Sheet::of(&["digest", "bytes", "stored", "levels"]),
        &rows,
        &printing,
    )
}

fn inspect(session: &SessionOptions, arguments: &InspectArguments) -> Result<(), Failure> {
    let bytes = match &arguments.component {
        None => embedded_component().to_vec(),
        Some(name) => file::resolve(session, name)?,
    };
    let inspection = Inspection::of(&bytes).map_err(|source| Failure::Inspect {
        path: arguments
            .component
            .clone()
            .unwrap_or_else(|| "embedded".to_owned()),
        source,
    })?;
    let producers: Vec<String> = inspection
        .producers
        .iter()
        .map(|producer| {
            format!("{}: {} {}", producer.field, producer.name, producer.version)
                .trim_end()
                .to_owned()
        })
        .collect();
    let documentation = inspection.documentation(&bytes);
    let metadata = Metadata::of(&bytes);
    let report = json!({
        "digest": inspection.digest.to_string(),
        "bytes": inspection.size_bytes,
        "name": metadata.name,
        "version": metadata.version,
        "description": metadata.description,
        "licenses": metadata.licenses,
        "source": metadata.source,
        "revision": metadata.revision,
        "packages": metadata.packages,
        "imports": inspection.imports,
        "exports": inspection.exports,
        "producers": producers,
        "documentation": documentation,
    });
    let printing = arguments.print.printing()?;
    if printing.is_for_people() {
        return lines(&report).map_err(Failure::output);
    }
    output::object(&report, &printing)
}

/// Prints one line per field of a report, and one per item of a list.
fn lines(report: &Value) -> io::Result<()> {
    let mut out = visible::stdout(Format::Table);
    for (name, value) in report.as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => {
                writeln!(out, "{name}:")?;
                for value in values {
                    let text = value.as_str().unwrap_or_default();
                    writeln!(out, "  {text}")?;
                }
            }
            Value::String(text) => writeln!(out, "{name}: {text}")?,
            Value::Null => {}
            other => writeln!(out, "{name}: {other}")?,
        }
    }
    out.flush()
}

fn export(session: &SessionOptions, arguments: &ExportArguments) -> Result<(), Failure> {
    let (digest, bytes) = match &arguments.component {
        None => {
            let bytes = embedded_component();
            (Digest::of(bytes), Cow::Borrowed(bytes))
        }
        Some(name) => {
            let (digest, bytes) = stored(session, name)?;
            (digest, Cow::Owned(bytes))
        }
    };
    if arguments.file == Path::new("-") {
        let mut out = io::stdout().lock();
        if out.is_terminal() {
            return Err(Failure::Usage(
                "refusing to print a component to a terminal: redirect it to a file or a pipe"
                    .to_owned(),
            ));
        }
        return out
            .write_all(&bytes)
            .and_then(|()| out.flush())
            .map_err(Failure::output);
    }
    file::write(&arguments.file, &bytes)?;
    report::note(&format!(
        "`{}` is `{digest}`, {} bytes",
        arguments.file.display(),
        bytes.len()
    ));
    Ok(())
}

/// Finds a stored component by its digest or the first digits of it.
fn stored(session: &SessionOptions, name: &str) -> Result<(Digest, Vec<u8>), Failure> {
    let host = session.open_to_read()?;
    let digest = host.component_store().find(name)?;
    let bytes = host.component_store().get(&digest)?.unwrap_or_default();
    Ok((digest, bytes))
}

fn remove(host: &HostRunner, arguments: &RemoveArguments) -> Result<(), Failure> {
    let digest = host.component_store().find(&arguments.digest)?;
    host.remove_component(&digest)?;
    report::note(&format!("removed `{digest}`"));
    Ok(())
}

fn allow_imports(
    session: &SessionOptions,
    arguments: &AllowImportsArguments,
) -> Result<(), Failure> {
    const KEY: &str = "component.allow-imports";
    let (config, scope) = (session.config()?, session.scope());
    let level = arguments.level.level;
    if arguments.imports.is_empty() {
        let effective = config.effective(&scope, &[])?;
        let rows: Vec<Value> = effective
            .explain()
            .into_iter()
            .filter(|explained| explained.key == KEY)
            .map(|explained| {
                json!({ "imports": explained.value, "from": explained.source.to_string() })
            })
            .collect();
        return output::records(
            &Sheet::of(&["imports", "from"]),
            &rows,
            &output::default_format().into(),
        );
    }
    let imports = match arguments.imports.as_slice() {
        [none] if none == "none" => "[]".to_owned(),
        imports => imports.join(","),
    };
    config.set(&scope, level, KEY, &imports)?;
    report::note(&format!(
        "components of level `{}` can now import only these interfaces",
        scope.path(level)
    ));
    Ok(())
}
