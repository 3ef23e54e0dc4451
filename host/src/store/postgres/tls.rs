//! TLS to the server, and whom it trusts: the modes of libpq.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use tokenward::{Code, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What is asked of the server's certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing: the line is encrypted, to whoever is at the other end (`prefer`, `require`).
    Anything,
    /// That a trusted authority has signed it (`verify-ca`).
    Authority,
    /// That, and that it is made out to the host of the address (`verify-full`).
    Name,
}

/// How to speak TLS to the server, if at all.
#[derive(Clone)]
pub(super) struct Tls(Option<MakeRustlsConnect>);

impl Tls {
    pub(super) fn none() -> Self {
        Tls(None)
    }

    /// Trusts the certificates in the file `root`, or those of the system where none is named or it is called `system`.
    pub(super) fn new(trust: Trust, root: Option<&str>) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::new(Code::Internal))?;
        let config = match trust {
            Trust::Name => builder.with_root_certificates(roots(root)?),
            Trust::Anything => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { authority: None, provider }))
            }
            Trust::Authority => {
                let authority = WebPkiServerVerifier::builder_with_provider(roots(root)?.into(), Arc::clone(&provider));
                let authority = Some(authority.build().map_err(|_| no_roots())?);
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { authority, provider }))
            }
        };
        Ok(Tls(Some(MakeRustlsConnect::new(config.with_no_client_auth()))))
    }

    pub(super) fn connector(&self) -> Option<MakeRustlsConnect> {
        self.0.clone()
    }
}

fn roots(file: Option<&str>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match file.filter(|file| *file != "system") {
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(file) => {
            for certificate in CertificateDer::pem_file_iter(Path::new(file)).map_err(|_| no_roots())? {
                roots.add(certificate.map_err(|_| no_roots())?).map_err(|_| no_roots())?;
            }
        }
    }
    if roots.is_empty() { Err(no_roots()) } else { Ok(roots) }
}

fn no_roots() -> Error {
    Error::new(Code::StoreFailed).at("store.sslrootcert").expected("a file with trusted certificates, in PEM")
}

/// Takes every certificate, or every one of an authority whatever name is on it. What is signed is verified all the same.
#[derive(Debug)]
struct Lenient {
    authority: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        match authority.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is looked at last, when the rest has been found good.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
