//! The levels that hold settings, and the scope of a call that picks among them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::plain_name::{MAX_NAME_BYTES, is_plain};

/// Where a setting is kept. The narrower overrides the wider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// For one app of one environment.
    App,
    /// For all apps of one environment.
    Env,
    /// For everything on this host.
    Cluster,
}

impl Level {
    /// From the narrowest to the widest: the order in which a setting is looked for.
    pub const NARROWEST_FIRST: [Self; 3] = [Self::App, Self::Env, Self::Cluster];

    /// Whether its settings are overridden by those of `other`.
    #[must_use]
    pub fn is_wider_than(self, other: Self) -> bool {
        let place = |level| Self::NARROWEST_FIRST.iter().position(|one| *one == level);
        place(self) > place(other)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::App => "app",
            Self::Env => "env",
            Self::Cluster => "cluster",
        })
    }
}

/// The name of an environment or an app: 1 to 64 letters, digits, `.`, `_` and `-`, the first
/// one a letter or a digit, not ending in `.toml`. Such a name is a file name and a database key
/// as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LevelName(String);

impl LevelName {
    /// The name that is used when a caller names none.
    #[must_use]
    pub fn default_name() -> Self {
        Self("default".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LevelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text names no environment and no app.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{name}` cannot name an environment or an app: a name has 1 to 64 letters, digits, `.`, `_` or `-`, starts with a letter or a digit, and does not end in `.toml`"
)]
pub struct LevelNameError {
    name: String,
}

/// Why a text is no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid level: use `cluster`, `env` or `app`")]
pub struct LevelError {
    text: String,
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::NARROWEST_FIRST
            .into_iter()
            .find(|level| text.eq_ignore_ascii_case(&level.to_string()))
            .ok_or_else(|| LevelError {
                text: text.to_owned(),
            })
    }
}

impl FromStr for LevelName {
    type Err = LevelNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        // The folder of an environment `prod.toml` would be the file of the environment `prod`.
        if is_plain(name) && !name.ends_with(".toml") {
            Ok(Self(name.to_owned()))
        } else {
            Err(LevelNameError {
                name: name.chars().take(MAX_NAME_BYTES + 1).collect(),
            })
        }
    }
}

/// On whose behalf a call is made: one app of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The environment.
    pub env: LevelName,
    /// The app.
    pub app: LevelName,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            env: LevelName::default_name(),
            app: LevelName::default_name(),
        }
    }
}

impl Scope {
    /// The path of `level` as seen from this scope: `cluster`, `env/ENV` or `env/ENV/app/APP`.
    #[must_use]
    pub fn path(&self, level: Level) -> LevelPath {
        let path = match level {
            Level::Cluster => "cluster".to_owned(),
            Level::Env => format!("env/{}", self.env),
            Level::App => format!("env/{}/app/{}", self.env, self.app),
        };
        let default = LevelName::default_name;
        let scope = Self {
            env: match level {
                Level::Cluster => default(),
                Level::Env | Level::App => self.env.clone(),
            },
            app: match level {
                Level::Cluster | Level::Env => default(),
                Level::App => self.app.clone(),
            },
        };
        LevelPath(Arc::new(Place { level, scope, path }))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path(Level::App))
    }
}

/// One level of one scope, such as `env/prod/app/search`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LevelPath(Arc<Place>);

/// What a [`LevelPath`] shares with its copies: errors carry it, and stay small.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    level: Level,
    scope: Scope,
    path: String,
}

impl LevelPath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.path
    }

    /// Which of the three levels it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.0.level
    }

    /// A scope that the level is in force for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.0.scope.clone()
    }

    /// The level's file below the configuration folder: `cluster.toml`, `env/ENV.toml` or
    /// `env/ENV/app/APP.toml`.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        PathBuf::from(format!("{}.toml", self.0.path))
    }
}

impl fmt::Display for LevelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Level, LevelName, Scope};

    #[test]
    fn a_name_that_could_leave_its_folder_is_refused() {
        for name in [
            "",
            "..",
            ".hidden",
            "a/b",
            "a\\b",
            "-x",
            "ä",
            "a b",
            "a\0",
            "prod.toml",
            &"a".repeat(65),
        ] {
            assert!(name.parse::<LevelName>().is_err(), "{name:?}");
        }
        for name in ["prod", "eu-west.1", "a", "7_up", &"a".repeat(64)] {
            assert!(name.parse::<LevelName>().is_ok(), "{name:?}");
        }
    }

    #[test]
    fn apps_of_two_environments_are_two() {
        let scope = |env: &str| Scope {
            env: env.parse().unwrap(),
            app: "search".parse().unwrap(),
        };
        assert_ne!(
            scope("prod").path(Level::App),
            scope("test").path(Level::App)
        );
        assert_eq!(
            scope("prod").path(Level::Cluster),
            scope("test").path(Level::Cluster)
        );
    }
}
