//! The token in guest memory: looked for in every byte that an instance ever had.
//!
//! The engine is given linear memories of the test's own, which are searched at the moment when
//! the engine lets go of them. No weaker way would do: an instance is gone when its call returns.

use std::sync::{Arc, Mutex};

use confluence_simulator::Simulator;
use host_runner::{HostRunner, InstanceMemory, Scope, bind};
use tests::{AUTHORIZATION, TOKEN};
use wasmtime::{Config, LinearMemory, MemoryCreator, MemoryType};

use crate::{faults, site};

/// What was in the memories that the engine let go of.
#[derive(Default)]
struct Graveyard {
    memories: Mutex<Vec<Vec<u8>>>,
}

struct Memory {
    bytes: Vec<u8>,
    size: usize,
    graveyard: Arc<Graveyard>,
}

/// Room of one memory, in bytes: it never moves.
const ROOM: usize = 64 << 20;

#[allow(
    unsafe_code,
    reason = "wasmtime asks for it: the memory must stay where it is"
)]
// SAFETY: `bytes` is allocated once with its full length and never resized, so that the pointer
// stays good as long as the memory; `size` never exceeds that length.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.size
    }

    fn byte_capacity(&self) -> usize {
        self.bytes.len()
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        wasmtime::ensure!(size <= self.bytes.len(), "no more room");
        self.size = size;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.bytes.as_ptr().cast_mut()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let bytes = self.bytes[..self.size].to_vec();
        self.graveyard.memories.lock().unwrap().push(bytes);
    }
}

struct Creator(Arc<Graveyard>);

#[allow(
    unsafe_code,
    reason = "wasmtime asks for it: the memory must be as large as it says"
)]
// SAFETY: the memory has `ROOM` bytes, and the engine is configured for neither a reservation nor
// a guard, so that it checks every access.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _kind: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        _reserved: Option<usize>,
        _guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        Ok(Box::new(Memory {
            bytes: vec![0; ROOM],
            size: minimum,
            graveyard: Arc::clone(&self.0),
        }))
    }
}

impl Graveyard {
    /// Whether any memory held `text`; and forgets them.
    fn held(&self, text: &str) -> bool {
        self.memories.lock().unwrap().drain(..).any(|memory| {
            memory
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        })
    }
}

struct Searched {
    host: HostRunner,
    graveyard: Arc<Graveyard>,
    _state: tempfile::TempDir,
}

impl Searched {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let graveyard = Arc::new(Graveyard::default());
        let creator = Arc::new(Creator(Arc::clone(&graveyard)));
        let host = HostRunner::builder(state.path().join("config"), state.path())
            .instance_memory(InstanceMemory::OnDemand)
            .tune_engine(move |config: &mut Config| {
                config
                    .with_host_memory(creator)
                    .memory_init_cow(false)
                    .memory_reservation(0)
                    .memory_reservation_for_growth(0)
                    .memory_guard_size(0)
                    .guard_before_linear_memory(false);
            })
            .open()
            .unwrap();
        crate::allow_loopback(&host);
        Self {
            host,
            graveyard,
            _state: state,
        }
    }

    async fn call(
        &self,
        name: &str,
        words: &[&str],
    ) -> Result<host_runner::Answer, host_runner::CallError> {
        let tenant = self.host.tenant(&Scope::default()).unwrap();
        let function = tenant.function(name).unwrap();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let arguments = bind(function, &words, &[]).unwrap();
        tenant.call(function, arguments).await
    }

    async fn set(&self, site: &Simulator) {
        self.call(
            "setApiUrlAndAuth",
            &[&site.endpoint(), AUTHORIZATION, "app"],
        )
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn the_search_finds_what_an_instance_did_hold() {
    let site = site().await;
    let searched = Searched::new();
    searched.set(&site).await;
    // The endpoint goes through the same call, in the argument beside the token. Its first bytes
    // may be overwritten by the guest's allocator once it is freed.
    assert!(searched.graveyard.held(&site.endpoint()[17..]));
    let spaces = searched.call("listSpaces", &[]).await.unwrap();
    assert!(!spaces.items().unwrap().is_empty());
    // A key of every row of the answer, one of which has not been overwritten since.
    assert!(searched.graveyard.held("currentActiveAlias"));
}

#[tokio::test]
async fn the_instance_that_stored_the_token_never_held_it() {
    let site = site().await;
    let searched = Searched::new();
    searched.set(&site).await;
    let memories = searched.graveyard.memories.lock().unwrap().clone();
    assert!(
        !memories.is_empty(),
        "the instance is gone when the call returns"
    );
    for form in [TOKEN, &AUTHORIZATION[6..], &AUTHORIZATION[30..50]] {
        for memory in &memories {
            assert!(
                !memory
                    .windows(form.len())
                    .any(|window| window == form.as_bytes()),
                "{form}"
            );
        }
    }
}

#[tokio::test]
async fn an_instance_that_is_sent_an_echo_of_the_token_never_holds_it() {
    let site = site().await;
    let searched = Searched::new();
    searched.set(&site).await;
    for fault in ["*:echo-credential", "*:echo-body"] {
        searched.graveyard.memories.lock().unwrap().clear();
        site.set_faults(faults(fault));
        let error = searched.call("listPages", &[]).await.unwrap_err();
        assert_eq!(error.kind().as_str(), "credential-echoed");
        let memories = searched.graveyard.memories.lock().unwrap().clone();
        assert!(!memories.is_empty());
        for form in [TOKEN, &AUTHORIZATION[6..], &AUTHORIZATION[30..50]] {
            for memory in &memories {
                assert!(
                    !memory
                        .windows(form.len())
                        .any(|window| window == form.as_bytes()),
                    "{fault}: {form}"
                );
            }
        }
    }
}
