//! Loads the Confluence connector component, guards it, and calls it.
//!
//! A component is called on behalf of a [`Tenant`], which is a [`Scope`], one app of one
//! environment, and the component of its levels. The connection in force for it, an endpoint and
//! its authorization, is the one of the narrowest [`Level`] that has one. The component sees the endpoint; the authorization is added to its requests on their way
//! out, and only below that endpoint.
//!
//! ```
//! use host_runner::{Level, Scope, Setup, bind};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let (config, state) = (folder.path().join("config"), folder.path().join("state"));
//! # let site = confluence_simulator::Simulator::start(Default::default()).await?;
//! # let endpoint = site.endpoint();
//! let host = Setup::new(config, state).open()?;
//! let scope = Scope { env: "prod".parse()?, app: "search".parse()? };
//! // The simulator is on this machine, where connections lead only if the cluster allows it.
//! host.config().set(&scope, Level::Cluster, "network.allow-loopback", "true")?;
//! let tenant = host.tenant(&scope)?;
//!
//! let set = tenant.function("setApiUrlAndAuth")?;
//! let authorization = "Basic bWVAZXhhbXBsZS5jb206dG9rZW4=".to_owned();
//! let arguments = bind(set, &[endpoint, authorization, "app".to_owned()], &[])?;
//! tenant.call(set, arguments).await?;
//!
//! let list = tenant.function("listSpaces")?;
//! let spaces = tenant.call(list, bind(list, &[], &[])?).await?;
//! println!("{}", spaces.to_json());
//! # assert!(!spaces.items().unwrap_or_default().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
mod component;
mod config;
mod connection;
mod download;
mod durable_file;
mod engine;
mod level;
mod metrics;
mod outbound;
mod receipt;
mod runner;
mod secret;
mod settings;
mod tls;
pub mod typed;

pub use call::{
    Answer, ArgumentError, CallError, ComponentError, SuppliedBy, Usage, bind, write_json,
};
pub use component::{
    ComponentStore, ComponentStoreError, ComposeError, Digest, DigestError, FindComponentError,
    Function, GRANTABLE, GrantError, InspectError, Inspection, LARGEST_COMPONENT_BYTES,
    LARGEST_SIGNATURE_BYTES, Lack, LoadError, Metadata, NoSuchFunction, OutlinedFunction,
    OutlinedParameter, PackageError, Packaging, Parameter, Part, Producer, PublicKey,
    PublicKeyError, Signature, SignatureError, SigningKey, SigningKeyError, StoredComponent,
    TrustError, compose, config_store_provider, embedded_component, environment_provider, outline,
    package, write_oci_layout,
};
pub use config::{
    Basis, ConfigError, ConfigFolder, ConnectionEntry, EditError, Effective, Explained, LevelFile,
    NotAllowed, Problem, ProblemKind, SETTINGS, Setting, Source, Value, json_schema,
};
pub use connection::{
    Authorization, AuthorizationError, ConnectionDefinition, ConnectionName, ConnectionNameError,
    DefinitionError, Endpoint, EndpointError, Scheme, Token, TokenError, TokenKind,
};
pub use download::{
    AttachmentRequest, Download, DownloadError, MediaTypePattern, MediaTypePatternError, Saved,
    Target,
};
pub use engine::{InstanceMemory, Limits};
pub use level::{Level, LevelError, LevelName, LevelNameError, LevelPath, Scope};
pub use outbound::{
    Clock, HttpBody, HttpClient, HttpClientError, HttpSending, NotFetched, Pacing, Reach, Retry,
    SystemClock,
};
pub use receipt::Receipt;
pub use runner::{
    AssignComponentError, ComponentUse, HostRunner, NamedConnection, OpenError,
    RemoveComponentError, SaveError, Setup, SiteTimeError, Tenant, TenantError, TokenState,
};
pub use secret::{
    Answering, KeyError, KeyState, KeyWhere, Rotated, SealError, SecretError, SecretPlace,
    SecretStore, SecretsState, StoreError, VaultError,
};
#[doc(hidden)]
pub use tls::platform_tls;
