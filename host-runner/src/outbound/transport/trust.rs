//! Whom TLS trusts: the platform's roots, and those that a level names.
//!
//! Made once for a process, however many tenants it has, and again when a file has changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;

use super::files::Content;
use crate::outbound::refusal::Refusal;
use crate::tls::{platform_roots, trust_pem};

/// The roots that have been made, by the file that adds to the platform's, with the hash of what it
/// held.
#[derive(Default)]
pub(super) struct Roots(Mutex<HashMap<Option<PathBuf>, Made>>);

type Made = (Option<blake3::Hash>, Arc<RootCertStore>);

impl Roots {
    /// The platform's roots and those of a file, which holds this.
    ///
    /// # Errors
    ///
    /// [`Refusal::Trust`] when the file holds no certificate: what a level demands to trust is not
    /// left out.
    pub(super) fn with(
        &self,
        ca_file: Option<(&Path, &Content)>,
    ) -> Result<Arc<RootCertStore>, Refusal> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ca_file.map(|(path, _)| path.to_owned());
        let hash = ca_file.map(|(_, content)| content.hash());
        if let Some((of, roots)) = made.get(&key)
            && *of == hash
        {
            return Ok(Arc::clone(roots));
        }
        let mut roots = platform_roots();
        if let Some((path, content)) = ca_file {
            trust_pem(&mut roots, content.bytes()).map_err(|reason| Refusal::Trust {
                path: path.to_owned(),
                reason,
            })?;
        }
        let roots = Arc::new(roots);
        made.insert(key, (hash, Arc::clone(&roots)));
        Ok(roots)
    }
}
