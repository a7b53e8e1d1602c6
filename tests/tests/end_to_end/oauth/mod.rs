//! OAuth 2.0 (3LO): the real binary, the simulator's authorization server, a browser that knows nothing
//! but HTTP.

mod apps;
mod library;
mod listener;
mod login;
mod paste;
mod races;
mod refresh;
mod scopes;
mod secrecy;
mod states;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use confluence_simulator::{Consent, OauthSettings, OauthSite, Settings, Simulator};
use tests::{Ended, Host};

/// The secret of the simulator's app.
const SECRET: &str = "demo-secret";

/// A site with an authorization server, and a host that is configured for it.
struct Place {
    site: Simulator,
    host: Host,
    port: u16,
}

/// A port that nobody listens at. Another test may take it meanwhile, which is unlikely: the system
/// gives others first.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn oauth_site(cloud_id: &str, url: &str) -> OauthSite {
    OauthSite {
        cloud_id: cloud_id.to_owned(),
        url: url.to_owned(),
        name: "site".to_owned(),
        scopes: None,
    }
}

impl Place {
    /// A site that consents at once, with an OAuth app `main` at the app level.
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut OauthSettings)) -> Self {
        let place = Self::without_app(change).await;
        place.add_app(&[]).ok();
        place
    }

    /// A login whose access token is over when the next process begins. The server takes a refresh
    /// token again for as long as `grace`.
    async fn expired(grace: Duration) -> Self {
        let place = Self::with(|oauth| oauth.grace = grace).await;
        place
            .site
            .announce_token_life(Some(Duration::from_millis(1)));
        place.login(&[]).ok();
        place.site.announce_token_life(None);
        place
    }

    async fn without_app(change: impl FnOnce(&mut OauthSettings)) -> Self {
        let port = free_port();
        let mut oauth = OauthSettings {
            redirect_uri: format!("http://localhost:{port}/callback"),
            consent: Consent::Granted,
            sites: vec![oauth_site("11aa-22", "https://one.example.net")],
            ..OauthSettings::default()
        };
        change(&mut oauth);
        let site = Simulator::start(Settings {
            pages: 30,
            oauth: Some(oauth),
            ..Settings::default()
        })
        .await
        .unwrap();
        let host = Host::new();
        let origin = site.site_url();
        host.write(
            "cluster.toml",
            &format!(
                "network.allow-loopback = true\nretry.attempts = 0\n[oauth]\nauthorization-server = \"{origin}\"\napi = \"{origin}\"\n"
            ),
        );
        Self { site, host, port }
    }

    fn redirect_uri(&self) -> String {
        format!("http://localhost:{}/callback", self.port)
    }

    fn add_app(&self, words: &[&str]) -> Ended {
        let uri = self.redirect_uri();
        let words = [
            &[
                "oauth-app",
                "add",
                "main",
                "--client-id",
                "demo-client",
                "--redirect-uri",
                &uri,
                "--secret",
                "-",
            ],
            words,
        ]
        .concat();
        self.host.run_with(&words, SECRET, &[])
    }

    /// Begins a login of the connection `default`.
    fn begin(&self, words: &[&str]) -> Login {
        let usual = ["connection", "login", "--oauth-app", "main", "--no-browser"];
        Login::begin(&self.host, &[&usual, words].concat())
    }

    /// Logs in, with a browser that follows the consent.
    fn login(&self, words: &[&str]) -> Ended {
        let login = self.begin(words);
        let consent = browse(&login.url);
        browse(&consent.location);
        login.end()
    }

    fn call(&self) -> Ended {
        self.host.call(&["listSpaces", "--limit", "2"])
    }

    /// The state of the connection `default`.
    fn state(&self) -> String {
        let listed = self
            .host
            .run(&["connection", "list", "--output", "json"])
            .ok();
        let rows = listed.json();
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == "default").unwrap();
        row["state"].as_str().unwrap().to_owned()
    }

    /// Requests to the token endpoint so far.
    fn token_requests(&self) -> usize {
        self.site.token_requests().len()
    }

    /// Changes a level's file by hand.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.host.read(file);
        assert!(text.contains(from), "{text}");
        self.host.write(file, &text.replace(from, to));
    }
}

/// The file of the app level.
const APP_FILE: &str = "env/default/app/default.toml";

/// A login that waits for its browser.
struct Login {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Login {
    fn begin(host: &Host, words: &[&str]) -> Self {
        Self::begin_with(host, words, &[])
    }

    fn begin_with(host: &Host, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = host
            .command()
            .args(words)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        Self {
            stdin: child.stdin.take(),
            child,
            stdout,
            url: url.trim().to_owned(),
        }
    }

    /// A value of the query of the authorization URL.
    fn value(&self, name: &str) -> String {
        let query = self.url.split_once('?').unwrap().1;
        let mut parts = query.split('&').filter_map(|part| part.split_once('='));
        parts.find(|(key, _)| *key == name).unwrap().1.to_owned()
    }

    fn paste(mut self, line: &str) -> Ended {
        let mut stdin = self.stdin.take().unwrap();
        writeln!(stdin, "{line}").unwrap();
        drop(stdin);
        self.end()
    }

    fn end(mut self) -> Ended {
        drop(self.stdin.take());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        let status = self.child.wait().unwrap();
        Ended {
            code: status.code().unwrap_or(-1),
            stdout: format!("{}\n{stdout}", self.url),
            stderr,
        }
    }
}

/// A page, as a browser gets it.
#[derive(Debug)]
struct Page {
    status: u16,
    location: String,
    text: String,
}

/// Opens an address of this machine, and follows nothing.
fn browse(url: &str) -> Page {
    browse_with("GET", url, "")
}

fn browse_with(method: &str, url: &str, body: &str) -> Page {
    let rest = url
        .strip_prefix("http://")
        .unwrap_or_else(|| panic!("{url}"));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(authority.replace("localhost", "127.0.0.1")).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {authority}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let location = text
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_default();
    Page {
        status: text.split(' ').nth(1).unwrap().parse().unwrap(),
        location: location.to_owned(),
        text,
    }
}
