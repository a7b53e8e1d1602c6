//! An answer on its way in: decompressed, bounded and collected before the guest sees any of it.

pub(super) mod body_error;
pub(super) mod coding;
pub(super) mod guard;
pub(super) mod held;
pub(super) mod pieces;
