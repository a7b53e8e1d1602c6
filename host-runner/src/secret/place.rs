//! What a secret belongs to.

use crate::connection::ConnectionName;
use host_levels::LevelPath;

/// What a token belongs to: one connection of one level, as it was when the token was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretPlace {
    /// The level that has the connection.
    pub level: LevelPath,
    /// The connection.
    pub connection: ConnectionName,
    /// The endpoint, scheme and user that the token was given for: a connection that is changed
    /// to lead elsewhere has no token until one is given for there.
    pub binding: String,
}

impl SecretPlace {
    /// The place as bytes that no other place has: none of the parts holds a line end.
    pub(super) fn associated_data(&self) -> Vec<u8> {
        format!("{}\n{}\n{}", self.level, self.connection, self.binding).into_bytes()
    }
}
