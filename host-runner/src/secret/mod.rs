//! Secrets at rest: the key, the seal, and the records that are sealed.

mod key;
mod seal;
mod store;

pub use key::KeyError;
pub use seal::SealError;
pub use store::StoreError;

pub(crate) use key::MasterKey;
pub(crate) use store::ConnectionStore;
