//! What Vault's answers mean: each status and shape is given its meaning here and nowhere else.

use http::StatusCode;
use serde_json::{Map, Value};
use zeroize::{Zeroize as _, Zeroizing};

use super::error::VaultError;
use super::path::{Area, SecretPath};
use super::settings::VaultAddress;
use crate::connection::Token;

/// Longest part of Vault's own words that an error repeats, in characters.
const SAID_CHARACTERS: usize = 200;

/// How Vault says that a check-and-set lost, with status 400.
const CONFLICT: &str = "check-and-set parameter did not match";

/// What a request was about: what its errors have to name, and what they must not.
pub(super) struct Asked<'a> {
    pub(super) address: &'a VaultAddress,
    pub(super) path: &'a SecretPath,
    pub(super) area: Area,
    /// What a policy has to grant, as in ``"`create` and `update`"``.
    pub(super) capabilities: &'static str,
    /// What was sent and no error may repeat, even where an answer does.
    pub(super) secrets: Vec<Zeroizing<String>>,
}

impl Asked<'_> {
    fn shown(&self) -> String {
        self.path.shown(self.area)
    }

    fn no_vault(&self, status: StatusCode, what: &'static str) -> VaultError {
        VaultError::NotVault {
            address: self.address.to_string(),
            status: status.as_u16(),
            what,
        }
    }

    fn version_one(&self) -> VaultError {
        VaultError::VersionOne {
            mount: self.path.mount().to_owned(),
        }
    }
}

/// The newest version of a secret.
pub(super) struct Found {
    /// Its number, which a check-and-set has to give. 0 where there is none.
    pub(super) version: u64,
    /// Its data. Empty where there is no version, or the newest is deleted or destroyed.
    pub(super) tokens: Tokens,
}

/// The data of a secret: tokens by what they are bound to. What an operator put there besides,
/// and of whatever type, is carried along unchanged. Overwritten when dropped.
#[derive(Default)]
pub(super) struct Tokens(Map<String, Value>);

impl Tokens {
    /// What is kept for a binding: none, a token, or something that is no token.
    pub(super) fn get(&self, binding: &str) -> Option<Result<Token, ()>> {
        let text = self.0.get(binding)?.as_str().ok_or(());
        Some(text.and_then(|text| Token::parse(text).map_err(|_| ())))
    }

    pub(super) fn insert(&mut self, binding: &str, token: &Token) {
        let token = Value::String(token.expose().to_owned());
        if let Some(mut replaced) = self.0.insert(binding.to_owned(), token) {
            wipe(&mut replaced);
        }
    }

    /// Removes all but what is bound as `keep`. Says whether that was anything.
    pub(super) fn keep_only(&mut self, keep: Option<&str>) -> bool {
        let before = self.0.len();
        self.0.retain(|binding, value| {
            let stays = Some(binding.as_str()) == keep;
            if !stays {
                wipe(value);
            }
            stays
        });
        self.0.len() != before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.0.values().filter_map(Value::as_str).collect()
    }

    /// The body of a write that only goes through while `version` is the newest.
    pub(super) fn write_body(&self, version: u64) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        // Twice the length, for escapes: a buffer that grows leaves copies of the tokens behind.
        let length: usize = self
            .0
            .iter()
            .map(|(binding, value)| binding.len() + value.as_str().map_or(64, str::len) + 8)
            .sum();
        let mut body = Zeroizing::new(Vec::with_capacity(64 + 2 * length));
        body.extend_from_slice(format!(r#"{{"options":{{"cas":{version}}},"data":"#).as_bytes());
        serde_json::to_writer(&mut *body, &self.0)?;
        body.push(b'}');
        Ok(body)
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// An answer, as it came.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The origin of its `Location`.
    pub(super) location: Option<String>,
    pub(super) content: Content,
}

/// The body of an answer.
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// Vault's.
    Json(Wiped),
    /// Anybody else's.
    Other,
}

/// A value whose texts are overwritten when it is dropped.
pub(super) struct Wiped(Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(values) => values.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Content {
    pub(super) fn read(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Nothing;
        }
        match serde_json::from_slice(bytes) {
            Ok(value @ Value::Object(_)) => Self::Json(Wiped(value)),
            Ok(_) | Err(_) => Self::Other,
        }
    }
}

impl Answer {
    /// Whether the same request may fare better at once: the node, or a proxy before it, failed.
    pub(super) fn is_passing(error: &VaultError) -> bool {
        match error {
            VaultError::Broken { .. } => true,
            VaultError::Refused { status, .. } | VaultError::NotVault { status, .. } => {
                *status >= 500
            }
            _ => false,
        }
    }

    /// Refuses what means the same whatever was asked.
    pub(super) fn check(self, asked: &Asked<'_>) -> Result<Self, VaultError> {
        let address = || asked.address.to_string();
        match self.status.as_u16() {
            300..=399 => Err(VaultError::Redirected {
                address: address(),
                location: self.location.unwrap_or_else(|| "elsewhere".to_owned()),
            }),
            429 => Err(VaultError::TurnedAway { address: address() }),
            status @ (472 | 473) => Err(VaultError::Standby {
                address: address(),
                status,
            }),
            _ if matches!(self.content, Content::Other) => {
                Err(asked.no_vault(self.status, "is not JSON"))
            }
            403 if self.says("invalid token") || self.says("bad token") => {
                Err(VaultError::TokenRefused)
            }
            403 => Err(VaultError::Denied {
                path: asked.shown(),
                capabilities: asked.capabilities,
            }),
            405 => Err(self.no_engine(asked)),
            503 if self.says("sealed") => Err(VaultError::Sealed { address: address() }),
            200 | 204 | 400 | 404 => Ok(self),
            _ => Err(self.refused(asked)),
        }
    }

    /// The meaning of a read.
    ///
    /// A secret that was never there answers 404 with an empty `errors`; one whose newest version
    /// is deleted or destroyed answers 404 with that version's number and no data.
    pub(super) fn found(mut self, asked: &Asked<'_>) -> Result<Found, VaultError> {
        let version = self
            .at(&["data", "metadata", "version"])
            .and_then(Value::as_u64);
        match (self.status.as_u16(), version) {
            (200, Some(version)) => match self.take_data() {
                Some(Value::Object(tokens)) => Ok(Found {
                    version,
                    tokens: Tokens(tokens),
                }),
                _ => Err(asked.no_vault(self.status, "holds a secret without data")),
            },
            // KV version 1 gives back what was written at `data/…`, and no metadata.
            (200, None) if self.at(&["data"]).is_some_and(Value::is_object) => {
                Err(asked.version_one())
            }
            (404, Some(version)) => Ok(Found {
                version,
                tokens: Tokens::default(),
            }),
            (404, None) => match self.errors() {
                Some([]) => Ok(Found {
                    version: 0,
                    tokens: Tokens::default(),
                }),
                Some(_) => Err(self.no_engine(asked)),
                None => Err(asked.no_vault(self.status, "has no `errors`")),
            },
            (400, _) => Err(self.refused(asked)),
            _ => Err(asked.no_vault(self.status, "has no `data`")),
        }
    }

    /// The meaning of a write with check-and-set: the number of the new version, or none when
    /// another write came first.
    pub(super) fn written(self, asked: &Asked<'_>) -> Result<Option<u64>, VaultError> {
        match self.status.as_u16() {
            400 if self.says(CONFLICT) => Ok(None),
            400 => Err(self.refused(asked)),
            404 => Err(self.no_engine(asked)),
            // KV version 1 takes the body as the secret, check-and-set and all, and says nothing.
            _ => match self.at(&["data", "version"]).and_then(Value::as_u64) {
                Some(version) => Ok(Some(version)),
                None => Err(asked.version_one()),
            },
        }
    }

    /// The meaning of a request that answers nothing.
    pub(super) fn done(self, asked: &Asked<'_>) -> Result<(), VaultError> {
        match self.status.as_u16() {
            400 => Err(self.refused(asked)),
            404 => Err(self.no_engine(asked)),
            _ => Ok(()),
        }
    }

    fn at(&self, keys: &[&str]) -> Option<&Value> {
        let Content::Json(Wiped(value)) = &self.content else {
            return None;
        };
        keys.iter().try_fold(value, |value, key| value.get(key))
    }

    fn take_data(&mut self) -> Option<Value> {
        let Content::Json(Wiped(value)) = &mut self.content else {
            return None;
        };
        Some(value.get_mut("data")?.get_mut("data")?.take())
    }

    fn errors(&self) -> Option<&[Value]> {
        Some(self.at(&["errors"])?.as_array()?.as_slice())
    }

    fn says(&self, words: &str) -> bool {
        self.errors()
            .unwrap_or_default()
            .iter()
            .any(|error| error.as_str().is_some_and(|error| error.contains(words)))
    }

    /// Vault's own words, on one line, unless they repeat what was sent.
    fn said(&self, asked: &Asked<'_>) -> String {
        let errors: Vec<&str> = self
            .errors()
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .flat_map(str::split_whitespace)
            .filter(|word| *word != "*")
            .collect();
        let said = errors.join(" ");
        if asked
            .secrets
            .iter()
            .any(|secret| said.contains(secret.as_str()))
        {
            return "words that repeat what was sent, and are withheld".to_owned();
        }
        if said.is_empty() {
            return "nothing".to_owned();
        }
        said.chars()
            .filter(|character| !character.is_control())
            .take(SAID_CHARACTERS)
            .collect()
    }

    fn no_engine(&self, asked: &Asked<'_>) -> VaultError {
        VaultError::NoEngine {
            mount: asked.path.mount().to_owned(),
            said: self.said(asked),
        }
    }

    fn refused(&self, asked: &Asked<'_>) -> VaultError {
        VaultError::Refused {
            path: asked.shown(),
            status: self.status.as_u16(),
            said: self.said(asked),
        }
    }
}
