//! Two tenants of one host at once: each with its own site, token and client, and a receipt.
//!
//! `cargo run --example embed` runs it on two generated sites, without an account.

use confluence_simulator::{Settings, Simulator};
use host_runner::typed::ListOptions;
use host_runner::{HostRunner, Level, Receipt, Scope, bind};

type Failure = Box<dyn std::error::Error>;

/// What a tenant wanted to know: the titles of the pages that changed last, and what it cost.
async fn changed_last(host: &HostRunner, scope: &Scope) -> Result<(Vec<String>, Receipt), Failure> {
    let tenant = host.tenant(scope)?;
    let client = tenant.client();
    let newest_first = ListOptions {
        sort: Some("-modified-date".to_owned()),
        ..ListOptions::default()
    };
    let pages = client
        .list_pages(None, Some(3), None, Some(&newest_first))
        .await?;
    let titles = pages
        .items
        .into_iter()
        .filter_map(|page| page.title)
        .collect();
    Ok((titles, client.receipt()))
}

/// Stores where a tenant's site is, and the token for it. The component checks both; the token is
/// sealed in the state folder.
async fn connect(host: &HostRunner, scope: &Scope, site: &str) -> Result<(), Failure> {
    let tenant = host.tenant(scope)?;
    let set = tenant.function("setApiUrlAndAuth")?;
    let authorization = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==";
    let words = [site, authorization, "app"].map(str::to_owned);
    tenant.call(set, bind(set, &words, &[])?).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
        // The users of this program have no business above their own app.
        .widest_level(Level::App)
        .open()?;
    // The sites of this example are on this machine, which the cluster level alone can allow.
    let everywhere = Scope::default();
    host.config().set(
        &everywhere,
        Level::Cluster,
        "network.allow-loopback",
        "true",
    )?;

    let mut tenants = Vec::new();
    for (app, seed) in [("search", 1), ("warehouse", 2)] {
        let settings = Settings {
            seed,
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
    let (first, second) = tokio::join!(changed_last(&host, search), changed_last(&host, warehouse));
    for (scope, told) in [(search, first), (warehouse, second)] {
        let (titles, receipt) = told?;
        #[allow(clippy::print_stdout, reason = "an example shows what it got")]
        {
            println!("{}: {titles:?}\n  {receipt}", scope.app);
        }
    }
    Ok(())
}
