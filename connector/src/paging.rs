//! Lists: one call as many requests, walked until its limit, its end or a failure.
//!
//! From the bottom: [`circle`] and [`hunt`] are small state machines; a [`position`] holds them; a
//! [`plan`] turns a position into a request; [`continuation`] says what follows a response;
//! [`walk`] joins all of it; [`after`] writes a position as text and reads it back.

pub(crate) mod after;
pub(crate) mod circle;
pub(crate) mod continuation;
pub(crate) mod hunt;
pub(crate) mod notices;
pub(crate) mod plan;
pub(crate) mod position;
pub(crate) mod seen_ids;
pub(crate) mod walk;
