//! Logs and spans of this process, where they are asked for.

mod otlp;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{FilterExt as _, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::exit::Failure;
use crate::formats::LogFormat;
use crate::options::TelemetryOptions;
use crate::report;

/// What has to be brought to an end with the process.
#[derive(Default)]
pub(crate) struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

/// What spans are taken of for a collector: this program's own.
const EXPORTED: &str = "host_runner=info";

/// Libraries below log what they are given: whole addresses, and at `trace` whole messages.
fn is_ours(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.target().starts_with("host_runner")
}

impl Telemetry {
    /// Starts what was asked for. Nothing is: nothing is started, and costs nothing.
    pub(crate) fn start(options: &TelemetryOptions) -> Result<Self, Failure> {
        if options.log.is_none() && options.otlp_endpoint.is_none() {
            return Ok(Self::default());
        }
        let filter = |text: &str| {
            text.parse::<Targets>().map_err(|error| {
                Failure::Usage(format!(
                    "`{text}` is not a valid `--log`: {error}; use `info`, `debug`, or a filter such as `host_runner=debug`"
                ))
            })
        };
        let log = match &options.log {
            None => None,
            Some(text) => {
                let layer = fmt::layer().with_writer(std::io::stderr);
                let layer = match options.log_format {
                    LogFormat::Json => layer.json().boxed(),
                    LogFormat::Text => layer.with_ansi(report::has_colour()).boxed(),
                };
                Some(layer.with_filter(filter(text)?.and(filter_fn(is_ours))))
            }
        };
        let spans = match &options.otlp_endpoint {
            None => None,
            Some(endpoint) => Some(
                SdkTracerProvider::builder()
                    .with_batch_exporter(otlp::exporter(endpoint)?)
                    .with_resource(Resource::builder().with_service_name("host-runner").build())
                    .build(),
            ),
        };
        let exported = match &spans {
            None => None,
            Some(spans) => {
                let layer = tracing_opentelemetry::layer().with_tracer(spans.tracer("host-runner"));
                Some(layer.with_filter(filter(EXPORTED)?))
            }
        };
        // There is one subscriber for a process, and this is the only place that sets it.
        let _ = tracing_subscriber::registry()
            .with(exported)
            .with(log)
            .try_init();
        Ok(Self { spans })
    }

    /// Sends what has not been sent.
    pub(crate) fn end(self) {
        if let Some(spans) = self.spans
            && let Err(error) = spans.shutdown()
        {
            report::warning(&format!(
                "the collector at `--otlp-endpoint` did not accept all spans: {error}"
            ));
        }
    }
}
