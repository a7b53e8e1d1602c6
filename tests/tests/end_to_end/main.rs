//! The whole path: the real binary, the real component, a real socket.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod ahead;
mod arguments;
mod attacker;
mod bodies;
mod caller;
mod chunks;
mod compiling;
mod completions;
mod component;
mod components;
mod composition;
mod compression;
mod concurrency;
mod configuration;
mod connections;
mod containers;
mod contention;
mod contract;
mod demo;
mod doctor;
mod downloads;
mod economy;
mod exploding_types;
mod failures;
mod fault_matrix;
mod fields;
mod front;
mod getters;
mod help;
mod hostile_downloads;
mod hostile_guests;
mod interruption;
mod key;
mod levels;
mod limits;
mod lists;
mod manual;
mod memory;
mod mentions;
mod messages;
mod oauth;
mod output;
mod packaging;
mod policy;
mod printing;
mod proxy;
mod random_changes;
mod reading;
mod readme;
mod receipts;
mod recipes;
mod reference;
mod retries;
mod secrets;
mod serving;
mod signatures;
mod simulator_control;
mod sources;
mod streams;
mod supplied_client;
mod supplied_credential;
mod supplied_store;
mod sync;
mod sync_access;
mod sync_access_changes;
mod sync_copies;
mod sync_definitions;
mod sync_duckdb;
mod sync_files;
mod sync_filter_pairs;
mod sync_filters;
mod sync_folders;
mod sync_library;
mod sync_options;
mod sync_sinks;
mod sync_stores;
mod sync_truth;
mod tables;
mod telemetry;
#[cfg(target_os = "linux")]
mod terminal;
mod texts;
mod tls;
mod tokens;
mod transport;
mod truths;
mod typed;
mod words;

use confluence_simulator::{Faults, Settings, Simulator};
use host_runner::{HostRunner, Level, Scope};

/// A site of 200 pages.
async fn site() -> Simulator {
    site_of(200).await
}

/// A site of so many pages.
async fn site_of(pages: u64) -> Simulator {
    let settings = Settings {
        pages,
        ..Settings::default()
    };
    Simulator::start(settings)
        .await
        .expect("a simulator starts")
}

/// Faults in the notation of the command line.
fn faults(text: &str) -> Faults {
    text.parse().expect("faults parse")
}

/// Lets the connections of a host lead to this machine.
fn allow_loopback(host: &HostRunner) {
    let key = "network.allow-loopback";
    host.config()
        .set(&Scope::default(), Level::Cluster, key, "true")
        .expect("the cluster level is written");
}
