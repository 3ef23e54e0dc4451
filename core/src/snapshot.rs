//! Snapshots: the registry as bytes. Loading one is checking, copying and compiling roles; nothing is parsed per token.
//!
//! Equal states have equal bytes, on every face: numbers have fixed widths and are little-endian, lists stand in an order
//! that does not depend on how memory is laid out, and what follows from the rest is not written but made anew. What
//! loads, loads to what would be written as the same bytes.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `tokward` and a zero |
//! | 4 | version of the format |
//! | 4 | flags: 1 for passwords, 2 for one realm's part |
//! | 8 | revision |
//! | 8 | length of the whole |
//! | 4 | CRC-32 of the 32 bytes before |
//! | ... | sections, each 8 bytes of length and so many bytes |
//! | 4 | CRC-32 of everything before |
//!
//! The first six rows are the same in every version. Sections, in this order (a *text* is 4 bytes of length and UTF-8, a
//! *list* 4 bytes of count and its items; a role, subject, pattern or token is meant by its number, 4 bytes):
//!
//! | section | what |
//! |---|---|
//! | `policy` | the policy's document in JSON |
//! | `permissions` | list by number: on what it is held (0 as the policy says, 1 anything, 2 nothing), name |
//! | `realms` | list by number: name, instant, settings, list of users (name, revision, instant, hash of the password), list of resources |
//! | `roles` | list by number: flags (1 custom, 2 deleted), name; of a custom one the realm and, unless deleted, description, list of permissions (2 bytes each), 1 and a list of patterns or 0 |
//! | `subjects` | list by number: realm, flags (1 named, 2 removed, 4 shared), principal, list of grants (role, resource) |
//! | `bindings` | for each realm a list: number, role, resource, instant, who made it, list of subjects |
//! | `issuers` | list by number: who issued tokens |
//! | `patterns` | list of path patterns, sorted |
//! | `path_sets` | list by number, from 1: list of patterns |
//! | `tokens` | for each token in the order of issue: seconds since 2000, issuer |
//! | `last_used` | for each token in the order of issue: seconds since 2000, 0 for never |
//! | `details` | list of unnamed tokens with details (token, flags 1 described and 2 successor, description, predecessor); for each realm a list of named ones, sorted by name and token: the same with the name behind the token |
//! | `imports` | list of imported tokens, sorted by id: id, scheme (1 byte), look-up part, form (1 byte), digest, and where the form has them salt and iterations |
//! | `slots` | for each token, by the spread of its id, 64 bytes: digest, id, subject, list of patterns or 0, number, expiry and state |

mod details;
mod imports;
mod narrow;
mod paths;
mod reader;
mod realms;
mod roles;
mod subjects;
mod tokens;
mod writer;

use alloc::sync::Arc;
use alloc::vec::Vec;

use reader::Reader;
use writer::Writer;

use crate::document::Document;
use crate::error::{Code, Error};
use crate::limits;
use crate::ordered::Ordered;
use crate::paged::Paged;
use crate::policy::Policy;
use crate::registry::Registry;

const MAGIC: &[u8; 8] = b"tokward\0";
const VERSION: u32 = 1;
const PASSWORDS: u32 = 1;
const NARROW: u32 = 2;
/// Bytes up to the first section.
const HEADER: usize = 36;
const CHECKSUM: usize = 4;
/// Where the length of the whole stands.
const LENGTH_AT: usize = 24;

const SECTIONS: [&str; 14] = [
    "policy",
    "permissions",
    "realms",
    "roles",
    "subjects",
    "bindings",
    "issuers",
    "patterns",
    "path_sets",
    "tokens",
    "last_used",
    "details",
    "imports",
    "slots",
];

/// What a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotContents {
    /// All but the hashes of passwords: for replicas and edge workers, which let nobody log in.
    Shared,
    /// Everything: for a store's own use.
    Complete,
}

impl Registry {
    /// The registry as bytes. They hold no secret, but the digests of tokens and, if asked for, the hashes of passwords.
    pub fn snapshot(&self, contents: SnapshotContents) -> Vec<u8> {
        let tokens = self.tokens.len().saturating_mul(80).saturating_add(self.details.len().saturating_mul(40));
        let mut writer = Writer::with_capacity(tokens.saturating_add(16_384));
        writer.raw(MAGIC);
        writer.u32(VERSION);
        let passwords = if contents == SnapshotContents::Complete { PASSWORDS } else { 0 };
        writer.u32(passwords | if self.narrow { NARROW } else { 0 });
        writer.u64(self.revision);
        // The length is known at the end, and the header's checksum with it.
        writer.u64(0);
        writer.u32(0);
        writer.section(|writer| writer.raw(self.policy.document().to_json().as_bytes()));
        writer.section(|writer| roles::write_permissions(&self.permissions, writer));
        writer.section(|writer| realms::write_realms(self, contents, writer));
        writer.section(|writer| roles::write_roles(self, writer));
        writer.section(|writer| subjects::write_subjects(self, writer));
        writer.section(|writer| realms::write_bindings(self, writer));
        writer.section(|writer| tokens::write_issuers(self, writer));
        writer.section(|writer| paths::write_patterns(self, writer));
        writer.section(|writer| paths::write_sets(self, writer));
        writer.section(|writer| tokens::write_issues(self, writer));
        writer.section(|writer| tokens::write_last_used(self, writer));
        writer.section(|writer| details::write(self, writer));
        writer.section(|writer| imports::write(self, writer));
        writer.section(|writer| tokens::write_slots(self, writer));
        writer.seal()
    }

    /// One realm's part of the registry as bytes, shared: for workers that serve this realm only. Of other
    /// realms they tell the permissions that custom roles named, and the revision. What they hold follows the events of all
    /// realms, or what [`Event::share`](crate::Event::share) leaves of them.
    ///
    /// # Errors
    /// `realm_not_found`.
    pub fn realm_snapshot(&self, realm: &str) -> Result<Vec<u8>, Error> {
        self.narrowed(realm).map(|registry| registry.snapshot(SnapshotContents::Shared))
    }

    /// The registry that bytes hold. They pass the same checks as calls do, in time and memory bounded by their length.
    ///
    /// # Errors
    /// `snapshot_invalid` for bytes that [`Registry::snapshot`] did not write, at the section that does not hold
    /// together, or at `header`, `length` or `checksum` for damage; `snapshot_version` when a newer version wrote them.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Registry, Error> {
        let header = Header::read(bytes)?;
        if u64::try_from(bytes.len()).ok() != Some(header.length) {
            return Err(Error::new(Code::SnapshotInvalid).at("length"));
        }
        let damaged = Error::new(Code::SnapshotInvalid).at("checksum");
        let Some((content, checksum)) = bytes.split_last_chunk::<CHECKSUM>() else { return Err(damaged) };
        if checksum_of(content) != u32::from_le_bytes(*checksum) {
            return Err(damaged);
        }
        load(&header, Reader::new("sections", content.get(HEADER..).unwrap_or_default()))
    }

    /// The revision of the registry that bytes hold, of which only the header is read.
    ///
    /// # Errors
    /// `snapshot_invalid` at `header`; `snapshot_version`.
    pub fn snapshot_revision(bytes: &[u8]) -> Result<u64, Error> {
        Header::read(bytes).map(|header| header.revision)
    }
}

/// CRC-32 of many bytes, in pieces: engines of WebAssembly go over to optimised code between two calls, not within one.
fn checksum_of(bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    bytes.chunks(1 << 14).for_each(|piece| hasher.update(piece));
    hasher.finalize()
}

struct Header {
    contents: SnapshotContents,
    narrow: bool,
    revision: u64,
    length: u64,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("header", bytes);
        let covered = reader.known(bytes.get(..HEADER.saturating_sub(CHECKSUM)))?;
        let magic = reader.chunk::<8>()?;
        let (version, flags) = (reader.u32()?, reader.u32()?);
        let (revision, length) = (reader.u64()?, reader.u64()?);
        let checksum = reader.u32()?;
        reader.ensure(magic == *MAGIC && checksum == crc32fast::hash(covered))?;
        if version > VERSION {
            return Err(Error::new(Code::SnapshotVersion).at("header"));
        }
        reader.ensure(version == VERSION && flags & !(PASSWORDS | NARROW) == 0)?;
        let contents = if flags & PASSWORDS != 0 { SnapshotContents::Complete } else { SnapshotContents::Shared };
        Ok(Header { contents, narrow: flags & NARROW != 0, revision, length })
    }
}

fn load(header: &Header, mut body: Reader<'_>) -> Result<Registry, Error> {
    let mut sections = SECTIONS.map(|name| Reader::new(name, &[]));
    for (section, name) in sections.iter_mut().zip(SECTIONS) {
        *section = body.section(name)?;
    }
    body.end()?;
    let [
        policy,
        permissions,
        realms,
        roles,
        subjects,
        bindings,
        issuers,
        patterns,
        path_sets,
        tokens,
        last_used,
        details,
        imports,
        slots,
    ] = sections;
    let policy = read_policy(policy)?;
    let permissions = roles::read_permissions(permissions, &policy)?;
    let mut realms = realms::read_realms(realms, header.contents, &policy, header.revision)?;
    let roles = roles::read_roles(roles, &policy, &permissions, &mut realms)?;
    let mut subjects = subjects::read_subjects(subjects, &roles, &mut realms)?;
    let named = realms::read_bindings(bindings, &policy, header.revision, &roles, (&mut realms, &subjects))?;
    subjects::attach(&bindings, &named, &realms, &mut subjects)?;
    let issuers = tokens::read_issuers(issuers)?;
    let paths = paths::read(patterns, path_sets)?;
    let detailed = details::any(details, realms.len())?;
    let (table, owners) =
        tokens::read_slots(slots, (subjects.len(), paths.sets.len()), (detailed, imports::any(imports)?))?;
    let imported = imports::read(imports, &table)?;
    let details = details::read(details, &owners, &subjects, &mut realms)?;
    let (tokens, newest_issue) = tokens::read_issues(tokens, issuers.list.len(), &details.numbers)?;
    let last_used_column = tokens::read_last_used(last_used)?;
    slots.ensure(tokens.len() == table.len() as usize)?;
    last_used.ensure(tokens.len() == last_used_column.len())?;
    let mut registry = Registry {
        revision: header.revision,
        narrow: header.narrow,
        policy: Arc::new(policy),
        permissions: Arc::new(permissions),
        roles: roles.into_iter().map(Some).collect(),
        realms: Paged::default(),
        realm_numbers: Ordered::default(),
        subjects: subjects.into_iter().collect(),
        table,
        tokens,
        last_used: last_used_column,
        details: details.details,
        imported,
        issuers: issuers.list,
        issuer_numbers: issuers.numbers,
        path_sets: paths.sets,
        path_numbers: paths.numbers,
        patterns: paths.patterns,
        newest_issue,
    };
    Reader::new("realms", &[]).ensure(!header.narrow || realms.len() == 1)?;
    for (number, realm) in (0u32..).zip(realms) {
        let known = registry.realm_numbers.insert(realm.name.clone(), number);
        Reader::new("realms", &[]).ensure(known.is_none())?;
        registry.realms.push(Some(Arc::new(realm)));
    }
    Ok(registry)
}

fn read_policy(reader: Reader<'_>) -> Result<Policy, Error> {
    let text = reader.into_text()?;
    let document = reader.checked(Document::from_json_within(text, limits::DELTA))?;
    reader.ensure(document.to_json() == text)?;
    reader.checked(Policy::from_document(&document))
}
