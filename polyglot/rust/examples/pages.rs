//! Usage: `pages ENDPOINT`
//!
//! The variable `CONFLUENCE_AUTH` has the value of the `Authorization` header: `Basic ` and the base64
//! of `email:token`, or `Bearer ` and a token.

#![allow(clippy::print_stdout, reason = "the example prints results")]

use std::error::Error;

use host_runner::{CallError, HostRunner, Level, Scope, bind, write_json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1).ok_or("usage: pages ENDPOINT")?;
    let authorization = std::env::var("CONFLUENCE_AUTH")?;

    // Your program keeps these folders: configuration in one, encrypted tokens in the other.
    let folder = tempfile::tempdir()?;
    let host =
        HostRunner::builder(folder.path().join("config"), folder.path().join("state")).open()?;
    let scope = Scope {
        env: "prod".parse()?,
        app: "search".parse()?,
    };
    // For the simulator, which listens on this machine. Confluence Cloud needs no setting.
    host.config()
        .set(&scope, Level::Cluster, "network.allow-loopback", "true")?;
    let tenant = host.tenant(&scope)?;

    // Needed once: the connection is stored, and its token encrypted.
    let set = tenant.function("setApiUrlAndAuth")?;
    let connection = [endpoint, authorization, "app".to_owned()];
    tenant.call(set, bind(set, &connection, &[])?).await?;

    let list_spaces = tenant.function("listSpaces")?;
    let limit = [("limit".to_owned(), "3".to_owned())];
    let spaces = tenant
        .call(list_spaces, bind(list_spaces, &[], &limit)?)
        .await?;
    for space in spaces.items().unwrap_or_default() {
        let mut json = Vec::new();
        write_json(space, &mut json)?;
        let space: serde_json::Value = serde_json::from_slice(&json)?;
        let text = |name: &str| space.get(name)?.as_str().map(str::to_owned);
        println!(
            "{} {}",
            text("key").unwrap_or_default(),
            text("name").unwrap_or_default()
        );
    }

    let list_pages = tenant.function("listPages")?;
    let named = [
        ("limit".to_owned(), "100".to_owned()),
        ("body-format".to_owned(), "text".to_owned()),
    ];
    // One call for each 100 pages, to the end of the list.
    let mut answers = tenant.follow(list_pages, bind(list_pages, &[], &named)?)?;
    let mut pages = 0;
    while let Some(answer) = answers.next().await {
        pages += answer?.items().unwrap_or_default().len();
    }
    println!("{pages} pages");

    let get_page = tenant.function("getPageById")?;
    let arguments = bind(get_page, &["1".to_owned()], &[])?;
    if let Err(CallError::Component { error, .. }) = tenant.call(get_page, arguments).await {
        let status = error.status.unwrap_or_default();
        println!("{} {status} {}", error.kind, error.resolution);
    }
    Ok(())
}
