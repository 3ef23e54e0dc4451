//! Random bytes from the runtime's `crypto.getRandomValues`, asked for anew for each operation. There is no fallback.

use tokenward::{Code, Entropy, Error};

/// Bytes for one operation.
///
/// # Errors
/// `entropy_failed` when the runtime has no source, refuses it (as Workers do outside a request), or leaves the bytes as
/// they were.
pub(crate) fn draw() -> Result<Entropy, Error> {
    let mut bytes = [0; Entropy::LENGTH];
    let drawn = getrandom::fill(&mut bytes).is_ok() && bytes.iter().any(|byte| *byte != 0);
    let entropy = Entropy::new(std::mem::replace(&mut bytes, [0; Entropy::LENGTH]));
    if drawn { Ok(entropy) } else { Err(Error::new(Code::EntropyFailed)) }
}
