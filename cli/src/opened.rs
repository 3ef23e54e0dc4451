//! The store of a command, open: who acts in it, in which realm, and whether it is only a rehearsal.

use tokenward::{Code, Document, Error};
use tokenward_host::store::{OpenOptions, Rehearsal, open_store};
use tokenward_host::{Answer, Authority, Issued, Options, Session};

use crate::configuration::{Configuration, Proof};
use crate::failure::Failure;
use crate::given::Given;
use crate::remedy::Asked;
use crate::reply::{CHANGES, Reply};
use crate::secret;

/// How a command opens the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To make it where there is none.
    Found,
    /// To change something.
    Change,
    /// To look only.
    Look,
}

/// An open store.
pub(crate) struct Opened<'c> {
    configuration: &'c Configuration,
    authority: Authority,
    /// The revision at which a rehearsal began.
    rehearsed_from: Option<u64>,
}

impl<'c> Opened<'c> {
    /// Opens the configured store.
    ///
    /// # Errors
    /// `store_required`; those of the store and of the policy.
    pub(crate) fn open(configuration: &'c Configuration, purpose: Purpose) -> Result<Self, Failure> {
        Self::open_with(configuration, purpose, false)
    }

    /// Opens the configured store with the configured policy in the place of its own.
    ///
    /// # Errors
    /// As [`Opened::open`].
    pub(crate) fn replacing(configuration: &'c Configuration) -> Result<Self, Failure> {
        Self::open_with(configuration, Purpose::Change, true)
    }

    fn open_with(configuration: &'c Configuration, purpose: Purpose, replace_policy: bool) -> Result<Self, Failure> {
        let Some(address) = configuration.store.as_deref() else {
            let hint = "say where the tokens are kept: --store sqlite:tokens.db, TOKENWARD_STORE, or store = \"…\" in tokenward.toml";
            return Err(Failure::own("store_required").hint(hint));
        };
        let rehearsal = configuration.dry_run && purpose != Purpose::Look;
        let store = OpenOptions {
            create: purpose == Purpose::Found && !rehearsal,
            read_only: rehearsal || purpose == Purpose::Look,
            ..OpenOptions::default()
        };
        let options = Options { policy: configuration.policy.clone(), replace_policy, store, ..Options::default() };
        let opened = if rehearsal {
            rehearse(address, options, purpose)
        } else {
            Authority::open(address, options).map(|authority| (authority, None))
        };
        let (authority, rehearsed_from) = opened.map_err(|error| unopened(error, address))?;
        Ok(Opened { configuration, authority, rehearsed_from })
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The realm: the one that is named, or the only one there is.
    ///
    /// # Errors
    /// `realm_required`.
    pub(crate) fn realm(&self) -> Result<String, Failure> {
        if let Some(realm) = &self.configuration.realm {
            return Ok(realm.clone());
        }
        let Document::List(realms) = self.host("realms", Given::default())? else { return Err(internal()) };
        let names: Vec<&str> = realms.iter().filter_map(|realm| realm.get("realm")?.as_text()).collect();
        match names.as_slice() {
            [] => Err(Failure::own("realm_required")
                .saying("there is no realm yet")
                .hint("make one: tokenward realm create KIND:ID --administrator user:NAME")),
            [only] => Ok((*only).to_string()),
            several => Err(Failure::own("realm_required")
                .saying("there are several realms")
                .hint(format!("name one: --realm {}", several.first().copied().unwrap_or_default()))),
        }
    }

    /// The session of whoever acts.
    ///
    /// # Errors
    /// `realm_required`, `realm_not_found`, `principal_invalid`, `login_failed`, `secret_required`.
    pub(crate) fn session(&self) -> Result<Session, Failure> {
        let realm = self.realm()?;
        let given = Given::default().text("realm", &realm);
        let (given, session) = match &self.configuration.proof {
            Proof::System => (given, self.authority.system(&realm)),
            Proof::Vouched(principal) => {
                (given.text("principal", principal), self.authority.session(&realm, principal))
            }
            Proof::Password(principal) => {
                let user = principal.strip_prefix("user:").unwrap_or(principal);
                let password = secret::read(secret::PASSWORD)?;
                (given.text("user", user), self.authority.login(&realm, user, &password))
            }
            Proof::Token => (given, self.authority.login_with_token(&realm, &secret::read(secret::TOKEN)?)),
        };
        session.map_err(|error| self.failure(error, Some(&realm), &given.document()))
    }

    /// What an operation of the session answers.
    ///
    /// # Errors
    /// Those of the operation, with a remedy.
    pub(crate) fn ask(&self, operation: &str, given: Given) -> Result<Document, Failure> {
        match self.perform(operation, given)? {
            Answer::Document(document) => Ok(document),
            Answer::Issued(_) => Err(internal()),
        }
    }

    /// The token that an operation of the session issues.
    ///
    /// # Errors
    /// Those of the operation, with a remedy.
    pub(crate) fn mint(&self, operation: &str, given: Given) -> Result<Issued, Failure> {
        match self.perform(operation, given)? {
            Answer::Issued(issued) => Ok(issued),
            Answer::Document(_) => Err(internal()),
        }
    }

    fn perform(&self, operation: &str, given: Given) -> Result<Answer, Failure> {
        let session = self.session()?;
        let given = given.document();
        session.call(operation, &given.to_json()).map_err(|error| self.failure(error, Some(session.realm()), &given))
    }

    /// What an operation of the host answers.
    ///
    /// # Errors
    /// Those of the operation, with a remedy.
    pub(crate) fn host(&self, operation: &str, given: Given) -> Result<Document, Failure> {
        let given = given.document();
        match self.authority.call(operation, &given.to_json()).map_err(|error| self.failure(error, None, &given))? {
            Answer::Document(document) => Ok(document),
            Answer::Issued(_) => Err(internal()),
        }
    }

    /// The failure of an operation, with what was typed and what to do instead.
    pub(crate) fn failure(&self, error: Error, realm: Option<&str>, given: &Document) -> Failure {
        Asked { authority: &self.authority, realm, given }.failure(error)
    }

    /// The reply to a change: its own, or what a rehearsal would have changed.
    ///
    /// # Errors
    /// Those of the store: what an application noted of uses could not be written.
    pub(crate) fn changed(&self, reply: impl FnOnce() -> Reply) -> Result<Reply, Failure> {
        if let Some(begun) = self.rehearsed_from {
            let after = i64::try_from(begun).unwrap_or(i64::MAX);
            let changes = self.host("audit", Given::default().with("after", Some(Document::Integer(after))))?;
            return Ok(Reply::List(changes, CHANGES));
        }
        self.authority.close()?;
        Ok(reply())
    }
}

/// An authority that goes on in memory from where the store stands.
fn rehearse(address: &str, mut options: Options, purpose: Purpose) -> Result<(Authority, Option<u64>), Error> {
    match open_store(address, &options.store) {
        Ok(store) => {
            options.store = OpenOptions::default();
            let rehearsal = Rehearsal::of(store)?;
            let begun = rehearsal.begun();
            Authority::over(Box::new(rehearsal), options).map(|authority| (authority, Some(begun)))
        }
        // What would be made is rehearsed from nothing.
        Err(error) if error.kind() == Code::LogMissing && purpose == Purpose::Found => {
            options.store = OpenOptions::default();
            Authority::open("memory:", options).map(|authority| (authority, Some(0)))
        }
        Err(error) => Err(error),
    }
}

fn unopened(error: Error, address: &str) -> Failure {
    let hint = match error.kind() {
        Code::LogMissing => {
            Some("`tokenward realm create KIND:ID` makes the store; or is the address another one?".to_string())
        }
        Code::StoreUnknown => Some("write sqlite:PATH or postgresql://USER@HOST/DATABASE".to_string()),
        Code::StoreForeign => Some("the database belongs to something else: take another file or schema".to_string()),
        Code::PolicyMismatch => {
            Some("leave --policy out to go on with the store's; `tokenward policy replace` takes its place".to_string())
        }
        Code::StoreFailed if address.starts_with("postgres") => {
            Some("is the server there, and may this user and password use it?".to_string())
        }
        Code::StoreFailed => Some("does the folder exist, and may this user write there?".to_string()),
        Code::LogDamaged => Some("restore a backup; nothing was changed".to_string()),
        Code::LogVersion | Code::SnapshotVersion => {
            Some("a newer tokenward has written it: upgrade this one".to_string())
        }
        _ => None,
    };
    // The address may hold a password, so it is not repeated.
    let place = if error.place().is_empty() { "--store".to_string() } else { error.place().to_string() };
    Failure::from(error).at(place).hint_if(hint)
}

pub(crate) fn internal() -> Failure {
    Failure::from(Error::new(Code::Internal))
}
