//! Ancestry is by segment, never by the beginning of the text.

use serde_json::json;

use crate::model::covers;
use crate::world::World;

const IDS: [&str; 8] = ["a", "ab", "A", "a.", "a-", "a+b", "1", "12"];

#[test]
fn by_segment() {
    let policy = json!({
        "name": "tree",
        "resources": { "org": "", "db": "org", "table": "db" },
        "permissions": { "org-p": "org", "db-p": "db", "table-p": "table" },
        "roles": { "All": { "permissions": ["org-p", "db-p", "table-p"] } },
        "tokens": { "prefix": "tw", "default_lifetime_days": 1 },
    });
    let mut world = World::new(&policy);
    let mut nodes = vec!["org:a".to_string()];
    nodes.extend(IDS.map(|id| format!("org:a/db:{id}")));
    for above in nodes.clone().into_iter().skip(1) {
        nodes.extend(IDS.map(|id| format!("{above}/table:{id}")));
    }
    for realm in ["org:a", "org:ab"] {
        world.found(realm, None);
    }
    let system = world.session("org:a", "system");
    let mut pairs = 0;
    for scope in &nodes {
        let token = world.issue(&system, &json!({}));
        let subject = format!("token:{}", world.tokens[token].client_id());
        world.must(&system, "bind", &json!({ "role": "All", "at": scope, "subjects": [subject] }));
        for resource in &nodes {
            let kind = resource.rsplit('/').next().and_then(|last| last.split(':').next()).expect("a kind");
            let reason = world.reason(token, &format!("{kind}-p"), resource);
            let expected = if covers(scope, resource) { "allowed" } else { "permission_missing" };
            assert_eq!(reason, expected, "{resource} from {scope}");
            pairs += 1;
        }
        assert_eq!(world.reason(token, "org-p", "org:ab"), "realm_mismatch");
    }
    assert_eq!(pairs, 73 * 73);
}
