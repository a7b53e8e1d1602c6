//! The commands, one module each.

pub(crate) mod call;
pub(crate) mod completions;
pub(crate) mod component;
pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod download;
pub(crate) mod functions;
pub(crate) mod manual;
pub(crate) mod oauth_app;
pub(crate) mod policy;
pub(crate) mod read;
pub(crate) mod secrets;
pub(crate) mod simulator;
pub(crate) mod streams;
pub(crate) mod sync;

mod follow;
mod interruption;
mod nothing_visible;
mod space_hint;
mod web;
