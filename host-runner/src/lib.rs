//! Loads the Confluence connector component, guards it, and calls it.
//!
//! A component is called on behalf of a [`Tenant`], which is a [`Scope`], one app of one
//! environment, and the component of its levels. The connection in force for it, an endpoint and
//! its authorization, is the one of the narrowest [`Level`] that has one. The component sees the
//! endpoint; the authorization is added to its requests on their way out, and only below that
//! endpoint.
//!
//! ```
//! use host_runner::typed::ListOptions;
//! use host_runner::{
//!     ConnectionDefinition, Endpoint, Expected, HostRunner, Level, Scheme, Scope, Token, TokenKind,
//! };
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let (config, state) = (folder.path().join("config"), folder.path().join("state"));
//! # let site = confluence_simulator::Simulator::start(Default::default()).await?;
//! # let (site, token) = (site.endpoint(), "demo-token");
//! // One host for a program: an engine, a folder of levels, and a folder of sealed tokens.
//! let host = HostRunner::builder(config, state).open()?;
//! let scope = Scope { env: "prod".parse()?, app: "search".parse()? };
//! // The simulator is on this machine, where connections lead only if the cluster allows it.
//! host.config().set(&scope, Level::Cluster, "network.allow-loopback", "true")?;
//!
//! // Once: where the app's site is, and the token for it. The two are one record of one level.
//! let user = "me@example.com".to_owned();
//! let definition =
//!     ConnectionDefinition::new(Endpoint::parse(&site)?, Scheme::Basic { user }, TokenKind::Unscoped);
//! let name = host.effective(&scope)?.connection_name();
//! let token = Token::parse(token)?;
//! host.save_connection(&scope, Level::App, &name, &Expected::Any, &definition, &token).await?;
//!
//! // As often as needed: each call in an instance of its own.
//! let tenant = host.tenant(&scope)?;
//! let client = tenant.client();
//! let newest_first =
//!     ListOptions { sort: Some("-modified-date".to_owned()), ..ListOptions::default() };
//! let mut pages = client.list_pages(None, Some(60), None, Some(&newest_first)).await?;
//! while let Some(after) = pages.rest.after.take() {
//!     let more = client.list_pages(None, Some(60), Some(&after), Some(&newest_first)).await?;
//!     pages.items.extend(more.items);
//!     pages.rest = more.rest;
//! }
//! // Neither `after` nor `stopped`: these are all pages.
//! assert!(pages.rest.stopped.is_none());
//! println!("{} pages, the newest is {:?}", pages.items.len(), pages.items[0].title);
//!
//! // What it cost.
//! let receipt = client.receipt();
//! println!("{receipt}");
//! # assert_eq!((pages.items.len(), receipt.requests), (200, 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Tenant::call`] calls functions by name, with arguments as text ([`bind`]). [`Tenant::follow`]
//! follows a list to its end, an answer at a time.
//!
//! # Bring your own
//!
//! Calls are futures of the tokio runtime that polls them. Nothing is printed and nothing ends the
//! process: logs are events of the crate `tracing`, [`HostRunner::metrics`] has the metrics, and two
//! hosts in one process share nothing.
//!
//! | what | trait | in place of |
//! |---|---|---|
//! | store of secrets | [`SecretStore`], by [`HostRunnerBuilder::secrets`] | sealed records in the state folder, or Vault |
//! | credential | [`CredentialSource`], by [`Tenant::with_credential`] | the connection in force and its stored token |
//! | HTTP client | [`HttpClient`], by [`HostRunnerBuilder::http_client`] | pools of HTTP/1.1 and HTTP/2 over rustls |
//! | clock, chance | [`Clock`], by [`HostRunnerBuilder::clock`] | the machine's |

mod call;
mod component;
mod connection;
mod custom_content;
mod download;
mod engine;
mod error_kind;
#[cfg(test)]
mod error_texts;
mod known_settings;
mod limits;
mod meter;
mod metrics;
mod oauth;
mod outbound;
mod permits;
mod plain_file;
mod receipt;
mod runner;
mod secret;
mod settings;
mod syncs;
mod tls;
pub mod typed;

pub use call::{
    Answer, ArgumentError, CallError, ComponentError, PaginationLoop, SuppliedBy, Usage, bind,
    write_json,
};
pub use component::{
    ComponentStore, ComponentStoreError, ComposeError, Digest, DigestError, FindComponentError,
    Function, GRANTABLE, GrantError, InspectError, Inspection, LoadError, MAX_COMPONENT_BYTES,
    MAX_SIGNATURE_BYTES, Metadata, MissingExport, NoSuchFunction, OutlinedFunction,
    OutlinedParameter, PackageError, Packaging, Parameter, Part, Producer, PublicKey,
    PublicKeyError, Signature, SignatureError, SigningKey, SigningKeyError, StoredComponent,
    StructureError, TrustError, compose, config_store_provider, embedded_component,
    environment_provider, outline, package, write_oci_layout,
};
pub use connection::{
    AfterRejection, Authorization, AuthorizationError, CredentialError, CredentialFuture,
    CredentialIdentity, CredentialSource, Token, TokenError,
};
pub use download::{
    AttachmentRequest, Download, DownloadError, MediaTypePattern, MediaTypePatternError, SavedFile,
    Target,
};
pub use engine::{
    CompileError, Compiler, ENGINE_BUILD, InstanceMemory, MemoryLayout, compile_if_asked,
};
pub use error_kind::ErrorKind;
pub use host_levels::text::{camel_case, closest};
pub use host_levels::{
    Bound, CloudId, ConfigError, ConfigFolder, ConnectionDefinition, ConnectionEntry,
    ConnectionName, ConnectionNameError, Covers, Date, DateError, DefinitionError, EditError,
    Effective, EffectiveSetting, Endpoint, EndpointDenied, EndpointError, Expected, Level,
    LevelError, LevelFile, LevelName, LevelNameError, LevelPath, MAX_SCOPES, OFFLINE_ACCESS,
    OauthApp, OauthAppEntry, OauthAppName, PlainName, PlainNameError, Precedence, Problem,
    ProblemKind, RedirectUri, RedirectUriError, Remedy, Schedule, ScheduleError, Scheme, Scope,
    Setting, Settings, Source, SyncCadences, SyncDefinition, SyncEntry, SyncName, TokenKind, Value,
    WiderValue, WrongOwner, check_client_id, check_scope, duration_text, json_schema,
    parse_duration,
};
pub use known_settings::SETTINGS;
pub use limits::Limits;
pub use oauth::{
    AuthorizationCode, Callback, GrantState, LoginRequest, NeededScopes, OauthError, PasteError,
    ServerFault, UnknownScopeUser, needed_scopes,
};
pub use outbound::{
    AddressScope, Clock, HttpBody, HttpClient, HttpClientError, HttpFuture, NotFetched, Pacing,
    Retry, ServerError, SystemClock,
};
pub use receipt::{Receipt, TimeSpent};
pub use runner::{
    AssignComponentError, ComponentUse, Follow, HostRunner, HostRunnerBuilder, LoggedIn,
    NamedConnection, NamedOauthApp, NotAList, OpenError, RemoveComponentError, SaveError,
    ServerClient, SiteTimeError, Tenant, TenantError, TokenState,
};
pub use secret::{
    KeyError, KeyLocation, KeyState, Replacement, RotationReport, SealError, SecretDigest,
    SecretError, SecretFuture, SecretId, SecretKind, SecretStore, SecretsState, StoreError,
    VaultError, VaultState,
};
pub use syncs::{
    DUCKDB_LIBRARY, LastRun, Pause, PauseReason, SyncId, SyncLock, SyncRecord, SyncRecords,
    SyncState,
};
#[doc(hidden)]
pub use tls::platform_tls;
pub use wasmtime::component::Val;
