//! Streams whose rows are parts of one row of another stream, such as the sections of a page.

use std::fmt::Debug;

use source::{Batch, Stream};

use crate::derivation::DerivedRow;

/// A stream that is made of the bodies of other streams' rows.
///
/// The parts of a row are written in the transaction that writes the row, and replace those that it had:
/// no reader sees parts of a version that is gone. They are deleted with it.
pub trait Split: Debug + Send + Sync {
    /// Its description. [`Stream::parents`] are the streams whose rows have parts.
    fn stream(&self) -> &Stream;

    /// The format of bodies that it takes apart.
    fn body_format(&self) -> &str;

    /// The parts of a row of a batch with bodies: [`DerivedRow::parent`] is the key of the row. A row that
    /// is deleted is not asked for.
    fn split(&self, rows: &Batch, row: usize) -> Vec<DerivedRow>;
}
