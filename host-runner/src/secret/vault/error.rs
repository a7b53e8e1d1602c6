//! Why Vault does not answer. No text here ever holds a token or the Vault token.

use std::io;
use std::path::PathBuf;

use super::client::{CONNECT_SECONDS, MAX_BYTES, REQUEST_SECONDS};
use super::token::TOKEN_VARIABLE;

/// Why Vault does not keep or give a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The address is none that a Vault token may be sent to.
    ///
    /// The address is not repeated: it may have a password in it.
    #[error(
        "the address of vault {reason}: use `https://vault.example.com:8200` (plain `http` is accepted for loopback addresses)"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The mount or the prefix is no path.
    #[error(
        "the {setting} `{value}` of vault is not a valid path: expected names separated by single `/`, such as `secret` or `team/kv`"
    )]
    Name {
        /// `mount` or `prefix`.
        setting: &'static str,
        /// What was given.
        value: String,
    },
    /// The namespace cannot be sent in a header.
    #[error(
        "the namespace of vault has characters that are not allowed in a header: use its path, such as `team/app`"
    )]
    Namespace,
    /// There is no Vault token.
    #[error(
        "there is no vault token: supply it in the variable `{TOKEN_VARIABLE}`, or in a private file named by the setting `secrets.vault.token-file`"
    )]
    NoToken,
    /// The token file cannot be read.
    #[error(
        "cannot read the vault token file `{path}`: {source}; set `secrets.vault.token-file` to another file, or unset it and supply the token in `{TOKEN_VARIABLE}`"
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
        "`{origin}` does not contain a vault token: expected one line without spaces, as printed by `vault token create -field=token`"
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
        "TLS verification of vault at `{address}` failed: {reason}; if your own authority signed its certificate, set `secrets.vault.ca-file` to the authority's certificate"
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
        "vault at `{address}` closed the connection mid-response: {reason}; try again, and check proxies between this host and vault"
    )]
    Broken {
        /// Where it was looked for.
        address: String,
        /// What broke.
        reason: String,
    },
    /// The answer is longer than any that is expected.
    #[error(
        "the response for `{path}` is longer than {MAX_BYTES} bytes: the address is not Vault's, or the path contains something else"
    )]
    TooLong {
        /// The path in Vault.
        path: String,
    },
    /// The answer is none of Vault's.
    #[error(
        "`{address}` answered with status {status} but is not Vault: the response {what}; check the address, and proxies between this host and vault"
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
        "vault at `{address}` rejects requests (status 429): it is a standby, or a rate limit quota is exhausted; point the address at the active node, or try again later"
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
        "vault rejected the token: it has expired, was revoked, or belongs to another vault; provide a new one in `{TOKEN_VARIABLE}` or the file named by `secrets.vault.token-file`"
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
        "`{path}` contains no valid token for this connection: it is not text, is empty, or has spaces or control characters; enter the connection's token again"
    )]
    NotToken {
        /// The path in Vault.
        path: String,
    },
    /// Other hosts wrote the secret each time this one was about to.
    #[error(
        "`{path}` changed during each of {attempts} attempts to write it, so nothing was written: another process keeps writing it; stop it and retry"
    )]
    Conflict {
        /// The path in Vault.
        path: String,
        /// How often the write was tried.
        attempts: u32,
    },
    /// The tokens are forgotten, but can be brought back from older versions.
    #[error(
        "the tokens were removed from the newest version of the secret, but older versions still contain them: the policy lacks `update` on `{path}`; grant it and remove them again, or revoke the tokens where they were created"
    )]
    OldVersions {
        /// The path in Vault that destroys versions.
        path: String,
    },
    /// Any other refusal.
    #[error("vault rejected the request to `{path}` with status {status}: {said}")]
    Refused {
        /// The path in Vault.
        path: String,
        /// The status.
        status: u16,
        /// Vault's words, or that it said nothing.
        said: String,
    },
}
