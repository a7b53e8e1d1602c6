//! What can be done about an error, as data.
//!
//! A library does not know how its caller is operated: by commands, by a form, by another program.
//! Its errors say what failed, and name the remedy; whoever shows them to people words it in
//! commands of its own.

use std::fmt;

use crate::connection::ConnectionName;
use crate::level::{Level, LevelPath};
use crate::oauth_app::OauthAppName;

/// What can be done about an error.
///
/// Its [`Display`](fmt::Display) is for programs that have no better words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Add a connection.
    AddConnection {
        /// Its name.
        name: ConnectionName,
    },
    /// See which connections there are.
    ListConnections,
    /// See what a connection is now.
    ShowConnection {
        /// Its name.
        name: ConnectionName,
    },
    /// Enter the token of a connection.
    EnterToken {
        /// The connection, where it is one.
        name: Option<ConnectionName>,
        /// The level that has it, where that is known.
        level: Option<LevelPath>,
    },
    /// Log in again with OAuth.
    Login {
        /// The connection.
        name: ConnectionName,
        /// The level that has it.
        level: LevelPath,
    },
    /// Enter the client secret of an OAuth app.
    EnterClientSecret {
        /// The app, where it is known.
        name: Option<OauthAppName>,
        /// The level that has it, where that is known.
        level: Option<LevelPath>,
    },
    /// Add an OAuth app.
    AddOauthApp {
        /// Its name.
        name: OauthAppName,
    },
    /// See which settings there are.
    ListSettings,
    /// See where the values of some settings come from.
    ExplainSettings {
        /// What their names start with.
        prefix: &'static str,
    },
    /// Give a setting a value.
    SetSetting {
        /// The setting.
        key: &'static str,
        /// The value.
        value: &'static str,
        /// The level that may have it.
        level: Level,
    },
    /// Omit the caller's own value of a setting.
    OmitOverride {
        /// The setting.
        key: String,
    },
    /// Raise a limit.
    RaiseLimit {
        /// The setting.
        setting: &'static str,
    },
    /// Ask for less in one call, or raise a limit.
    AskForLess {
        /// The setting.
        setting: &'static str,
    },
    /// Ask for less in one call, raise a limit, or report a defect of the component.
    AskForLessOrReport {
        /// The setting.
        setting: &'static str,
    },
    /// Make fewer calls at once, raise the rate of the connection, or raise a limit.
    MakeFewerCalls {
        /// The setting.
        setting: &'static str,
    },
    /// Check the store of secrets, or raise a limit.
    CheckSecretStore {
        /// The setting.
        setting: &'static str,
    },
    /// Store the component that a level names.
    StoreComponent,
    /// Run the component that the library carries.
    RunEmbeddedComponent,
    /// Remove a stored component, and store it again.
    StoreComponentAgain {
        /// Its digest.
        digest: String,
    },
    /// Have a component signed, or give the signature that there is.
    SignComponent,
    /// Make a pair of keys for signatures.
    MakeSigningKey,
    /// See which functions the component has.
    ListFunctions,
    /// See what a function takes.
    ShowFunction {
        /// Its name.
        name: String,
    },
    /// Give the key that secrets are to be sealed with.
    GiveNewKey,
    /// Use another state folder.
    ChooseStateFolder,
    /// Write to another file.
    ChooseOutputFile {
        /// Whether the one that is there may be overwritten instead.
        or_overwrite: bool,
    },
    /// Stream the content instead of saving it as a file.
    StreamContent,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddConnection { name } => {
                write!(f, "add a connection `{name}` with its API token")
            }
            Self::ListConnections => f.write_str("list the available connections"),
            Self::ShowConnection { name } => {
                write!(f, "read connection `{name}` again, and repeat the change")
            }
            Self::EnterToken { name, level } => {
                f.write_str("enter the token")?;
                if let Some(name) = name {
                    write!(f, " of connection `{name}`")?;
                }
                if let Some(level) = level {
                    write!(f, " of level `{level}`")?;
                }
                f.write_str(" again")
            }
            Self::Login { name, level } => {
                write!(f, "log in again for connection `{name}` of level `{level}`")
            }
            Self::EnterClientSecret { name, level } => {
                f.write_str("enter the client secret")?;
                if let Some(name) = name {
                    write!(f, " of OAuth app `{name}`")?;
                }
                if let Some(level) = level {
                    write!(f, " of level `{level}`")?;
                }
                f.write_str(" again")
            }
            Self::AddOauthApp { name } => write!(
                f,
                "add an OAuth app `{name}` with its client id, callback URL and secret"
            ),
            Self::ListSettings => f.write_str("list the available settings"),
            Self::ExplainSettings { prefix } => write!(
                f,
                "look up which level sets `{prefix}`, and ask the owner of that level to change it"
            ),
            Self::SetSetting { key, value, level } => {
                write!(
                    f,
                    "if this is intended, set `{key}` to `{value}` at level `{level}`"
                )
            }
            Self::OmitOverride { key } => write!(f, "omit the value of `{key}`"),
            Self::RaiseLimit { setting } => write!(f, "raise `{setting}`"),
            Self::AskForLess { setting } => {
                write!(f, "request less in one call, or raise `{setting}`")
            }
            Self::AskForLessOrReport { setting } => write!(
                f,
                "request less in one call, or raise `{setting}`; if it computes as long for little, report it, with the call that led to it"
            ),
            Self::MakeFewerCalls { setting } => write!(
                f,
                "make fewer calls at once, raise the rate or the concurrency of the connection if the site allows it, or raise `{setting}`"
            ),
            Self::CheckSecretStore { setting } => {
                write!(f, "check the store of secrets, or raise `{setting}`")
            }
            Self::StoreComponent => f.write_str("store the component, or unset `component.digest`"),
            Self::RunEmbeddedComponent => f.write_str("run the component that this host carries"),
            Self::StoreComponentAgain { digest } => write!(
                f,
                "unset the component `{digest}` at the levels that run it, remove it, and store it again"
            ),
            Self::SignComponent => {
                f.write_str("sign the component, or store it with its signature")
            }
            Self::MakeSigningKey => {
                f.write_str("create a key pair, such as with `openssl genpkey -algorithm ed25519`")
            }
            Self::ListFunctions => f.write_str("list the functions of the component"),
            Self::ShowFunction { name } => write!(f, "look up the parameters of `{name}`"),
            Self::GiveNewKey => f.write_str("supply the new key"),
            Self::ChooseStateFolder => f.write_str("use a writable state folder"),
            Self::ChooseOutputFile { or_overwrite: true } => {
                f.write_str("write to another file, or allow overwriting it")
            }
            Self::ChooseOutputFile {
                or_overwrite: false,
            } => f.write_str("write to a writable file"),
            Self::StreamContent => f.write_str("stream the content instead of saving it"),
        }
    }
}
