//! The site over time: as it is, as search knows it, and what happened to it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::index_lag::IndexLag;
use crate::site::Site;
use crate::site::mutation::{Change, Mutation, MutationError};

/// The site over time.
///
/// Each mutation makes another [`Site`], and what is answered comes from one of them as a whole.
#[derive(Debug)]
pub(crate) struct Timeline {
    lag: IndexLag,
    states: RwLock<States>,
    /// Milliseconds that the clock of the site is ahead.
    ahead: AtomicU64,
}

#[derive(Debug)]
struct States {
    site: Arc<Site>,
    /// What search knows, and the states between that and the present one.
    indexed: VecDeque<Arc<Site>>,
    journal: Vec<Change>,
}

impl Timeline {
    pub(crate) fn new(site: Site, lag: IndexLag) -> Self {
        let site = Arc::new(site);
        Self {
            lag,
            states: RwLock::new(States {
                indexed: VecDeque::from([Arc::clone(&site)]),
                site,
                journal: Vec::new(),
            }),
            ahead: AtomicU64::new(0),
        }
    }

    pub(crate) fn site(&self) -> Arc<Site> {
        self.states().0
    }

    /// The site, and the site as search knows it.
    pub(crate) fn states(&self) -> (Arc<Site>, Arc<Site>) {
        let states = self.states.read().unwrap_or_else(PoisonError::into_inner);
        let index = states.indexed.front().unwrap_or(&states.site);
        (Arc::clone(&states.site), Arc::clone(index))
    }

    pub(crate) fn journal(&self) -> Vec<Change> {
        let states = self.states.read().unwrap_or_else(PoisonError::into_inner);
        states.journal.clone()
    }

    pub(crate) fn mutate(&self, mutation: &Mutation) -> Result<Change, MutationError> {
        let changes = self.mutate_all(std::slice::from_ref(mutation));
        let mut changes = changes.map_err(|(_, error)| error)?;
        changes.pop().ok_or_else(|| MutationError::Malformed {
            reason: "nothing was given".to_owned(),
        })
    }

    /// All of these, one after the other, or none and the place of the one that is refused.
    pub(crate) fn mutate_all(
        &self,
        mutations: &[Mutation],
    ) -> Result<Vec<Change>, (usize, MutationError)> {
        let mut states = self.states.write().unwrap_or_else(PoisonError::into_inner);
        let mut sites = Vec::new();
        let mut changes = Vec::with_capacity(mutations.len());
        let mut site = Site::clone(&states.site);
        // Search never knows those before.
        let first = match self.lag {
            IndexLag::Mutations(behind) => mutations.len().saturating_sub(behind as usize + 1),
            IndexLag::None | IndexLag::UntilFlushed => mutations.len(),
        };
        for (at, mutation) in mutations.iter().enumerate() {
            changes.push(site.apply(mutation).map_err(|error| (at, error))?);
            if at >= first {
                sites.push(Arc::new(site.clone()));
            }
        }
        states.site = Arc::new(site);
        states.journal.extend(changes.iter().cloned());
        match self.lag {
            IndexLag::None => states.indexed = VecDeque::from([Arc::clone(&states.site)]),
            IndexLag::Mutations(behind) => {
                states.indexed.extend(sites);
                while states.indexed.len() > behind as usize + 1 {
                    states.indexed.pop_front();
                }
            }
            IndexLag::UntilFlushed => {}
        }
        Ok(changes)
    }

    pub(crate) fn flush_index(&self) {
        let mut states = self.states.write().unwrap_or_else(PoisonError::into_inner);
        states.indexed = VecDeque::from([Arc::clone(&states.site)]);
    }

    /// The time of the site's clock, in milliseconds since 1970.
    pub(crate) fn clock(&self) -> u64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH);
        let machine = machine.map_or(0, |since| since.as_millis() as u64);
        machine + self.ahead.load(Ordering::SeqCst)
    }

    /// The time of the site's clock, where it is not that of the machine.
    pub(crate) fn own_clock(&self) -> Option<u64> {
        (self.ahead.load(Ordering::SeqCst) > 0).then(|| self.clock())
    }

    /// Puts the clock forward, and returns by how much it is ahead now.
    pub(crate) fn advance_clock(&self, by: Duration) -> Duration {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let before = self.ahead.fetch_add(by, Ordering::SeqCst);
        Duration::from_millis(before.saturating_add(by))
    }
}
