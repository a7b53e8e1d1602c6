//! What a connection is, except for its token: a site's endpoint, and how a token is presented
//! to it.

mod date;
mod definition;
mod endpoint;
mod lane;
mod name;
mod path;

pub use date::{Date, DateError};
pub use definition::{
    ConnectionDefinition, DEFAULT_CONCURRENCY, DefinitionError, MAX_CONCURRENCY, Scheme, TokenKind,
};
pub use endpoint::{Endpoint, EndpointError, is_loopback};
pub use lane::Lane;
pub use name::{ConnectionName, ConnectionNameError};
pub use path::is_unambiguous;
