//! Importing tokens that other systems issued, by what these stored of them: the tokens keep working, and no secret is
//! needed for it.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use zeroize::Zeroize;

use crate::alphabet;
use crate::digest::{Digest, TokenId};
use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::{Change, GrantText, ImportChange, TokenChange};
use crate::instant::Instant;
use crate::issue::Wanted;
use crate::limits;
use crate::origin::Origin;
use crate::policy::{Operation, Rights};
use crate::principal::{Principal, PrincipalKind};
use crate::realm::Realm;
use crate::registry::Registry;
use crate::secret::Entropy;
use crate::session::{Holder, Session};

/// Uses told in one event.
const TOLD: usize = 10_000;

/// What a row says of a token beside what is said of every token that is issued.
struct Row<'d> {
    origin: Origin,
    wanted: Wanted,
    owner: Option<&'d str>,
    created_at: Option<Instant>,
    last_used: Option<Instant>,
    disabled: bool,
    bindings: &'d [Document],
}

impl<'d> Row<'d> {
    fn read(document: &'d Document) -> Result<Self, Error> {
        let mut fields = Fields::of(document)?;
        let row = Row {
            origin: Origin::read(&mut fields)?,
            wanted: Wanted::read(&mut fields)?,
            owner: fields.text("owner")?,
            created_at: past(&mut fields, "created_at")?,
            last_used: past(&mut fields, "last_used")?,
            disabled: fields.boolean("disabled")?.unwrap_or(false),
            bindings: fields.list("bindings")?.unwrap_or_default(),
        };
        fields.finish()?;
        Ok(row)
    }
}

fn past(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<Instant>, Error> {
    let Some(seconds) = fields.integer(name)? else { return Ok(None) };
    let instant = u64::try_from(seconds).ok().and_then(|seconds| Instant::from_seconds(seconds).ok());
    let instant = instant.filter(|instant| instant.to_issue_offset().is_ok());
    instant.map(Some).ok_or(Error::new(Code::InstantInvalid).at(name).expected("an instant from 2000 on"))
}

/// An import in the making: all of it or nothing.
struct Import<'s, 'r> {
    before: &'r Registry,
    session: &'s Session,
    realm: &'r Realm,
    holder: Holder<'r>,
    draft: Draft<'s>,
    entropy: &'s Entropy,
    /// Subjects by role and resource, so that there is one event for many tokens of one binding.
    bindings: BTreeMap<GrantText, Vec<String>>,
    used: Vec<(TokenId, Instant)>,
    ids: Vec<TokenId>,
}

impl Registry {
    /// `import_tokens {tokens: [{scheme, lookup?, digest, salt?, iterations?, name?, description?, paths?, roles?,
    /// lifetime_days? | expires_at? | never?, owner?, created_at?, last_used?, disabled?, bindings?: [{role, at}]}]}`: all of
    /// them, or none. What holds for issuing a token holds for each.
    pub(crate) fn import_tokens(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let rows = required("tokens", fields.list("tokens")?)?;
        fields.finish()?;
        if rows.is_empty() {
            return Err(Error::new(Code::ListEmpty).at("tokens"));
        }
        if rows.len() > limits::IMPORT {
            return Err(Error::new(Code::TooMany).at("tokens"));
        }
        let now = Instant::of_clock(context.now)?;
        let mut import = Import {
            before: self,
            session,
            realm: self.realm_of(session)?,
            holder: self.holder(session, now)?,
            draft: Draft::new(self, session, now),
            entropy: context.entropy,
            bindings: BTreeMap::new(),
            used: Vec::new(),
            ids: Vec::with_capacity(rows.len()),
        };
        for (index, row) in rows.iter().enumerate() {
            let added = Row::read(row).and_then(|row| import.add(index, row));
            added.map_err(|error| error.within(&format!("tokens[{index}]")))?;
        }
        import.finish()
    }
}

impl Import<'_, '_> {
    fn add(&mut self, index: usize, row: Row<'_>) -> Result<(), Error> {
        let registry = self.before;
        let now = self.draft.at;
        row.wanted.follow(registry)?;
        let concerned = registry.resource_of_token(self.realm, row.wanted.name.as_deref());
        registry.may_issue(self.realm, &self.holder, (Operation::TokenImport, &concerned))?;
        let owner = row.owner.map(|text| self.owner(text)).transpose()?;
        if owner.is_none() {
            registry.has_principal(self.session)?;
        }
        let mut grants = registry.given(&self.holder, self.realm, &row.wanted)?;
        if grants.is_empty() && registry.policy.tokens.rights == Rights::Copied {
            grants = match &owner {
                Some(owner) => registry.copied(&registry.principal_holder(self.realm, owner)),
                None => registry.copied(&self.holder),
            };
        }
        registry.cover_paths(self.session, row.wanted.paths.as_ref().map(|paths| paths.iter()))?;
        let expires_at = registry.expiry(self.session, row.wanted.lifetime, now)?;
        self.draft.registry.name_is_free(self.session, row.wanted.name.as_deref(), now)?;
        let id = drawn(self.entropy, index)?;
        self.bind(id, row.bindings)?;
        let paths = row.wanted.paths.map(|paths| paths.iter().map(|pattern| pattern.as_str().to_string()).collect());
        self.draft.change(Change::TokenImported(ImportChange {
            token: TokenChange {
                id,
                digest: Digest::NONE,
                name: row.wanted.name,
                description: row.wanted.description,
                paths,
                grants,
                expires_at,
            },
            origin: row.origin,
            owner,
            created_at: row.created_at.unwrap_or(now),
        }))?;
        if row.disabled {
            self.draft.change(Change::TokenDisabled { id })?;
        }
        if let Some(at) = row.last_used {
            if at > now {
                return Err(Error::new(Code::InstantInvalid).at("last_used"));
            }
            self.used.push((id, at));
        }
        self.ids.push(id);
        Ok(())
    }

    /// The principal whose token it is. Where tokens have or copy their owner's rights, importing one for somebody else gives
    /// these away.
    fn owner(&self, text: &str) -> Result<Arc<str>, Error> {
        let principal = Principal::parse(text).map_err(|error| error.at("owner"))?;
        if principal.kind() == PrincipalKind::Token {
            return Err(Error::new(Code::PrincipalInvalid).at("owner").expected("user:, service: or claim:"));
        }
        let other = self.session.is_system() || text != self.session.principal();
        if other && self.before.policy.tokens.rights != Rights::None {
            let given = self.before.principal_holder(self.realm, text);
            match given {
                Holder::Subject(subject) => {
                    let covered = self.before.cover_subject(&self.holder, self.realm, subject);
                    covered.map_err(|error| error.at("owner"))?;
                }
                // Whoever names somebody that nothing is bound to yet waits for what will be.
                _ if !self.before.escalates(&self.holder, self.realm) => {
                    return Err(Error::new(Code::EscalationDenied).at("owner"));
                }
                _ => {}
            }
        }
        Ok(Arc::from(text))
    }

    /// Notes `[{role, at}]`, each checked as a binding of its own would be.
    fn bind(&mut self, id: TokenId, bindings: &[Document]) -> Result<(), Error> {
        for (index, document) in bindings.iter().enumerate() {
            let grant = self.checked(document).map_err(|error| error.within(&format!("bindings[{index}]")))?;
            self.bindings.entry(grant).or_default().push(format!("token:{}", id.as_str()));
        }
        Ok(())
    }

    fn checked(&self, document: &Document) -> Result<GrantText, Error> {
        let registry = self.before;
        let mut fields = Fields::of(document)?;
        let name = required("role", fields.text("role")?)?;
        let at = required("at", fields.text("at")?)?;
        fields.finish()?;
        if registry.policy.tokens.rights == Rights::Owner {
            return Err(Error::new(Code::SubjectNotBindable));
        }
        registry.check_inside(self.realm, at).map_err(|error| error.at("at"))?;
        registry.permit(self.session, Operation::BindingWrite, at, self.draft.at)?;
        let role = registry.find_role(self.realm, name).and_then(|id| registry.role(id));
        let role = role.ok_or(Error::new(Code::RoleNotFound).at("role"))?;
        registry.cover_role(&self.holder, self.realm, role, at).map_err(|error| error.at("role"))?;
        Ok((role.text.name.clone(), Arc::from(at)))
    }

    fn finish(mut self) -> Result<Performed, Error> {
        for ((role, resource), subjects) in self.bindings {
            for subjects in subjects.chunks(limits::SUBJECTS) {
                let (role, resource) = (role.clone(), resource.clone());
                self.draft.change(Change::Bound { role, resource, subjects: subjects.to_vec(), replace: false })?;
            }
        }
        for used in self.used.chunks(TOLD) {
            self.draft.change(Change::TokensUsed { used: used.to_vec() })?;
        }
        let now = self.draft.at;
        let views = self.ids.iter().filter_map(|id| self.draft.registry.view(*id));
        let documents = views.map(|view| view.document(now)).collect();
        Ok(self.draft.document(Document::List(documents)))
    }
}

/// The id of the token of a row, from the entropy of the operation, of which there is less than many rows need: ids are
/// public, so that it is enough that nobody can tell them beforehand and no two are the same.
fn drawn(entropy: &Entropy, index: usize) -> Result<TokenId, Error> {
    let mut seed: Vec<u8> = entropy.bytes().chain((index as u64).to_le_bytes()).collect();
    let words = Digest::of_all(&seed).words();
    seed.zeroize();
    let mut id = [0; TokenId::LENGTH];
    alphabet::draw(&mut words.into_iter().flat_map(u32::to_le_bytes), &mut id)?;
    Ok(TokenId::from_bytes(id))
}
