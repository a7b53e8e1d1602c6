//! Usage: `wasmtime COMPONENT ENDPOINT`
//!
//! The variable `CONFLUENCE_AUTH` has the value of the `Authorization` header: `Basic ` and the base64
//! of `email:token`, or `Bearer ` and a token. The endpoint is a site's, ending in `/wiki/api/v2/`.

#![allow(clippy::print_stdout, reason = "the example prints results")]

use std::error::Error;

use bytes::Bytes;
use http::{HeaderValue, header::AUTHORIZATION};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};
use wasmtime_wasi_io::IoView;

mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package example:caller;
            world caller {
                import confluence:connector/settings@0.3.0;
                export confluence:connector/types@0.3.0;
                export confluence:connector/confluence-service@0.3.0;
            }
        ",
        path: "../../wit",
        exports: { default: async },
    });
}

use bindings::confluence::connector::settings::{self, Level, Problem, ProblemKind};

/// State of the host for one instance.
struct Host {
    table: ResourceTable,
    http: WasiHttpCtx,
    site: Site,
    base_url: String,
}

/// The site that requests may reach, and their authorization.
struct Site {
    authority: String,
    authorization: HeaderValue,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl IoView for Host {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.site,
        }
    }
}

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), HttpError>> + Send>,
);

impl WasiHttpHooks for Site {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, HttpError>> + Send> {
        // A request to another host would carry the authorization there.
        let is_ours = request.uri().authority().map(|to| to.as_str()) == Some(&self.authority)
            && request.method() == http::Method::GET;
        let mut ours = http::Request::get(request.uri()).body(Empty::new());
        if let Ok(ours) = &mut ours {
            ours.headers_mut()
                .insert(AUTHORIZATION, self.authorization.clone());
        }
        let client = self.client.clone();
        Box::new(async move {
            let ours = ours.map_err(|_| HttpError::HttpRequestUriInvalid)?;
            if !is_ours {
                return Err(HttpError::HttpRequestDenied);
            }
            let answer = client
                .request(ours)
                .await
                .map_err(|_| HttpError::ConnectionRefused)?;
            let answer = answer
                .map(|body| WasiBody::new(body.map_err(|_| HttpError::HttpResponseIncomplete)));
            let processed: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((answer, processed))
        })
    }
}

impl settings::Host for Host {
    fn base_url(&mut self) -> Result<String, Problem> {
        Ok(self.base_url.clone())
    }

    // The hooks add it to requests, so the component never holds it.
    fn authorization(&mut self) -> Option<String> {
        None
    }

    fn store(&mut self, _: String, _: String, _: Level) -> Result<String, Problem> {
        Err(Problem {
            kind: ProblemKind::Refused,
            code: "not-stored".to_owned(),
            message: "this program does not store connections".to_owned(),
            cause: "its connection is set when it starts".to_owned(),
            resolution: "start it with another endpoint".to_owned(),
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: wasmtime COMPONENT ENDPOINT";
    let component = arguments.next().ok_or(usage)?;
    let endpoint = arguments.next().ok_or(usage)?;
    let base_url = endpoint.trim_end_matches("/api/v2/").to_owned();
    let authority = base_url.parse::<http::Uri>()?;

    let engine = Engine::default();
    let component = Component::from_file(&engine, component)?;
    let mut linker: Linker<Host> = Linker::new(&engine);
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    settings::add_to_linker::<_, HasSelf<Host>>(&mut linker, |host| host)?;

    let host = Host {
        table: ResourceTable::new(),
        http: WasiHttpCtx::new(),
        site: Site {
            authority: authority.authority().ok_or("no host")?.to_string(),
            authorization: std::env::var("CONFLUENCE_AUTH")?.parse()?,
            client: Client::builder(TokioExecutor::new()).build_http(),
        },
        base_url,
    };
    let mut store = Store::new(&engine, host);
    let connector = bindings::Caller::instantiate_async(&mut store, &component, &linker).await?;
    let service = connector.confluence_connector_confluence_service();
    let spaces = service
        .call_list_spaces(&mut store, None, None, Some(3), None, None)
        .await?;
    match spaces {
        Ok(spaces) => {
            for space in spaces.items {
                println!(
                    "{} {}",
                    space.key.unwrap_or_default(),
                    space.name.unwrap_or_default()
                );
            }
        }
        Err(error) => println!("{}: {}; {}", error.message, error.cause, error.resolution),
    }
    Ok(())
}
