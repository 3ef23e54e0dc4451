//! Whether a result is what a vector expects.

use regex::Regex;
use serde_json::Value;

/// The first difference, as a sentence. Objects compare as subsets, lists exactly; `expected` may hold `$absent`,
/// `$any`, `$set`, `$length`, `$matches`.
pub(crate) fn difference(actual: Option<&Value>, expected: &Value, place: &str) -> Option<String> {
    match expected {
        Value::Array(items) => list_difference(actual, items, place),
        Value::Object(fields) => {
            if let Some((operator, operand)) = fields.iter().find(|(key, _)| key.starts_with('$')) {
                return operator_difference(operator, actual, operand, place);
            }
            let Some(Value::Object(known)) = actual else { return Some(differs(place, actual, "an object")) };
            fields.iter().find_map(|(key, value)| difference(known.get(key), value, &format!("{place}.{key}")))
        }
        plain => (actual != Some(plain)).then(|| differs(place, actual, &plain.to_string())),
    }
}

fn list_difference(actual: Option<&Value>, expected: &[Value], place: &str) -> Option<String> {
    let Some(Value::Array(items)) = actual else { return Some(differs(place, actual, "a list")) };
    if items.len() != expected.len() {
        return Some(format!("{place} has {} items, expected {}: {}", items.len(), expected.len(), shown(actual)));
    }
    let pairs = items.iter().zip(expected).enumerate();
    pairs.into_iter().find_map(|(index, (item, wanted))| difference(Some(item), wanted, &format!("{place}[{index}]")))
}

fn operator_difference(operator: &str, actual: Option<&Value>, operand: &Value, place: &str) -> Option<String> {
    let nothing = actual.is_none_or(Value::is_null);
    let (fits, expected) = match operator {
        "$absent" => (nothing, "nothing".to_string()),
        "$any" => (!nothing, "anything".to_string()),
        "$length" => {
            let length = match actual {
                Some(Value::String(text)) => Some(text.chars().count()),
                Some(Value::Array(items)) => Some(items.len()),
                _ => None,
            };
            (length.map(|length| length as u64) == operand.as_u64(), format!("a length of {operand}"))
        }
        "$matches" => {
            let pattern = Regex::new(operand.as_str().expect("a pattern")).expect("a regular expression");
            (actual.and_then(Value::as_str).is_some_and(|text| pattern.is_match(text)), format!("a match of {operand}"))
        }
        "$set" => return set_difference(actual, operand.as_array().expect("a list"), place),
        _ => return Some(format!("{place}: unknown operator {operator}")),
    };
    (!fits).then(|| differs(place, actual, &expected))
}

fn set_difference(actual: Option<&Value>, expected: &[Value], place: &str) -> Option<String> {
    let Some(items) = actual.and_then(Value::as_array).filter(|items| items.len() == expected.len()) else {
        return Some(differs(place, actual, &format!("the set {}", Value::from(expected.to_vec()))));
    };
    let mut left: Vec<&Value> = items.iter().collect();
    for wanted in expected {
        match left.iter().position(|item| difference(Some(item), wanted, place).is_none()) {
            Some(index) => drop(left.remove(index)),
            None => return Some(differs(place, actual, &format!("a set with {wanted}"))),
        }
    }
    None
}

fn differs(place: &str, actual: Option<&Value>, expected: &str) -> String {
    format!("{place} is {}, expected {expected}", shown(actual))
}

fn shown(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "absent".to_string(), Value::to_string);
    if text.chars().count() > 400 { text.chars().take(400).chain("...".chars()).collect() } else { text }
}
