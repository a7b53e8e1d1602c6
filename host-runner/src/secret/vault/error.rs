//! Why Vault does not answer. No text here ever holds a token or the Vault token.

use std::io;
use std::path::PathBuf;

use super::client::{CONNECT_SECONDS, MOST_BYTES, REQUEST_SECONDS};
use super::token::TOKEN_VARIABLE;

/// Why Vault does not keep or give a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The address is none that a Vault token may be sent to.
    ///
    /// The address is not repeated: it may have a password in it.
    #[error(
        "the address of vault {reason}: give it as `https://vault.example.com:8200` (plain `http` is for loopback addresses)"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The mount or the prefix is no path.
    #[error(
        "the {setting} `{value}` of vault is no path: it is made of names with single `/` between them, such as `secret` or `team/kv`"
    )]
    Name {
        /// `mount` or `prefix`.
        setting: &'static str,
        /// What was given.
        value: String,
    },
    /// The namespace cannot be sent in a header.
    #[error(
        "the namespace of vault has characters that no header can hold: give its path, such as `team/app`"
    )]
    Namespace,
    /// There is no Vault token.
    #[error(
        "there is no vault token: give it in the variable `{TOKEN_VARIABLE}`, or in a file that only you can read, named by the setting `secrets.vault.token-file`"
    )]
    NoToken,
    /// The token file cannot be read.
    #[error(
        "the vault token file `{path}` cannot be read: {source}; name another with the setting `secrets.vault.token-file`, or drop the setting and give the token in `{TOKEN_VARIABLE}`"
    )]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others than its owner and its group can read the token file.
    #[error(
        "the vault token file `{path}` can be read by others (mode {mode:o}): run `chmod o-rwx {path}`, and consider the token as known to them"
    )]
    TokenExposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// What should be a Vault token is none.
    #[error(
        "`{origin}` holds no vault token: a token is one line without blanks, as `vault token create -field=token` prints it"
    )]
    TokenMalformed {
        /// Where it was read.
        origin: String,
    },
    /// The file of certificate authorities is of no use.
    #[error(
        "the certificate file `{path}` of vault cannot be used: {reason}; the setting `secrets.vault.ca-file` names a PEM file with the certificate of the authority that signed vault's"
    )]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection comes about.
    #[error(
        "vault at `{address}` cannot be reached: {reason}; check the address, and that this host may connect to it"
    )]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What the operating system said.
        reason: String,
    },
    /// TLS does not come about.
    #[error(
        "the connection to vault at `{address}` cannot be trusted: {reason}; where an authority of your own signed its certificate, name that authority's with the setting `secrets.vault.ca-file`"
    )]
    Untrusted {
        /// Where it was looked for.
        address: String,
        /// What TLS said.
        reason: String,
    },
    /// The answer did not come in time.
    #[error(
        "vault at `{address}` did not answer within {REQUEST_SECONDS} s ({CONNECT_SECONDS} s to connect): check the address, and that vault is up"
    )]
    TimedOut {
        /// Where it was looked for.
        address: String,
    },
    /// The connection broke before the answer was whole.
    #[error(
        "vault at `{address}` broke the answer off: {reason}; try again, and look at what stands between this host and vault"
    )]
    Broken {
        /// Where it was looked for.
        address: String,
        /// What broke.
        reason: String,
    },
    /// The answer is longer than any that is expected.
    #[error(
        "the answer about `{path}` is longer than {MOST_BYTES} bytes: this is no vault, or something else is kept at that path"
    )]
    TooLong {
        /// The path in Vault.
        path: String,
    },
    /// The answer is none of Vault's.
    #[error(
        "what answers at `{address}` with status {status} is no vault: the answer {what}; check the address, and what stands between this host and vault"
    )]
    NotVault {
        /// Where it was looked for.
        address: String,
        /// The status.
        status: u16,
        /// What is wrong with the answer.
        what: &'static str,
    },
    /// The answer sends elsewhere. The Vault token goes to no address but the one it was given for.
    #[error(
        "vault at `{address}` redirects to `{location}`, as a standby does, and redirects are not followed: point the address at the active node, or at a load balancer in front of it"
    )]
    Redirected {
        /// The address in the settings.
        address: String,
        /// The origin that it sends to.
        location: String,
    },
    /// The node is a standby.
    #[error(
        "vault at `{address}` is a standby that does not serve requests (status {status}): point the address at the active node, or at a load balancer in front of it"
    )]
    Standby {
        /// The address in the settings.
        address: String,
        /// The status.
        status: u16,
    },
    /// A standby, or a rate limit.
    #[error(
        "vault at `{address}` turns requests away (status 429): it is a standby, or a rate limit quota is used up; point the address at the active node, or try again later"
    )]
    TurnedAway {
        /// The address in the settings.
        address: String,
    },
    /// Vault is sealed.
    #[error("vault at `{address}` is sealed: have its operator run `vault operator unseal`")]
    Sealed {
        /// The address in the settings.
        address: String,
    },
    /// The Vault token is not valid.
    #[error(
        "vault does not know the vault token: it has expired, was revoked, or is another vault's; give a new one in `{TOKEN_VARIABLE}` or the file named by `secrets.vault.token-file`"
    )]
    TokenRefused,
    /// The Vault token may not do this.
    #[error(
        "vault does not permit access to `{path}`: the vault token has expired, or its policy lacks {capabilities} on that path; run `vault token lookup` and `vault token capabilities {path}` with it"
    )]
    Denied {
        /// The path in Vault, as a policy names it.
        path: String,
        /// What the policy has to grant.
        capabilities: &'static str,
    },
    /// No KV engine stands at the mount.
    #[error(
        "no KV version 2 engine is mounted at `{mount}` (vault said: {said}): set the mount, or the namespace, to the right one, or have one mounted with `vault secrets enable -path={mount} -version=2 kv`"
    )]
    NoEngine {
        /// The mount.
        mount: String,
        /// Vault's words.
        said: String,
    },
    /// The engine is of version 1, which has no check-and-set and keeps nothing apart.
    #[error(
        "the engine mounted at `{mount}` is KV version 1, and version 2 is needed: run `vault kv enable-versioning {mount}`, or set the mount to one of version 2"
    )]
    VersionOne {
        /// The mount.
        mount: String,
    },
    /// What is kept for the binding is no token.
    #[error(
        "what `{path}` holds for this connection is no token: it is no text, is empty, or has blanks or control characters; give the connection's token again"
    )]
    NotToken {
        /// The path in Vault.
        path: String,
    },
    /// Other hosts wrote the secret each time this one was about to.
    #[error(
        "`{path}` changed {attempts} times while it was being written, so nothing was written: others write it all the time; find out who does, and try again"
    )]
    Conflict {
        /// The path in Vault.
        path: String,
        /// How often the write was tried.
        attempts: u32,
    },
    /// The tokens are forgotten, but can be brought back from older versions.
    #[error(
        "the tokens are gone from the newest version of the secret, but its older versions keep them: its policy lacks `update` on `{path}`; grant it and forget again, or revoke the tokens where they were made"
    )]
    OldVersions {
        /// The path in Vault that destroys versions.
        path: String,
    },
    /// Any other refusal.
    #[error("vault refuses the request to `{path}` with status {status}: {said}")]
    Refused {
        /// The path in Vault.
        path: String,
        /// The status.
        status: u16,
        /// Vault's words, or that it said nothing.
        said: String,
    },
}
