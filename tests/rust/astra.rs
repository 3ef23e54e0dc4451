//! The published matrix of the database service, cell by cell: sixteen roles, fifty-four actions, through real tokens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tokenward_host::{Authority, Issue, Options, Reason, Request, Verifier};

const ORGANIZATION: &str = "organization:acme";
const RESOURCES: [(&str, &str); 4] = [
    ("organization", "organization:acme"),
    ("database", "organization:acme/database:42"),
    ("keyspace", "organization:acme/database:42/keyspace:ks"),
    ("table", "organization:acme/database:42/keyspace:ks/table:t"),
];

#[test]
fn the_matrix_cell_by_cell() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/astra-roles.json");
    let matrix: Value = serde_json::from_str(&fs::read_to_string(path).expect("the matrix")).expect("JSON");
    let (actions, roles) = (list(&matrix["actions"]), list(&matrix["roles"]));
    assert_eq!((roles.len(), actions.len()), (16, 54));

    let options = Options { policy: Some("astra".into()), ..Options::default() };
    let authority = Authority::open("memory:", options).expect("an authority");
    authority.create_realm(ORGANIZATION, Some("user:ada")).expect("an organization");
    authority.create_realm("organization:other", Some("user:ada")).expect("another");
    let ada = authority.session(ORGANIZATION, "user:ada").expect("its administrator");
    let known: BTreeSet<String> = ada.roles().expect("roles").into_iter().map(|role| role.name).collect();
    assert_eq!(known, roles.iter().map(|role| text(&role["name"]).to_string()).collect(), "exactly the sixteen roles");

    let mut tokens = Vec::new();
    for role in roles {
        let issued = ada.issue(Issue::unnamed().roles([text(&role["name"])])).expect("a token");
        let held: BTreeSet<&str> = list(&role["permissions"]).iter().map(text).collect();
        tokens.push((text(&role["name"]), issued, held));
    }
    let verifier = Verifier::load(&authority.snapshot(), None, None).expect("a replica");

    let mut cells = 0;
    for (role, issued, held) in &tokens {
        for action in actions {
            let (permission, on) = (text(&action["name"]), text(&action["on"]));
            let requests = RESOURCES.map(|(_, resource)| Request {
                credential: Some(issued.token()),
                permission,
                resource,
                path: None,
            });
            let many = authority.authorize_many(&requests);
            for (index, (kind, resource)) in RESOURCES.into_iter().enumerate() {
                let expected = match (kind == on, held.contains(permission)) {
                    (true, true) => Reason::Allowed,
                    (true, false) => Reason::PermissionMissing,
                    (false, _) => Reason::ResourceInvalid,
                };
                let decision = authority.authorize(Some(issued.token()), permission, resource, None);
                assert_eq!(decision.reason(), expected, "{role}, {permission} on {resource}");
                assert_eq!(many[index], decision, "{role}, {permission} on {resource}, with others");
                assert_eq!(
                    verifier.authorize(Some(issued.token()), permission, resource, None).reason(),
                    expected,
                    "replica"
                );
            }
            let elsewhere = authority.authorize(Some(issued.token()), permission, "organization:other", None);
            assert_eq!(elsewhere.reason(), Reason::RealmMismatch);
            cells += 1;
        }
    }
    assert_eq!(cells, 16 * 54);
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
