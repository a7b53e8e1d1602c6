//! Settings as modules above this crate have them, for tests.

use super::{
    Bound, CONNECTION_SETTINGS, Kind, Precedence, SITE_SETTINGS, Setting, Settings, Value,
};

pub(crate) static SETTINGS: Settings = Settings::new(&[CONNECTION_SETTINGS, SITE_SETTINGS, OTHERS]);

const OTHERS: &[Setting] = &[
    Setting {
        key: "limits.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "The most memory that one call may use, in MiB.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.handles",
        kind: Kind::Number {
            least: 8,
            most: 65_536,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "The most requests, answers and streams that a component may hold open at once. The connector holds six.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.call-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "The most that one call may take, waiting for the network included, in seconds. 60 is enough for forty pages of 250 rows at a second each, and some.",
        default: || Some(Value::Seconds(60.0)),
    },
];
