//! Logins: how a connection gets its grant, and loses it.

use std::sync::Arc;

use url::Url;

use super::HostRunner;
use super::oauth_apps::secret_id;
use crate::call::CallError;
use crate::connection::{ConnectionDefinition, Endpoint, Scheme, TokenKind};
use crate::limits::Limits;
use crate::oauth::{
    AuthorizationCode, Grant, LoginRequest, OauthError, OauthServer, OauthServers, Requested,
    Resource, ServerFault, StoredGrant, TokenFailure, grant_binding, login_id, needed_scopes,
};
use crate::outbound::Route;
use crate::runner::SaveError;
use crate::secret::{SecretId, SecretKind};
use host_levels::{
    ConnectionName, Effective, Expected, Level, LevelFile, OFFLINE_ACCESS, OauthAppName, Scope,
};

/// A site at which a login could be stored, to find out whether the level's file can be written.
const SOME_SITE: &str = "https://example.atlassian.net";

/// What came of a login.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoggedIn {
    /// The connection as it is stored now.
    pub definition: ConnectionDefinition,
    /// Scopes that were asked for and not granted.
    pub missing_scopes: Vec<String>,
}

impl HostRunner {
    /// Begins a login for a connection of a level of a scope: everything that can be wrong before a
    /// browser opens is found out now. Without an app, the one that the connection has.
    ///
    /// # Errors
    ///
    /// [`OauthError`] says what is missing or wrong.
    pub async fn begin_login(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        app: Option<&OauthAppName>,
    ) -> Result<LoginRequest, OauthError> {
        let path = scope.path(level);
        let effective = self.0.config.effective_at(&path)?;
        let there = self.connection_at(scope, level, name)?;
        let used = match there.as_ref().map(|there| &there.scheme) {
            Some(Scheme::Oauth { app, .. }) => Some(app),
            Some(_) => {
                return Err(OauthError::HasToken {
                    name: name.clone(),
                    level: path,
                });
            }
            None => None,
        };
        let Some(app_name) = app.or(used).cloned() else {
            return Err(OauthError::AppMissing {
                name: name.clone(),
                level: path,
            });
        };
        let Some((file, entry)) = effective.oauth_app(&app_name, level) else {
            return Err(OauthError::NoApp {
                app: app_name,
                level: path,
            });
        };
        let servers = OauthServers::in_force(&effective)?;
        let id = secret_id(file.level(), &app_name, &entry.app);
        let secret = self.0.secrets.store.get(&id).await?;
        let Some(secret) = secret else {
            return Err(OauthError::NoClientSecret {
                app: app_name,
                level: file.level().clone(),
            });
        };
        let expected = Expected::of(there);
        self.try_login(scope, level, name, &app_name, &expected)?;
        let mut scopes = match &entry.app.scopes {
            Some(scopes) => scopes.clone(),
            None => {
                let needed = needed_scopes(None, None).map(|needed| needed.scopes);
                let needed = needed.unwrap_or_default();
                needed.into_iter().map(str::to_owned).collect()
            }
        };
        if !scopes.iter().any(|scope| scope == OFFLINE_ACCESS) {
            scopes.push(OFFLINE_ACCESS.to_owned());
        }
        Ok(LoginRequest::new(Requested {
            scope: scope.clone(),
            level,
            connection: name.clone(),
            expected,
            app_level: file.level().clone(),
            app: entry.app.clone(),
            app_name,
            secret,
            server: self.oauth_server(&effective, servers),
            scopes,
        })?)
    }

    /// Whether the connection could be written, before anybody is sent to a browser.
    fn try_login(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
        app: &OauthAppName,
        expected: &Expected,
    ) -> Result<(), OauthError> {
        // A login again may change nothing, and works where the file is mounted read-only.
        let definition = match expected {
            Expected::Was(there) => (**there).clone(),
            _ => {
                let endpoint = Endpoint::parse(SOME_SITE).ok();
                let cloud_id = "0".parse().ok();
                let Some((endpoint, cloud_id)) = endpoint.zip(cloud_id) else {
                    return Ok(());
                };
                let app = app.clone();
                let scheme = Scheme::Oauth { app, cloud_id };
                ConnectionDefinition::new(endpoint, scheme, TokenKind::Unscoped)
            }
        };
        self.0
            .config
            .try_connection(scope, level, name, expected, &definition)?;
        Ok(())
    }

    /// Ends a login: redeems its code, finds the site, and stores the grant and the connection. The
    /// grant is stored first, bound to what the connection will be.
    ///
    /// `site` is compared by host; without one, the only site that was granted is taken.
    ///
    /// # Errors
    ///
    /// [`OauthError`]; nothing was stored then.
    pub async fn finish_login(
        &self,
        request: LoginRequest,
        code: AuthorizationCode,
        site: Option<&str>,
    ) -> Result<LoggedIn, OauthError> {
        let Requested {
            scope,
            level,
            connection,
            expected,
            app_name,
            app_level,
            app,
            secret,
            server,
            scopes,
        } = &request.requested;
        let redeemed = server
            .redeem(app, secret, code.expose(), request.verifier())
            .await;
        drop(code);
        let pair = redeemed.map_err(|failure| match failure {
            TokenFailure::Grant => OauthError::Code {
                server: server.name(),
            },
            TokenFailure::Client => OauthError::WrongClient {
                app: app_name.clone(),
                level: app_level.clone(),
                server: server.name(),
            },
            TokenFailure::Server(fault) => OauthError::Server {
                server: server.name(),
                doing: "the login",
                fault,
            },
        })?;
        if pair.refresh.is_none() {
            return Err(OauthError::NoRefreshToken);
        }
        let resources = server.resources(&pair).await.map_err(|fault| {
            let no_access = matches!(fault, ServerFault::Status { status: 401 | 403 });
            if no_access {
                return OauthError::NoSites;
            }
            OauthError::Server {
                server: server.servers.api.host().to_owned(),
                doing: "the list of granted sites",
                fault,
            }
        })?;
        let resource = choose(resources, site)?;
        let endpoint = Endpoint::parse(&origin_of(&resource.url)).map_err(|error| {
            OauthError::SiteAddress {
                site: resource.url.clone(),
                error,
            }
        })?;
        let Ok(cloud_id) = resource.cloud_id.parse() else {
            return Err(OauthError::Server {
                server: server.servers.api.host().to_owned(),
                doing: "the list of granted sites",
                fault: ServerFault::Nonsense,
            });
        };
        let scheme = Scheme::Oauth {
            app: app_name.clone(),
            cloud_id,
        };
        let mut definition = ConnectionDefinition::new(endpoint, scheme, TokenKind::Unscoped);
        if let Expected::Was(there) = expected {
            definition.concurrency = there.concurrency;
            definition
                .borrow_concurrency_from
                .clone_from(&there.borrow_concurrency_from);
        }
        // What the site grants; where it does not say, what the token says, if it says anything.
        let granted = match resource.scopes.as_slice() {
            [] => &pair.scopes,
            _ => &resource.scopes,
        };
        let missing_scopes: Vec<String> = scopes
            .iter()
            .filter(|scope| *scope != OFFLINE_ACCESS && !granted.contains(scope))
            .filter(|_| !granted.is_empty())
            .cloned()
            .collect();
        let now = server.now();
        let grant = Grant::of_login(login_id()?, pair, missing_scopes.clone(), now);
        let unreadable = || OauthError::Server {
            server: server.name(),
            doing: "the login",
            fault: ServerFault::Nonsense,
        };
        let token = grant.to_token().ok_or_else(unreadable)?;
        let id = SecretId {
            level: scope.path(*level),
            kind: SecretKind::OauthGrant,
            name: connection.clone(),
            binding: grant_binding(&definition, app).ok_or_else(unreadable)?,
        };
        self.save_with(scope, *level, id, expected, &definition, &token)
            .await
            .map_err(of_call)?;
        Ok(LoggedIn {
            definition,
            missing_scopes,
        })
    }

    /// Forgets the tokens of a connection that uses OAuth. Its record stays, and needs authorization.
    ///
    /// # Errors
    ///
    /// [`SaveError::NoConnection`] when the level has none of that name that uses OAuth, and others when
    /// the secrets cannot be written.
    pub async fn logout(
        &self,
        scope: &Scope,
        level: Level,
        name: &ConnectionName,
    ) -> Result<(), SaveError> {
        let path = scope.path(level);
        let there = self
            .connection_at(scope, level, name)
            .map_err(|error| SaveError::Call(Box::new(error.into())))?;
        let is_oauth = there.is_some_and(|there| matches!(there.scheme, Scheme::Oauth { .. }));
        if !is_oauth {
            return Err(SaveError::NoConnection {
                level: path,
                name: name.clone(),
                elsewhere: self.where_else(scope, name),
            });
        }
        let store = &self.0.secrets.store;
        store
            .forget(&path, SecretKind::OauthGrant, name, None)
            .await?;
        Ok(())
    }

    /// The servers of OAuth, and how they are reached.
    pub(super) fn oauth_server(&self, effective: &Effective, servers: OauthServers) -> OauthServer {
        OauthServer {
            egress: Arc::clone(&self.0.egress),
            servers,
            route: Route::in_force(effective),
            limits: self.0.limits.unwrap_or_else(|| Limits::in_force(effective)),
        }
    }

    /// The grant of a connection, and where its requests go.
    pub(super) fn stored_grant(
        &self,
        effective: &Effective,
        server: OauthServer,
        name: &ConnectionName,
        (file, definition): (&LevelFile, &ConnectionDefinition),
    ) -> Result<(StoredGrant, Endpoint), OauthError> {
        let level = file.level();
        let needs_authorization = |why| OauthError::NeedsAuthorization {
            name: name.clone(),
            level: level.clone(),
            why,
        };
        let Scheme::Oauth { app, cloud_id } = &definition.scheme else {
            return Err(needs_authorization("it does not use OAuth"));
        };
        let (app_file, entry) = effective
            .oauth_app(app, level.level())
            .ok_or_else(|| needs_authorization("its OAuth app is gone"))?;
        let endpoint = server
            .servers
            .endpoint(cloud_id.as_str())
            .ok_or_else(|| needs_authorization("its cloud id is not valid"))?;
        let stored = StoredGrant {
            id: Self::secret_of(effective, level, name, definition),
            app: entry.app.clone(),
            secret_id: secret_id(app_file.level(), app, &entry.app),
            store: Arc::clone(&self.0.secrets.store),
            locks: Arc::clone(&self.0.grants),
            state_folder: self.0.state.clone(),
            metrics: Arc::clone(&self.0.metrics),
            server,
        };
        Ok((stored, endpoint))
    }
}

/// What went wrong while a connection was stored.
fn of_call(error: CallError) -> OauthError {
    match error {
        CallError::Config(error) => error.into(),
        CallError::Edit(error) => error.into(),
        CallError::Secret(error) => error.into(),
        CallError::EndpointDenied(error) => error.into(),
        _ => OauthError::Task,
    }
}

/// Scheme, host and port of a granted site. What else its address has is not the site's.
fn origin_of(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) if url.has_host() => url.origin().ascii_serialization(),
        _ => url.to_owned(),
    }
}

/// The host and the port of a site, as people write it.
fn host_of(site: &str) -> Option<(String, Option<u16>)> {
    let site = site.trim();
    let url = if site.contains("://") {
        Url::parse(site)
    } else {
        Url::parse(&format!("https://{site}"))
    };
    let url = url.ok()?;
    Some((url.host_str()?.to_ascii_lowercase(), url.port()))
}

/// The granted site that a login is for. Never the first of several.
fn choose(granted: Vec<Resource>, site: Option<&str>) -> Result<Resource, OauthError> {
    let listed = |granted: &[Resource]| granted.iter().map(|there| there.url.clone()).collect();
    if granted.is_empty() {
        return Err(OauthError::NoSites);
    }
    let Some(site) = site else {
        let mut sites = granted.into_iter();
        return match (sites.next(), sites.len()) {
            (Some(only), 0) => Ok(only),
            (first, _) => Err(OauthError::SeveralSites {
                granted: listed(&first.into_iter().chain(sites).collect::<Vec<_>>()),
            }),
        };
    };
    let wanted = host_of(site);
    let is_wanted = |there: &&Resource| {
        let (Some((wanted, port)), Some((host, its_port))) = (&wanted, host_of(&there.url)) else {
            return false;
        };
        *wanted == host && (port.is_none() || *port == its_port)
    };
    let mut found = granted.iter().filter(is_wanted);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.clone()),
        (Some(_), Some(_)) => Err(OauthError::SeveralSites {
            granted: listed(&granted),
        }),
        (None, _) => Err(OauthError::NoSuchSite {
            site: site.to_owned(),
            granted: listed(&granted),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::choose;
    use crate::oauth::{OauthError, Resource};

    fn granted(urls: &[&str]) -> Vec<Resource> {
        let resource = |(number, url): (usize, &&str)| Resource {
            cloud_id: number.to_string(),
            url: (*url).to_owned(),
            scopes: Vec::new(),
        };
        urls.iter().enumerate().map(resource).collect()
    }

    #[test]
    fn a_site_is_chosen_by_its_host() {
        let two = ["https://one.atlassian.net", "https://two.atlassian.net"];
        for site in [
            "https://two.atlassian.net",
            "two.atlassian.net",
            "https://TWO.Atlassian.net/wiki/spaces/ENG?x=1",
            "https://two.atlassian.net:443/jira",
        ] {
            let chosen = choose(granted(&two), Some(site)).unwrap();
            assert_eq!(chosen.url, two[1], "{site}");
        }
        for site in [
            "https://three.atlassian.net",
            "https://two.atlassian.net.evil.example",
            "https://xtwo.atlassian.net",
            "",
        ] {
            let refused = choose(granted(&two), Some(site)).unwrap_err();
            assert!(matches!(refused, OauthError::NoSuchSite { .. }), "{site}");
            assert!(refused.to_string().contains(two[0]));
        }
    }

    #[test]
    fn without_a_site_the_only_one_is_taken_and_never_the_first_of_several() {
        let one = ["https://one.atlassian.net"];
        assert_eq!(choose(granted(&one), None).unwrap().url, one[0]);
        let two = ["https://one.atlassian.net", "https://two.atlassian.net"];
        let refused = choose(granted(&two), None).unwrap_err().to_string();
        assert!(two.iter().all(|url| refused.contains(url)), "{refused}");
        let none = choose(Vec::new(), None);
        assert!(matches!(none, Err(OauthError::NoSites)));
    }
}
