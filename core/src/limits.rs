//! Every limit, in one table. They hold for calls and for loaded data alike, on every face.

/// Bytes of a token string.
pub const TOKEN: usize = 256;
/// Bytes of an `Authorization` value.
pub const AUTHORIZATION: usize = 1024;
/// Bytes of a request path.
pub const PATH: usize = 2048;
/// Bytes of one path pattern.
pub const PATTERN: usize = 512;
/// Path patterns of one token.
pub const PATTERNS: usize = 32;
/// Bytes of a name.
pub const NAME: usize = 255;
/// Segments of a name.
pub const NAME_SEGMENTS: usize = 8;
/// Bytes of one segment of a name.
pub const NAME_SEGMENT: usize = 63;
/// Bytes of a description.
pub const DESCRIPTION: usize = 1024;
/// Bindings that name one subject.
pub const BINDINGS: usize = 256;
/// Subjects in one call of bind.
pub const SUBJECTS: usize = 256;
/// Permissions of one role.
pub const PERMISSIONS: usize = 512;
/// Resource patterns of one role.
pub const RESOURCE_PATTERNS: usize = 64;
/// Segments of a resource.
pub const RESOURCE_DEPTH: usize = 16;
/// Bytes of a resource.
pub const RESOURCE: usize = 2048;
/// Bytes of the id in one segment of a resource.
pub const RESOURCE_ID: usize = 128;
/// Roles given to one token at issue.
pub const ROLES: usize = 16;
/// Permissions that one registry knows, those of its policy and those that custom roles brought.
pub const KNOWN_PERMISSIONS: usize = 4096;
/// Kinds of resources in one policy.
pub const KINDS: usize = 64;
/// Bytes of a JSON or TOML document.
pub const DOCUMENT: usize = 1_048_576;
/// Bytes of a delta: a list of events.
pub const DELTA: usize = 67_108_864;
/// Levels of nesting in a document.
pub const DOCUMENT_DEPTH: usize = 8;
/// Tokens in one call of `import_tokens`, whose document may be as large as a delta.
pub const IMPORT: usize = 50_000;
/// Bytes of the look-up part of an imported token.
pub const LOOKUP: usize = 64;
/// Bytes of the salt of an imported token.
pub const SALT: usize = 64;
/// Rounds of PBKDF2 behind the digest of an imported token: as many as Django 5.2 makes. It is what one request may cost,
/// about a quarter of a second, for a key that was not used yet.
pub const ITERATIONS: u32 = 1_000_000;
/// Imported tokens with salted digests that share a look-up part.
pub const SHARED_LOOKUP: usize = 8;
/// Items in one call of `authorize_many` or `can_many`.
pub const BATCH: usize = 10_000;
/// Bytes of a password.
pub const PASSWORD: core::ops::RangeInclusive<usize> = 8..=1024;
/// Tokens of one registry: what a 32-bit number can count.
pub const TOKENS: u32 = u32::MAX - 1;
