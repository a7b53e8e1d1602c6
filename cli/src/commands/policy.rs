//! `host-runner policy`: an app's effective policy in sentences, each with its source.

use clap::Args;
use host_runner::{CallError, Effective, EffectiveSetting, Endpoint, Precedence, SETTINGS, Source};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output::PrintOptions;
use crate::output::{self, Sheet};

#[derive(Debug, Args)]
pub(crate) struct PolicyArguments {
    #[command(flatten)]
    print: PrintOptions,
}

/// Subjects of sentences, in the order of a call.
const COMPONENT: &str = "component";
const SITE: &str = "site";
const REQUESTS: &str = "requests";
const ANSWERS: &str = "answers";
const CALLS: &str = "calls";
const DOWNLOADS: &str = "downloads";
const SECRETS: &str = "secrets";

/// One sentence of the policy.
struct Rule {
    about: &'static str,
    rule: String,
    /// The rule for a line of a terminal, where the sentence is too long for one.
    short: Option<String>,
    set_by: String,
    /// The level's kind, for a line of a terminal: the scope is known.
    set_at: String,
    /// Whether narrower levels restrict it or override it.
    narrower: Option<&'static str>,
    file: Option<String>,
    line: Option<usize>,
}

impl Rule {
    /// A rule that no level can change.
    fn built_in(about: &'static str, rule: &str) -> Self {
        Self {
            about,
            rule: rule.to_owned(),
            short: None,
            set_by: "built in".to_owned(),
            set_at: "built in".to_owned(),
            narrower: None,
            file: None,
            line: None,
        }
    }

    fn of(about: &'static str, rule: String, source: &Source, locked_by: Option<&Source>) -> Self {
        let (mut set_by, file, line) = match source {
            Source::File { level, file, line } => (
                level.to_string(),
                Some(file.display().to_string()),
                Some(*line),
            ),
            other => (other.to_string(), None, None),
        };
        let mut set_at = match source {
            Source::File { level, .. } => level.level().to_string(),
            other => other.to_string(),
        };
        if let Some(Source::File { level, .. }) = locked_by {
            set_by.push_str(&format!(", locked by {level}"));
            set_at.push_str(", locked");
        }
        Self {
            about,
            rule,
            short: None,
            set_by,
            set_at,
            narrower: None,
            file,
            line,
        }
    }

    /// The rule of a setting, or of a connection, which narrower levels replace.
    fn with_precedence(mut self, key: &str) -> Self {
        let precedence = SETTINGS.find(key).map(|setting| setting.precedence);
        self.narrower = Some(precedence.unwrap_or(Precedence::Overrides).word());
        self
    }

    fn in_short(mut self, short: impl Into<String>) -> Self {
        self.short = Some(short.into());
        self
    }

    /// As a line of a terminal has it.
    fn to_line(&self) -> Value {
        json!({
            "about": self.about,
            "rule": self.short.as_ref().map_or_else(|| self.rule.clone(), |short| format!("{short}…")),
            "set by": self.set_at,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "about": self.about,
            "rule": self.rule,
            "set by": self.set_by,
            "narrower levels": self.narrower,
            "file": self.file,
            "line": self.line,
        })
    }
}

pub(crate) fn run(session: &SessionOptions, arguments: &PolicyArguments) -> Result<(), Failure> {
    let host = session.open_to_read()?;
    let scope = session.scope();
    let effective = host.effective(&scope)?;
    let printing = arguments.print.printing()?;
    let format = printing.format;
    let is_short = format == Format::Table && output::has_one_line_per_row();
    let as_json = if is_short {
        Rule::to_line
    } else {
        Rule::to_json
    };
    let rows: Vec<Value> = rules(&effective).iter().map(as_json).collect();
    output::records(
        &Sheet {
            columns: &["about", "rule", "set by", "narrower levels", "file", "line"],
            wide: &["narrower levels", "file", "line"],
            shortened: if is_short { &["rule"] } else { &[] },
        },
        &rows,
        &printing,
    )?;
    // Effective settings can still contradict each other: an error with its own code.
    host.tenant(&scope)?;
    let definition = effective
        .definition(&effective.connection_name())
        .map(|(definition, _, _)| definition.endpoint.clone());
    if let Some(endpoint) = definition {
        effective.allows(&endpoint).map_err(CallError::from)?;
    }
    Ok(())
}

fn rules(effective: &Effective) -> Vec<Rule> {
    let explained = effective.explain();
    let name = effective.connection_name();
    let key = format!("connections.{name}");
    let mut rules = vec![
        Rule::built_in(
            COMPONENT,
            "no files, sockets, clock, random numbers or environment, unless `component.allow-imports` grants them",
        )
        .in_short("no files, sockets, clock, random numbers"),
        Rule::built_in(
            SITE,
            "the component never receives the authorization, which is added to requests after they leave the sandbox",
        )
        .in_short("the component never receives the authorization"),
        Rule::built_in(
            SITE,
            "private addresses are never dialed, however they are written and whatever a name resolves to",
        )
        .in_short("private addresses are never dialed"),
        Rule::built_in(
            REQUESTS,
            "only GET without a body, and two lookups that the API offers only as POST, `api/v2/users-bulk` and `api/v2/content/convert-ids-to-types`, with a body of at most 64 KiB; of the component's headers, only `accept` is sent",
        )
        .in_short("only GET, and two lookups that need POST"),
        Rule::built_in(REQUESTS, "redirects are not followed"),
        Rule::built_in(
            ANSWERS,
            "a response that repeats the authorization is cut; at most 64 KiB of headers; at most 200 times the compressed size",
        )
        .in_short("cut if they repeat the authorization"),
    ];
    let asks_others = explained.iter().any(|explained| {
        explained.key == "network.allow-hosts" && explained.value != Some(json!([]))
    });
    match explained.iter().find(|explained| explained.key == key) {
        None if asks_others => rules.push(
            Rule::built_in(
                SITE,
                &format!("there is no connection `{name}`: every request to a site is denied"),
            )
            .in_short(format!(
                "no connection `{name}`: requests to a site are denied"
            )),
        ),
        None => rules.push(
            Rule::built_in(
                SITE,
                &format!("there is no connection `{name}`: every request is denied"),
            )
            .in_short(format!("no connection `{name}`: requests are denied")),
        ),
        Some(connection) => {
            let api = explained
                .iter()
                .find(|explained| explained.key == "oauth.api");
            let api = api.and_then(|api| api.value.as_ref()?.as_str());
            rules.extend(of_connection(
                &name.to_string(),
                connection,
                api.unwrap_or_default(),
                asks_others,
            ));
        }
    }
    rules.extend(explained.iter().filter_map(of_setting));
    let order = [
        COMPONENT, SITE, REQUESTS, ANSWERS, CALLS, DOWNLOADS, SECRETS,
    ];
    rules.sort_by_key(|rule| order.iter().position(|about| *about == rule.about));
    rules
}

fn of_connection(
    name: &str,
    connection: &EffectiveSetting,
    api: &str,
    asks_others: bool,
) -> Vec<Rule> {
    let field = |key: &str| {
        connection
            .value
            .as_ref()
            .and_then(|value| value.get(key))
            .filter(|value| !value.is_null())
    };
    let text = |key: &str| field(key).and_then(Value::as_str).unwrap_or_default();
    let rule = |about, rule| {
        Rule::of(
            about,
            rule,
            &connection.source,
            connection.locked_by.as_ref(),
        )
        .with_precedence(&connection.key)
    };
    let site = match text("cloud-id") {
        "" => text("site").trim_end_matches('/').to_owned(),
        // Those of OAuth connections go to the gateway alone.
        cloud_id => Endpoint::at_gateway(api, cloud_id)
            .map_or_else(|_| api.to_owned(), |at| at.as_str().to_owned()),
    };
    let concurrency = match (field("borrow-concurrency-from"), field("concurrency")) {
        (Some(lender), _) => format!(
            "shares the concurrency limit of connection `{}`",
            lender.as_str().unwrap_or_default()
        ),
        (None, Some(number)) => {
            format!("at most {number} concurrent, fewer while the site is overloaded")
        }
        (None, None) => "at most 5 concurrent, fewer while the site is overloaded".to_owned(),
    };
    let elsewhere = if asks_others {
        "and to other hosts without the authorization"
    } else {
        "and nowhere else"
    };
    vec![
        rule(
            SITE,
            format!(
                "requests go to `{site}` with connection `{name}`, below `api/v2/` and `rest/api/`, {elsewhere}"
            ),
        )
        .in_short(format!("requests go to `{site}`")),
        rule(REQUESTS, concurrency),
    ]
}

/// The sentence of a setting; `None` for one that has no effect.
fn of_setting(explained: &EffectiveSetting) -> Option<Rule> {
    let value = explained.value.as_ref()?;
    let shown = match value {
        Value::String(text) => format!("`{text}`"),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => items
            .iter()
            .map(|item| format!("`{}`", item.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let yes = value.as_bool() == Some(true);
    let (about, rule) = match explained.key.as_str() {
        "component.digest" => (COMPONENT, format!("runs {shown}")),
        "component.allow-imports" => (COMPONENT, format!("may import {shown}")),
        "component.require-exports" => (COMPONENT, format!("must export {shown}")),
        "component.signed-by" if value == &json!([]) => {
            (COMPONENT, "no signature is required".to_owned())
        }
        "component.signed-by" => (COMPONENT, format!("must be signed by the key {shown}")),
        "custom-content.types" if value == &json!([]) => (
            CALLS,
            "no types of custom content for lists that name none".to_owned(),
        ),
        "custom-content.types" => (
            CALLS,
            format!("types of custom content for lists that name none: {shown}"),
        ),
        "oauth.authorization-server" | "oauth.api" if explained.source == Source::Default => {
            return None;
        }
        "oauth.authorization-server" => (SITE, format!("OAuth logins go to {shown}")),
        "oauth.api" => (SITE, format!("requests of OAuth connections go to {shown}")),
        "network.allow-sites" => (SITE, format!("allowed sites of connections: {shown}")),
        "network.allow-hosts" if value == &json!([]) => (
            SITE,
            "the component can reach no host besides the site".to_owned(),
        ),
        "network.allow-hosts" => (
            SITE,
            format!(
                "besides the site, the component can reach {shown}: GET only, without the authorization, public addresses, at most 5 concurrent requests"
            ),
        ),
        "network.allow-loopback" if yes => {
            (SITE, "connections to this machine are allowed".to_owned())
        }
        "network.allow-loopback" => (SITE, "connections to this machine are denied".to_owned()),
        "network.requests-per-second" => (REQUESTS, format!("at most {shown} per second")),
        "network.points-per-hour" => (
            REQUESTS,
            format!("at most {shown} points per hour for all apps together, shared fairly"),
        ),
        "network.ca-file" => (SITE, format!("additional trusted certificates: {shown}")),
        "network.proxy" => (REQUESTS, format!("sent through the proxy {shown}")),
        "retry.attempts" if value == &json!(0) => {
            (REQUESTS, "failed requests are not retried".to_owned())
        }
        "retry.attempts" => (
            REQUESTS,
            format!(
                "failed requests are retried up to {shown} times within the call; waits that the site requires do not count"
            ),
        ),
        "retry.first-wait-seconds" => (
            REQUESTS,
            format!("first retry after {shown} s, then doubling"),
        ),
        "limits.requests" => (
            REQUESTS,
            format!("at most {shown} in one call, retries included"),
        ),
        "limits.connect-seconds" => (REQUESTS, format!("at most {shown} s to connect")),
        "limits.first-byte-seconds" => (
            REQUESTS,
            format!("at most {shown} s until the response headers"),
        ),
        "limits.between-bytes-seconds" => (
            ANSWERS,
            format!("at most {shown} s between two pieces of a response"),
        ),
        "limits.answer-mib" => (ANSWERS, format!("at most {shown} MiB each")),
        "limits.call-seconds" => (
            CALLS,
            format!("at most {shown} s each, including network waits"),
        ),
        "limits.memory-mib" => (CALLS, format!("at most {shown} MiB of memory each")),
        "limits.handles" => (CALLS, format!("at most {shown} handles each")),
        "limits.table-elements" => (CALLS, format!("at most {shown} table elements each")),
        "download.file-mib" => (DOWNLOADS, format!("at most {shown} MiB each")),
        "download.allow-media-types" => (DOWNLOADS, format!("allowed types: {shown}")),
        "download.allow-hosts" => (
            DOWNLOADS,
            format!(
                "allowed hosts, besides the site: {shown}; only where the site redirects to, without a credential"
            ),
        ),
        "secrets.store" => (SECRETS, format!("tokens are stored in {shown}")),
        "secrets.vault.address" => (SECRETS, format!("Vault is at {shown}")),
        // A sentence for these would add nothing to `config explain`.
        key if key.starts_with("secrets.") || key.starts_with("connections.") => return None,
        "connection" | "network.proxy-authorization-file" => return None,
        key => (CALLS, format!("`{key}` is {shown}")),
    };
    let locked_by = explained.locked_by.as_ref();
    let mut rule = Rule::of(about, rule, &explained.source, locked_by);
    rule.short = short(&explained.key, value, &shown);
    Some(rule.with_precedence(&explained.key))
}

/// The sentence of a setting for a line of a terminal, where it is too long for one.
fn short(key: &str, value: &Value, shown: &str) -> Option<String> {
    let count = value.as_array().map(Vec::len).unwrap_or_default();
    let interfaces = match count {
        1 => "1 interface".to_owned(),
        count => format!("{count} interfaces"),
    };
    Some(match key {
        "component.allow-imports" => format!("may import {interfaces}"),
        "component.require-exports" => format!("must export {interfaces}"),
        "network.allow-hosts" if count == 0 => "no host besides the site can be reached".to_owned(),
        "network.allow-hosts" => format!("besides the site: {shown}"),
        "network.points-per-hour" => format!("at most {shown} points per hour, shared fairly"),
        "retry.attempts" if value != &json!(0) => {
            format!("at most {shown} retries within the call")
        }
        "download.allow-hosts" => format!("redirects only to {shown}"),
        _ => return None,
    })
}
