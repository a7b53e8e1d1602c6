//! Guests that mean harm, each made for one limit: what ends them, what they are told, and that the
//! host has everything back afterwards.

mod answers;
mod appetite;
mod calls_at_once;
mod dropped_requests;
mod echoes;
mod guest;
mod kept_instances;
mod look_ups;
mod other_hosts;
mod patience;
mod requests;
mod supplied_client;

use host_runner::{
    CallError, ConnectionDefinition, Endpoint, Expected, HostRunner, HostRunnerBuilder,
    InstanceMemory, Level, Limits, Scheme, Scope, Tenant, Token, TokenKind, Usage, bind,
};
use wasmtime::component::Val;

use guest::{error, guest};

/// A host that runs one hostile guest.
struct Stage {
    host: HostRunner,
    _state: tempfile::TempDir,
}

impl Stage {
    fn new(component: Vec<u8>) -> Self {
        Self::set(component, |setup| setup)
    }

    fn with_limits(component: Vec<u8>, limits: Limits) -> Self {
        Self::set(component, |setup| setup.limits(limits))
    }

    fn set(
        component: Vec<u8>,
        change: impl FnOnce(HostRunnerBuilder) -> HostRunnerBuilder,
    ) -> Self {
        let state = tempfile::tempdir().unwrap();
        let setup = HostRunner::builder(state.path().join("config"), state.path().join("state"));
        let stage = Self {
            host: change(setup.component(component)).open().unwrap(),
            _state: state,
        };
        stage.set_cluster("retry.attempts", "0");
        stage
    }

    fn set_cluster(&self, key: &str, value: &str) {
        self.host
            .config()
            .set(&Scope::default(), Level::Cluster, key, value)
            .unwrap();
    }

    /// Lets an app go over a connection to an address of this machine.
    async fn connect(&self, scope: &Scope, authority: &str, token: &str) {
        self.set_cluster("network.allow-loopback", "true");
        let definition = ConnectionDefinition::new(
            Endpoint::parse(&format!("http://{authority}")).unwrap(),
            Scheme::Basic {
                user: "me@example.com".to_owned(),
            },
            TokenKind::Unscoped,
        );
        self.host
            .save_connection(
                scope,
                Level::App,
                &"default".parse().unwrap(),
                &Expected::Any,
                &definition,
                &Token::parse(token).unwrap(),
            )
            .await
            .unwrap();
    }

    fn tenant(&self, scope: &Scope) -> Tenant {
        self.host.tenant(scope).unwrap()
    }

    /// Calls the guest, and sees that the host has everything back when that ended badly.
    async fn run(&self) -> Result<u32, CallError> {
        let ended = run(&self.tenant(&Scope::default())).await;
        if ended.is_err() {
            self.has_everything_back().await;
        }
        ended
    }

    /// Waits until nothing of any call is left. Tasks of a call that was ended are dropped by the
    /// runtime, some turns later.
    async fn has_everything_back(&self) {
        let nothing = nothing(&self.host);
        for _ in 0..10_000 {
            if self.host.usage() == nothing {
                return;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(self.host.usage(), nothing);
    }
}

/// What a host has in use when no call runs and no instance is kept.
fn nothing(host: &HostRunner) -> Usage {
    let mut nothing = host.usage();
    nothing.running = 0;
    nothing.waiting = 0;
    nothing.instances = 0;
    nothing.warm = 0;
    nothing.pooled_memories = nothing.pooled_memories.map(|_| 0);
    nothing.pooled_stacks = nothing.pooled_stacks.map(|_| 0);
    nothing.unread_bytes = 0;
    nothing
}

/// Calls the guest on behalf of a tenant.
async fn run(tenant: &Tenant) -> Result<u32, CallError> {
    let function = tenant.function("run").unwrap();
    let answer = tenant.call(function, bind(function, &[], &[]).unwrap());
    match answer.await?.value() {
        Some(Val::U32(number)) => Ok(*number),
        other => panic!("{other:?}"),
    }
}

/// The scope of an app of the default environment.
fn app(name: &str) -> Scope {
    Scope {
        app: name.parse().unwrap(),
        ..Scope::default()
    }
}

#[tokio::test]
async fn a_guest_is_ended_alike_wherever_it_has_its_memory_from() {
    let greedy = guest(
        "",
        &[],
        "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable)) (i32.const 7)",
    );
    for memory in [InstanceMemory::Pooled, InstanceMemory::OnDemand] {
        for (memory_bytes, ends_well) in [(102 << 16, true), ((102 << 16) - 1, false)] {
            let limits = Limits {
                memory_bytes,
                ..Limits::default()
            };
            let stage = Stage::set(greedy.clone(), |setup| {
                setup.limits(limits).instance_memory(memory)
            });
            assert_eq!(stage.host.instance_memory(), memory);
            let ended = stage.run().await;
            match ended {
                Ok(7) => assert!(ends_well),
                Err(CallError::Memory { limit_bytes }) => {
                    assert!(!ends_well);
                    assert_eq!(limit_bytes, memory_bytes);
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(stage.host.usage(), nothing(&stage.host));
        }
    }
}
