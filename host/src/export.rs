//! Reading what other systems export of their tokens, so that they can be imported.

mod instants;
mod names;
mod rows;
mod stored;

use std::collections::BTreeSet;

use tokenward::{Code, Document, Error};

use crate::clock::Clock;
use crate::session::{Import, Issue};
use rows::Row;
use stored::System;

/// How the rows of an export become tokens. Texts may hold `{column}`, which stands for what a row has there.
///
/// ```
/// use tokenward_host::Reading;
/// let reading = Reading { owner: Some("user:{email}".into()), lifetime_days: Some(90), ..Reading::default() };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The name of a token; none: the one it has in its system, or one made of whose it is. What a name cannot hold becomes
    /// `-`, and the second of a name gets `-2`.
    pub name: Option<String>,
    /// Whether tokens get no names, as some policies want.
    pub unnamed: bool,
    /// The principal whose token it is; none: `user:` and the id of the user, where the system has one.
    pub owner: Option<String>,
    /// Roles that each token is given.
    pub roles: Vec<String>,
    /// Path patterns that each token is restricted to; none: no restriction.
    pub paths: Option<Vec<String>>,
    /// How many days a token lives at most from now on; none: as long as its row says, which may be for ever.
    pub lifetime_days: Option<u32>,
    /// What tokens of `seam` begin with, so that each is accepted in its one spelling only.
    pub prefix: Option<String>,
    /// The instant that counts as now, in seconds since 1970, for tests; none: the system's clock.
    pub clock: Option<u64>,
}

/// Reads the tokens of a table that `system` exported: `knox`, `drf_api_key`, `sanctum`, `better_auth`, `seam`, or `sha256`
/// and `sha512` for a table of your own. `text` is JSON, a list of rows or what Django's `dumpdata` writes, or CSV with
/// a line of column names. Rows whose tokens were revoked or have expired are left out.
///
/// # Errors
/// `scheme_unknown` at `system`, or at the column of a hash that is not known here; `document_invalid` at a line,
/// `document_too_large` above 64 MiB; `field_missing`, `digest_invalid`, `instant_invalid` at a column, such as
/// `rows[3].digest`.
pub fn read_export(system: &str, text: &str, reading: &Reading) -> Result<Vec<Import>, Error> {
    let system = System::named(system)?;
    let now = reading.clock.unwrap_or_else(|| Clock::system().now());
    let mut taken = BTreeSet::new();
    let mut imports = Vec::new();
    for (index, row) in rows::read(text)?.iter().enumerate() {
        let import = read_row(system, row, (reading, now), &mut taken);
        imports.extend(import.map_err(|error| error.within(&format!("rows[{index}]")))?);
    }
    Ok(imports)
}

/// As [`read_export`], with options as a JSON object and rows as the import document has them: what the other faces call.
///
/// # Errors
/// As [`read_export`]; the errors of documents for the options.
pub fn read_export_document(system: &str, text: &str, options: &str) -> Result<Document, Error> {
    let imports = read_export(system, text, &Reading::from_json(options)?)?;
    Ok(Document::List(imports.iter().map(Import::document).collect()))
}

fn read_row(
    system: System,
    row: &Row,
    (reading, now): (&Reading, u64),
    taken: &mut BTreeSet<String>,
) -> Result<Option<Import>, Error> {
    let expires_at = row.instant(&["expires_at", "expiresAt", "expiry", "expiry_date"])?;
    if row.flag(&["revoked"])? == Some(true) || expires_at.is_some_and(|at| at <= now) {
        return Ok(None);
    }
    let mut import = system.stored(row, reading.prefix.as_deref())?;
    let owner = match &reading.owner {
        Some(template) => Some(row.filled(template)?),
        None => System::owner(row),
    };
    if let Some(owner) = &owner {
        import = import.owner(owner);
    }
    if let Some(at) = row.instant(&["created_at", "createdAt", "created"])? {
        import = import.created_at(at);
    }
    if let Some(at) = row.instant(&["last_used_at", "last_used", "lastUsedAt", "lastRequest", "last_request"])? {
        import = import.last_used(at);
    }
    if row.flag(&["enabled"])? == Some(false) || row.flag(&["disabled"])? == Some(true) {
        import = import.disabled();
    }
    let mut wanted = Issue::unnamed();
    if !reading.unnamed {
        let given = match &reading.name {
            Some(template) => row.filled(template)?,
            None => system.name(row),
        };
        let name = names::free(&given, system.as_str(), taken);
        if name != given && reading.name.is_none() {
            wanted = wanted.description(names::description(&given));
        }
        wanted = wanted.name(name);
    }
    if !reading.roles.is_empty() {
        wanted = wanted.roles(reading.roles.clone());
    }
    if let Some(paths) = &reading.paths {
        wanted = wanted.paths(paths.clone());
    }
    Ok(Some(import.issue(wanted.ending(expires_at, reading.lifetime_days, now))))
}

impl Reading {
    /// Reads `{name?, unnamed?, owner?, roles?, paths?, lifetime_days?, prefix?, clock?}`.
    fn from_json(text: &str) -> Result<Self, Error> {
        let Document::Map(fields) = Document::from_json(text)? else { return Err(Error::new(Code::TypeInvalid)) };
        let mut reading = Reading::default();
        for (index, (name, value)) in fields.into_iter().enumerate() {
            match (name.as_str(), value) {
                ("name", Document::Text(text)) => reading.name = Some(text),
                ("unnamed", Document::Bool(unnamed)) => reading.unnamed = unnamed,
                ("owner", Document::Text(text)) => reading.owner = Some(text),
                ("prefix", Document::Text(text)) => reading.prefix = Some(text),
                ("roles", value) => reading.roles = texts(&value).ok_or(Error::new(Code::TypeInvalid).at("roles"))?,
                ("paths", value) => {
                    reading.paths = Some(texts(&value).ok_or(Error::new(Code::TypeInvalid).at("paths"))?);
                }
                ("lifetime_days", Document::Integer(days)) => {
                    let days = u32::try_from(days).ok().filter(|days| *days > 0);
                    reading.lifetime_days = Some(days.ok_or(Error::new(Code::LifetimeInvalid).at("lifetime_days"))?);
                }
                ("clock", Document::Integer(now)) => {
                    reading.clock = Some(u64::try_from(now).map_err(|_| Error::new(Code::InstantInvalid).at("clock"))?);
                }
                ("name" | "unnamed" | "owner" | "prefix" | "lifetime_days" | "clock", _) => {
                    return Err(Error::new(Code::TypeInvalid).at(name));
                }
                // An unknown name may be a secret in the wrong position.
                _ => return Err(Error::new(Code::FieldUnknown).at(format!("field {}", index.saturating_add(1)))),
            }
        }
        Ok(reading)
    }
}

fn texts(value: &Document) -> Option<Vec<String>> {
    let Document::List(items) = value else { return None };
    items.iter().map(|item| item.as_text().map(str::to_string)).collect()
}
