//! The components that are part of this program.

use host_runner::{config_store_provider, embedded_component, environment_provider};

/// A component that is part of this program.
pub(crate) struct BuiltIn {
    /// The word for it.
    pub(crate) name: &'static str,
    /// What it is, for who completes the word.
    pub(crate) about: &'static str,
    pub(crate) bytes: fn() -> &'static [u8],
}

/// The components that are part of this program.
pub(crate) const BUILT_IN: [BuiltIn; 3] = [
    BuiltIn {
        name: "embedded",
        about: "the embedded connector",
        bytes: embedded_component,
    },
    BuiltIn {
        name: "environment-provider",
        about: "supplies settings from environment variables",
        bytes: environment_provider,
    },
    BuiltIn {
        name: "config-store-provider",
        about: "supplies settings from wasi:config/store",
        bytes: config_store_provider,
    },
];
