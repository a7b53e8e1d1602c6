//! A host in the test's own process, on a clock that nobody waits for.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use host_runner::{
    Answer, CallError, Clock, ComponentError, HostRunner, HostRunnerBuilder, Level, Scope, bind,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::allow_loopback;

/// A clock that moves when somebody sleeps, and remembers who did.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    start: Instant,
    passed: Mutex<Duration>,
    waits: Mutex<Vec<Duration>>,
}

impl VirtualClock {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            passed: Mutex::default(),
            waits: Mutex::default(),
        })
    }

    /// Who has slept, and for how long.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    /// Lets time go by without anybody sleeping.
    pub(crate) fn pass(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.waits.lock().unwrap().push(wait);
        self.pass(wait);
        Box::pin(tokio::task::yield_now())
    }

    fn jitter(&self) -> f64 {
        1.0
    }
}

/// A host, and calls on behalf of its apps.
pub(crate) struct Caller {
    pub(crate) host: HostRunner,
    pub(crate) clock: Arc<VirtualClock>,
    folder: TempDir,
}

/// An app of the environment that all tests call in.
pub(crate) fn scope(app: &str) -> Scope {
    Scope {
        env: "test".parse().unwrap(),
        app: app.parse().unwrap(),
    }
}

impl Caller {
    /// A host whose connections may lead to this machine.
    pub(crate) fn new() -> Self {
        Self::set_up(|setup| setup)
    }

    /// The same, with more set up.
    pub(crate) fn set_up(more: impl FnOnce(HostRunnerBuilder) -> HostRunnerBuilder) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = VirtualClock::new();
        let setup = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
            .clock(clock.clone());
        let host = more(setup).open().unwrap();
        allow_loopback(&host);
        Self {
            host,
            clock,
            folder,
        }
    }

    /// The folder with the folders of configuration and state.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a setting at the cluster level.
    pub(crate) fn set(&self, key: &str, value: &str) {
        let config = self.host.config();
        config
            .set(&Scope::default(), Level::Cluster, key, value)
            .unwrap();
    }

    /// Gives an app a connection, by the component's own function.
    pub(crate) async fn connect(&self, app: &str, endpoint: &str, authorization: &str) {
        let words = [endpoint, authorization, "app"];
        let stored = self.call(app, "setApiUrlAndAuth", &words, &[]).await;
        stored.unwrap();
    }

    pub(crate) async fn call(
        &self,
        app: &str,
        function: &str,
        words: &[&str],
        named: &[(&str, &str)],
    ) -> Result<Answer, CallError> {
        let tenant = self.host.tenant(&scope(app)).unwrap();
        let function = tenant.function(function).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let named: Vec<(String, String)> = named
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        tenant
            .call(function, bind(function, &words, &named).unwrap())
            .await
    }

    /// The ids of the pages of a site that has no more than 250.
    pub(crate) async fn pages(&self, app: &str) -> Result<Vec<String>, CallError> {
        let answer = self
            .call(app, "listPages", &[], &[("limit", "250")])
            .await?;
        let answer: Value = serde_json::from_str(&answer.to_json()).unwrap();
        assert_eq!(answer["rest"]["stopped"], Value::Null);
        let items = answer["items"].as_array().unwrap();
        Ok(items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect())
    }
}

/// The error of the component's that a call ended with.
pub(crate) fn component_error<T: std::fmt::Debug>(result: Result<T, CallError>) -> ComponentError {
    match result.unwrap_err() {
        CallError::Component { error, .. } => *error,
        other => panic!("no error of the component's: {other}"),
    }
}
