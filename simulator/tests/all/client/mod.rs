//! A client that knows nothing but HTTP and JSON.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic fails the test"
)]

use confluence_simulator::{Settings, Simulator};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

pub(crate) const BEARER: &str = "Bearer example-token";

pub(crate) struct Client {
    pub(crate) simulator: Simulator,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn next(&self) -> Option<String> {
        self.json()["_links"]["next"].as_str().map(str::to_owned)
    }

    pub(crate) fn column(&self, name: &str) -> Vec<Value> {
        self.json()["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row[name].clone())
            .collect()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.column("id")
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect()
    }
}

impl Client {
    pub(crate) async fn start(pages: u64) -> Self {
        Self::with(Settings {
            pages,
            ..Settings::default()
        })
        .await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let simulator = Simulator::start(settings).await.unwrap();
        Self {
            simulator,
            pool: Pool::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
    ) -> Result<http::Response<Incoming>, hyper_util::client::legacy::Error> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.simulator.site_url()));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        self.pool
            .request(request.body(Full::default()).unwrap())
            .await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
    ) -> Answer {
        let response = self.send(method, path, authorization).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text,
        }
    }

    /// A JSON body to a path below `/wiki/api/v2/`.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        let request = http::Request::post(format!("{}{path}", self.simulator.endpoint()))
            .header("authorization", BEARER)
            .header("content-type", "application/json")
            .body(Full::from(body.to_owned()));
        let response = self.pool.request(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text,
        }
    }

    /// A JSON body to the token endpoint. `None` when the connection was closed.
    pub(crate) async fn token(&self, body: &Value) -> Option<Answer> {
        let url = format!("{}/oauth/token", self.simulator.site_url());
        let request = http::Request::post(url)
            .header("content-type", "application/json")
            .body(Full::from(body.to_string()));
        let response = self.pool.request(request.unwrap()).await.ok()?;
        let (parts, body) = response.into_parts();
        Some(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(body.collect().await.ok()?.to_bytes().to_vec()).unwrap(),
        })
    }

    /// Any address, with one header or none.
    pub(crate) async fn fetch(
        &self,
        address: &str,
        header: Option<(&str, &str)>,
    ) -> http::Response<Incoming> {
        let mut request = http::Request::get(address);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request.body(Full::default()).unwrap();
        self.pool.request(request).await.unwrap()
    }

    /// A path below the site.
    pub(crate) async fn path(&self, path: &str) -> Answer {
        self.ask("GET", path, Some(BEARER)).await
    }

    /// A path below `/wiki/api/v2/`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.path(&format!("/wiki/api/v2/{path}")).await
    }

    /// All rows, following the next links as they stand.
    pub(crate) async fn walk(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(format!("/wiki/api/v2/{path}"));
        while let Some(path) = next {
            let answer = self.path(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            let mut body = answer.json();
            next = body["_links"]["next"].as_str().map(str::to_owned);
            rows.append(body["results"].as_array_mut().unwrap());
        }
        rows
    }

    pub(crate) async fn walk_ids(&self, path: &str) -> Vec<String> {
        self.walk(path)
            .await
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The cursor in a link, undone from percent escapes once.
pub(crate) fn cursor_of(link: &str) -> String {
    let query = link.split_once('?').unwrap().1;
    let cursor = query
        .split('&')
        .find_map(|part| part.strip_prefix("cursor="))
        .unwrap();
    cursor.replace("%2B", "+")
}

/// A cursor as it has to stand in a query.
pub(crate) fn escaped(cursor: &str) -> String {
    cursor
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}
