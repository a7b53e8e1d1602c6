//! What a call costs beyond the request that it makes.

use std::io::Write as _;
use std::time::{Duration, Instant};

use host_runner::{Scope, bind};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;

use crate::error::SuiteError;
use crate::suite::{AUTHORIZATION, connect, open};

/// Calls that are measured, after a tenth as many that are not: connections are open by then, and
/// code is compiled.
const CALLS: usize = 100;

/// What is measured.
struct Measured {
    name: &'static str,
    function: &'static str,
    limit: &'static str,
    /// The request that it makes.
    request: &'static str,
}

const MEASURED: [Measured; 2] = [
    Measured {
        name: "listSpaces",
        function: "listSpaces",
        limit: "25",
        request: "spaces?limit=25",
    },
    Measured {
        name: "listPages250",
        function: "listPages",
        limit: "250",
        request: "pages?limit=250",
    },
];

/// Prints a line of JSON with the median of each, in microseconds: for the component, and for the
/// same request without it.
///
/// # Errors
///
/// [`SuiteError::Part`] when the site does not answer.
pub(crate) async fn measure(endpoint: &str) -> Result<(), SuiteError> {
    let folder = tempfile::tempdir().map_err(|source| SuiteError::io("no folder", source))?;
    let host = open(folder.path())?;
    let tenant = host
        .tenant(&Scope::default())
        .map_err(|error| SuiteError::part("the component is refused", error))?;
    connect(&tenant, endpoint).await?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
    let mut hosted = serde_json::Map::new();
    let mut bare = serde_json::Map::new();
    for measured in MEASURED {
        let Measured { name, request, .. } = measured;
        let function = tenant
            .function(measured.function)
            .map_err(|error| SuiteError::part("a function is missing", error))?;
        let named = [("limit".to_owned(), measured.limit.to_owned())];
        let mut times = Vec::with_capacity(CALLS);
        for call in 0..CALLS + CALLS / 10 {
            let began = Instant::now();
            let arguments = bind(function, &[], &named)
                .map_err(|error| SuiteError::part("an argument is refused", error))?;
            tenant
                .call(function, arguments)
                .await
                .map_err(|error| SuiteError::part("a call failed", error))?;
            if call >= CALLS / 10 {
                times.push(began.elapsed());
            }
        }
        hosted.insert(name.to_owned(), json!(median(times)));

        let mut times = Vec::with_capacity(CALLS);
        for call in 0..CALLS + CALLS / 10 {
            let request = http::Request::get(format!("{endpoint}{request}"))
                .header("authorization", AUTHORIZATION)
                .header("accept", "application/json")
                .body(Empty::new())
                .map_err(|error| SuiteError::part("the request is none", error))?;
            let began = Instant::now();
            let answer = client
                .request(request)
                .await
                .map_err(|error| SuiteError::part("the site does not answer", error))?;
            answer
                .into_body()
                .collect()
                .await
                .map_err(|error| SuiteError::part("the answer broke off", error))?;
            if call >= CALLS / 10 {
                times.push(began.elapsed());
            }
        }
        bare.insert(name.to_owned(), json!(median(times)));
    }
    writeln!(
        std::io::stdout(),
        "{}\n{}",
        json!({"host": "the request alone", "microseconds": bare}),
        json!({"host": "Rust (`host-runner`)", "microseconds": hosted}),
    )
    .map_err(|source| SuiteError::io("the measurement cannot be written", source))
}

/// In microseconds.
fn median(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times.get(times.len() / 2).map_or(0, Duration::as_micros)
}
