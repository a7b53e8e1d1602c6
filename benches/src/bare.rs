//! The ceiling of the transport: the HTTP client alone, with no connector and no host around it.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;

use crate::site::Site;
use crate::{AUTHORITY, AUTHORIZATION, at_once};

/// A site, asked by nothing but an HTTP client.
pub struct Bare {
    runtime: Runtime,
    asking: Arc<Asking>,
}

struct Asking {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    endpoint: String,
}

impl Bare {
    /// A client of the site at that endpoint, with the windows that the host's has.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let mut dial = HttpConnector::new();
        dial.enforce_http(false);
        dial.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(dial);
        let client = Client::builder(TokioExecutor::new())
            .http2_initial_stream_window_size(1 << 20)
            .http2_initial_connection_window_size(4 << 20)
            .build(connector);
        let bare = Self {
            runtime: crate::runtime(),
            asking: Arc::new(Asking {
                client,
                endpoint: endpoint.to_owned(),
            }),
        };
        // Of what comes at once at first each would open a connection.
        assert_eq!(bare.single_pages(std::slice::from_ref(&(0..1))), 1);
        bare
    }

    /// Each of these pages by its id, each range one after another, the ranges at once; answers how
    /// many there are.
    #[must_use]
    pub fn single_pages(&self, ranges: &[Range<usize>]) -> usize {
        self.get_all(ranges, |number| format!("pages/{}", Site::id(number)))
    }

    /// Each of these answers of a list, each range one after another, the ranges at once; answers how
    /// many there are.
    #[must_use]
    pub fn answers(&self, ranges: &[Range<usize>]) -> usize {
        self.get_all(ranges, |at| format!("pages?cursor={at}&limit=250"))
    }

    fn get_all(&self, ranges: &[Range<usize>], path: fn(usize) -> String) -> usize {
        let tasks = ranges.iter().cloned().map(|range| {
            let asking = Arc::clone(&self.asking);
            async move {
                let mut count = 0;
                for number in range {
                    count += usize::from(!asking.get(&path(number)).await.is_empty());
                }
                count
            }
        });
        self.runtime.block_on(at_once(tasks))
    }
}

impl Asking {
    async fn get(&self, path: &str) -> Bytes {
        let request = Request::get(format!("{}{path}", self.endpoint))
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, AUTHORIZATION)
            .body(Empty::new())
            .expect("it is a request");
        let answer = self
            .client
            .request(request)
            .await
            .expect("the site answers");
        assert_eq!(answer.status(), 200, "{path}");
        let body = answer.into_body().collect().await;
        body.expect("the answer ends").to_bytes()
    }
}

fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(AUTHORITY).expect("it is PEM");
    roots.add(authority).expect("it is a certificate");
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider supports them")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
