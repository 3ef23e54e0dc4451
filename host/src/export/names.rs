//! Names for imported tokens: what other systems call theirs is free text and need not be unique.

use std::collections::BTreeSet;

/// Segments of a name, characters of a segment, characters of a name: as the core has them, with room for a number.
const SEGMENTS: usize = 8;
const SEGMENT: usize = 56;
const NAME: usize = 240;
/// Bytes of a description.
const DESCRIPTION: usize = 1024;

/// A name that no row before had, near the given one.
pub(super) fn free(given: &str, system: &str, taken: &mut BTreeSet<String>) -> String {
    let mut plain = plain(given);
    if plain.is_empty() {
        plain = system.replace('_', "-");
    }
    let numbered = |number: u32| if number == 1 { plain.clone() } else { format!("{plain}-{number}") };
    // One of so many is free: there are fewer rows.
    let name = (1..=u32::MAX).map(numbered).find(|name| !taken.contains(&name.to_ascii_lowercase()));
    let name = name.unwrap_or(plain);
    taken.insert(name.to_ascii_lowercase());
    name
}

fn plain(given: &str) -> String {
    let mut name = String::new();
    for segment in given.split('/').map(plain_segment).filter(|segment| !segment.is_empty()).take(SEGMENTS) {
        if name.len().saturating_add(segment.len()) >= NAME {
            break;
        }
        if !name.is_empty() {
            name.push('/');
        }
        name.push_str(&segment);
    }
    name
}

fn plain_segment(given: &str) -> String {
    let mut segment = String::new();
    for character in given.chars() {
        let plain = character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
        let character = if plain { character } else { '-' };
        let doubled = character == '-' && segment.ends_with('-');
        if !doubled && segment.len() < SEGMENT && !(segment.is_empty() && matches!(character, '.' | '-')) {
            segment.push(character);
        }
    }
    segment.trim_end_matches('-').to_string()
}

/// A description that says what a token was called.
pub(super) fn description(given: &str) -> String {
    let mut text: String = given.chars().filter(|c| !c.is_control()).collect();
    while text.len() > DESCRIPTION {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_becomes_names() {
        let mut taken = BTreeSet::new();
        let mut name = |given: &str| free(given, "drf_api_key", &mut taken);
        assert_eq!(name("My Service (old)"), "My-Service-old");
        assert_eq!(name("my service old"), "my-service-old-2");
        assert_eq!(name("ci//deploy/"), "ci/deploy");
        assert_eq!(name("../.hidden"), "hidden");
        assert_eq!(name("日本"), "drf-api-key");
        assert_eq!(name(""), "drf-api-key-2");
        assert_eq!(name(&"a".repeat(500)).len(), SEGMENT);
        assert!(name(&"abcdefgh/".repeat(50)).split('/').count() == SEGMENTS);
    }
}
