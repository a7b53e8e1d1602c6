//! The ceiling: the connector compiled natively, over the same HTTP client.

use bytes::Bytes;
use confluence_connector::{
    Answer, Confluence, ListOptions, Outcome, Page, PageQuery, Pass, StepRequest, Transport,
    TransportError, Window,
};
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Runtime;

/// A site, read by native code.
pub struct Native {
    confluence: Confluence<Http>,
}

struct Http {
    runtime: Runtime,
    client: Client<HttpConnector, Empty<Bytes>>,
    base: String,
}

impl Native {
    /// A client of the site at that endpoint.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let runtime = crate::runtime();
        Self {
            confluence: Confluence::new(Http {
                runtime,
                client: Client::builder(TokioExecutor::new()).build_http(),
                base: endpoint.trim_end_matches("/api/v2/").to_owned(),
            }),
        }
    }

    /// Every page, through as many calls of `limit` rows as it takes; answers how many there are
    /// and how many bytes their bodies have.
    pub fn list_pages(&mut self, limit: u32, options: &ListOptions) -> (usize, usize) {
        let mut window = Window {
            limit: Some(limit),
            after: None,
        };
        let (mut count, mut bytes) = (0, 0);
        loop {
            let listing = self
                .confluence
                .list_pages(&PageQuery::default(), &window, options)
                .expect("the site answers");
            assert!(listing.rest.stopped.is_none(), "{:?}", listing.rest);
            count += listing.items.len();
            bytes += listing.items.iter().map(body_bytes).sum::<usize>();
            if listing.rest.after.is_none() {
                return (count, bytes);
            }
            window.after = listing.rest.after;
        }
    }

    /// Every page as columns, through as many steps as it takes; answers how many there are and how
    /// many bytes their bodies and raw rows have.
    pub fn page_columns(&mut self, format: Option<&str>, raw: bool) -> (usize, usize) {
        let mut request = StepRequest::new("pages", Pass::Full);
        request.projection.body_format = format.map(str::to_owned);
        request.projection.raw = raw;
        let (mut count, mut bytes) = (0, 0);
        loop {
            let step = self.confluence.step(&request).expect("the site answers");
            for batch in &step.batches {
                count += batch.rows;
                let columns = batch.columns.iter();
                let texts = columns.filter(|column| ["body", "raw"].contains(&column.name));
                bytes += texts.map(|column| column.text.len()).sum::<usize>();
            }
            match step.outcome {
                Outcome::More => request.state = step.state,
                Outcome::Done => return (count, bytes),
                other => panic!("{other:?}"),
            }
        }
    }
}

fn body_bytes(page: &Page) -> usize {
    page.body.as_ref().map_or(0, |body| body.value.len())
        + page.raw.as_ref().map_or(0, |raw| raw.len())
}

impl Transport for Http {
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
        let request = Request::get(format!("{}{path_and_query}", self.base))
            .header("accept", "application/json")
            .body(Empty::new())
            .map_err(|error| other(&error))?;
        self.runtime.block_on(async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|error| other(&error))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| other(&error))?;
            Ok(Answer {
                status: head.status.as_u16(),
                headers: head
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                    .collect(),
                body: body.to_bytes().into(),
            })
        })
    }
}

fn other(error: &dyn std::fmt::Display) -> TransportError {
    TransportError::Other {
        detail: error.to_string(),
    }
}
