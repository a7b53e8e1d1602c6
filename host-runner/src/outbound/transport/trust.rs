//! Whom TLS trusts: the platform's roots, and those that a level names.
//!
//! Read once for a process, however many tenants it has.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;

use crate::outbound::refusal::Refusal;
use crate::tls::{platform_roots, trust};

/// The roots that have been read, by the file that adds to the platform's.
#[derive(Default)]
pub(super) struct Roots(Mutex<HashMap<Option<PathBuf>, Arc<RootCertStore>>>);

impl Roots {
    /// The platform's roots and those in `ca_file`, which is read once.
    ///
    /// # Errors
    ///
    /// [`Refusal::Trust`] when the file cannot be read or holds no certificate: what a level
    /// demands to trust is not left out.
    pub(super) fn with(&self, ca_file: Option<&Path>) -> Result<Arc<RootCertStore>, Refusal> {
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ca_file.map(Path::to_owned);
        if let Some(roots) = read.get(&key) {
            return Ok(Arc::clone(roots));
        }
        let mut roots = platform_roots();
        if let Some(path) = ca_file {
            trust(&mut roots, path).map_err(|reason| Refusal::Trust {
                path: path.to_owned(),
                reason,
            })?;
        }
        let roots = Arc::new(roots);
        read.insert(key, Arc::clone(&roots));
        Ok(roots)
    }
}
