//! Writes a sync into an object store: Amazon S3 and what speaks its protocol, Google Cloud Storage, and
//! Azure Blob Storage.
//!
//! ```text
//! s3://BUCKET/PREFIX/pages/run=12/part-0000000034-3f7a9c0e5d1b2468.parquet
//! s3://BUCKET/PREFIX/pages/run=12/part-0000000034-deleted-9e107d9d372bb682.parquet
//! s3://BUCKET/PREFIX/_manifest/0000000034.json
//! ```
//!
//! A commit is staged in a folder of this machine, together with what is known of the rows, as
//! [`sink_folder`] does it. Its parts are then put into the store, and after them its manifest, only if
//! there is none of that number. Every object is created once and never overwritten: parts are named by
//! their contents. A run that ends in between leaves what is staged to the next one, which puts the same
//! objects. Where another writer was first, the manifest is refused and the run ends.
//!
//! HTTP is the caller's: [`Transport`] sends the requests, to [`Access::origins`] and nowhere else.

mod access;
mod answers;
mod connector;
mod fault;
mod location;
mod remote;
mod shipment;
mod sink;
mod transport;

pub use access::{Access, AccessError, Retries};
pub use fault::StoreFault;
pub use location::{Location, LocationError, Provider};
pub use remote::Remote;
pub use sink::ObjectStoreSink;
pub use transport::{Transport, TransportError, TransportFuture};
