//! Copies what a tenant sees of its site into a sink, and keeps the copy current.
//!
//! ```
//! # use host_runner::{
//! #     ConnectionDefinition, Endpoint, Expected, HostRunner, Level, Scheme, Scope, Token, TokenKind,
//! # };
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let site = confluence_simulator::Simulator::start(Default::default()).await?;
//! # let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state")).open()?;
//! # let scope = Scope { env: "prod".parse()?, app: "search".parse()? };
//! # host.config().set(&scope, Level::Cluster, "network.allow-loopback", "true")?;
//! # let scheme = Scheme::Basic { user: "me@example.com".to_owned() };
//! # let definition =
//! #     ConnectionDefinition::new(Endpoint::parse(&site.endpoint())?, scheme, TokenKind::Unscoped);
//! # let name = host.effective(&scope)?.connection_name();
//! # let token = Token::parse("demo-token")?;
//! # host.save_connection(&scope, Level::App, &name, &Expected::Any, &definition, &token).await?;
//! # let file = folder.path().join("site.db");
//! let client = host.tenant(&scope)?.client();
//! let mut copy = sink_sqlite::Sqlite::open(&file)?;
//! let sync = host_sync::Sync::builder().bodies("markdown").build()?;
//! let report = sync.run(&client, &mut copy).await?;
//! println!("{:?} after {} requests", report.outcome, report.requests);
//! # assert_eq!(report.outcome, host_sync::RunOutcome::Complete);
//! # let pages = report.streams.iter().find(|stream| stream.stream == "pages");
//! # assert_eq!(pages.map(|pages| pages.counts.inserted), Some(200));
//! # let names: Vec<_> = sync.streams(&client).await?.into_iter().map(|stream| stream.name).collect();
//! # for made in ["content_access", "page_chunks"] {
//! #     assert!(names.iter().any(|name| name == made), "{names:?}");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Sync`] says what is copied and how. It holds no site and no sink, so that one is used for many
//! tenants and copies. The sink also keeps the state: the next [`run`](Sync::run) reads what is new or
//! has changed.
//!
//! Two places for this were compared. In the crate `sync`, the engine, it could not have the streams that
//! are computed from others, since those crates build on the engine; every program would have to add
//! them, and a copy made without them would have stale ones. Here, above `sync` and `host-runner`, it has
//! them all, and the crates of sinks stay apart, so that a program builds only those that it uses.

mod clock;
mod definition;
mod request;
mod run_lease;
mod sqlite_coordinator;

pub use clock::HostClock;
pub use definition::InvalidSync;
pub use request::{Sync, SyncBuilder};
pub use run_lease::{RunLease, is_busy};
pub use sqlite_coordinator::SqliteCoordinator;

pub use source::{Pass, Stream};
pub use sync::{
    Breaker, BudgetLimit, Cadences, Coordinator, Files, Filters, HeldLease, Lease, LeaseError,
    Millis, Naming, Owner, RunOutcome, Sink, SinkError, StreamReport, SyncError, SyncEvent,
    SyncPlan, SyncReport,
};
