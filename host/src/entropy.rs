//! Random bytes from the system's source: asked for anew each time, never from a pool that a fork could copy.
//!
//! There is no fallback. When the source fails, what needed it fails with `entropy_failed`.

use tokenward::{Code, Error};
use zeroize::{Zeroize, Zeroizing};

/// Fills all of `bytes`, or wipes them and says that the source failed.
///
/// # Errors
///
/// `entropy_failed` when the system's random source does not answer.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    fill_from(bytes, |bytes| getrandom::fill(bytes).is_ok())
}

/// As many random bytes as asked for, wiped when they are dropped.
///
/// # Errors
///
/// `entropy_failed` when the system's random source does not answer.
///
/// ```
/// let secret = tokenward_host::entropy::draw(32)?;
/// assert_eq!(secret.len(), 32);
/// # Ok::<(), tokenward::Error>(())
/// ```
pub fn draw(length: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill_from(bytes: &mut [u8], source: impl FnOnce(&mut [u8]) -> bool) -> Result<(), Error> {
    if source(bytes) {
        return Ok(());
    }
    bytes.zeroize();
    Err(Error::new(Code::EntropyFailed))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        let (one, two) = (draw(32).expect("entropy"), draw(32).expect("entropy"));
        assert_ne!(*one, *two);
        assert!(one.iter().any(|&byte| byte != 0));
        assert!(draw(0).expect("entropy").is_empty());
    }

    #[test]
    fn a_failed_source_fails_and_leaves_nothing_behind() {
        let mut bytes = [7; 16];
        let half = |bytes: &mut [u8]| {
            bytes[..8].fill(9);
            false
        };
        assert_eq!(fill_from(&mut bytes, half).expect_err("the source failed").code(), "entropy_failed");
        assert_eq!(bytes, [0; 16]);
    }
}
