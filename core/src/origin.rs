//! Origins: the system that an imported token comes from, and the form in which it is stored there.

mod form;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::document::{Document, Fields, required};
use crate::error::{Code, Error};
use crate::limits;

pub(crate) use form::{Form, Proof, is_salt, pretend};

macro_rules! schemes {
    ($( $variant:ident, $name:literal, $about:literal; )*) => {
        /// Whose rule it is how a token is told by what a client presents.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Scheme { $( #[doc = $about] $variant, )* }

        impl Scheme {
            /// In the order of their numbers in snapshots.
            pub(crate) const ALL: &'static [Scheme] = &[ $( Scheme::$variant, )* ];

            pub(crate) const fn as_str(self) -> &'static str { match self { $( Scheme::$variant => $name, )* } }

            const fn has_lookup(self) -> bool {
                !matches!(self, Scheme::Sha256 | Scheme::Sha512 | Scheme::BetterAuth)
            }

            /// What stands between look-up part and secret, where only the secret is hashed.
            const fn mark(self) -> Option<char> {
                match self {
                    Scheme::Sanctum => Some('|'),
                    Scheme::Seam => Some('_'),
                    _ => None,
                }
            }
        }
    };
}

schemes! {
    Sha256, "sha256", "SHA-256 of the whole token.";
    Sha512, "sha512", "SHA-512 of the whole token.";
    BetterAuth, "better_auth", "SHA-256 of the whole token, as the api-key plugin of better-auth stores it.";
    Sanctum, "sanctum", "`id|secret` or the secret alone: SHA-256 of the secret, as Laravel Sanctum stores it.";
    Seam, "seam", "`prefix_short_long`: SHA-256 of the long part, as prefixed-api-key stores it.";
    Knox, "knox", "SHA-512 as django-rest-knox stores it: of the text, or of the bytes it spells and a salt.";
    DrfApiKey, "drf_api_key", "`prefix.secret`: SHA-512 or PBKDF2, as djangorestframework-api-key stores it.";
}

/// Where an imported token comes from.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    /// The public part by which its system looks it up, where it has one.
    pub(crate) lookup: Option<Arc<str>>,
    pub(crate) form: Form,
}

/// What a document says of an origin.
struct Said<'d> {
    lookup: Option<&'d str>,
    digest: &'d str,
    salt: Option<&'d str>,
    iterations: Option<i64>,
}

impl Origin {
    /// Reads `scheme, lookup?, digest, salt?, iterations?`.
    ///
    /// # Errors
    /// `scheme_unknown`, `lookup_invalid`, `digest_invalid`, `digest_too_costly`; `field_missing` and `field_unknown` for
    /// what the scheme needs or does not have.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Self, Error> {
        let name = required("scheme", fields.text("scheme")?)?;
        let scheme = Scheme::ALL.iter().copied().find(|scheme| scheme.as_str() == name);
        let scheme = scheme.ok_or(Error::new(Code::SchemeUnknown).at("scheme"))?;
        let said = Said {
            lookup: fields.text("lookup")?,
            digest: required("digest", fields.text("digest")?)?,
            salt: fields.text("salt")?,
            iterations: fields.integer("iterations")?,
        };
        let lookup = said.checked_lookup(scheme)?;
        Ok(Origin { scheme, lookup: lookup.map(Arc::from), form: said.form(scheme, lookup)? })
    }

    /// Whether its scheme has this form and this look-up part: its own, or ours once it was used.
    pub(crate) fn is_sound(&self) -> bool {
        let knox_4 = self.lookup.as_deref().is_some_and(is_of_knox_4);
        let fits = match (self.scheme, &self.form) {
            (_, Form::Whole(_))
            | (Scheme::Sanctum | Scheme::Seam, Form::Behind(_))
            | (Scheme::Sha512 | Scheme::DrfApiKey, Form::Long(_))
            | (Scheme::DrfApiKey, Form::Slow(..)) => true,
            (Scheme::Knox, Form::Spelled(_) | Form::Salted(..)) => knox_4,
            (Scheme::Knox, Form::Long(_)) => !knox_4,
            _ => false,
        };
        fits && self.scheme.has_lookup() == self.lookup.is_some()
    }

    /// What [`Origin::read`] reads.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Document)> {
        let mut fields = alloc::vec![("scheme", Document::from(self.scheme.as_str()))];
        fields.extend(self.lookup.iter().map(|lookup| ("lookup", Document::from(&**lookup))));
        fields.extend(self.form.fields());
        fields
    }

    /// Whether a proof of what was presented is this token's.
    pub(crate) fn accepts(&self, text: &str, proof: &Proof) -> bool {
        match (&self.form, proof) {
            // Sanctum takes the secret without the id before it too.
            (Form::Behind(digest), Proof::Whole(shown)) => self.scheme == Scheme::Sanctum && digest.matches(shown),
            (Form::Behind(digest), Proof::Behind(mark, shown)) => {
                self.scheme.mark() == Some(*mark) && digest.matches(shown) && self.names(text)
            }
            (form, proof) => form.is_proven(proof) && self.names(text),
        }
    }

    /// Whether the token that a text names by its look-up part is this one. What was first used since is not told by
    /// parts any more.
    fn names(&self, text: &str) -> bool {
        let Some(lookup) = self.lookup.as_deref().filter(|_| !matches!(self.form, Form::Whole(_))) else { return true };
        match self.scheme {
            Scheme::Knox => text.starts_with(lookup),
            Scheme::DrfApiKey => text.split_once('.').is_some_and(|(prefix, _)| prefix == lookup),
            Scheme::Sanctum => text.split_once('|').is_some_and(|(id, _)| id == lookup),
            // With the prefix where it is known; else whatever stands before the short part.
            Scheme::Seam => text.rsplit_once('_').is_some_and(|(before, _)| {
                let named =
                    if lookup.contains('_') { Some(before) } else { before.rsplit_once('_').map(|(_, short)| short) };
                named == Some(lookup)
            }),
            Scheme::Sha256 | Scheme::Sha512 | Scheme::BetterAuth => true,
        }
    }
}

impl<'d> Said<'d> {
    /// # Errors
    /// `lookup_invalid`; `field_missing` or `field_unknown` at `lookup`.
    fn checked_lookup(&self, scheme: Scheme) -> Result<Option<&'d str>, Error> {
        let has = scheme.has_lookup();
        match self.lookup {
            None if has => Err(Error::new(Code::FieldMissing).at("lookup")),
            Some(_) if !has => Err(Error::new(Code::FieldUnknown).at("lookup")),
            Some(text) if !is_lookup(scheme, text) => Err(Error::new(Code::LookupInvalid).at("lookup")),
            lookup => Ok(lookup),
        }
    }

    fn form(&self, scheme: Scheme, lookup: Option<&str>) -> Result<Form, Error> {
        let unsalted = |form| match (self.salt, self.iterations) {
            (None, None) => Ok(form),
            (Some(_), _) => Err(Error::new(Code::FieldUnknown).at("salt")),
            (None, Some(_)) => Err(Error::new(Code::FieldUnknown).at("iterations")),
        };
        match scheme {
            Scheme::Sha256 | Scheme::BetterAuth => unsalted(Form::Whole(form::short(self.digest)?)),
            Scheme::Sanctum | Scheme::Seam => unsalted(Form::Behind(form::short(self.digest)?)),
            Scheme::Sha512 => unsalted(Form::Long(form::long(self.digest)?)),
            Scheme::Knox => match (is_of_knox_4(lookup.unwrap_or_default()), self.salt) {
                (true, Some(salt)) if self.iterations.is_none() => Form::salted(self.digest, salt),
                (true, _) => unsalted(Form::Spelled(form::long(self.digest)?)),
                (false, _) => unsalted(Form::Long(form::long(self.digest)?)),
            },
            Scheme::DrfApiKey => match (self.salt, self.iterations) {
                (Some(salt), Some(iterations)) => Form::slow(self.digest, salt, iterations),
                (Some(_), None) => Err(Error::new(Code::FieldMissing).at("iterations")),
                (None, Some(_)) => Err(Error::new(Code::FieldMissing).at("salt")),
                (None, None) => Ok(Form::Long(form::long(self.digest)?)),
            },
        }
    }
}

/// Whether a text can be a look-up part: of letters, digits, `_` and `-`, for knox one of the two lengths it has.
pub(crate) fn is_lookup(scheme: Scheme, text: &str) -> bool {
    let plain = (1..=limits::LOOKUP).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    plain && (scheme != Scheme::Knox || is_of_knox_4(text) || (15..=25).contains(&text.len()))
}

/// Version 4 of knox looks up by eight characters of a token, which are hexadecimal and stand for its bytes; version 5
/// by fifteen and hashes the text.
fn is_of_knox_4(lookup: &str) -> bool {
    lookup.len() == form::KNOX_4_LOOKUP && lookup.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
