//! A host that knows nothing of the connector: environment variables or `wasi:config/store`, and
//! `wasi:http`.

use std::future::Future;

use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use wasmtime::component::{Component, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::p2::bindings::cli::environment;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};
use wasmtime_wasi_io::IoView;

/// Where this host has values for its components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offers {
    Environment,
    ConfigStore,
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    network: Network,
    values: Vec<(String, String)>,
}

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.network,
        }
    }
}

/// Sends what it is given, as it is.
struct Network(Client<HttpConnector, WasiBody>);

impl WasiHttpHooks for Network {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<
        dyn Future<
                Output = Result<
                    (
                        http::Response<WasiBody>,
                        Box<dyn Future<Output = Result<(), Error>> + Send>,
                    ),
                    Error,
                >,
            > + Send,
    > {
        let client = self.0.clone();
        Box::new(async move {
            let answer = client
                .request(request)
                .await
                .map_err(|_| Error::ConnectionRefused)?;
            let answer =
                answer.map(|body| WasiBody::new(body.map_err(|_| Error::HttpResponseIncomplete)));
            let drained: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(async { Ok(()) });
            Ok((answer, drained))
        })
    }
}

/// A component in a host of this kind.
pub(super) struct ForeignHost {
    engine: Engine,
    component: Component,
    linker: Linker<State>,
}

impl ForeignHost {
    /// Compiles a component for a host that offers this and no more.
    pub(super) fn new(component: &[u8], offers: Offers) -> wasmtime::Result<Self> {
        let engine = Engine::new(&Config::new())?;
        let component = Component::new(&engine, component)?;
        let mut linker: Linker<State> = Linker::new(&engine);
        wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        match offers {
            Offers::Environment => {
                environment::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
            }
            Offers::ConfigStore => config_store(&mut linker)?,
        }
        Ok(Self {
            engine,
            component,
            linker,
        })
    }

    /// Calls a function of it, in an instance of its own, with these values for components.
    pub(super) async fn call(
        &self,
        values: &[(&str, &str)],
        interface: &str,
        function: &str,
        arguments: &[Val],
    ) -> wasmtime::Result<Val> {
        let values: Vec<(String, String)> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtxBuilder::new().envs(&values).build(),
            http: WasiHttpCtx::new(),
            network: Network(Client::builder(TokioExecutor::new()).build_http()),
            values,
        };
        let mut store = Store::new(&self.engine, state);
        let instance = self
            .linker
            .instantiate_async(&mut store, &self.component)
            .await?;
        let index = instance
            .get_export_index(&mut store, None, interface)
            .and_then(|at| instance.get_export_index(&mut store, Some(&at), function));
        let callee = index
            .and_then(|index| instance.get_func(&mut store, index))
            .ok_or_else(|| wasmtime::format_err!("there is no `{function}`"))?;
        let mut results = [Val::Bool(false)];
        callee
            .call_async(&mut store, arguments, &mut results)
            .await?;
        let [result] = results;
        Ok(result)
    }
}

/// `wasi:config/store`: keys and values, and one key that cannot be read.
fn config_store(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    #[derive(wasmtime::component::ComponentType, wasmtime::component::Lower)]
    #[component(variant)]
    enum StoreError {
        #[component(name = "upstream")]
        Upstream(String),
        #[expect(dead_code, reason = "part of the interface")]
        #[component(name = "io")]
        Io(String),
    }
    linker.instance("wasi:config/store@0.2.0-rc.1")?.func_wrap(
        "get",
        |store: wasmtime::StoreContextMut<'_, State>, (key,): (String,)| {
            let value = store
                .data()
                .values
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.clone());
            let answer: Result<Option<String>, StoreError> = match value.as_deref() {
                Some("unreadable") => Err(StoreError::Upstream("the vault is sealed".to_owned())),
                _ => Ok(value),
            };
            Ok((answer,))
        },
    )
}
