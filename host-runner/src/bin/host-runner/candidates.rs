//! What a shell may complete: names that the levels and the component have.
//!
//! A shell asks this program, with the words that were typed so far. Whatever goes wrong here
//! ends in no candidates, never in a message amid somebody's typing.

use std::process::ExitCode;

use clap::Parser as _;
use clap_complete::CompletionCandidate;
use host_runner::{Level, SETTINGS};

use crate::command::{CommandLine, SessionOptions};

/// Answers a shell that asks for candidates, if that is why this program was started.
pub(crate) fn complete() -> Option<ExitCode> {
    None
}

/// The options of the command line that is being typed, as far as they can be read.
fn session() -> Option<SessionOptions> {
    CommandLine::try_parse_from(["host-runner", "doctor"])
        .ok()
        .map(|line| line.session)
}

pub(crate) fn environments() -> Vec<CompletionCandidate> {
    let names = session()
        .and_then(|session| session.config().ok())
        .and_then(|config| config.environments().ok())
        .unwrap_or_default();
    names
        .into_iter()
        .map(|name| CompletionCandidate::new(name.as_str()))
        .collect()
}

pub(crate) fn apps() -> Vec<CompletionCandidate> {
    let names = session()
        .and_then(|session| session.config().ok()?.apps(&session.env).ok())
        .unwrap_or_default();
    names
        .into_iter()
        .map(|name| CompletionCandidate::new(name.as_str()))
        .collect()
}

pub(crate) fn connections() -> Vec<CompletionCandidate> {
    let effective =
        session().and_then(|session| session.config().ok()?.effective(&session.scope(), &[]).ok());
    effective
        .map(|effective| {
            effective
                .connection_names()
                .into_iter()
                .map(|name| CompletionCandidate::new(name.as_str()))
                .collect()
        })
        .unwrap_or_default()
}

pub(crate) fn levels() -> Vec<CompletionCandidate> {
    Level::NARROWEST_FIRST
        .into_iter()
        .map(|level| CompletionCandidate::new(level.to_string()))
        .collect()
}

pub(crate) fn settings() -> Vec<CompletionCandidate> {
    SETTINGS
        .iter()
        .map(|setting| {
            CompletionCandidate::new(setting.key).help(Some(setting.documentation.into()))
        })
        .collect()
}

pub(crate) fn components() -> Vec<CompletionCandidate> {
    Vec::new()
}
