//! TLS as every client of this host speaks it: whom it trusts, and what went wrong with it.

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::plain_file::{Links, read_or_refuse};

/// Maximum size of a file with certificates, in bytes. The roots of all platforms together have 0.3 MB.
pub(crate) const MAX_PEM_BYTES: u64 = 16 << 20;

/// The platform's roots. Reading them takes some 10 ms and 100 KB.
pub(crate) fn platform_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Adds the authorities of a PEM file.
///
/// # Errors
///
/// What is wrong with the file: what somebody demands to trust is not left out.
pub(crate) fn trust(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let pem =
        read_or_refuse(path, MAX_PEM_BYTES, Links::Follow).map_err(|error| error.to_string())?;
    trust_pem(roots, &pem)
}

/// Adds the authorities of a PEM file that has been read.
///
/// # Errors
///
/// As [`trust`].
pub(crate) fn trust_pem(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), String> {
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
        count += 1;
    }
    if count == 0 {
        return Err("it contains no certificate in PEM".to_owned());
    }
    Ok(())
}

/// A client that trusts these roots, and shows no certificate of its own.
///
/// # Errors
///
/// The library's, if it did not support its own default versions.
pub(crate) fn client(roots: impl Into<Arc<RootCertStore>>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A client that trusts the platform's roots, for the program that is built on this library.
///
/// # Errors
///
/// As [`client`].
#[doc(hidden)]
pub fn platform_tls() -> Result<ClientConfig, rustls::Error> {
    client(platform_roots())
}

/// The TLS error that an error is, or wraps directly. The connector wraps it twice in an
/// [`io::Error`], whose `source` skips what it wraps.
pub(crate) fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    tls_error(error.downcast_ref::<io::Error>()?.get_ref()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use rustls::RootCertStore;

    use super::trust;

    #[test]
    fn a_file_without_a_certificate_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("none.pem", "no certificate here\n"),
            (
                "broken.pem",
                "-----BEGIN CERTIFICATE-----\nc2VzYW1l\n-----END CERTIFICATE-----\n",
            ),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert!(trust(&mut RootCertStore::empty(), &path).is_err(), "{name}");
        }
        let absent = folder.path().join("absent.pem");
        assert!(trust(&mut RootCertStore::empty(), &absent).is_err());
    }
}
