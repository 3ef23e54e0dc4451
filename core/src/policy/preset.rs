//! The policies that ship with the library.

use crate::error::{Code, Error};

/// Names of the presets.
pub const PRESETS: [&str; 4] = ["default", "styra-das", "astra", "dataprep"];

/// The text of a preset, to start one's own policy from.
///
/// # Errors
/// `policy_preset_unknown`.
pub fn preset(name: &str) -> Result<&'static str, Error> {
    match name {
        "default" => Ok(include_str!("../../policies/default.toml")),
        "styra-das" => Ok(include_str!("../../policies/styra-das.toml")),
        "astra" => Ok(include_str!("../../policies/astra.toml")),
        "dataprep" => Ok(include_str!("../../policies/dataprep.toml")),
        _ => Err(Error::new(Code::PolicyPresetUnknown).at("policy").expected("default, styra-das, astra, dataprep")),
    }
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn every_preset_reads() {
        for name in PRESETS {
            assert_eq!(Policy::parse(name).unwrap().name(), name);
        }
        assert_eq!(Policy::parse("nonsense").unwrap_err().code(), "policy_preset_unknown");
    }
}
