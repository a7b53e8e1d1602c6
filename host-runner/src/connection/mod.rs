//! A connection: a site's endpoint and the authorization for it, always together.
//!
//! They are one record of one level. Were they two settings, an app that sets its own endpoint
//! would be sent the cluster's token.

mod authorization;
mod endpoint;

pub use authorization::{Authorization, AuthorizationError};
pub use endpoint::{Endpoint, EndpointError};

use crate::level::LevelPath;

/// The connection in force for a scope, and the level that supplied it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The level that has the record.
    pub(crate) level: LevelPath,
    /// Where the site is.
    pub(crate) endpoint: Endpoint,
    /// What to show it.
    pub(crate) authorization: Authorization,
}
