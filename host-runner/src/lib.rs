//! Loads the Confluence connector component, guards it, and calls it.
//!
//! A component is called on behalf of a [`Scope`]: one app of one environment. The connection in
//! force for it, an endpoint and its authorization, is the one of the narrowest [`Level`] that has
//! one. The component sees the endpoint; the authorization is added to its requests on their way
//! out, and only below that endpoint.
//!
//! ```
//! use host_runner::{Function, Scope, Setup, bind};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let state = tempfile::tempdir()?;
//! # let state = state.path();
//! # let site = confluence_simulator::Simulator::start(Default::default()).await?;
//! # let endpoint = site.endpoint();
//! let host = Setup::new(state).open()?;
//! let scope = Scope { env: "prod".parse()?, app: "search".parse()? };
//!
//! let set = Function::find(host.functions(), "setApiUrlAndAuth")?;
//! let authorization = "Basic bWVAZXhhbXBsZS5jb206dG9rZW4=".to_owned();
//! let arguments = bind(set, &[endpoint, authorization, "app".to_owned()], &[])?;
//! host.call(&scope, set, arguments).await?;
//!
//! let list = Function::find(host.functions(), "listSpaces")?;
//! let spaces = host.call(&scope, list, bind(list, &[], &[])?).await?;
//! println!("{}", spaces.to_json());
//! # assert!(!spaces.items().unwrap_or_default().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
mod component;
mod connection;
mod engine;
mod level;
mod outbound;
mod runner;
mod secret;
mod settings;

pub use call::{Answer, ArgumentError, CallError, ComponentError, SuppliedBy, bind, write_json};
pub use component::{Function, LoadError, NoSuchFunction, Parameter, embedded_component};
pub use connection::{Authorization, AuthorizationError, Endpoint, EndpointError};
pub use engine::Limits;
pub use level::{Level, LevelName, LevelNameError, LevelPath, Scope};
pub use runner::{HostRunner, OpenError, Setup};
pub use secret::{KeyError, SealError, StoreError};
