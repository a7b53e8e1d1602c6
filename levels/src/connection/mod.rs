//! What a connection is, except for its token: a site's endpoint, and how a token is presented
//! to it.

mod cloud_id;
mod concurrency_limit;
mod date;
mod definition;
mod endpoint;
mod path;

pub use cloud_id::{CloudId, CloudIdError};
pub use concurrency_limit::ConcurrencyLimit;
pub use date::{Date, DateError};
pub use definition::{
    ConnectionDefinition, DEFAULT_CONCURRENCY, DefinitionError, MAX_CONCURRENCY, Scheme, TokenKind,
};
pub use endpoint::{Endpoint, EndpointError, is_loopback};
pub use path::is_unambiguous;

/// The name of a connection.
pub type ConnectionName = crate::plain_name::PlainName;

/// Why a text is not the name of a connection.
pub type ConnectionNameError = crate::plain_name::PlainNameError;
