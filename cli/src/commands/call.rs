//! `host-runner call`.

pub(super) mod empty;
mod help;
mod misplaced;
pub(super) mod omitted;

pub(crate) use help::result_options;

use host_runner::{
    Answer, CallError, ComponentError, ErrorKind, Function, HostRunner, Receipt, Tenant, Val, bind,
    camel_case,
};

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;

use super::connection::{self, expiry};
use super::{follow, space_hint, web};
use crate::exit::Failure;
use crate::formats::{Format, MessageFormat};
use crate::list_flags::{is_flag, is_truth};
use crate::options::{self, SessionOptions};
use crate::{output, report, secret_argument, wrap};

/// The function whose second argument is a secret.
const SET: &str = "set-api-url-and-auth";

/// The name of that argument.
const SECRET: &str = "auth";

/// The function that reads an address, without a request.
const REFERENCE: &str = "get-content-reference";

/// The code of the error of a list of custom content without a type.
const TYPE_REQUIRED: &str = "custom-content-type-required";

/// The function that tests the connection.
const TEST: &str = "test-connection";

#[derive(Debug, Args)]
#[command(
    // Words after the function are parsed against the function's own parameters.
    disable_help_flag = true,
    override_usage = "host-runner call FUNCTION [VALUE]... [--NAME VALUE]... [RESULT OPTIONS]",
    after_help = "\
`host-runner functions` lists the functions, and `host-runner call FUNCTION --help` documents one.

Arguments are JSON or bare words, by position in the order of `host-runner functions FUNCTION`, or by \
name: `--keys ENG,SCS --limit 100`. `null` skips an optional argument. Options are passed by name, too: \
`--sort -modified-date`.

`--all` ends with exit code 21 (pagination loop) if a continuation token repeats, or after 100 \
consecutive results without items. If it is interrupted by an error, Ctrl-C or SIGTERM, standard error \
shows the continuation token: pass it as `--after` to continue. Change feeds, such as getPagesChangedSince, print \
a checkpoint on standard error; pass it as `--since` next time. Other users of the \
machine can see arguments: pass `auth` of setApiUrlAndAuth as `-` (standard input), `@FILE` or \
`env:VARIABLE`.

Examples:
  host-runner call listSpaces
  host-runner call listSpaces null '[\"ENG\",\"SCS\"]' 100
  host-runner call listPages --ids 98304,98312 --body-format storage
  host-runner call listPages --all > pages.ndjson
  host-runner call listPages --all --output json > pages.json
  host-runner call listPages --all --receipt > pages.ndjson
  host-runner --message-format json call listPages --all > pages.ndjson 2> messages.ndjson
  host-runner call listPages --json id,title --jq '.[] | select(.title | startswith(\"Plan\")) | .id'
  host-runner call getPageById 98304 --web
  host-runner call listPages --all --output csv --columns id,title,version.number > pages.csv
  host-runner call setApiUrlAndAuth https://DOMAIN.atlassian.net/wiki/api/v2/ env:CONFLUENCE_AUTH app",
)]
pub(crate) struct CallArguments {
    /// Function in camelCase or kebab-case, its arguments, and options
    #[arg(
        value_name = "FUNCTION",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) words: Vec<String>,
}

/// `grammar` makes the commands and options of the whole command line, for help.
pub(crate) async fn run(
    session: SessionOptions,
    arguments: CallArguments,
    grammar: fn() -> clap::Command,
) -> Result<(), Failure> {
    let mut request = Request::parse(session, arguments.words)?;
    if request.positional.is_empty() {
        return without_function(request.help, grammar);
    }
    let name = request.positional.remove(0);
    if request.help {
        let host = request.session.open_to_read()?;
        let tenant = host.tenant(&request.session.scope())?;
        return help::print(tenant.function(&name)?);
    }
    let host = if needs_no_connection(&name) {
        request.session.open()?
    } else if request.all {
        request.session.open_to_stream()?
    } else {
        request.session.open_to_call()?
    };
    let tenant = host.tenant(&request.session.scope())?;
    let function = tenant.function(&name)?.clone();
    request.complete(&function);
    request.resolve_secrets(&function)?;
    let values = match bind(&function, &request.positional, &request.named) {
        Ok(values) => values,
        Err(error) => {
            misplaced::explain(&function, &request.positional);
            return Err(error.into());
        }
    };
    let style = request.style(&function)?;
    let is_narrowed = empty::is_narrowed(&function, &values);
    if request.all {
        let format = style.format;
        let mut receipt = Receipt::default();
        let ended = follow::run(
            &tenant,
            &function,
            values,
            &style,
            is_narrowed,
            &mut receipt,
        )
        .await;
        if request.receipt {
            report::receipt(&receipt, format);
        }
        warn_of_expiry(&host, &request.session);
        return request.session.after_calls(&host, ended);
    }
    let (called, receipt) = tenant.call_with_receipt(&function, values).await;
    let ended = match called {
        Ok(answer) if request.web => web::open(&function, &answer),
        Ok(mut answer) => {
            if !is_narrowed {
                empty::explain(&function, &mut answer);
            }
            let sentence = sentence(&host, &request.session, &function, &answer, &style);
            let ended = print(&tenant, &function, &answer, &style, sentence, is_narrowed);
            let is_empty = answer.items().is_some_and(<[_]>::is_empty);
            if is_empty && answer.after().is_none() {
                misplaced::tell(&function, &request.positional);
            }
            for hint in space_hint::of_answer(&tenant, &answer, &request.named).await {
                report::note(&hint);
            }
            ended
        }
        Err(error) => {
            if let Some(hint) = space_hint::of_error(&tenant, &error).await {
                report::note(&hint);
            }
            match error.kind() {
                ErrorKind::InvalidArgument => misplaced::explain(&function, &request.positional),
                ErrorKind::NotFound => misplaced::tell_missing(&function, &request.positional),
                _ => {}
            }
            Err(error.into())
        }
    };
    warn_of_expiry(&host, &request.session);
    if request.receipt {
        report::receipt(&receipt, style.format);
    }
    request.session.after_calls(&host, ended)
}

/// Whether a function works without a connection: it stores one, or sends nothing.
fn needs_no_connection(name: &str) -> bool {
    [SET, REFERENCE]
        .into_iter()
        .any(|there| there == name || camel_case(there) == name)
}

/// Warns of a token that is about to expire. Afterwards, since a call does not wait for it.
fn warn_of_expiry(host: &HostRunner, session: &SessionOptions) {
    let Ok(effective) = host.effective(&session.scope()) else {
        return;
    };
    let name = effective.connection_name();
    if let Some((definition, level, _)) = effective.definition(&name)
        && let Some(notice) = expiry::notice(&name, definition)
    {
        report::warning(&format!("{notice}; {}", expiry::fix(&name, level)));
    }
}

/// What the test of a connection has found in one sentence, for people who chose no columns.
fn sentence(
    host: &HostRunner,
    session: &SessionOptions,
    function: &Function,
    answer: &Answer,
    style: &output::Style,
) -> Option<String> {
    let is_for_people = style.format == Format::Table && style.columns.is_none();
    let is_report = matches!(answer.value(), Some(Val::Record(_)));
    if function.name() != TEST || !is_for_people || !is_report {
        return None;
    }
    let effective = host.effective(&session.scope()).ok()?;
    let (definition, ..) = effective.definition(&effective.connection_name())?;
    Some(connection::success(answer, definition, None))
}

fn print(
    tenant: &Tenant,
    function: &Function,
    answer: &Answer,
    style: &output::Style,
    sentence: Option<String>,
    is_narrowed: bool,
) -> Result<(), Failure> {
    // Where nothing was sent, only the reason is an answer; JSON has it as well.
    if let Some(mut refused) = answer
        .stopped()
        .filter(|stopped| is_refusal(stopped, answer))
    {
        if matches!(style.format, Format::Json | Format::Ndjson) {
            output::print(function, answer, style)?;
        }
        complete(&mut refused);
        return Err(component_failure(tenant, refused));
    }
    let printed = match sentence {
        Some(sentence) => output::say(&sentence).map(|()| output::LeftOut::default()),
        None => output::print(function, answer, style),
    };
    if let Ok(left_out) = &printed {
        for note in left_out.notes() {
            report::note(&note);
        }
    }
    for notice in answer.notices() {
        report::note(&notice);
    }
    if let Some(stopped) = answer.stopped() {
        let resume = answer.after().map_or_else(String::new, |after| {
            format!("; continue with `--after {after}`")
        });
        report::incomplete(
            &format!(
                "the list ended early: the printed items are valid; the rest is missing{resume}"
            ),
            answer.after(),
        );
        return Err(component_failure(tenant, stopped));
    }
    printed?;
    empty::tell(function, answer, style, is_narrowed);
    if let Some(after) = answer.after() {
        // People on a terminal do not copy 230 characters.
        let text = if style.format.is_table() && io::stdout().is_terminal() {
            "there is more: fetch everything with `--all`, or more at once with `--limit`; `--output json` has the continuation token".to_owned()
        } else {
            format!(
                "there is more: continue with `--after {after}`, or fetch everything with `--all`"
            )
        };
        report::continuation(&text, after);
    }
    if let Some(checkpoint) = answer.checkpoint() {
        report::checkpoint(checkpoint);
    }
    Ok(())
}

fn component_failure(tenant: &Tenant, error: ComponentError) -> Failure {
    Failure::Call(CallError::Component {
        error: Box::new(error),
        supplied_by: tenant.supplied_by().map(Box::new),
    })
}

/// Whether a list ended because an argument was rejected, before it had an item.
fn is_refusal(stopped: &ComponentError, answer: &Answer) -> bool {
    stopped.kind == ErrorKind::InvalidArgument && answer.items().is_some_and(<[_]>::is_empty)
}

/// Adds what this program can do about an error, which a component does not know of.
pub(super) fn complete(error: &mut ComponentError) {
    if error.code == TYPE_REQUIRED {
        error.resolution.push_str(
            "; or store the types once, so that lists without a type list them: `host-runner config set custom-content.types '[\"TYPE\"]'`",
        );
    }
}

/// `host-runner call` without a function: help if requested, else an error.
fn without_function(help: bool, grammar: fn() -> clap::Command) -> Result<(), Failure> {
    if !help {
        return Err(Failure::Usage(
            "`call` needs a function; `host-runner functions` lists them".to_owned(),
        ));
    }
    let mut command = wrap::command(grammar(), wrap::help_width());
    // So that it has the options of every command, too.
    command.build();
    let help = command
        .find_subcommand_mut("call")
        .map(|call| call.render_help().ansi().to_string());
    writeln!(anstream::stdout(), "{}", help.unwrap_or_default()).map_err(Failure::output)
}

/// The words after `call`: the function and its arguments, and options of this program.
struct Request {
    session: SessionOptions,
    positional: Vec<String>,
    named: Vec<(String, String)>,
    format: Option<Format>,
    columns: Option<String>,
    json: Option<String>,
    jq: Option<String>,
    web: bool,
    all: bool,
    csv_safe: bool,
    receipt: bool,
    help: bool,
}

impl Request {
    /// Separates options of this program from arguments of the function. Words that start with two
    /// dashes are names; `--` makes the rest positional.
    fn parse(session: SessionOptions, rest: Vec<String>) -> Result<Self, Failure> {
        let mut request = Self {
            session,
            positional: Vec::new(),
            named: Vec::new(),
            format: None,
            columns: None,
            json: None,
            jq: None,
            web: false,
            all: false,
            csv_safe: false,
            receipt: false,
            help: false,
        };
        let mut words = rest.into_iter().peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                request.positional.extend(words.by_ref());
                break;
            }
            if word == "-h" || word == "--help" {
                request.help = true;
                continue;
            }
            let named = if word == "-o" {
                Some("output")
            } else {
                word.strip_prefix("--")
            };
            let Some(named) = named else {
                request.positional.push(word);
                continue;
            };
            if named == "all" {
                request.all = true;
                continue;
            }
            if named == "web" {
                request.web = true;
                continue;
            }
            if named == "csv-safe" {
                request.csv_safe = true;
                continue;
            }
            if named == "receipt" {
                request.receipt = true;
                continue;
            }
            let (name, value) = match named.split_once('=') {
                Some((name, value)) => (name.to_owned(), value.to_owned()),
                // Without fields it is an error that lists them.
                None if named == "json" => {
                    let fields = words.next_if(|word| !word.starts_with('-'));
                    (named.to_owned(), fields.unwrap_or_default())
                }
                None if is_flag(named) => {
                    let value = words.next_if(|word| is_truth(word));
                    (named.to_owned(), value.unwrap_or_else(|| "true".to_owned()))
                }
                None => {
                    let value = words
                        .next()
                        .ok_or_else(|| Failure::Usage(format!("`--{named}` needs a value")))?;
                    (named.to_owned(), value)
                }
            };
            request.take(name, value)?;
        }
        Ok(request)
    }

    fn take(&mut self, name: String, value: String) -> Result<(), Failure> {
        match name.as_str() {
            "output" => {
                let format = <Format as clap::ValueEnum>::from_str(&value, true);
                self.format = Some(format.map_err(|_| {
                    Failure::Usage(format!(
                        "`--output` must be `table`, `wide`, `json`, `ndjson` or `csv`, but `{value}` was given"
                    ))
                })?);
            }
            "columns" => self.columns = Some(value),
            "json" => self.json = Some(value),
            "jq" => self.jq = Some(value),
            "message-format" => {
                let format = <MessageFormat as clap::ValueEnum>::from_str(&value, true);
                report::speak(format.map_err(|_| {
                    Failure::Usage(format!(
                        "`--message-format` must be `text` or `json`, but `{value}` was given"
                    ))
                })?);
            }
            "state-dir" => self.session.state_dir = Some(value.into()),
            "log" | "log-format" | "otlp-endpoint" | "metrics-file" => {
                return Err(Failure::Usage(format!(
                    "`--{name}` must precede the command: `host-runner --{name} {value} call …`"
                )));
            }
            "config-dir" => self.session.config_dir = Some(value.into()),
            "env" => self.session.env = value.parse().map_err(usage)?,
            "app" => self.session.app = value.parse().map_err(usage)?,
            "timeout" => self.session.timeout = Some(option(&name, &value, options::seconds)?),
            "memory" => self.session.memory = Some(option(&name, &value, options::mebibytes)?),
            _ => self.named.push((name, value)),
        }
        Ok(())
    }

    /// How the answer is printed.
    fn style(&self, function: &Function) -> Result<output::Style, Failure> {
        if self.json.is_some() && self.columns.is_some() {
            return Err(Failure::Usage(
                "`--json` and `--columns` both choose fields: omit one of them".to_owned(),
            ));
        }
        let is_filtered = self.json.is_some() || self.jq.is_some();
        let format = match output::format(self.format, is_filtered)? {
            Some(format) => format,
            None if self.all => output::default_format_of_all(),
            None => output::default_format(),
        };
        if self.web && self.all {
            return Err(Failure::Usage(
                "`--web` opens one page: omit `--all`".to_owned(),
            ));
        }
        let mut style = output::Style::of(format);
        style.csv_safe = self.csv_safe;
        let chosen = match (&self.json, &self.columns) {
            (Some(fields), _) => Some(("--json", fields)),
            (None, Some(fields)) => Some(("--columns", fields)),
            (None, None) => None,
        };
        match (chosen, format) {
            (Some((option, fields)), Format::Json | Format::Ndjson) => {
                let columns = output::Columns::of_json(function, option, fields)?;
                style.selection = output::Selection::of(columns.names());
            }
            (Some((_, fields)), _) => {
                style.columns = Some(output::Columns::named(function, fields)?);
            }
            (None, _) => {}
        }
        style.is_array = self.json.is_some();
        if let Some(expression) = &self.jq {
            style.filter = Some(output::Filter::parse(expression)?.into());
        }
        Ok(style)
    }

    /// Adds arguments that have a default.
    fn complete(&mut self, function: &Function) {
        let omitted = function.parameters().iter().skip(self.positional.len());
        for parameter in omitted {
            let name = parameter.name();
            if let Some(value) = omitted::default_of(function, name)
                && !self.named.iter().any(|(named, _)| named == name)
            {
                self.named.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn resolve_secrets(&mut self, function: &Function) -> Result<(), Failure> {
        if function.name() != SET {
            return Ok(());
        }
        let place = function
            .parameters()
            .iter()
            .position(|parameter| parameter.name() == SECRET);
        if let Some(secret) = place.and_then(|place| self.positional.get_mut(place)) {
            *secret = secret_argument::resolve(secret)?.to_string();
        }
        for (_, secret) in self.named.iter_mut().filter(|(name, _)| name == SECRET) {
            *secret = secret_argument::resolve(secret)?.to_string();
        }
        Ok(())
    }
}

/// Reads the value of an option as the command line's own parser does.
fn option<T>(name: &str, value: &str, read: fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    read(value)
        .map_err(|what| Failure::Usage(format!("`{value}` is not a valid `--{name}`: {what}")))
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::Usage(error.to_string())
}
