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
        documentation: "Maximum memory per call, in MiB.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.handles",
        kind: Kind::Number {
            least: 8,
            most: 65_536,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum number of requests, responses and streams that a component can hold open. The connector holds six.",
        default: || Some(Value::Number(256)),
    },
    Setting {
        key: "limits.call-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum duration of a call in seconds, including network waits. 60 is enough for forty pages of 250 rows at one second each.",
        default: || Some(Value::Seconds(60.0)),
    },
];
