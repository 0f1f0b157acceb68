//! Who we are and whom we believe: certificates and keys from PEM files.
//!
//! TLS 1.2 and 1.3. A client always verifies the server against a file of roots and a name; there
//! is no switch that turns it off. A server may ask for client certificates, and then demands them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use super::NetError;

/// A certificate chain and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// PEM file of the certificates, our own first.
    pub certificates: PathBuf,
    /// PEM file of the private key.
    pub key: PathBuf,
}

/// What a listener shows, and whom it lets in.
#[derive(Clone, Debug)]
pub struct TlsServer(pub(super) Arc<ServerConfig>);

impl TlsServer {
    /// Returns the server of an identity.
    ///
    /// With `client_roots`, a PEM file, a client must show a certificate that one of them signed.
    pub fn load(identity: &Identity, client_roots: Option<&Path>) -> Result<Self, NetError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|why| mismatch("TLS 1.2 and 1.3", &why))?;
        let builder = match client_roots {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(
                    Arc::new(roots(path)?),
                    Arc::clone(&provider),
                );
                let verifier = verifier.build().map_err(|why| mismatch(path.display(), &why))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let (chain, key) = read(identity)?;
        let config = builder.with_single_cert(chain, key);
        let config = config.map_err(|why| mismatch(identity.certificates.display(), &why))?;
        Ok(Self(Arc::new(config)))
    }
}

/// Whom an outgoing connection believes, and what it shows.
#[derive(Clone, Debug)]
pub struct TlsClient {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

impl TlsClient {
    /// Returns the client that believes a server named `name`, signed by a root of a PEM file.
    pub fn load(
        roots_file: &Path,
        name: &str,
        identity: Option<&Identity>,
    ) -> Result<Self, NetError> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| mismatch("TLS 1.2 and 1.3", &why))?
            .with_root_certificates(roots(roots_file)?);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = read(identity)?;
                let config = builder.with_client_auth_cert(chain, key);
                config.map_err(|why| mismatch(identity.certificates.display(), &why))?
            }
        };
        let name = ServerName::try_from(name.to_owned()).map_err(|why| NetError::Tls {
            given: format!("server name {name:?}"),
            why: why.to_string(),
        })?;
        Ok(Self { config: Arc::new(config), name })
    }
}

fn read(
    identity: &Identity,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), NetError> {
    let key = PrivateKeyDer::from_pem_file(&identity.key);
    let key = key.map_err(|why| file("a private key in PEM", &identity.key, &why))?;
    Ok((certificates(&identity.certificates)?, key))
}

fn roots(path: &Path) -> Result<RootCertStore, NetError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store.add(certificate).map_err(|why| file("root certificates", path, &why))?;
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let expected = "certificates in PEM";
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| file(expected, path, &why))?;
    if found.is_empty() {
        return Err(file(expected, path, &"none"));
    }
    Ok(found)
}

fn file(expected: &'static str, path: &Path, found: &dyn std::fmt::Display) -> NetError {
    NetError::File { expected, path: path.to_owned(), found: found.to_string() }
}

fn mismatch(given: impl std::fmt::Display, why: &dyn std::fmt::Display) -> NetError {
    NetError::Tls { given: given.to_string(), why: why.to_string() }
}
