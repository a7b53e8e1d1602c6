//! Whom TLS trusts: the platform's roots, and those that a level names.
//!
//! Reading the platform's takes some 10 ms and 100 KB: once for a process, however many tenants
//! it has.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::outbound::refusal::Refusal;

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
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca_file {
            add(&mut roots, path).map_err(|reason| Refusal::Trust {
                path: path.to_owned(),
                reason,
            })?;
        }
        let roots = Arc::new(roots);
        read.insert(key, Arc::clone(&roots));
        Ok(roots)
    }
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
        count += 1;
    }
    if count == 0 {
        return Err("it holds no certificate in PEM".to_owned());
    }
    Ok(())
}
