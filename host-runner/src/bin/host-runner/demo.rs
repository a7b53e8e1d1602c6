//! `host-runner demo`: the whole path, on a Confluence of its own.

use std::io::{self, Write as _};

use confluence_simulator::{Settings, Simulator};
use host_runner::{Function, HostRunner, Scope, Setup, bind};

use crate::command::{Format, SessionOptions};
use crate::exit::Failure;
use crate::output::{self, Style};

/// `me@example.com:demo-token`, which the simulator takes like any other.
const AUTHORIZATION: &str = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==";

/// What is shown, and how it is asked for.
const TOUR: [(&str, &[&str]); 6] = [
    ("listSpaces", &["--limit", "5"]),
    ("listPages", &["--limit", "8", "--sort", "-modified-date"]),
    ("listLabels", &["--limit", "6"]),
    ("listBlogPosts", &["--limit", "5"]),
    ("listTasks", &["--status", "incomplete", "--limit", "5"]),
    ("testConnection", &[]),
];

pub(crate) async fn run(session: &SessionOptions) -> Result<(), Failure> {
    let simulator = Simulator::start(Settings::default()).await?;
    let state = tempfile::tempdir()
        .map_err(|source| Failure::io("no folder for the demo's state", source))?;
    let host = Setup::new(state.path()).limits(session.limits()).open()?;
    let scope = session.scope();

    say(&format!(
        "A Confluence with generated content is running at {}.\nThe component below knows its address; the authorization stays with the host.\n",
        simulator.site_url()
    ))?;
    let set = Function::find(host.functions(), "setApiUrlAndAuth")?;
    let arguments = bind(
        set,
        &[
            simulator.endpoint(),
            AUTHORIZATION.to_owned(),
            "app".to_owned(),
        ],
        &[],
    )?;
    host.call(&scope, set, arguments).await?;
    say(&format!(
        "> setApiUrlAndAuth {} - app",
        simulator.endpoint()
    ))?;

    for (name, words) in TOUR {
        show(&host, &scope, name, words).await?;
    }
    say(&closing(simulator.request_count()))
}

async fn show(host: &HostRunner, scope: &Scope, name: &str, words: &[&str]) -> Result<(), Failure> {
    let function = Function::find(host.functions(), name)?;
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
    let answer = host
        .call(scope, function, bind(function, &[], &named)?)
        .await?;
    say(&format!("\n> {name} {}", words.join(" ")))?;
    output::print(function, &answer, &Style::of(Format::Table))
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
{requests} requests went from the sandbox through the host to the site and back.

To go on, keep a site running in one terminal, tell the host of it, and ask:

  {program} simulator serve --port 8090 --pages 1000
  echo '{AUTHORIZATION}' | {program} call setApiUrlAndAuth http://127.0.0.1:8090/wiki/api/v2/ - app
  {program} call listPages --limit 10"
    )
}

fn say(text: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{text}").map_err(Failure::output)
}
