//! `host-runner demo`: an end-to-end demo against a generated site.

use std::path::Path;

use confluence_simulator::{Content, Mutation, Settings, Simulator};
use host_runner::{HostRunner, Level, Scope, Tenant, bind};
use serde_json::json;
use sink_sqlite::Sqlite;
use sync::SyncRequest;

use super::sync::now;
use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::{self, Sheet, Style};

/// `me@example.com:demo-token`, which the simulator takes like any other.
const AUTHORIZATION: &str = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==";

/// What is shown, and how it is asked for.
const TOUR: [(&str, &[&str]); 6] = [
    ("testConnection", &[]),
    ("listSpaces", &["--limit", "5"]),
    ("listPages", &["--limit", "8", "--sort", "-modified-date"]),
    ("listLabels", &["--limit", "6"]),
    ("listBlogPosts", &["--limit", "5"]),
    ("listTasks", &["--status", "incomplete", "--limit", "5"]),
];

/// What the demo copies: as many streams as fit a screen.
const COPIED: [&str; 5] = ["spaces", "pages", "blog_posts", "page_labels", "tasks"];

pub(crate) async fn run(session: &SessionOptions) -> Result<(), Failure> {
    let simulator = Simulator::start(Settings {
        content: Content::Company,
        ..Settings::default()
    })
    .await?;
    let state = tempfile::tempdir()
        .map_err(|source| Failure::io("no folder for the demo's state", source))?;
    let host = session
        .setup(state.path().join("config"), state.path().join("state"))
        .open()?;
    let scope = session.scope();
    host.config()
        .set(&scope, Level::Cluster, "network.allow-loopback", "true")?;
    let ended = tour(&host, &scope, &simulator, state.path()).await;
    session.after_calls(&host, ended)
}

async fn tour(
    host: &HostRunner,
    scope: &Scope,
    simulator: &Simulator,
    folder: &Path,
) -> Result<(), Failure> {
    let tenant = host.tenant(scope)?;
    output::say(&format!(
        "A generated Confluence site is running at {}.\nThe component receives its URL; the authorization stays with the host.\n",
        simulator.site_url()
    ))?;
    let set = tenant.function("setApiUrlAndAuth")?;
    let arguments = bind(
        set,
        &[
            simulator.endpoint(),
            AUTHORIZATION.to_owned(),
            "app".to_owned(),
        ],
        &[],
    )?;
    tenant.call(set, arguments).await?;
    output::say(&format!(
        "> setApiUrlAndAuth {} - app",
        simulator.endpoint()
    ))?;

    for (name, words) in TOUR {
        show(&tenant, name, words).await?;
    }
    copy(&tenant, simulator, &folder.join("site.db")).await?;
    output::say(&closing(simulator.request_count()))
}

/// Copies the site, changes three pages of it, and copies what has changed.
async fn copy(tenant: &Tenant, simulator: &Simulator, file: &Path) -> Result<(), Failure> {
    output::say(&format!(
        "\nThe same site as a SQLite database, in a temporary folder:\n\n> sync run --to sqlite:{}",
        file.display()
    ))?;
    let mut sink = Sqlite::open(file)?;
    sync_once(tenant, &mut sink).await?;
    let site = simulator.site();
    let edits = site.page_ids().take(3).map(|id| {
        simulator.mutate(&Mutation::Edit {
            id,
            title: None,
            message: None,
        })
    });
    output::say(&format!(
        "\nSomebody edits {} pages. The same command reads what has changed:\n\n> sync run --to sqlite:{}",
        edits.flatten().count(),
        file.display()
    ))?;
    sync_once(tenant, &mut sink).await
}

/// One run, with a line for each stream in which something changed.
async fn sync_once(tenant: &Tenant, sink: &mut Sqlite) -> Result<(), Failure> {
    let client = tenant.client();
    let mut request = SyncRequest::default();
    request.streams = COPIED.map(str::to_owned).to_vec();
    let done = sync::sync(&client, sink, &request, &now, &mut |_| ()).await?;
    let changed = done.streams.iter().filter(|stream| {
        let counts = stream.counts;
        counts.inserted + counts.updated + counts.deleted > 0
    });
    let rows: Vec<_> = changed
        .map(|stream| {
            json!({
                "stream": stream.stream,
                "new": stream.counts.inserted,
                "changed": stream.counts.updated,
                "deleted": stream.counts.deleted,
                "unchanged": stream.counts.unchanged,
            })
        })
        .collect();
    let columns = ["stream", "new", "changed", "deleted", "unchanged"];
    output::records(&Sheet::of(&columns), &rows, &Format::Table.into())?;
    output::say(&format!("{}: {} requests", done.outcome, done.requests))
}

async fn show(tenant: &Tenant, name: &str, words: &[&str]) -> Result<(), Failure> {
    let function = tenant.function(name)?;
    let named: Vec<(String, String)> = words
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [name, value] => Some((
                name.trim_start_matches("--").to_owned(),
                (*value).to_owned(),
            )),
            _ => None,
        })
        .collect();
    let answer = tenant.call(function, bind(function, &[], &named)?).await?;
    output::say(format!("\n> {name} {}", words.join(" ")).trim_end())?;
    // A tour shows the first columns; `call` says which ones a table leaves out.
    output::print(function, &answer, &Style::of(Format::Table))?;
    Ok(())
}

/// What to try next, in the form in which this program was started.
fn closing(requests: u64) -> String {
    let program = if std::env::var_os("CARGO").is_some() {
        "cargo run --"
    } else {
        "host-runner"
    };
    format!(
        "
The component sent {requests} requests through the host to the site.

To continue, run a site in another terminal, allow connections to this machine, and store a
connection:

  {program} simulator serve --port 8090 --pages 1000
  {program} config set network.allow-loopback true --level cluster
  echo '{AUTHORIZATION}' | {program} call setApiUrlAndAuth http://127.0.0.1:8090/wiki/api/v2/ - app
  {program} call listPages --limit 10
  {program} sync run --to sqlite:site.db"
    )
}
