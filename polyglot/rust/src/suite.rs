//! Runs the cases through the Rust host.

use std::io::{self, Write as _};
use std::path::Path;

use confluence_simulator::{Faults, Settings, Simulator};
use host_runner::{Answer, HostRunner, Level, LevelName, Scope, Tenant, bind};
use serde_json::Value;
use serde_json::value::RawValue;
use source::{Progress, Source as _, SourceSettings};

use crate::canonical;
use crate::case::{self, Call, Case};
use crate::error::SuiteError;
use crate::steps;

/// What every case is authorized with, where it says nothing else.
pub(crate) const AUTHORIZATION: &str = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==";

/// Settings of the cluster level. Requests are made once, so that what is asked can be compared with
/// hosts that have no retries; 2 s are for the one case whose site never answers.
const SETTINGS: [(&str, &str); 3] = [
    ("network.allow-loopback", "true"),
    ("retry.attempts", "0"),
    ("limits.first-byte-seconds", "2"),
];

/// Functions of the interface `source`.
const STREAMS: [&str; 2] = ["streams", "step"];

/// What a call answered, for the calls after it.
enum Answered {
    Value(Answer),
    Step(Box<Progress>),
    Nothing,
}

/// What came of one case.
struct Ended {
    outcomes: Vec<String>,
    requests: Vec<String>,
}

/// Runs the cases and writes the report.
///
/// # Errors
///
/// [`SuiteError::Differs`] when something else came than the cases expect.
pub(crate) async fn run(
    path: &Path,
    bless: bool,
    out: &mut impl io::Write,
) -> Result<(), SuiteError> {
    let mut cases = case::read(path)?;
    let folder = tempfile::tempdir().map_err(|source| SuiteError::io("no folder", source))?;
    let host = open(folder.path())?;
    let mut failed = 0;
    for (number, case) in cases.iter_mut().enumerate() {
        let ended = run_one(&host, number, case).await?;
        writeln!(out, "{}", report(case, &ended))
            .map_err(|source| SuiteError::io("the report cannot be written", source))?;
        if bless {
            take_over(case, ended)?;
        } else if !is_expected(case, &ended) {
            failed += 1;
        }
    }
    if bless {
        return std::fs::write(path, case::write(&cases)).map_err(|source| {
            SuiteError::io(format!("`{}` cannot be written", path.display()), source)
        });
    }
    match failed {
        0 => Ok(()),
        failed => Err(SuiteError::Differs {
            failed,
            cases: cases.len(),
        }),
    }
}

/// A host with the settings that the suite needs, in a folder of its own.
pub(crate) fn open(folder: &Path) -> Result<HostRunner, SuiteError> {
    let host = HostRunner::builder(folder.join("config"), folder.join("state"))
        .widest_level(Level::Env)
        .open()
        .map_err(|error| SuiteError::part("the host does not open", error))?;
    for (key, value) in SETTINGS {
        host.config()
            .set(&Scope::default(), Level::Cluster, key, value)
            .map_err(|error| SuiteError::part("a setting is refused", error))?;
    }
    Ok(host)
}

/// Runs a case at a site of its own, on behalf of an app of its own.
async fn run_one(host: &HostRunner, number: usize, case: &Case) -> Result<Ended, SuiteError> {
    let failed = |reason: String| SuiteError::Case {
        case: case.name.clone(),
        reason,
    };
    let faults: Faults = case
        .faults
        .parse()
        .map_err(|error| failed(format!("{error}")))?;
    let simulator = Simulator::start(Settings {
        seed: case.site.seed,
        pages: case.site.pages,
        faults,
        ..Settings::default()
    })
    .await
    .map_err(|error| failed(error.to_string()))?;
    let site = simulator.address().to_string();
    let app: LevelName = format!("case-{number}")
        .parse()
        .map_err(|error| failed(format!("{error}")))?;
    let scope = Scope {
        app,
        ..Scope::default()
    };
    let tenant = host
        .tenant(&scope)
        .map_err(|error| failed(error.to_string()))?;
    if case.connected {
        let endpoint = match &case.endpoint {
            Some(endpoint) => endpoint.replace("SITE", &site),
            None => simulator.endpoint(),
        };
        connect(&tenant, &endpoint).await?;
    }
    let mut outcomes = Vec::new();
    let mut answers: Vec<Answered> = Vec::new();
    for call in &case.calls {
        let call: Call =
            serde_json::from_str(call.get()).map_err(|error| failed(error.to_string()))?;
        if STREAMS.contains(&call.function.as_str()) {
            let (outcome, answer) = read(&tenant, case, &call, &answers, &site)
                .await
                .map_err(failed)?;
            outcomes.push(outcome);
            answers.push(answer);
            continue;
        }
        let function = tenant
            .function(&call.function)
            .map_err(|error| failed(error.to_string()))?;
        let named: Vec<(String, String)> = call
            .arguments
            .iter()
            .map(|(name, value)| (name.clone(), argument(value, &answers, &site)))
            .collect();
        let arguments = bind(function, &[], &named).map_err(|error| failed(error.to_string()))?;
        match tenant.call(function, arguments).await {
            Ok(answer) => {
                outcomes.push(canonical::value(&answer.to_json(), &site));
                answers.push(Answered::Value(answer));
            }
            Err(error) => {
                outcomes.push(canonical::error(&error, case.host_errors, &site));
                answers.push(Answered::Nothing);
            }
        }
    }
    let requests = simulator
        .requests()
        .iter()
        .map(|request| {
            format!("{} {}", request.method, request.path_and_query).replace(&site, "SITE")
        })
        .collect();
    Ok(Ended { outcomes, requests })
}

/// Makes a call of the interface `source`.
async fn read(
    tenant: &Tenant,
    case: &Case,
    call: &Call,
    answers: &[Answered],
    site: &str,
) -> Result<(String, Answered), String> {
    let described = tenant.streams(&SourceSettings::new()).await;
    let streams = described.map_err(|error| error.to_string())?;
    if call.function == "streams" {
        let value = canonical::value(&steps::streams(&streams), site);
        return Ok((value, Answered::Nothing));
    }
    let step = |number: u64| match answers.get(usize::try_from(number).ok()?)? {
        Answered::Step(progress) => Some(&**progress),
        Answered::Value(_) | Answered::Nothing => None,
    };
    let request = steps::request(&call.arguments, step)?;
    Ok(match tenant.step(&streams, &request).await {
        Ok(progress) => {
            let value = canonical::value(&steps::progress(&progress, call.timed_state), site);
            (value, Answered::Step(Box::new(progress)))
        }
        Err(error) => (
            steps::error(&error, case.host_errors, site),
            Answered::Nothing,
        ),
    })
}

/// Gives an app its connection, with the component's own function.
pub(crate) async fn connect(tenant: &Tenant, endpoint: &str) -> Result<(), SuiteError> {
    let failed = |error: String| SuiteError::part("the connection is refused", error);
    let set = tenant
        .function("setApiUrlAndAuth")
        .map_err(|error| failed(error.to_string()))?;
    let arguments = bind(
        set,
        &[
            endpoint.to_owned(),
            AUTHORIZATION.to_owned(),
            "app".to_owned(),
        ],
        &[],
    )
    .map_err(|error| failed(error.to_string()))?;
    tenant
        .call(set, arguments)
        .await
        .map(drop)
        .map_err(|error| failed(error.to_string()))
}

/// An argument as `bind` takes it: JSON, with what stands for something else put in.
fn argument(value: &Value, answers: &[Answered], site: &str) -> String {
    let number = value.get("afterOf").and_then(Value::as_u64);
    let after = number
        .and_then(|number| answers.get(usize::try_from(number).ok()?))
        .and_then(|answered| match answered {
            Answered::Value(answer) => Some(Value::from(answer.after())),
            Answered::Step(_) | Answered::Nothing => None,
        });
    after
        .as_ref()
        .unwrap_or(value)
        .to_string()
        .replace("SITE", site)
}

fn report(case: &Case, ended: &Ended) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let needs = if case.needs.is_empty() {
        String::new()
    } else {
        let needs: Vec<String> = case.needs.iter().map(|need| text(need)).collect();
        format!("\"needs\":[{}],", needs.join(","))
    };
    let requests: Vec<String> = ended.requests.iter().map(|request| text(request)).collect();
    format!(
        "{{\"case\":{},{needs}\"outcomes\":[{}],\"requests\":[{}]}}",
        text(&case.name),
        ended.outcomes.join(","),
        requests.join(",")
    )
}

/// Compares with what the case expects, and tells a person what is other.
fn is_expected(case: &Case, ended: &Ended) -> bool {
    let expected: Vec<&str> = case.outcomes.iter().map(|outcome| outcome.get()).collect();
    if expected == ended.outcomes && case.requests == ended.requests {
        return true;
    }
    let lines = |lines: &[String]| lines.join("\n    ");
    let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(
        std::io::stderr(),
        "case `{}`\n  expected\n    {}\n    {}\n  came\n    {}\n    {}",
        case.name,
        lines(&expected),
        lines(&case.requests),
        lines(&ended.outcomes),
        lines(&ended.requests)
    );
    false
}

fn take_over(case: &mut Case, ended: Ended) -> Result<(), SuiteError> {
    case.outcomes = ended
        .outcomes
        .into_iter()
        .map(RawValue::from_string)
        .collect::<Result<_, _>>()
        .map_err(|error| SuiteError::part("an outcome is no JSON", error))?;
    case.requests = ended.requests;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )]

    use std::collections::BTreeSet;
    use std::path::Path;

    use host_runner::{Scope, embedded_component, outline};
    use serde_json::Value;
    use source::Source as _;

    use crate::case::{self, Call};

    /// Kinds of errors that no site and no setting leads to in every host: `denied` is a policy, and
    /// `internal` a defect.
    const OF_ONE_HOST: [&str; 2] = ["denied", "internal"];

    fn cases() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../cases.json"))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_rust_host_answers_every_case_as_expected() {
        let mut report = Vec::new();
        let bless = std::env::var_os("BLESS").is_some();
        super::run(cases(), bless, &mut report).await.unwrap();
        let lines = report.split(|&byte| byte == b'\n').count() - 1;
        assert_eq!(lines, case::read(cases()).unwrap().len());
    }

    #[test]
    fn manuals_show_the_examples_that_are_run() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
        for (manual, example) in [
            ("docs/rust.md", "polyglot/rust/examples/pages.rs"),
            ("docs/rust.md", "polyglot/rust/examples/wasmtime.rs"),
            ("docs/python.md", "polyglot/python/examples/pages.py"),
            ("docs/python.md", "polyglot/python/examples/streams.py"),
            ("docs/javascript.md", "polyglot/node/examples/pages.js"),
            ("docs/javascript.md", "polyglot/node/examples/streams.js"),
        ] {
            assert!(read(manual).contains(&read(example)), "{manual}");
        }
    }

    #[test]
    fn every_function_has_a_case() {
        let cases = case::read(cases()).unwrap();
        let called: BTreeSet<String> = cases
            .iter()
            .flat_map(|case| &case.calls)
            .map(|call| serde_json::from_str::<Call>(call.get()).unwrap().function)
            .collect();
        let missing: Vec<String> = outline(embedded_component())
            .unwrap()
            .iter()
            .map(|function| function.name.clone())
            .filter(|name| !called.contains(name))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_pass_of_every_stream_has_a_case() {
        let folder = tempfile::tempdir().unwrap();
        let tenant = super::open(folder.path())
            .unwrap()
            .tenant(&Scope::default())
            .unwrap();
        let cases = case::read(cases()).unwrap();
        let mut read = BTreeSet::new();
        for call in cases.iter().flat_map(|case| &case.calls) {
            let call: Call = serde_json::from_str(call.get()).unwrap();
            let text = |name: &str| call.arguments.get(name)?.as_str().map(str::to_owned);
            read.extend(text("stream").zip(text("pass")));
        }
        let mut missing = Vec::new();
        for stream in tenant.streams(&Vec::new()).await.unwrap() {
            for pass in stream.passes {
                let pair = (stream.name.clone(), pass.name().to_owned());
                missing.extend((!read.contains(&pair)).then_some(pair));
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_kind_of_error_has_a_case() {
        let mut told = BTreeSet::new();
        for outcome in case::read(cases())
            .unwrap()
            .iter()
            .flat_map(|case| &case.outcomes)
        {
            let outcome: Value = serde_json::from_str(outcome.get()).unwrap();
            for error in [&outcome["error"], &outcome["value"]["rest"]["stopped"]] {
                told.extend(error["kind"].as_str().map(str::to_owned));
            }
        }
        let missing: Vec<String> = crate::contract::error_kinds()
            .unwrap()
            .into_iter()
            .filter(|kind| !told.contains(kind) && !OF_ONE_HOST.contains(&kind.as_str()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
