//! Reads the streams of a source.
//!
//! [`Reading`] reads one stream once, from the beginning to the end, and keeps nothing: several steps
//! at a time, by space where the stream can be read so, and over the rows of its parents where it
//! needs them.
//!
//! This crate knows no site, no component and no socket; what it reads is behind [`source::Source`].

mod read;

pub use read::{ReadError, ReadProgress, ReadRequest, Reading};
