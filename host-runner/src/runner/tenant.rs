//! A tenant: one scope, the component of its levels, and calls on its behalf.

use std::future::Future;
use std::sync::Arc;

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::Instant;
use tracing::Instrument as _;
use wasmtime::component::Val;
use wasmtime::{Store, component};

use super::stored_credential::StoredCredential;
use super::{HostRunner, TenantError};
use crate::call::{
    Answer, CallError, CallState, ComponentError, Invocation, LoadedComponent, MAX_MESSAGE_BYTES,
    MAX_WORD_BYTES, Owner, SuppliedBy, WarmPolicy, cut, cut_display,
};
use crate::component::{Function, NoSuchFunction};
use crate::connection::{
    Authorization, ConcurrencyLimit, Connection, ConnectionDefinition, ConnectionName,
    CredentialIdentity, CredentialSource, DEFAULT_CONCURRENCY, FixedCredential, Scheme, Token,
    TokenKind,
};
use crate::custom_content;
use crate::download::{AttachmentRequest, Bounds, Download, DownloadError, Location};
use crate::error_kind::ErrorKind;
use crate::limits::Limits;
use crate::meter::Meter;
use crate::oauth::{GrantState, OauthCredential, OauthError, OauthServers};
use crate::outbound::{
    AllowedHosts, CallEnd, CallTerms, ContentError, Fetch, GivenUp, Held, LiveAuthorizations,
    Locations, Pacing, Quota, Refusal, RefusalSlot, Route,
};
use crate::permits::{APP_CALLS_AT_ONCE, AtOnce, CALLS_AT_ONCE, Full};
use crate::receipt::{Receipt, TimeSpent};
use crate::secret::{KeyError, SecretError};
use crate::settings::{AcceptedConnection, CallSettings, OfferedConnection};
use host_levels::{
    ConnectionEntry, EditError, Effective, Expected, Level, LevelFile, Remedy, Scope, Source,
};

/// The package whose interfaces typed callers call.
const CONNECTOR: &str = "confluence:connector/";

/// The function that stores connections.
const SET: &str = "set-api-url-and-auth";

/// The function that asks a site who we are.
const TEST: &str = "test-connection";

/// The function that says where the content of an attachment is.
const LOCATE: &str = "get-attachment-location";

/// How often the levels are read again when a connection's token is not there. Another process
/// that changes the connection writes the token first, then the file, and then removes the old
/// token: who read the old file just before finds nothing, and finds all in the new one.
const READ_AGAIN: usize = 20;

/// One scope, and the component of its levels. Each call goes by the levels as they are then; the
/// component stays the one that was in force when this was made.
///
/// It is a handle that a task can own: clones are cheap, and it keeps its host alive.
#[derive(Clone)]
pub struct Tenant {
    host: HostRunner,
    scope: Arc<Scope>,
    component: Arc<LoadedComponent>,
    /// What calls are made with in place of the connection of the levels.
    credential: Option<Arc<dyn CredentialSource>>,
}

/// Tasks can own hosts and tenants, and run on any thread.
const _: () = {
    const fn is_owned<T: Clone + Send + Sync + 'static>() {}
    is_owned::<HostRunner>();
    is_owned::<Tenant>();
};

/// What one call goes with.
struct Resolved {
    effective: Arc<Effective>,
    connection: Option<(Connection, Option<SuppliedBy>)>,
}

/// What becomes of the instance of a call that ends well.
#[derive(Debug, Clone, Copy)]
enum Kept {
    /// It may have been one of this tenant's warm ones, and be one again.
    ForTheNextCall,
    /// It is fresh, and dropped.
    ForNothing,
}

/// What came of one call.
struct Ran {
    answer: Answer,
    accepted: Option<AcceptedConnection>,
    /// Where the site has sent it.
    locations: Locations,
}

/// What came of entering an instance.
struct Entered<T> {
    value: T,
    accepted: Option<AcceptedConnection>,
    locations: Locations,
    refusal: Option<Refusal>,
    remedy: Option<Box<Remedy>>,
    supplied_by: Option<SuppliedBy>,
}

impl HostRunner {
    /// The component in force for a scope, loaded and checked against what its levels grant and
    /// require.
    ///
    /// # Errors
    ///
    /// [`TenantError`] when the levels have mistakes, or the component is refused.
    pub fn tenant(&self, scope: &Scope) -> Result<Tenant, TenantError> {
        let effective = self.in_force(scope)?;
        Ok(Tenant {
            host: self.clone(),
            scope: Arc::new(scope.clone()),
            component: self.component_of(&effective)?,
            credential: None,
        })
    }
}

impl Tenant {
    /// On whose behalf.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same tenant, whose calls go to the endpoint of `credential` and are authorized by it, in
    /// place of the connection of the levels. Everything else is as the levels have it, such as
    /// limits, policies and, where the level of the credential has a connection of its name,
    /// concurrency.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use host_runner::{
    /// #     AfterRejection, Authorization, CredentialFuture, CredentialIdentity, CredentialSource,
    /// #     Endpoint, HostRunner, Level, Scope,
    /// # };
    /// struct FromMyVault {
    ///     identity: CredentialIdentity,
    /// }
    ///
    /// impl CredentialSource for FromMyVault {
    ///     fn authorization(&self) -> CredentialFuture<'_, Authorization> {
    ///         // Called for each request: a source of yours caches its tokens.
    ///         let token = Authorization::parse("Bearer token-from-my-vault");
    ///         Box::pin(async { token.map_err(|error| host_runner::CredentialError::new(error.to_string())) })
    ///     }
    ///
    ///     fn rejected<'a>(&'a self, _: &'a Authorization) -> CredentialFuture<'a, AfterRejection> {
    ///         Box::pin(async { Ok(AfterRejection::GiveUp) })
    ///     }
    ///
    ///     fn identity(&self) -> &CredentialIdentity {
    ///         &self.identity
    ///     }
    /// }
    ///
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let folder = tempfile::tempdir()?;
    /// # let simulator = confluence_simulator::Simulator::start(Default::default()).await?;
    /// # let site = simulator.endpoint();
    /// # let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state")).open()?;
    /// # let scope = Scope::default();
    /// # host.config().set(&scope, Level::Cluster, "network.allow-loopback", "true")?;
    /// let identity = CredentialIdentity::new(
    ///     scope.path(Level::App),
    ///     "wiki".parse()?,
    ///     Endpoint::parse(&site)?,
    ///     "service-account-7",
    /// );
    /// let tenant = host.tenant(&scope)?.with_credential(Arc::new(FromMyVault { identity }));
    /// let pages = tenant.client().list_pages(None, Some(3), None, None).await?;
    /// # assert_eq!(pages.items.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_credential(&self, credential: Arc<dyn CredentialSource>) -> Self {
        Self {
            credential: Some(credential),
            ..self.clone()
        }
    }

    /// Maximum number of concurrent requests of this tenant's connection, as the levels are now. 1 if
    /// there is none, or if the levels have mistakes: the next call reports those.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        let of_connection = |effective: &Effective| match &self.credential {
            Some(credential) => Some(supplied_concurrency(credential.identity(), effective)),
            None => effective.concurrency_limit(&effective.connection_name()),
        };
        let effective = self.host.in_force(&self.scope).ok();
        let limit = effective.and_then(|effective| of_connection(&effective));
        limit.map_or(1, |limit| usize::from(limit.concurrency))
    }

    /// The functions that the component exports.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        self.component.functions()
    }

    /// A function of the component, by its name in camelCase or kebab-case.
    ///
    /// # Errors
    ///
    /// [`NoSuchFunction`] with the names that are most like it.
    pub fn function(&self, name: &str) -> Result<&Function, NoSuchFunction> {
        Function::find(self.functions(), name)
    }

    /// Calls a function. [`bind`](crate::bind) makes the arguments.
    ///
    /// `set-api-url-and-auth` stores what it is given: the component checks it, and is shown a
    /// stand-in for the authorization.
    ///
    /// # Errors
    ///
    /// [`CallError`] is the component's own error with the level that supplied the connection, or
    /// says which limit ended the call.
    pub async fn call(
        &self,
        function: &Function,
        arguments: Vec<Val>,
    ) -> Result<Answer, CallError> {
        self.call_with_receipt(function, arguments).await.0
    }

    /// Calls a function, as [`Tenant::call`] does, and says what it cost, whether it went well or
    /// not.
    pub async fn call_with_receipt(
        &self,
        function: &Function,
        arguments: Vec<Val>,
    ) -> (Result<Answer, CallError>, Receipt) {
        let meter = Meter::of(&self.host.0.metrics);
        let called = self.call_metered(function, arguments, &meter);
        let stopped = |answer: &Answer| answer.stopped().map(|error| error.kind);
        self.observed(function.name(), called, stopped, &meter)
            .await
    }

    /// Makes a call through generated bindings.
    pub(crate) async fn call_typed<T, E: Into<ComponentError>>(
        &self,
        interface: &str,
        function: &str,
        call: impl AsyncFnOnce(
            &mut Store<CallState>,
            &component::Func,
        ) -> wasmtime::Result<Result<T, E>>,
    ) -> (Result<T, CallError>, Receipt) {
        let meter = Meter::of(&self.host.0.metrics);
        // As reflection names it.
        let name = function.replace('_', "-");
        let called = async {
            let function = self.of_connector(interface, &name)?;
            let resolved = self.resolve().await?;
            let entered = self
                .enter(false, resolved, None, Kept::ForTheNextCall, &meter, {
                    async |store: &mut Store<CallState>, instance: component::Instance| {
                        let function = exported(store, instance, function)?;
                        call(store, &function).await
                    }
                })
                .await?;
            match entered.value {
                Ok(value) => Ok(value),
                Err(error) => Err(failed(
                    error.into(),
                    entered.refusal,
                    entered.remedy,
                    entered.supplied_by,
                )),
            }
        };
        self.observed(&name, called, |_| None, &meter).await
    }

    /// Tells of a call: a span, a line of the log, the metrics of the host.
    async fn observed<T>(
        &self,
        function: &str,
        called: impl Future<Output = Result<T, CallError>>,
        stopped: impl FnOnce(&T) -> Option<ErrorKind>,
        meter: &Meter,
    ) -> (Result<T, CallError>, Receipt) {
        // A name is the component's to choose.
        let function = cut(function, MAX_WORD_BYTES);
        let function = function.as_str();
        let span = tracing::info_span!(
            "call",
            function,
            env = self.scope.env.as_str(),
            app = self.scope.app.as_str(),
            error.type = tracing::field::Empty,
        );
        let called = called.instrument(span.clone()).await;
        let receipt = meter.receipt();
        let error = match &called {
            Ok(value) => stopped(value),
            Err(error) => Some(error.kind()),
        };
        span.record("error.type", error.as_ref().map(ErrorKind::as_str));
        self.host.0.metrics.call(function, error.as_ref(), &receipt);
        tracing::info!(parent: &span, %receipt, "called");
        (called, receipt)
    }

    async fn call_metered(
        &self,
        function: &Function,
        mut arguments: Vec<Val>,
        meter: &Meter,
    ) -> Result<Answer, CallError> {
        // The name alone decides, whatever the interface: a secret is never handed over as it is.
        if function.name() != SET {
            let resolved = self.resolve().await?;
            let kept = Kept::ForTheNextCall;
            let ran = self
                .run(function, &arguments, resolved, None, kept, meter)
                .await?;
            return Ok(ran.answer);
        }
        let offered = offer(&mut arguments)?;
        let level = self.scope.path(offered.level);
        if offered.level.is_wider_than(self.host.0.widest_level) {
            return Err(CallError::LevelNotWritable {
                level,
                widest: self.host.0.widest_level,
            });
        }
        let resolved = Resolved {
            effective: self.host.in_force(&self.scope)?,
            connection: None,
        };
        let name = resolved.effective.connection_name();
        let ran = self
            .run(
                function,
                &arguments,
                resolved,
                Some(offered),
                Kept::ForNothing,
                meter,
            )
            .await?;
        let accepted = ran.accepted.ok_or_else(|| CallError::Contract {
            reason: format!("`{SET}` answered without asking to store anything"),
        })?;
        self.store(&name, accepted).await?;
        Ok(ran.answer)
    }

    /// Locates the content of an attachment with `get-attachment-location`, and begins to fetch it:
    /// from where the site itself has sent that very call, once, without a credential, and from
    /// public addresses only. A location that has expired meanwhile is asked for once more.
    ///
    /// `limits.call-seconds` is for all of it, up to the last byte;
    /// `limits.between-bytes-seconds` for the time between two pieces.
    ///
    /// # Errors
    ///
    /// [`DownloadError`], before anything is fetched for content that was described as larger than
    /// the levels or the request let through, or as of another type.
    pub async fn download(&self, request: &AttachmentRequest) -> Result<Download, DownloadError> {
        let mut receipt = Receipt::default();
        self.download_metered(request, &mut receipt).await
    }

    /// As [`Tenant::download`]. What it costs until the content begins is added to a receipt, whether it
    /// goes well or not.
    pub(crate) async fn download_metered(
        &self,
        request: &AttachmentRequest,
        receipt: &mut Receipt,
    ) -> Result<Download, DownloadError> {
        let function = self.function(LOCATE).map_err(|error| CallError::Contract {
            reason: error.to_string(),
        })?;
        let version = request.version.map(|version| Box::new(Val::U32(version)));
        let arguments = [Val::String(request.id.clone()), Val::Option(version)];
        let started = Instant::now();
        let mut is_fresh = false;
        loop {
            let resolved = self.resolve().await?;
            let effective = resolved.effective.clone();
            let limits = self
                .host
                .0
                .limits
                .unwrap_or_else(|| Limits::in_force(&effective));
            let bounds = Bounds::of(&effective, &limits, request);
            let endpoint = resolved
                .connection
                .as_ref()
                .map(|(connection, _)| connection.endpoint().clone());
            let kept = Kept::ForTheNextCall;
            let meter = Meter::of(&self.host.0.metrics);
            let called = self.run(function, &arguments, resolved, None, kept, &meter);
            let (ran, cost) = self.observed(LOCATE, called, |_| None, &meter).await;
            receipt.add(&cost);
            let ran = ran?;
            let location = Location::read(ran.answer.value(), request)?;
            bounds.allow_described(&location)?;
            let granted = ran.locations.take(&location.url).zip(endpoint);
            let Some((granted, endpoint)) = granted else {
                return Err(DownloadError::NotGranted {
                    host: location.host(),
                });
            };
            let fetch = Fetch {
                endpoint: &endpoint,
                transports: &self.host.0.egress.transports,
                route: Route::in_force(&effective),
                allows_host: &|host| bounds.allows_host(host),
                limits,
                deadline: started + limits.call,
            };
            receipt.requests += 1;
            match fetch.begin(granted).await {
                Ok(content) => return Download::begin(location, content, bounds),
                Err(ContentError::Status { status, .. })
                    if !is_fresh && matches!(status.as_u16(), 401 | 403) =>
                {
                    is_fresh = true;
                }
                Err(error) => return Err(bounds.failed(error, 0)),
            }
        }
    }

    /// Asks the site of a connection who we are and what we see, with `test-connection`, whether
    /// the connection is stored or not. `stored` says where it is, if it is, for errors; with a
    /// `space`, its pages are counted.
    ///
    /// # Errors
    ///
    /// [`CallError`], as for [`Tenant::call`]; [`CallError::Contract`] when the component has no
    /// such function.
    pub async fn test_connection(
        &self,
        name: &ConnectionName,
        definition: &ConnectionDefinition,
        token: &Token,
        stored: Option<&Source>,
        space: Option<&str>,
    ) -> Result<Answer, CallError> {
        definition.check()?;
        let effective = self.host.in_force(&self.scope)?;
        effective.accepts(&definition.endpoint)?;
        let supplied_by = match stored {
            Some(Source::File { level, file, line }) => Some(SuppliedBy {
                connection: name.clone(),
                level: level.clone(),
                file: file.clone(),
                line: *line,
                endpoint: definition.endpoint.to_string(),
                is_oauth: false,
            }),
            _ => None,
        };
        let identity = CredentialIdentity::new(
            self.scope.path(Level::App),
            name.clone(),
            definition.endpoint.clone(),
            account(&definition.scheme),
        );
        let authorization = Authorization::new(&definition.scheme, token);
        let connection = Connection::new(
            // A test is one request after the other, and counts towards nothing else.
            ConcurrencyLimit {
                owner: format!("test of {name}"),
                concurrency: definition.concurrency,
            },
            Arc::new(FixedCredential::new(identity, authorization)),
        );
        let resolved = Resolved {
            effective,
            connection: Some((connection, supplied_by)),
        };
        self.test(resolved, space).await
    }

    /// Calls `test-connection` over a connection, which need not be the one in force.
    async fn test(&self, resolved: Resolved, space: Option<&str>) -> Result<Answer, CallError> {
        let function = self.function(TEST).map_err(|error| CallError::Contract {
            reason: error.to_string(),
        })?;
        let meter = Meter::of(&self.host.0.metrics);
        let mut arguments = vec![Val::Option(None); function.parameters().len()];
        if let Some(space) = space {
            let first = arguments.first_mut().ok_or_else(|| CallError::Contract {
                reason: format!("its `{TEST}` does not take a space"),
            })?;
            *first = Val::Option(Some(Box::new(Val::String(space.to_owned()))));
        }
        let called = self.run(
            function,
            &arguments,
            resolved,
            None,
            Kept::ForNothing,
            &meter,
        );
        let (ran, _) = self.observed(TEST, called, |_| None, &meter).await;
        Ok(ran?.answer)
    }

    /// Which connection, and which level, calls go over, when there is one.
    #[must_use]
    pub fn supplied_by(&self) -> Option<SuppliedBy> {
        if self.credential.is_some() {
            return None;
        }
        let effective = self.host.in_force(&self.scope).ok()?;
        let name = effective.connection_name();
        let (file, entry) = effective.connection(&name)?;
        Some(supplied_by(&name, file, entry))
    }

    async fn run(
        &self,
        function: &Function,
        arguments: &[Val],
        resolved: Resolved,
        offered: Option<OfferedConnection>,
        kept: Kept,
        meter: &Meter,
    ) -> Result<Ran, CallError> {
        let locates = function.name() == LOCATE;
        let completed = custom_content::completed(function.name(), arguments, &resolved.effective);
        let arguments = completed.as_deref().unwrap_or(arguments);
        let entered = self
            .enter(locates, resolved, offered, kept, meter, {
                async |store: &mut Store<CallState>, instance: component::Instance| {
                    let callee = exported(store, instance, function)?;
                    let mut results =
                        vec![Val::Bool(false); usize::from(function.result().is_some())];
                    callee.call_async(store, arguments, &mut results).await?;
                    Ok(results.pop())
                }
            })
            .await?;
        let value = match entered.value {
            Some(Val::Result(Ok(value))) => value.map(|value| *value),
            Some(Val::Result(Err(error))) => {
                let error = error
                    .as_deref()
                    .map(ComponentError::read)
                    .unwrap_or_default();
                return Err(failed(
                    error,
                    entered.refusal,
                    entered.remedy,
                    entered.supplied_by,
                ));
            }
            value => value,
        };
        Ok(Ran {
            answer: Answer::new(value)?,
            accepted: entered.accepted,
            locations: entered.locations,
        })
    }

    /// Makes a call in an instance of this tenant's.
    async fn enter<T>(
        &self,
        locates: bool,
        resolved: Resolved,
        offered: Option<OfferedConnection>,
        kept: Kept,
        meter: &Meter,
        call: impl AsyncFnOnce(&mut Store<CallState>, component::Instance) -> wasmtime::Result<T>,
    ) -> Result<Entered<T>, CallError> {
        let locations = Locations::default();
        let (connection, supplied_by) = resolved.connection.unzip();
        let supplied_by = supplied_by.flatten();
        let limits = self
            .host
            .0
            .limits
            .unwrap_or_else(|| Limits::in_force(&resolved.effective));
        let deadline = Instant::now() + limits.call;
        let at_once = AtOnce::in_force(&resolved.effective);
        let permit = self
            .host
            .0
            .permits
            .take(&self.scope, at_once, deadline)
            .await;
        let _permit = permit.map_err(|full| busy(full, limits.call))?;
        let owner = match kept {
            Kept::ForTheNextCall => self.owner(&resolved.effective, connection.as_ref(), &limits),
            Kept::ForNothing => None,
        };
        let egress = Arc::clone(&self.host.0.egress);
        let left = deadline.saturating_duration_since(Instant::now());
        let endpoint = connection
            .as_ref()
            .map(|connection| connection.endpoint().clone());
        let terms = CallTerms {
            tenant: Arc::clone(&self.scope),
            connection: connection.map(Arc::new),
            allowed_hosts: AllowedHosts::in_force(&resolved.effective),
            quota: Quota::in_force(&resolved.effective),
            route: Route::in_force(&resolved.effective),
            pacing: Pacing::in_force(&resolved.effective),
            limits,
            deadline: egress.clock.now() + left,
            meter: meter.clone(),
            held: Held::of(self.host.0.census.unread_bytes()),
            given_up: GivenUp::default(),
            live: LiveAuthorizations::default(),
            end: CallEnd::default(),
            refusal: RefusalSlot::default(),
            locations: locates.then(|| locations.clone()),
        };
        let invocation = Invocation {
            engine: &self.host.0.engine,
            component: &self.component,
            census: &self.host.0.census,
            warm: &self.host.0.warm,
            turns: &self.host.0.turns,
            owner,
            egress,
            terms: Arc::new(terms),
            left,
            settings: CallSettings {
                endpoint,
                effective: resolved.effective,
                offered,
                accepted: None,
                remedy: None,
            },
        };
        let outcome = invocation.run(call).await?;
        Ok(Entered {
            value: outcome.value,
            accepted: outcome.settings.accepted,
            remedy: outcome.settings.remedy,
            locations,
            refusal: outcome.refusal,
            supplied_by,
        })
    }

    /// The setting of a stream that is not passed and that the levels have.
    pub(crate) fn missing_setting(
        &self,
        stream: &source::Stream,
        settings: &source::SourceSettings,
    ) -> Result<Option<(String, String)>, CallError> {
        if !custom_content::is_missing(stream, settings) {
            return Ok(None);
        }
        let effective = self.host.in_force(&self.scope)?;
        Ok(custom_content::of_stream(&effective))
    }

    /// Whose instances a call may use and leave behind, where the levels have any kept.
    fn owner(
        &self,
        effective: &Effective,
        connection: Option<&Connection>,
        limits: &Limits,
    ) -> Option<Owner> {
        let policy = WarmPolicy::in_force(effective);
        if policy.most == 0 {
            self.host.0.warm.retire(&self.scope);
            return None;
        }
        let mut terms = match connection {
            Some(connection) => connection.hasher(),
            None => blake3::Hasher::new(),
        };
        if let Some(Connection {
            concurrency_limit,
            entered,
            ..
        }) = connection
        {
            terms.update(format!("{concurrency_limit:?}{entered:?}").as_bytes());
        }
        // What the embedder's own limits are is in no file.
        terms.update(format!("{limits:?}").as_bytes());
        effective.fingerprint(|part| {
            terms.update(part);
        });
        Some(Owner {
            scope: Scope::clone(&self.scope),
            component: Arc::clone(&self.component),
            terms: terms.finalize(),
            policy,
        })
    }

    /// A function of an interface of the connector.
    fn of_connector(&self, interface: &str, name: &str) -> Result<&Function, CallError> {
        let is_in = |function: &&Function| {
            let rest = function.interface().strip_prefix(CONNECTOR);
            rest.and_then(|rest| rest.strip_prefix(interface))
                .is_some_and(|version| version.starts_with('@'))
        };
        let mut functions = self.functions().iter();
        functions
            .find(|function| function.name() == name && is_in(function))
            .ok_or_else(|| CallError::Contract {
                reason: format!("it lacks what typed callers call: `{interface}` has no `{name}`"),
            })
    }

    /// The levels, and the connection in force with its token.
    async fn resolve(&self) -> Result<Resolved, CallError> {
        let mut effective = self.host.in_force(&self.scope)?;
        if let Some(credential) = &self.credential {
            let connection = supplied(Arc::clone(credential), &effective)?;
            return Ok(Resolved {
                effective,
                connection: Some((connection, None)),
            });
        }
        let mut unchanged = 0u8;
        for attempt in 1.. {
            let name = effective.connection_name();
            let Some((file, entry)) = effective.connection(&name) else {
                break;
            };
            let definition = &entry.definition;
            effective.allows(&definition.endpoint)?;
            if let Scheme::Oauth { .. } = definition.scheme {
                let connection = Some(self.of_login(&effective, &name).await?);
                return Ok(Resolved {
                    effective,
                    connection,
                });
            }
            let id = HostRunner::secret_of(&effective, file.level(), &name, definition);
            let supplied_by = supplied_by(&name, file, entry);
            // Whatever keeps the secrets may be slow; a call is not.
            let patience = Limits::in_force(&effective).call;
            let token = tokio::time::timeout(patience, self.host.token(file, &id))
                .await
                .map_err(|_| CallError::TimedOut {
                    limit: patience,
                    spent: TimeSpent::of_secrets(patience),
                })??;
            if let Some(token) = token {
                let concurrency_limit = concurrency(&effective, &name)?;
                let identity = CredentialIdentity::new(
                    id.level.clone(),
                    name,
                    definition.endpoint.clone(),
                    account(&definition.scheme),
                );
                let authorization = Authorization::new(&definition.scheme, &token);
                let credential = StoredCredential::new(
                    identity,
                    Arc::clone(&self.host.0.secrets.store),
                    id,
                    definition.scheme.clone(),
                    authorization,
                );
                let entered = Some(blake3::hash(token.expose().as_bytes()));
                let mut connection = Connection::new(concurrency_limit, Arc::new(credential));
                connection.entered = entered;
                return Ok(Resolved {
                    effective,
                    connection: Some((connection, Some(supplied_by))),
                });
            }
            let again = self.host.in_force(&self.scope)?;
            let is_unchanged =
                again
                    .connection(&again.connection_name())
                    .is_some_and(|(file, entry)| {
                        *file.level() == id.level && entry.definition.binding() == id.binding
                    });
            // Twice, since it may have been changed and changed back in between.
            unchanged += u8::from(is_unchanged);
            if unchanged > 1 || attempt >= READ_AGAIN {
                return Err(CallError::NoToken {
                    supplied_by: Box::new(supplied_by),
                });
            }
            effective = again;
        }
        Ok(Resolved {
            effective,
            connection: None,
        })
    }

    /// The connection of a name, which uses OAuth, with an access token that is valid as far as its
    /// life says.
    async fn of_login(
        &self,
        effective: &Effective,
        name: &ConnectionName,
    ) -> Result<(Connection, Option<SuppliedBy>), CallError> {
        let Some((file, entry)) = effective.connection(name) else {
            return Err(CallError::Contract {
                reason: format!("connection `{name}` is gone"),
            });
        };
        let supplied_by = supplied_by(name, file, entry);
        let refused = |error: OauthError| match error {
            OauthError::Denied(denied) => CallError::EndpointDenied(denied),
            OauthError::Secret(error) => CallError::Secret(error),
            error => CallError::Credential {
                error: Box::new(error.into()),
                supplied_by: Some(Box::new(supplied_by.clone())),
            },
        };
        let patience = Limits::in_force(effective).call;
        let prepared = async {
            let servers = OauthServers::in_force(effective).map_err(OauthError::from)?;
            let server = self.host.oauth_server(effective, servers);
            let (stored, endpoint) =
                self.host
                    .stored_grant(effective, server, name, (file, &entry.definition))?;
            let usable = stored.usable().await;
            let metrics = &self.host.0.metrics;
            match &usable {
                Ok((grant, _)) => {
                    let now = self.host.0.egress.clock.since_1970();
                    metrics.login(grant.state(now).word());
                }
                Err(OauthError::NeedsAuthorization { .. }) => {
                    metrics.login(GrantState::NeedsAuthorization.word());
                }
                Err(_) => {}
            }
            let (grant, _) = usable?;
            let entered = blake3::hash(grant.login.as_bytes());
            let identity = CredentialIdentity::new(
                file.level().clone(),
                name.clone(),
                endpoint,
                account(&entry.definition.scheme),
            );
            let credential = OauthCredential::new(identity, stored, grant);
            credential.prepare().await?;
            Ok((credential, entered))
        };
        let prepared = tokio::time::timeout(patience, prepared).await;
        let (credential, entered) = prepared
            .map_err(|_| CallError::TimedOut {
                limit: patience,
                spent: TimeSpent::of_secrets(patience),
            })?
            .map_err(refused)?;
        let mut connection = Connection::new(concurrency(effective, name)?, Arc::new(credential));
        connection.entered = Some(entered);
        Ok((connection, Some(supplied_by)))
    }

    /// Asks the site of a stored connection that uses OAuth who we are and what we see, as
    /// [`Tenant::test_connection`] does for tokens.
    ///
    /// # Errors
    ///
    /// As [`Tenant::call`]; [`CallError::Contract`] when there is no such connection.
    pub async fn test_login(
        &self,
        name: &ConnectionName,
        space: Option<&str>,
    ) -> Result<Answer, CallError> {
        let effective = self.host.in_force(&self.scope)?;
        if let Some((_, entry)) = effective.connection(name) {
            effective.allows(&entry.definition.endpoint)?;
        }
        let connection = Some(self.of_login(&effective, name).await?);
        let resolved = Resolved {
            effective,
            connection,
        };
        self.test(resolved, space).await
    }

    /// Stores what set-api-url-and-auth was given, as the connection that calls go over.
    async fn store(
        &self,
        name: &ConnectionName,
        accepted: AcceptedConnection,
    ) -> Result<(), CallError> {
        let (user, token) = accepted.authorization.parts()?;
        let scheme = user.map_or(Scheme::Bearer, |user| Scheme::Basic { user });
        let endpoint = accepted.endpoint;
        for _ in 0..READ_AGAIN {
            let there = self.host.connection_at(&self.scope, accepted.level, name)?;
            let mut definition =
                ConnectionDefinition::new(endpoint.clone(), scheme.clone(), TokenKind::Unscoped);
            // What the function does not speak of stays as it was.
            if let Some(there) = &there {
                definition.concurrency = there.concurrency;
                definition
                    .borrow_concurrency_from
                    .clone_from(&there.borrow_concurrency_from);
                if there.scheme == definition.scheme && there.endpoint == definition.endpoint {
                    definition.token_kind = there.token_kind;
                }
            }
            let expected = Expected::of(there);
            let saved = self
                .host
                .save_connection(
                    &self.scope,
                    accepted.level,
                    name,
                    &expected,
                    &definition,
                    &token,
                )
                .await;
            if !matches!(
                saved,
                Err(CallError::Edit(EditError::ChangedMeanwhile { .. }))
            ) {
                return saved;
            }
        }
        // Others change it all the time: what was asked for is what it shall be.
        let definition = ConnectionDefinition::new(endpoint, scheme, TokenKind::Unscoped);
        self.host
            .save_connection(
                &self.scope,
                accepted.level,
                name,
                &Expected::Any,
                &definition,
                &token,
            )
            .await
    }
}

/// The requests that a connection may have at once.
fn concurrency(
    effective: &Effective,
    name: &ConnectionName,
) -> Result<ConcurrencyLimit, CallError> {
    let limit = effective.concurrency_limit(name);
    limit.ok_or_else(|| CallError::Contract {
        reason: format!("connection `{name}` borrows its concurrency from nowhere"),
    })
}

/// Whose token it is, as far as the connection says.
fn account(scheme: &Scheme) -> String {
    match scheme {
        Scheme::Basic { user } => format!("basic {user}"),
        Scheme::Bearer => "bearer".to_owned(),
        Scheme::Oauth { app, cloud_id } => format!("oauth {app} {cloud_id}"),
    }
}

/// The connection of a credential that the program supplies.
fn supplied(
    credential: Arc<dyn CredentialSource>,
    effective: &Effective,
) -> Result<Connection, CallError> {
    let identity = credential.identity();
    effective.allows(identity.endpoint())?;
    let concurrency_limit = supplied_concurrency(identity, effective);
    Ok(Connection::new(concurrency_limit, credential))
}

/// The requests that a credential may have at once: those of the connection of its name, if its level
/// has one.
fn supplied_concurrency(identity: &CredentialIdentity, effective: &Effective) -> ConcurrencyLimit {
    let configured = effective
        .connection(identity.connection())
        .filter(|(file, _)| file.level() == identity.level())
        .and_then(|_| effective.concurrency_limit(identity.connection()));
    configured.unwrap_or_else(|| ConcurrencyLimit {
        owner: format!("{} {}", identity.level(), identity.connection()),
        concurrency: DEFAULT_CONCURRENCY,
    })
}

/// A function of an instance.
fn exported(
    store: &mut Store<CallState>,
    instance: component::Instance,
    function: &Function,
) -> wasmtime::Result<component::Func> {
    // A value takes more of the host's memory than is counted of it.
    let countable = function.countable_result(store.hostcall_fuel());
    store.set_hostcall_fuel(countable);
    match instance.get_func(store, function.index()) {
        Some(there) => Ok(there),
        None => wasmtime::bail!("the function `{}` is not there", function.name()),
    }
}

/// Why a call does not even begin.
fn busy(full: Full, limit: std::time::Duration) -> CallError {
    let (at_once, setting) = match full {
        Full::All(at_once) => (at_once, CALLS_AT_ONCE),
        Full::App(at_once) => (at_once, APP_CALLS_AT_ONCE),
    };
    CallError::Busy {
        limit,
        at_once,
        setting,
    }
}

/// The component's error, with what this host knows of its cause.
fn failed(
    mut error: ComponentError,
    refusal: Option<Refusal>,
    remedy: Option<Box<Remedy>>,
    supplied_by: Option<SuppliedBy>,
) -> CallError {
    // The host knows what the component can only guess.
    let refusal = match refusal {
        Some(Refusal::Credential { error: credential })
            if *credential.kind() != ErrorKind::Denied
                && matches!(error.kind, ErrorKind::Denied | ErrorKind::Unauthorized) =>
        {
            return CallError::Credential {
                error: credential,
                supplied_by: supplied_by.map(Box::new),
            };
        }
        // What the component was told is true, and leads a person to the network rules.
        Some(Refusal::Echo) if error.kind == ErrorKind::Denied => {
            return CallError::CredentialEchoed { answers: 1 };
        }
        refusal => refusal,
    };
    if let Some(refusal) = refusal
        && matches!(
            error.kind,
            ErrorKind::Denied
                | ErrorKind::Insecure
                | ErrorKind::Unreachable
                | ErrorKind::Unresolvable
        )
    {
        error.cause = cut_display(&refusal, MAX_MESSAGE_BYTES);
    }
    // The host told the component of a problem with a remedy; other errors are not about it.
    if matches!(error.kind, ErrorKind::NotConfigured | ErrorKind::Refused) {
        error.remedy = remedy;
    }
    CallError::Component {
        error: Box::new(error),
        supplied_by: supplied_by.map(Box::new),
    }
}

fn supplied_by(name: &ConnectionName, file: &LevelFile, entry: &ConnectionEntry) -> SuppliedBy {
    SuppliedBy {
        connection: name.clone(),
        level: file.level().clone(),
        file: file.path().to_owned(),
        line: entry.line,
        endpoint: entry.definition.endpoint.to_string(),
        is_oauth: matches!(entry.definition.scheme, Scheme::Oauth { .. }),
    }
}

/// Takes the authorization out of the arguments of set-api-url-and-auth, and puts a stand-in in
/// its place.
fn offer(arguments: &mut [Val]) -> Result<OfferedConnection, CallError> {
    let [
        Val::String(url),
        Val::String(authorization),
        Val::Enum(level),
    ] = arguments
    else {
        return Err(CallError::Contract {
            reason: format!("its `{SET}` does not take a URL, an authorization and a level"),
        });
    };
    let real = Authorization::parse(&zeroize::Zeroizing::new(std::mem::take(authorization)))?;
    let mut nonce = [0; 16];
    SystemRandom::new()
        .fill(&mut nonce)
        .map_err(|_| SecretError::Key(KeyError::Random))?;
    let stand_in = real.stand_in(&format!("{:032x}", u128::from_le_bytes(nonce)));
    authorization.clone_from(&stand_in);
    Ok(OfferedConnection {
        url: url.clone(),
        stand_in,
        authorization: real,
        level: match level.as_str() {
            "env" => Level::Env,
            "cluster" => Level::Cluster,
            _ => Level::App,
        },
    })
}
