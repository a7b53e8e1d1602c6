//! `host-runner check`: the policy in force for an app, in sentences, each with what set it.

use clap::Args;
use host_runner::{CallError, Effective, EffectiveSetting, Precedence, SETTINGS, Source};
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// How to print.
    #[arg(long, short, value_enum)]
    output: Option<Format>,
}

/// What sentences are about, in the order of a call.
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
    set_by: String,
    /// Whether narrower levels restrict it or override it.
    narrower: Option<&'static str>,
    file: Option<String>,
    line: Option<usize>,
}

impl Rule {
    /// What no level can change.
    fn built_in(about: &'static str, rule: &str) -> Self {
        Self {
            about,
            rule: rule.to_owned(),
            set_by: "this program".to_owned(),
            narrower: None,
            file: None,
            line: None,
        }
    }

    fn of(about: &'static str, rule: String, source: &Source, fixed_by: Option<&Source>) -> Self {
        let (mut set_by, file, line) = match source {
            Source::File { level, file, line } => (
                level.to_string(),
                Some(file.display().to_string()),
                Some(*line),
            ),
            other => (other.to_string(), None, None),
        };
        if let Some(Source::File { level, .. }) = fixed_by {
            set_by.push_str(&format!(", fixed by {level}"));
        }
        Self {
            about,
            rule,
            set_by,
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

pub(crate) fn run(session: &SessionOptions, arguments: &CheckArguments) -> Result<(), Failure> {
    let host = session.open()?;
    let scope = session.scope();
    let effective = host.effective(&scope)?;
    let rows: Vec<Value> = rules(&effective).iter().map(Rule::to_json).collect();
    let format = arguments.output.unwrap_or_else(output::default_format);
    output::records(
        &["about", "rule", "set by", "narrower levels", "file", "line"],
        &rows,
        format,
    )?;
    // What is in force may still not fit together: then it is said, with its own code.
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
            "it has no files, sockets, clock, randomness or environment, unless `component.allow-imports` grants them",
        ),
        Rule::built_in(
            SITE,
            "the component never sees the authorization: it is added to requests on their way out",
        ),
        Rule::built_in(
            SITE,
            "addresses inside a network are not dialled, however they are spelled and whatever a name resolves to",
        ),
        Rule::built_in(
            REQUESTS,
            "GET alone, without a body, and two look-ups that are a POST by design, `api/v2/users-bulk` and `api/v2/content/convert-ids-to-types`, with a body of at most 64 KiB; of the component's headers `accept` alone leaves",
        ),
        Rule::built_in(REQUESTS, "redirects are not followed"),
        Rule::built_in(
            ANSWERS,
            "one that repeats the authorization is cut; at most 64 KiB of headers; decompressed to at most 200 times its size",
        ),
    ];
    let asks_others = explained.iter().any(|explained| {
        explained.key == "network.allow-hosts" && explained.value != Some(json!([]))
    });
    match explained.iter().find(|explained| explained.key == key) {
        None if asks_others => rules.push(Rule::built_in(
            SITE,
            &format!("there is no connection `{name}`: every request to a site is refused"),
        )),
        None => rules.push(Rule::built_in(
            SITE,
            &format!("there is no connection `{name}`: every request is refused"),
        )),
        Some(connection) => {
            rules.extend(of_connection(&name.to_string(), connection, asks_others));
        }
    }
    rules.extend(explained.iter().filter_map(of_setting));
    let order = [
        COMPONENT, SITE, REQUESTS, ANSWERS, CALLS, DOWNLOADS, SECRETS,
    ];
    rules.sort_by_key(|rule| order.iter().position(|about| *about == rule.about));
    rules
}

fn of_connection(name: &str, connection: &EffectiveSetting, asks_others: bool) -> Vec<Rule> {
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
            connection.fixed_by.as_ref(),
        )
        .with_precedence(&connection.key)
    };
    let site = text("site").trim_end_matches('/').to_owned();
    let concurrency = match (field("borrow-concurrency-from"), field("concurrency")) {
        (Some(lender), _) => format!(
            "as many at once as are left of connection `{}`",
            lender.as_str().unwrap_or_default()
        ),
        (None, Some(number)) => {
            format!("at most {number} at once, fewer while the site has too much to do")
        }
        (None, None) => "at most 5 at once, fewer while the site has too much to do".to_owned(),
    };
    let elsewhere = if asks_others {
        "and elsewhere without the authorization"
    } else {
        "and nowhere else"
    };
    vec![
        rule(
            SITE,
            format!(
                "requests go to `{site}` over connection `{name}`, below `api/v2/` and `rest/api/` there, {elsewhere}"
            ),
        ),
        rule(REQUESTS, concurrency),
    ]
}

/// The sentence of a setting; those that are not in force have none.
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
        "component.digest" => (COMPONENT, format!("it is {shown}")),
        "component.allow-imports" => (COMPONENT, format!("it may import {shown}")),
        "component.require-exports" => (COMPONENT, format!("it has to export {shown}")),
        "network.allow-sites" => (SITE, format!("connections may lead to {shown}")),
        "network.allow-hosts" if value == &json!([]) => (
            SITE,
            "the component may ask no host beside the site".to_owned(),
        ),
        "network.allow-hosts" => (
            SITE,
            format!(
                "the component may ask {shown} beside the site: by GET alone, without the authorization, over the public internet, 5 requests at once"
            ),
        ),
        "network.allow-loopback" if yes => {
            (SITE, "connections may lead to this machine".to_owned())
        }
        "network.allow-loopback" => (SITE, "no connection leads to this machine".to_owned()),
        "network.requests-per-second" => (REQUESTS, format!("at most {shown} in a second")),
        "network.points-per-hour" => (
            REQUESTS,
            format!("at most {shown} points in an hour for all apps together, each a part"),
        ),
        "network.ca-file" => (
            SITE,
            format!("the certificates in {shown} are trusted, too"),
        ),
        "network.proxy" => (REQUESTS, format!("they go through the proxy {shown}")),
        "retry.attempts" if value == &json!(0) => (REQUESTS, "none is made again".to_owned()),
        "retry.attempts" => (
            REQUESTS,
            format!(
                "one that went wrong is made again up to {shown} times, within the call; waits that the site asks for do not count"
            ),
        ),
        "retry.first-wait-seconds" => (
            REQUESTS,
            format!("{shown} s before the first of these, then twice as long each time"),
        ),
        "limits.requests" => (
            REQUESTS,
            format!("at most {shown} in one call, retries included"),
        ),
        "limits.connect-seconds" => (REQUESTS, format!("at most {shown} s to connect")),
        "limits.first-byte-seconds" => (
            REQUESTS,
            format!("at most {shown} s until the head of the answer"),
        ),
        "limits.between-bytes-seconds" => {
            (ANSWERS, format!("at most {shown} s between two pieces"))
        }
        "limits.answer-mib" => (ANSWERS, format!("at most {shown} MiB each")),
        "limits.call-seconds" => (
            CALLS,
            format!("at most {shown} s each, waiting for the network included"),
        ),
        "limits.memory-mib" => (CALLS, format!("at most {shown} MiB of memory each")),
        "limits.handles" => (CALLS, format!("at most {shown} handles each")),
        "limits.table-elements" => (CALLS, format!("at most {shown} elements of tables each")),
        "download.file-mib" => (DOWNLOADS, format!("at most {shown} MiB each")),
        "download.allow-media-types" => (DOWNLOADS, format!("of the types {shown}")),
        "download.allow-hosts" => (
            DOWNLOADS,
            format!("from the hosts {shown}, where the site has sent us, without a credential"),
        ),
        "secrets.store" => (SECRETS, format!("tokens are kept in {shown}")),
        "secrets.vault.address" => (SECRETS, format!("Vault is at {shown}")),
        // Sentences for what has none would say no more than `config explain`.
        key if key.starts_with("secrets.") || key.starts_with("connections.") => return None,
        "connection" | "network.proxy-authorization-file" => return None,
        key => (CALLS, format!("`{key}` is {shown}")),
    };
    let fixed_by = explained.fixed_by.as_ref();
    let rule = Rule::of(about, rule, &explained.source, fixed_by);
    Some(rule.with_precedence(&explained.key))
}
