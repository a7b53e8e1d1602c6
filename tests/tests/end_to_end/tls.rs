//! TLS: a site that cannot prove who it is is sent nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tests::{AUTHORIZATION, Host};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A certificate that nobody vouches for but itself, for `127.0.0.1`.
const CERTIFICATE: &[u8] = include_bytes!("../../certificates/self-signed.pem");
const KEY: &[u8] = include_bytes!("../../certificates/self-signed.key.pem");

/// A site on TLS that counts what arrives after the handshake.
async fn untrusted_site() -> (String, Arc<AtomicU64>) {
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
                PrivateKeyDer::from_pem_slice(KEY).unwrap(),
            )
            .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("https://{}", listener.local_addr().unwrap());
    let arrived = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&arrived);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, counter) = (acceptor.clone(), Arc::clone(&counter));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    return;
                };
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    counter.fetch_add(read as u64, Ordering::SeqCst);
                }
            });
        }
    });
    (site, arrived)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_told_as_one() {
    let (site, arrived) = untrusted_site().await;
    let host = Host::new();
    host.set(&site, AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).fails(22, &["certificate"]);
    assert_eq!(arrived.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_does_not_speak_tls_is_told_as_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket
                .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                .await;
        }
    });
    let host = Host::new();
    host.set(&site, AUTHORIZATION, "app").ok();
    host.call(&["listSpaces"]).fails(22, &["TLS"]);
}
