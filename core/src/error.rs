//! What can go wrong, as one opaque [`Error`] over one table of permanent codes.
//!
//! No message contains input: what was refused may be a secret. A *place* names the field, index or line.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

macro_rules! codes {
    ($( $variant:ident, $code:literal, $category:ident, $message:literal; )*) => {
        /// The permanent codes. A code is never renamed and never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $(
            #[doc = $message]
            $variant,
        )* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[ $( Code::$variant, )* ];

            /// The permanent `snake_case` spelling.
            pub const fn as_str(self) -> &'static str { match self { $( Code::$variant => $code, )* } }

            /// The kind of failure the code belongs to.
            pub const fn category(self) -> Category { match self { $( Code::$variant => Category::$category, )* } }

            /// One sentence for people; it never contains input.
            pub const fn message(self) -> &'static str { match self { $( Code::$variant => $message, )* } }
        }
    };
}

/// The kinds of failure; each is an exception class in the faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The call was wrong: a field, a number, a name, a document.
    Input,
    /// The session's principal may not do this.
    Denied,
    /// What the call names does not exist.
    NotFound,
    /// It exists already, or changed in between.
    Conflict,
    /// The registry, the realm or the session does not permit this now.
    State,
    /// The store failed or is damaged.
    Store,
    /// The library failed; please report it.
    Internal,
}

impl Category {
    /// The `snake_case` spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Category::Input => "input",
            Category::Denied => "denied",
            Category::NotFound => "not_found",
            Category::Conflict => "conflict",
            Category::State => "state",
            Category::Store => "store",
            Category::Internal => "internal",
        }
    }
}

codes! {
    // documents
    DocumentInvalid, "document_invalid", Input, "the document is not well-formed";
    DocumentTooLarge, "document_too_large", Input, "the document is larger than the limit";
    DocumentTooDeep, "document_too_deep", Input, "the document is nested deeper than the limit";
    FieldUnknown, "field_unknown", Input, "the field is not known here";
    FieldDuplicate, "field_duplicate", Input, "the field appears twice";
    FieldMissing, "field_missing", Input, "a required field is missing";
    TypeInvalid, "type_invalid", Input, "the value has the wrong type";
    NumberInvalid, "number_invalid", Input, "the number must be a whole number between -(2^53-1) and 2^53-1";
    OperationUnknown, "operation_unknown", Input, "there is no operation of this name";
    // values and nouns
    InstantInvalid, "instant_invalid", Input, "the instant must be whole seconds between 0 and 253402300799";
    LifetimeInvalid, "lifetime_invalid", Input, "a lifetime is a number of whole days above zero, an instant in the future, or -1 for never";
    LifetimeTooLong, "lifetime_too_long", Input, "the lifetime is longer than the policy or the realm allows";
    NeverNotAllowed, "never_not_allowed", Input, "tokens that never expire are not allowed here";
    NameInvalid, "name_invalid", Input, "a name is 1 to 8 segments of 1 to 63 characters from A-Z a-z 0-9 . _ - separated by /, none beginning with . or -";
    NameRequired, "name_required", Input, "the policy requires a name";
    NameNotAllowed, "name_not_allowed", Input, "the policy gives tokens no names";
    DescriptionInvalid, "description_invalid", Input, "a description is at most 1024 bytes without control characters";
    SecretInText, "secret_in_text", Input, "the text has the shape of a token; a secret does not belong here";
    ResourceInvalid, "resource_invalid", Input, "a resource is kind:id segments separated by /, each kind below its parent, beginning with the realm";
    ResourcePatternInvalid, "resource_pattern_invalid", Input, "a resource pattern is a resource in which an id may be * and the last segment may be **";
    PrincipalInvalid, "principal_invalid", Input, "a principal is user:, service:, claim: or token: followed by a name";
    PermissionInvalid, "permission_invalid", Input, "a permission is 1 to 64 characters from a-z A-Z 0-9 . _ : -";
    PermissionUnknown, "permission_unknown", Input, "the policy knows no such permission";
    PermissionsEmpty, "permissions_empty", Input, "a role needs at least one permission";
    PathInvalid, "path_invalid", Input, "the path is not in a form that can be decided on";
    PatternInvalid, "pattern_invalid", Input, "the path pattern is not a valid regular expression";
    PatternTooCostly, "pattern_too_costly", Input, "the path pattern costs more than the limit";
    PatternMatchesEmpty, "pattern_matches_empty", Input, "the path pattern matches the empty string; write .* to mean every path";
    PatternFlagInvalid, "pattern_flag_invalid", Input, "the path pattern uses a flag that is not allowed here";
    PathsRequired, "paths_required", Input, "the policy requires a list of path patterns";
    PathsNotAllowed, "paths_not_allowed", Input, "the policy gives tokens no path patterns";
    PathsEmpty, "paths_empty", Input, "a list of path patterns must not be empty; leave it out to mean no restriction where the policy allows that";
    ListEmpty, "list_empty", Input, "the list must not be empty";
    TooMany, "too_many", Input, "the list is longer than the limit";
    RolesCount, "roles_count", Input, "the policy asks for another number of roles";
    PasswordInvalid, "password_invalid", Input, "a password is 8 to 1024 bytes";
    SchemeUnknown, "scheme_unknown", Input, "tokens of this scheme cannot be imported";
    LookupInvalid, "lookup_invalid", Input, "the look-up part is not one that tokens of the scheme have";
    DigestInvalid, "digest_invalid", Input, "digest, salt or iterations are not in the form that the scheme stores";
    DigestTooCostly, "digest_too_costly", Input, "checking the digest takes more iterations than the limit";
    GuardTemplateInvalid, "guard_template_invalid", Input, "a resource template is a resource in which an id may be {parameter}";
    GuardParameterMissing, "guard_parameter_missing", Input, "a parameter of the resource template was not given";
    GuardParameterUnknown, "guard_parameter_unknown", Input, "the resource template has no such parameter";
    KindMismatch, "kind_mismatch", Input, "the permission applies to another kind of resource";
    // policies
    PolicyInvalid, "policy_invalid", Input, "the policy document does not hold together";
    PolicyPresetUnknown, "policy_preset_unknown", Input, "there is no preset of this name";
    PolicyMismatch, "policy_mismatch", State, "the store was made with another policy; ask to replace it if that is meant";
    // rights
    NotPermitted, "not_permitted", Denied, "the session's principal does not hold the permission for this operation";
    EscalationDenied, "escalation_denied", Denied, "the session would give rights that it does not hold";
    ExpiryExceedsSession, "expiry_exceeds_session", Denied, "a session proven by a token cannot issue beyond that token's expiry";
    PathsExceedSession, "paths_exceed_session", Denied, "a session proven by a token cannot issue beyond that token's paths";
    LoginFailed, "login_failed", Denied, "user name and password, or token, do not prove a principal here";
    // things that are not there
    RealmNotFound, "realm_not_found", NotFound, "there is no such realm";
    TokenNotFound, "token_not_found", NotFound, "there is no such token in the realm";
    RoleNotFound, "role_not_found", NotFound, "there is no such role in the realm";
    BindingNotFound, "binding_not_found", NotFound, "there is no such binding in the realm";
    UserNotFound, "user_not_found", NotFound, "there is no such user in the realm";
    ResourceNotFound, "resource_not_found", NotFound, "there is no such resource in the realm";
    // things that are there already
    RealmExists, "realm_exists", Conflict, "the realm exists already";
    NameTaken, "name_taken", Conflict, "an unexpired token of this name exists";
    RoleExists, "role_exists", Conflict, "a role of this name exists";
    UserExists, "user_exists", Conflict, "a user of this name exists";
    ResourceExists, "resource_exists", Conflict, "the resource exists already or is named by a binding";
    ImportDuplicate, "import_duplicate", Conflict, "a token of this digest or look-up part was imported already";
    IdCollision, "id_collision", Conflict, "a random id collided; try again";
    RevisionConflict, "revision_conflict", Conflict, "the registry changed in between";
    // states that do not permit it
    RolePredefined, "role_predefined", State, "a predefined role can be neither changed nor deleted";
    CustomRolesOff, "custom_roles_off", State, "the policy has no custom roles";
    RotationOff, "rotation_off", State, "the policy does not rotate tokens";
    TokenNotActive, "token_not_active", State, "the token is expired or revoked";
    SubjectNotBindable, "subject_not_bindable", State, "under this policy a token has its owner's rights and no bindings of its own";
    BindingsLimit, "bindings_limit", State, "the subject has as many bindings as the limit allows";
    ApiAccessOff, "api_access_off", State, "API access is off in this realm";
    IndividualTokensOff, "individual_tokens_off", State, "only administrators may issue tokens in this realm";
    PrincipalRequired, "principal_required", State, "the system session has no principal that could own the token";
    ResourceTokenOff, "resource_token_off", State, "the policy has no token for resources of this kind";
    SessionEnded, "session_ended", State, "what proved the session is no longer valid";
    ClockImplausible, "clock_implausible", State, "the clock is outside the plausible window";
    EntropyFailed, "entropy_failed", State, "the system's random source failed";
    Closed, "closed", State, "the authority is closed";
    ReadOnly, "read_only", State, "a replica makes no changes";
    Stale, "stale", State, "the replica is older than its bound";
    // snapshots, logs, stores
    SnapshotInvalid, "snapshot_invalid", Store, "the snapshot is damaged";
    SnapshotVersion, "snapshot_version", Store, "the snapshot was written by a newer version";
    SnapshotOlder, "snapshot_older", Store, "the snapshot is older than the state";
    PublicationInvalid, "publication_invalid", Store, "what is published is damaged";
    PublicationMissing, "publication_missing", Store, "nothing is published where it was looked for";
    PublicationForeign, "publication_foreign", Store, "what is published is of another store or another realm";
    PublicationNewer, "publication_newer", Conflict, "a newer revision is published already";
    EventInvalid, "event_invalid", Store, "the event does not fit the state";
    LogDamaged, "log_damaged", Store, "the log is damaged";
    LogMissing, "log_missing", Store, "there is no log where one was expected";
    LogVersion, "log_version", Store, "the log was written by a newer version";
    StoreUnknown, "store_unknown", Input, "a store is memory:, sqlite:PATH or a postgresql: address";
    StoreFailed, "store_failed", Store, "the store failed";
    StoreBusy, "store_busy", Store, "the store is locked by another process";
    StoreForeign, "store_foreign", Store, "the database belongs to something else";
    InstanceDead, "instance_dead", Internal, "the WebAssembly instance has trapped and answers no more; make a new one";
    Internal, "internal", Internal, "the library failed; please report it";
}

/// A failure: a [`Code`], the place it concerns, and nothing of the input.
///
/// ```
/// use tokenward::{Code, Error};
/// let error = Error::new(Code::PathsEmpty).at("paths");
/// assert_eq!(error.code(), "paths_empty");
/// assert_eq!(error.place(), "paths");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    code: Code,
    place: Cow<'static, str>,
    expected: Option<&'static str>,
}

impl Error {
    /// An error of this code, at no place in particular.
    pub const fn new(code: Code) -> Self {
        Error { code, place: Cow::Borrowed(""), expected: None }
    }

    /// The same error at a place such as `policy.roles[3].permissions`. A place never holds a value of the input,
    /// only names of fields, indexes and lines.
    #[must_use]
    pub fn at(mut self, place: impl Into<Cow<'static, str>>) -> Self {
        self.place = place.into();
        self
    }

    /// The same error with what was expected at its place.
    #[must_use]
    pub const fn expected(mut self, expected: &'static str) -> Self {
        self.expected = Some(expected);
        self
    }

    /// The same error one level further out: `outer` is put before the place.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        let mut place = String::from(outer);
        if !self.place.is_empty() {
            if !self.place.starts_with('[') {
                place.push('.');
            }
            place.push_str(&self.place);
        }
        self.place = Cow::Owned(place);
        self
    }

    /// The permanent `snake_case` code.
    pub const fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// The code as a value.
    pub const fn kind(&self) -> Code {
        self.code
    }

    /// The kind of failure.
    pub const fn category(&self) -> Category {
        self.code.category()
    }

    /// Where: a field, an index, a line; empty when the whole call is meant.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Error::new(code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(self.code.message())?;
        if let Some(expected) = self.expected {
            write!(f, " (expected {expected})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.code())
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_snake_case() {
        let mut seen = alloc::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        }
    }

    #[test]
    fn places_nest() {
        let error = Error::new(Code::TypeInvalid).at("[2]").within("permissions").within("roles");
        assert_eq!(error.place(), "roles.permissions[2]");
    }
}
