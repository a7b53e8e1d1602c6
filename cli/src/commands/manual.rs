//! `host-runner man`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, Command, ValueHint};
use clap_mangen::Man;

use crate::exit::Failure;
use crate::report;

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write a page for every command to this folder [default: print the main page]
    #[arg(long, value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

/// Variables that do not belong to an option.
const VARIABLES: [(&str, &str); 6] = [
    (
        "HOST_RUNNER_KEY",
        "The key that encrypts secrets, as base64 of 32 bytes. Without it and `HOST_RUNNER_KEY_FILE`, the key is in the state folder, where it is created on first use.",
    ),
    ("HOST_RUNNER_KEY_FILE", "A file that contains this key."),
    (
        "VAULT_TOKEN",
        "The token for Vault, if `secrets.store` is `vault` and `secrets.vault.token-file` is not set.",
    ),
    (
        "SSL_CERT_FILE",
        "A file with trusted certificates (PEM), instead of the platform's.",
    ),
    (
        "SSL_CERT_DIR",
        "A folder with trusted certificates (PEM), instead of the platform's.",
    ),
    ("NO_COLOR", "If set, messages have no colors."),
];

/// `grammar` makes the commands and options of the whole command line.
pub(crate) fn run(arguments: &ManArguments, grammar: fn() -> Command) -> Result<(), Failure> {
    let mut root = grammar().disable_help_subcommand(true);
    root.build();
    let Some(folder) = &arguments.folder else {
        let page = page(&root).map_err(Failure::output)?;
        return io::stdout().write_all(&page).map_err(Failure::output);
    };
    let failed = |source: io::Error| {
        let reason = format!("`{}`: {source}", folder.display());
        Failure::Output(io::Error::new(source.kind(), reason))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut pages = Vec::new();
    collect(&root, &mut pages);
    for command in &pages {
        let name = Man::new((*command).clone()).get_filename();
        let text = page(command).map_err(failed)?;
        std::fs::write(folder.join(name), text).map_err(failed)?;
    }
    report::note(&format!(
        "wrote {} pages to {}; `man` finds them if the folder is named `man1` and its parent is in `MANPATH`",
        pages.len(),
        folder.display()
    ));
    Ok(())
}

/// A command and all commands below it.
fn collect<'a>(command: &'a Command, pages: &mut Vec<&'a Command>) {
    pages.push(command);
    for below in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        collect(below, pages);
    }
}

/// The page of a command, in roff.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let is_main = command.get_name() == "host-runner";
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone())
        .source(format!("host-runner {version}"))
        .manual("host-runner");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(text) = command.get_after_help() {
        after_help(&text.to_string(), &mut page)?;
    }
    if is_main {
        environment(command, &mut page)?;
    } else {
        writeln!(page, ".SH \"SEE ALSO\"\n.BR host\\-runner (1)")?;
    }
    Ok(page)
}

/// The text after the options in a command's help. The sections of `clap_mangen` would join the
/// lines of examples into paragraphs.
fn after_help(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut notes = false;
    for block in text.split("\n\n") {
        match block.split_once(":\n") {
            Some(("Exit codes", table)) => exit_codes(table, page)?,
            Some((heading, lines)) if lines.lines().all(|line| line.starts_with("  ")) => {
                writeln!(page, ".SH {}\n.nf", escaped(&heading.to_uppercase()))?;
                for line in lines.lines() {
                    writeln!(page, "{}", escaped(line.trim()))?;
                }
                writeln!(page, ".fi")?;
            }
            _ => {
                writeln!(page, "{}", if notes { ".PP" } else { ".SH NOTES" })?;
                notes = true;
                for line in block.lines() {
                    writeln!(page, "{}", escaped(line.trim()))?;
                }
            }
        }
    }
    Ok(())
}

/// The exit codes, one per line; the help prints them in columns.
fn exit_codes(table: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut codes: Vec<(u8, &str)> = table
        .lines()
        .flat_map(|line| line.split("  "))
        .filter_map(|cell| {
            let (code, meaning) = cell.trim().split_once(' ')?;
            Some((code.parse().ok()?, meaning.trim()))
        })
        .collect();
    codes.sort_unstable();
    writeln!(page, ".SH \"EXIT STATUS\"")?;
    for (code, meaning) in codes {
        writeln!(page, ".TP\n.B {code}\n{}", escaped(meaning))?;
    }
    Ok(())
}

fn environment(root: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH ENVIRONMENT")?;
    let of_options = root.get_arguments().filter_map(|arg| {
        let name = arg.get_env()?.to_str()?.to_owned();
        Some((name, format!("The option `--{}`.", arg.get_long()?)))
    });
    let others = VARIABLES.map(|(name, about)| (name.to_owned(), about.to_owned()));
    for (name, about) in of_options.chain(others) {
        writeln!(page, ".TP\n.B {}\n{}", escaped(&name), escaped(&about))?;
    }
    Ok(())
}

/// A line of text with everything escaped that roff would interpret.
fn escaped(text: &str) -> String {
    let mut line = text
        .replace('\\', r"\e")
        .replace('-', r"\-")
        .replace('\'', r"\(aq")
        .replace('`', r"\(ga")
        .replace('"', r"\(dq")
        .replace('^', r"\(ha")
        .replace('~', r"\(ti");
    if line.starts_with('.') {
        line.insert_str(0, r"\&");
    }
    line
}
