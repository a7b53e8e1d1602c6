//! Instances that wait for the next call of their tenant.
//!
//! A fresh instance for each call is the rule. Where a level has `instances.warm`, an instance that
//! ended a call well is kept, and what the component has in its memory outlives the call: caches,
//! and whatever else it remembers of that very tenant. Everything that the host keeps for a call
//! is made anew: handles, requests, answers, the connection, limits that were passed.
//!
//! An instance belongs to one scope and to what was in force when it was made: the component, what
//! it is granted, the connection with its credential, and every setting. When one of them has
//! changed, the instances of that scope are dropped before the next call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::instance::Instance;
use super::loaded::LoadedComponent;
use crate::engine::MAX_WARM;
use host_levels::{Bound, Effective, Kind, Precedence, Scope, Setting, Value};

/// The settings of instances that are kept for later calls.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "instances.warm",
        kind: Kind::Number {
            least: 0,
            most: MAX_WARM as i64,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Number of instances kept for later calls of the same app. The component's memory then survives a call; handles, responses and the connection do not. Instances are never shared between apps. An instance is dropped after a trap, an exceeded limit or an error of the host, and when configuration, connection or component change. With 0, every call has a fresh instance.",
        default: || Some(Value::Number(0)),
    },
    Setting {
        key: "instances.calls",
        kind: Kind::Number {
            least: 1,
            most: 1_000_000,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum number of calls that one kept instance serves, to release memory that a component leaks.",
        default: || Some(Value::Number(1_000)),
    },
    Setting {
        key: "instances.idle-seconds",
        kind: Kind::Seconds,
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum idle time of a kept instance, in seconds.",
        default: || Some(Value::Seconds(60.0)),
    },
    Setting {
        key: "instances.memory-mib",
        kind: Kind::Number {
            least: 1,
            most: 4096,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum memory of a kept instance, in MiB; larger instances are dropped, because memory never shrinks. The connector starts with 2 and grows to several times the largest response.",
        default: || Some(Value::Number(16)),
    },
];

/// How instances of one tenant are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WarmPolicy {
    /// How many.
    pub(crate) most: usize,
    /// Calls that one may serve. What a component leaks is given back after so many.
    pub(crate) calls: u32,
    /// How long one waits for its next call.
    pub(crate) idle: Duration,
    /// Linear memory that one may have to be kept, in bytes.
    pub(crate) memory_bytes: usize,
}

impl WarmPolicy {
    /// The policy in force.
    pub(crate) fn in_force(effective: &Effective) -> Self {
        Self {
            most: effective.size("instances.warm"),
            calls: u32::try_from(effective.size("instances.calls")).unwrap_or(u32::MAX),
            idle: effective
                .seconds("instances.idle-seconds")
                .unwrap_or_default(),
            memory_bytes: effective.size("instances.memory-mib") << 20,
        }
    }
}

/// Whose instances, and what they were made with.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) scope: Scope,
    /// The component with its grant; the very one, since it is loaded once for both.
    pub(crate) component: Arc<LoadedComponent>,
    /// A hash of the connection with its credential, and of everything that is configured.
    pub(crate) terms: blake3::Hash,
    pub(crate) policy: WarmPolicy,
}

impl Owner {
    fn has_what(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.component, &other.component) && self.terms == other.terms
    }
}

/// The instances that wait.
#[derive(Default)]
pub(crate) struct WarmInstances {
    shelves: Mutex<HashMap<Scope, Shelf>>,
}

struct Shelf {
    owner: Owner,
    /// The one that was used last is the last.
    instances: Vec<Idle>,
}

struct Idle {
    instance: Instance,
    since: Instant,
}

impl WarmInstances {
    /// An instance of this owner's. Those that were made with something else are dropped.
    pub(super) fn take(&self, owner: &Owner, now: Instant) -> Option<Instance> {
        let mut shelves = self.lock();
        let shelf = shelves.get_mut(&owner.scope)?;
        if !shelf.owner.has_what(owner) {
            let outdated = shelves.remove(&owner.scope);
            // Unmapping takes its time, and nobody need wait for it.
            drop(shelves);
            drop(outdated);
            return None;
        }
        let last = shelf.instances.pop()?;
        if now.saturating_duration_since(last.since) < owner.policy.idle {
            return Some(last.instance);
        }
        // The others have waited for longer still.
        let mut outdated = std::mem::take(&mut shelf.instances);
        outdated.push(last);
        drop(shelves);
        drop(outdated);
        None
    }

    /// Keeps an instance that ended a call well, unless there is a reason to drop it.
    pub(super) fn keep(&self, owner: &Owner, instance: Instance, now: Instant) {
        let policy = owner.policy;
        if instance.calls() >= policy.calls
            || instance.state().memory.used_bytes() > policy.memory_bytes
            || !instance.state().is_tidy()
        {
            return;
        }
        let mut instance = instance;
        instance.state_mut().forget_handles();
        let mut shelves = self.lock();
        let kept: usize = shelves.values().map(|shelf| shelf.instances.len()).sum();
        let shelf = shelves.entry(owner.scope.clone()).or_insert_with(|| Shelf {
            owner: owner.clone(),
            // One, for most: a vector that grows begins with room for four.
            instances: Vec::with_capacity(1),
        });
        let mut outdated = Vec::new();
        if !shelf.owner.has_what(owner) {
            if !shelf.instances.is_empty() {
                // Made with what was in force before: a call of now has put its own here already.
                drop(shelves);
                drop(instance);
                return;
            }
            shelf.owner = owner.clone();
        }
        if kept < MAX_WARM && shelf.instances.len() < policy.most {
            shelf.instances.push(Idle {
                instance,
                since: now,
            });
        } else {
            outdated.push(instance);
        }
        drop(shelves);
        drop(outdated);
    }

    /// Drops the instances of a scope whose levels keep none any more.
    pub(crate) fn retire(&self, scope: &Scope) {
        let outdated = self.lock().remove(scope);
        drop(outdated);
    }

    /// Drops the instances that have waited for too long.
    pub(crate) fn retire_idle(&self, now: Instant) {
        let mut outdated = Vec::new();
        let mut shelves = self.lock();
        shelves.retain(|_, shelf| {
            let idle = shelf.owner.policy.idle;
            // The oldest are in front.
            let fresh = shelf
                .instances
                .partition_point(|one| now.saturating_duration_since(one.since) >= idle);
            outdated.extend(shelf.instances.drain(..fresh));
            !shelf.instances.is_empty()
        });
        drop(shelves);
        drop(outdated);
    }

    /// Drops all instances, to make room.
    pub(super) fn retire_all(&self) {
        let outdated = std::mem::take(&mut *self.lock());
        drop(outdated);
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.lock()
            .values()
            .map(|shelf| shelf.instances.len())
            .sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Scope, Shelf>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
