//! The components that this program carries.

use host_runner::{config_store_provider, embedded_component, environment_provider};

/// A component that this program carries.
pub(crate) struct Carried {
    /// The word for it.
    pub(crate) name: &'static str,
    /// What it is, for who completes the word.
    pub(crate) about: &'static str,
    pub(crate) bytes: fn() -> &'static [u8],
}

/// The components that this program carries.
pub(crate) const CARRIED: [Carried; 3] = [
    Carried {
        name: "embedded",
        about: "the embedded connector",
        bytes: embedded_component,
    },
    Carried {
        name: "environment-provider",
        about: "supplies settings from environment variables",
        bytes: environment_provider,
    },
    Carried {
        name: "config-store-provider",
        about: "supplies settings from wasi:config/store",
        bytes: config_store_provider,
    },
];
