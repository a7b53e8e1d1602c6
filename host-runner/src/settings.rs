//! The `settings` interface that a component imports, as this host gives it.

use std::sync::Arc;

use zeroize::Zeroizing;

use wasmtime::component::{HasSelf, Linker};

use crate::connection::{Authorization, Endpoint};
use host_levels::{Effective, Level, Remedy};

mod bindings {
    #![allow(
        missing_docs,
        reason = "the WIT has the documentation; this is made from it"
    )]
    wasmtime::component::bindgen!({
        inline: "
            package host-runner:settings;
            world host {
                import confluence:connector/settings@0.3.0;
            }
        ",
        path: "../wit",
    });
}

use bindings::confluence::connector::settings::{self as wit, Problem, ProblemKind};

/// What a component may ask about settings in one call.
pub(crate) struct CallSettings {
    /// The endpoint in force.
    pub(crate) endpoint: Option<Endpoint>,
    /// The levels in force: what they allow a connection to be.
    pub(crate) effective: Arc<Effective>,
    /// What the caller gave to set-api-url-and-auth, if that is what runs.
    pub(crate) offered: Option<OfferedConnection>,
    /// What the component asked to be stored, once it has.
    pub(crate) accepted: Option<AcceptedConnection>,
    /// What can be done about the problem that the component was told of, if it was told of one.
    pub(crate) remedy: Option<Box<Remedy>>,
}

/// The arguments of a set-api-url-and-auth that this host itself is running.
pub(crate) struct OfferedConnection {
    pub(crate) url: String,
    /// What the component is shown in place of the authorization.
    pub(crate) stand_in: Zeroizing<String>,
    pub(crate) authorization: Authorization,
    pub(crate) level: Level,
}

/// A connection that the component asked to be stored, and that may be.
pub(crate) struct AcceptedConnection {
    pub(crate) endpoint: Endpoint,
    pub(crate) authorization: Authorization,
    pub(crate) level: Level,
}

pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    settings: fn(&mut T) -> &mut CallSettings,
) -> wasmtime::Result<()> {
    wit::add_to_linker::<_, HasSelf<CallSettings>>(linker, settings)
}

impl wit::Host for CallSettings {
    fn base_url(&mut self) -> Result<String, Problem> {
        match &self.endpoint {
            Some(endpoint) => Ok(endpoint.as_str().to_owned()),
            None => {
                let name = self.effective.connection_name();
                self.remedy = Some(Box::new(Remedy::AddConnection { name }));
                Err(not_configured(&self.effective))
            }
        }
    }

    /// Never: this host adds the authorization to the requests themselves.
    fn authorization(&mut self) -> Option<String> {
        None
    }

    fn store(
        &mut self,
        url: String,
        authorization: String,
        level: wit::Level,
    ) -> Result<String, Problem> {
        let level = match level {
            wit::Level::App => Level::App,
            wit::Level::Env => Level::Env,
            wit::Level::Cluster => Level::Cluster,
        };
        let offered = self
            .offered
            .take_if(|offered| {
                offered.url == url && *offered.stand_in == authorization && offered.level == level
            })
            .ok_or_else(|| Problem {
                kind: ProblemKind::Refused,
                code: "store-not-asked-for".to_owned(),
                message: "the component tried to store a connection that its caller did not pass".to_owned(),
                cause: "settings are stored only while set-api-url-and-auth runs, and only with the arguments of its caller".to_owned(),
                resolution: "call set-api-url-and-auth with what is to be stored; if you did, do not trust this component".to_owned(),
            })?;
        let endpoint = Endpoint::parse_site(&url).map_err(|error| Problem {
            kind: ProblemKind::InvalidEndpoint,
            code: error.code().to_owned(),
            message: error.to_string(),
            cause: error.cause().to_owned(),
            resolution: error.resolution().to_owned(),
        })?;
        if let Err(forbidden) = self.effective.accepts(&endpoint) {
            self.remedy = forbidden.remedy().map(Box::new);
            return Err(Problem {
                kind: ProblemKind::Refused,
                code: forbidden.code().to_owned(),
                message: forbidden.to_string(),
                cause: forbidden.cause().to_owned(),
                resolution: forbidden.resolution(),
            });
        }
        let base = endpoint.as_str().to_owned();
        self.accepted = Some(AcceptedConnection {
            endpoint,
            authorization: offered.authorization,
            level,
        });
        Ok(base)
    }
}

pub(crate) fn not_configured(effective: &Effective) -> Problem {
    let scope = effective.scope();
    let looked_at: Vec<String> = Level::NARROWEST_FIRST
        .into_iter()
        .map(|level| format!("`{}`", scope.path(level)))
        .collect();
    let name = effective.connection_name();
    let others = effective.connection_names();
    let there_is = if others.is_empty() {
        String::new()
    } else {
        let others: Vec<&str> = others.iter().map(|name| name.as_str()).collect();
        format!(
            "; there is `{}`, which the setting `connection` can name",
            others.join("`, `")
        )
    };
    Problem {
        kind: ProblemKind::NotConfigured,
        code: "not-configured".to_owned(),
        message: format!("no connection `{name}` is configured for `{scope}`"),
        cause: format!(
            "none of the levels {} has one of that name{there_is}",
            looked_at.join(", ")
        ),
        resolution: format!(
            "add a connection `{name}` with its API token, or call set-api-url-and-auth with the URL and the authorization of the site"
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use zeroize::Zeroizing;

    use super::wit::{self, Host as _, ProblemKind};
    use super::{CallSettings, OfferedConnection};
    use host_levels::ConfigFolder;

    use crate::connection::Authorization;
    use crate::known_settings::SETTINGS;
    use host_levels::{Level, Scope};

    const URL: &str = "https://example.atlassian.net";

    fn settings(offers: bool) -> CallSettings {
        CallSettings {
            effective: std::sync::Arc::new(
                ConfigFolder::new("/no/such/folder", SETTINGS)
                    .effective(&Scope::default(), &[])
                    .unwrap(),
            ),
            endpoint: None,
            offered: offers.then(|| OfferedConnection {
                url: URL.to_owned(),
                stand_in: Zeroizing::new("Bearer stand-in".to_owned()),
                authorization: Authorization::parse("Bearer sesame").unwrap(),
                level: Level::App,
            }),
            accepted: None,
            remedy: None,
        }
    }

    fn store(
        settings: &mut CallSettings,
        url: &str,
        authorization: &str,
        level: wit::Level,
    ) -> bool {
        match settings.store(url.to_owned(), authorization.to_owned(), level) {
            Ok(base) => base == "https://example.atlassian.net/wiki",
            Err(problem) => {
                assert_eq!(problem.kind, ProblemKind::Refused);
                false
            }
        }
    }

    #[test]
    fn a_component_stores_nothing_but_what_its_caller_gave_and_that_once() {
        assert!(!store(
            &mut settings(false),
            URL,
            "Bearer stand-in",
            wit::Level::App
        ));
        for (url, authorization, level) in [
            ("https://evil.example", "Bearer stand-in", wit::Level::App),
            (URL, "Bearer sesame", wit::Level::App),
            (URL, "Bearer other", wit::Level::App),
            (URL, "Bearer stand-in", wit::Level::Cluster),
        ] {
            let mut settings = settings(true);
            assert!(!store(&mut settings, url, authorization, level));
            assert!(settings.accepted.is_none());
        }
        let mut settings = settings(true);
        assert!(store(
            &mut settings,
            URL,
            "Bearer stand-in",
            wit::Level::App
        ));
        assert_eq!(
            settings.accepted.as_ref().unwrap().authorization.expose(),
            "Bearer sesame"
        );
        assert!(!store(
            &mut settings,
            URL,
            "Bearer stand-in",
            wit::Level::App
        ));
    }

    #[test]
    fn a_component_is_never_told_the_authorization() {
        assert_eq!(settings(true).authorization(), None);
    }
}
