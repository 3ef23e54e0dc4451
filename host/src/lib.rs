//! The host of tokenward: stores, clock, entropy, and the authority over them.
//!
//! [`Authority`] opens a store and holds the registry; a [`Session`] changes it; a [`Verifier`] decides from a snapshot
//! without a store; a [`Guard`] is checked once and asked for every request.
//!
//! ```
//! use tokenward_host::{Authority, Issue, Options};
//!
//! let authority = Authority::open("memory:", Options { policy: Some("styra-das".into()), ..Options::default() })?;
//! authority.create_realm("workspace:hooli", Some("user:ruchita"))?;
//! let ruchita = authority.session("workspace:hooli", "user:ruchita")?;
//! let issued = ruchita.issue(Issue::named("ci/deploy").paths(["^/v1/systems/"]).lifetime_days(30))?;
//! ruchita.bind("SystemOwner", "workspace:hooli/system:dev", ["token:ci/deploy"])?;
//!
//! let header = format!("Bearer {}", issued.token());
//! let resource = "workspace:hooli/system:dev";
//! assert!(authority.authorize(Some(&header), "system-write", resource, Some("/v1/systems/dev")).allowed());
//! assert!(!authority.authorize(Some(&header), "system-write", resource, Some("/v1/stacks/dev")).allowed());
//! # Ok::<(), tokenward::Error>(())
//! ```

// values
pub mod clock;
pub mod entropy;
// nouns
mod last_use;
mod observe;
mod options;
pub mod records;
pub mod store;
pub mod target;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_off.rs"]
mod trace;
// wholes
mod replica;
// verbs
mod authority;
mod export;
mod follow;
mod guard;
mod keep;
mod session;
mod verifier;

pub use authority::{Authority, Published};
pub use export::{Reading, read_export, read_export_document};
pub use guard::Guard;
pub use observe::{AuditEntry, Observation, Observer};
pub use options::Options;
pub use session::{Import, Issue, RoleDefinition, Session};
pub use tokenward::{Answer, Code, Decision, Details, Document, Error, Instant, Issued, Lifetime, Reason, Request};
pub use verifier::Verifier;

/// What the README shows of Rust, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// What the page on observing shows of Rust.
#[cfg(doctest)]
#[doc = include_str!("../../docs/observability.md")]
struct Observability;

/// What the tutorial shows, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/tutorial/rust.md")]
struct Tutorial;
