//! API tokens with roles, decided inside your process.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

// failure
mod error;
// values
mod alphabet;
mod document;
mod instant;
pub mod limits;
mod paged;
mod secret;
// nouns
mod name;
mod path;
mod pattern;
mod permission;
mod principal;
mod resource;
mod role;
mod subject;
mod digest;
mod password;
// wholes
mod policy;
mod table;
mod event;
mod realm;
mod registry;
// verbs
mod decision;
mod credential;
mod authenticate;
mod authorize;
mod guard;
mod session;
mod grant;
mod issued;
mod draft;
mod issue;
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
