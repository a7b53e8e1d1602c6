//! `host-runner simulator`.

use std::fs::File;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use confluence_simulator::{
    Amounts, Consent, Content, Faults, IndexLag, OauthSettings, OauthSite, Settings, Simulator,
    TokenFault,
};
use serde_json::json;

use crate::count::count;
use crate::exit::Failure;
use crate::report;

#[derive(Debug, Subcommand)]
pub(crate) enum SimulatorCommand {
    /// Serve a generated site until interrupted
    #[command(after_help = "\
Examples:
  host-runner simulator serve
  host-runner simulator serve --port 8090 --pages 100000 --latency-ms 50
  host-runner simulator serve --fault 3:429 --fault '*:500'
  host-runner simulator serve --request-log requests.ndjson
  host-runner simulator serve --control 8091
  curl http://127.0.0.1:8091/mutations --data '{\"kind\":\"edit\",\"id\":\"98304\"}'
  curl http://127.0.0.1:8091/content?kind=page
  host-runner simulator serve --oauth --oauth-consent granted --oauth-token-seconds 120")]
    Serve(ServeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8090)]
    pub(crate) port: u16,
    /// Seed for names and titles that programs often handle wrongly [default: those of a company]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Number of pages that a default listing returns
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) pages: u64,
    /// Number of accounts that each body mentions by id
    #[arg(long, value_name = "ACCOUNTS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=100))]
    pub(crate) mentions: u64,
    /// Latency of every response, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Fault to inject, as a request number or range and a fault: `3:429`, `2-5:truncate`, `*:500`
    #[arg(long, value_name = "REQUEST:FAULT")]
    pub(crate) fault: Vec<String>,
    /// Also serve the control interface on this port of 127.0.0.1; 0 picks a free one. Its URL is the
    /// second line of the output. `POST /mutations` changes the site, `GET /journal` and
    /// `GET /content` list the changes and what the site has: see `docs/simulator.md`
    #[arg(long, value_name = "PORT")]
    pub(crate) control: Option<u16>,
    /// How many mutations the search index is behind, or `flush`: until `POST /index/flush`
    #[arg(long, value_name = "MUTATIONS", value_parser = index_lag, default_value = "0", requires = "control")]
    index_lag: IndexLag,
    /// File with the only `Authorization` value to accept [default: any well-formed value]
    #[arg(long, value_name = "FILE")]
    pub(crate) credential_file: Option<PathBuf>,
    /// File for a request log in JSON Lines: number, method, path with query, status. Truncated at
    /// the start
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) request_log: Option<PathBuf>,
    #[command(flatten)]
    oauth: OauthArguments,
}

#[derive(Debug, Args)]
pub(crate) struct OauthArguments {
    /// Serve an authorization server of OAuth 2.0, too; its app is `demo-client` with the secret
    /// `demo-secret`
    #[arg(long)]
    oauth: bool,
    /// Callback URL of the app
    #[arg(
        long,
        value_name = "URI",
        requires = "oauth",
        default_value = "http://localhost:8765/callback"
    )]
    oauth_redirect_uri: String,
    /// What `/authorize` does: show a page, or decide without a browser
    #[arg(long, value_enum, requires = "oauth", default_value_t)]
    oauth_consent: ConsentName,
    /// Life of access tokens, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "oauth",
        default_value_t = 3600
    )]
    oauth_token_seconds: u64,
    /// Time that a refresh token still works after it was used, in seconds; Atlassian grants 600
    #[arg(long, value_name = "SECONDS", requires = "oauth", default_value_t = 0)]
    oauth_grace_seconds: u64,
    /// Site of the account, as `CLOUD-ID=URL` [default: the simulated site]
    #[arg(long, value_name = "CLOUD-ID=URL", requires = "oauth")]
    oauth_site: Vec<String>,
    /// Fault of the next request to the token endpoint: `401`, `403`, `503`, `nonsense`, `cut`,
    /// `cut-after`, `redirect`, `slow=MILLISECONDS`; repeat it for the requests after that
    #[arg(long, value_name = "FAULT", requires = "oauth")]
    token_fault: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ConsentName {
    /// Show a page with two buttons
    #[default]
    Page,
    /// Grant it at once
    Granted,
    /// Decline it at once
    Declined,
}

impl OauthArguments {
    fn settings(&self) -> Result<Option<OauthSettings>, Failure> {
        if !self.oauth {
            return Ok(None);
        }
        let mut sites = Vec::new();
        for site in &self.oauth_site {
            let (cloud_id, url) = site.split_once('=').ok_or_else(|| {
                Failure::Usage(format!(
                    "`{site}` is not a valid site: expected `CLOUD-ID=URL`"
                ))
            })?;
            sites.push(OauthSite {
                cloud_id: cloud_id.to_owned(),
                url: url.to_owned(),
                name: url.to_owned(),
                scopes: None,
            });
        }
        Ok(Some(OauthSettings {
            redirect_uri: self.oauth_redirect_uri.clone(),
            sites,
            consent: match self.oauth_consent {
                ConsentName::Page => Consent::Page,
                ConsentName::Granted => Consent::Granted,
                ConsentName::Declined => Consent::Declined,
            },
            token_life: Duration::from_secs(self.oauth_token_seconds),
            grace: Duration::from_secs(self.oauth_grace_seconds),
            ..OauthSettings::default()
        }))
    }

    fn faults(&self) -> Result<Vec<TokenFault>, Failure> {
        let faults = self.token_fault.iter().map(|fault| fault.parse());
        faults
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::Usage(format!("{error}")))
    }
}

fn index_lag(text: &str) -> Result<IndexLag, String> {
    match (text, text.parse()) {
        ("flush", _) => Ok(IndexLag::UntilFlushed),
        (_, Ok(0)) => Ok(IndexLag::None),
        (_, Ok(behind)) => Ok(IndexLag::Mutations(behind)),
        (_, Err(_)) => Err("expected a number or `flush`".to_owned()),
    }
}

pub(crate) async fn run(command: SimulatorCommand) -> Result<(), Failure> {
    match command {
        SimulatorCommand::Serve(arguments) => serve(arguments).await,
    }
}

async fn serve(arguments: ServeArguments) -> Result<(), Failure> {
    let faults: Faults = arguments
        .fault
        .join(",")
        .parse()
        .map_err(|error| Failure::Usage(format!("{error}")))?;
    let credential = match &arguments.credential_file {
        None => None,
        Some(path) => Some(
            std::fs::read_to_string(path)
                .map_err(|source| Failure::input(format!("the file `{}`", path.display()), source))?
                .trim()
                .to_owned(),
        ),
    };
    let log = match &arguments.request_log {
        None => None,
        Some(path) => Some(File::create(path).map_err(|source| Failure::written_to(path, source))?),
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let settings = Settings {
        seed: arguments.seed.unwrap_or(Settings::default().seed),
        content: if arguments.seed.is_some() {
            Content::EdgeCases
        } else {
            Content::Company
        },
        pages: arguments.pages,
        amounts: Amounts {
            mentions: arguments.mentions,
            ..Amounts::default()
        },
        latency: Duration::from_millis(arguments.latency_ms),
        faults,
        index_lag: arguments.index_lag,
        chained: false,
        credential,
        oauth: arguments.oauth.settings()?,
        token_faults: arguments.oauth.faults()?,
    };
    let mut simulator = Simulator::start_at(settings, address).await?;
    let control = match arguments.control {
        None => None,
        Some(port) => {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            Some(simulator.serve_control(address).await?)
        }
    };
    if let Some(log) = log {
        simulator.observe(move |request| {
            // Headers are left out: the credential is among them. One write a line, so that who
            // reads along never sees half of one.
            let line = json!({
                "number": request.number,
                "method": request.method,
                "path": without_secrets(&request.path_and_query),
                "status": request.status,
            });
            if let Err(error) = (&log).write_all(format!("{line}\n").as_bytes()) {
                report::note(&format!("cannot log a request: {error}"));
            }
        });
    }
    // The first line is for programs that wait for it, and so is the second one.
    let mut lines = format!("{}\n", simulator.endpoint());
    if let Some(control) = control {
        lines.push_str(&format!("http://{control}\n"));
    }
    let mut out = io::stdout().lock();
    out.write_all(lines.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::output)?;
    report::note(&format!(
        "serving {}; to connect, run `host-runner config set network.allow-loopback true --level cluster` once, then `host-runner connection add --site {} --user me@example.com` with any token; stop with Ctrl-C",
        count(arguments.pages, "page"),
        simulator.endpoint()
    ));
    if arguments.oauth.oauth {
        let origin = simulator.site_url();
        report::note(&format!(
            "the authorization server is {origin}: set `oauth.authorization-server` and `oauth.api` to it at the cluster level; the app is `demo-client`, its secret `demo-secret`"
        ));
    }
    tokio::signal::ctrl_c()
        .await
        .map_err(|source| Failure::io("cannot wait for signals", source))?;
    Ok(())
}

/// A path of the request log: of the consent page without its query, which has the `state`.
fn without_secrets(path: &str) -> &str {
    match path.split_once('?') {
        Some((page @ "/authorize", _)) => page,
        _ => path,
    }
}
