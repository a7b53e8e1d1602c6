//! Two tenants of one host, each copied into a schema of its own of one PostgreSQL database.
//!
//! `cargo run --example sync -- postgresql://USER@HOST/DATABASE` runs it on two generated sites, without
//! an account.

use confluence_simulator::{Settings, Simulator};
use host_runner::{
    ConnectionDefinition, Endpoint, Expected, HostRunner, Level, Scheme, Scope, Token, TokenKind,
};
use host_sync::{Sync, SyncEvent, SyncReport};
use sink_postgresql::{Address, Postgresql};

type Failure = Box<dyn std::error::Error + Send + std::marker::Sync>;

/// Stores where a tenant's site is, and the token for it, which is sealed in the state folder.
async fn connect(host: &HostRunner, scope: &Scope, site: &str) -> Result<(), Failure> {
    let scheme = Scheme::Basic {
        user: "me@example.com".to_owned(),
    };
    let definition = ConnectionDefinition::new(Endpoint::parse(site)?, scheme, TokenKind::Unscoped);
    let name = host.effective(scope)?.connection_name();
    let token = Token::parse("demo-token")?;
    host.save_connection(
        scope,
        Level::App,
        &name,
        &Expected::Any,
        &definition,
        &token,
    )
    .await?;
    Ok(())
}

/// Brings the copy of a tenant up to date. The schema keeps the state, and one run at a time writes it.
async fn copy(host: &HostRunner, scope: &Scope, database: &str) -> Result<SyncReport, Failure> {
    let sync = Sync::builder()
        .streams(["spaces", "pages", "page_labels", "page_chunks"])
        .bodies("markdown")
        .max_requests(1_000)
        .build()?;
    let address = database
        .parse::<Address>()?
        .with_schema(scope.app.as_str())?;
    let mut sink = Postgresql::connect(&address).await?;
    let client = host.tenant(scope)?.client();
    let mut rows = 0;
    let report = sync
        .run_with_events(&client, &mut sink, &mut |event| {
            if let SyncEvent::Committed {
                stream: "pages",
                rows: so_far,
            } = event
            {
                rows = so_far;
            }
        })
        .await?;
    #[allow(clippy::print_stdout, reason = "an example shows what it does")]
    {
        println!(
            "{}: {}, {rows} pages\n  {}",
            scope.app,
            report.outcome.name(),
            client.receipt()
        );
    }
    Ok(report)
}

/// Connects two tenants, and copies their sites side by side, each time it is called.
pub(crate) async fn run(database: &str) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let host =
        HostRunner::builder(folder.path().join("config"), folder.path().join("state")).open()?;
    // The sites of this example are on this machine, which the cluster level alone can allow.
    let everywhere = Scope::default();
    host.config().set(
        &everywhere,
        Level::Cluster,
        "network.allow-loopback",
        "true",
    )?;
    let mut tenants = Vec::new();
    for (app, pages) in [("search", 40), ("warehouse", 60)] {
        let settings = Settings {
            pages,
            ..Settings::default()
        };
        let site = Simulator::start(settings).await?;
        let scope = Scope {
            env: "prod".parse()?,
            app: app.parse()?,
        };
        connect(&host, &scope, &site.endpoint()).await?;
        tenants.push((scope, site));
    }
    let [(search, _), (warehouse, _)] = tenants.as_slice() else {
        return Err("there are two tenants".into());
    };
    let (first, second) = tokio::join!(
        copy(&host, search, database),
        copy(&host, warehouse, database)
    );
    for report in [first?, second?] {
        if report.outcome != host_sync::RunOutcome::Complete {
            return Err(format!("a copy is not complete: {report:?}").into());
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let database = std::env::args().nth(1);
    let database = database.ok_or("pass the URL of a database: postgresql://USER@HOST/DATABASE")?;
    run(&database).await
}
