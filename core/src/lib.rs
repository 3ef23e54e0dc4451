//! API tokens with roles, decided inside your process.
//!
//! This is the core: pure functions over an immutable [`Registry`]. It knows no clock, no random source, no file and no
//! network, holds no unsafe code and does not panic. Applications use it through a host: the crate `tokenward-host`, the
//! Python and npm packages `tokenward`, or `tokenward-wasm` at the edge, which all give the same answers because they all
//! ask here.
//!
//! # The model, with one example
//!
//! A *policy* says what kinds of resources there are, which permissions, which roles, and the rules of tokens. A *realm* is
//! the boundary in which tokens are issued and valid. A *session* is a principal that has proven itself in a realm; every
//! change is made by one.
//!
//! ```
//! use tokenward::{Answer, Context, Entropy, Policy, Registry, Request};
//!
//! let now = 1_800_000_000; // seconds since 1970; a shell takes them from its clock
//! let (registry, _first) = Registry::begin(Policy::parse("styra-das")?, now)?;
//! let founded = registry.found(r#"{"realm": "workspace:hooli", "administrator": "user:ruchita"}"#, now)?;
//! let registry = founded.next; // a shell stores `founded.events` before it goes on
//!
//! let ruchita = registry.open_session("session", r#"{"realm": "workspace:hooli", "principal": "user:ruchita"}"#, now)?;
//! let entropy = Entropy::new([7; Entropy::LENGTH]); // a shell takes them from the system's random source
//! let context = Context { now, entropy: &entropy };
//! let performed = registry.perform(
//!     &ruchita,
//!     "issue",
//!     r#"{"name": "ci/deploy", "paths": ["^/v1/systems/"], "lifetime_days": 30}"#,
//!     context,
//! )?;
//! let Answer::Issued(issued) = performed.answer else { unreachable!() };
//! let registry = performed.next;
//!
//! // A fresh token of this policy may do nothing: its paths only narrow. A role binding gives it rights.
//! let header = format!("Bearer {}", issued.token());
//! let request = Request {
//!     credential: Some(&header),
//!     permission: "system-write",
//!     resource: "workspace:hooli/system:dev",
//!     path: Some("/v1/systems/dev"),
//! };
//! assert_eq!(registry.authorize(&request, now).reason().as_str(), "permission_missing");
//!
//! let binding = r#"{"role": "SystemOwner", "at": "workspace:hooli/system:dev", "subjects": ["token:ci/deploy"]}"#;
//! let registry = registry.perform(&ruchita, "bind", binding, context)?.next;
//! assert!(registry.authorize(&request, now).allowed());
//! assert!(!registry.authorize(&Request { path: Some("/v1/stacks"), ..request }, now).allowed());
//! # Ok::<(), tokenward::Error>(())
//! ```
//!
//! Rights only add up; there is no deny rule. Nothing is allowed that no binding allows. A denial is a [`Decision`], not an
//! error; an [`Error`] says that a call was wrong, refused or impossible, by a permanent code and a place.
//!
//! # The reasons behind it
//!
//! See [`design`].
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test that panics fails"
    )
)]
#![no_std]

extern crate alloc;

// failure
mod error;
// values
pub mod limits;
mod alphabet;
mod document;
mod fetch;
mod instant;
mod ordered;
mod paged;
mod secret;
// nouns
mod name;
mod path;
mod pattern;
mod principal;
mod resource;
mod permission;
mod role;
mod subject;
mod digest;
mod password;
mod origin;
// wholes
mod policy;
mod table;
mod event;
mod realm;
mod registry;
// verbs
mod decision;
mod credential;
mod recognize;
mod authenticate;
mod authorize;
mod guard;
mod session;
mod grant;
mod issued;
mod draft;
mod issue;
mod import;
mod rehash;
mod rotate;
mod revoke;
mod inspect;
mod define;
mod bind;
mod enroll;
mod configure;
mod claim;
mod ask;
mod found;
mod introspect;
mod explain;
mod audit;
// boundary
mod operation;
mod snapshot;
pub mod publication;

#[doc = include_str!("../DESIGN.md")]
pub mod design {}

pub use audit::AuditQuery;
pub use authorize::Request;
pub use decision::{Decision, Details, Reason};
pub use document::Document;
pub use draft::{Answer, Context, Performed};
pub use error::{Category, Code, Error};
pub use event::Event;
pub use guard::Guard;
pub use instant::{Instant, Lifetime};
pub use issued::Issued;
pub use path::{CanonicalPath, PathBuffer};
pub use pattern::{Lint, Pattern};
pub use policy::{PRESETS, Policy, preset};
pub use principal::{Principal, PrincipalKind};
pub use registry::Registry;
pub use resource::ResourcePattern;
pub use secret::{Entropy, Secret};
pub use session::Session;
pub use snapshot::SnapshotContents;
