//! A small world that changes at random, for what must hold of every state.

use std::collections::BTreeMap;

use tokenward::{Answer, Context, Entropy, Event, Performed, Policy, Registry, Request, Session};

pub(crate) const NOW: u64 = 1_800_000_000;

/// A policy that allows all there is, in few words.
const POLICY: &str = r#"{"name":"small","administrator_role":"Owner","escalate":"org-all","custom_roles":true,"open_permissions":OPEN,
"resources":{"org":"","project":"org"ITEM},
"permissions":{"org-all":"org","project-read":"project"EXTRA},
"roles":{"Owner":{"permissions":["*"]},"Reader":{"description":"Reads.","permissions":["project-read"],"resources":["org:*/project:*"]}ROLE},
"tokens":{"prefix":"sm","names":"optional","paths":"optional","roles":{"minimum":0,"maximum":3},"rights":"RIGHTS",
"default_lifetime_days":90,"never_expires":true,"rotation":true,"renewal":true},
"operations":{"token.issue":"org-all","token.import":"org-all"},"creator_roles":{"project":"Owner"},
"resource_tokens":{"project":{"permissions":["project-read"]}}}"#;

pub(crate) fn policy(rights: &str, variant: u8) -> Policy {
    let text = POLICY
        .replace("RIGHTS", rights)
        .replace("OPEN", if variant & 1 == 0 { "true" } else { "false" })
        .replace("ITEM", if variant & 2 == 0 { r#","item":"project""# } else { "" })
        .replace("EXTRA", if variant & 4 == 0 { r#","extra":"project""# } else { "" })
        .replace("ROLE", if variant & 8 == 0 { r#","Writer":{"permissions":["org-all"]}"# } else { "" });
    let text = if rights == "owner" { text.replace(r#""maximum":3"#, r#""maximum":0"#) } else { text };
    Policy::parse(&text).unwrap()
}

/// A registry, the events that made it, and the secrets it gave out.
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) events: Vec<Event>,
    pub(crate) secrets: Vec<String>,
    rights: &'static str,
    now: u64,
    steps: u64,
}

impl World {
    pub(crate) fn new(rights: &'static str) -> Self {
        let (registry, event) = Registry::begin(policy(rights, 0), NOW).unwrap();
        World { registry, events: vec![event], secrets: Vec::new(), rights, now: NOW, steps: 0 }
    }

    fn take(&mut self, performed: Performed) {
        self.registry = performed.next;
        self.events.extend(performed.events);
        if let Answer::Issued(issued) = performed.answer {
            self.secrets.push(issued.token().to_string());
        }
    }

    fn session(&self, realm: &str, principal: Option<&str>) -> Option<Session> {
        let arguments = match principal {
            Some(principal) => serde_json::json!({"realm": realm, "principal": principal}),
            None => serde_json::json!({"realm": realm}),
        };
        let operation = if principal.is_some() { "session" } else { "system" };
        self.registry.open_session(operation, &arguments.to_string(), self.now).ok()
    }

    /// Performs an operation; what is refused changes nothing.
    pub(crate) fn perform(
        &mut self,
        realm: &str,
        principal: Option<&str>,
        operation: &str,
        arguments: &serde_json::Value,
    ) -> bool {
        self.steps += 1;
        let mut bytes = [0; Entropy::LENGTH];
        let mut state = self.steps;
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        let entropy = Entropy::new(bytes);
        let Some(session) = self.session(realm, principal) else { return false };
        let context = Context { now: self.now, entropy: &entropy };
        match self.registry.perform(&session, operation, &arguments.to_string(), context) {
            Ok(performed) => {
                self.take(performed);
                true
            }
            Err(error) => {
                assert_ne!(error.category(), tokenward::Category::Internal);
                false
            }
        }
    }

    /// One of the changes there are, chosen by four numbers.
    pub(crate) fn step(&mut self, [kind, a, b, c]: [u8; 4]) {
        use serde_json::json;
        let realm = ["org:a", "org:b"][usize::from(a) % 2];
        let owner = (self.rights == "owner").then_some(["user:u0", "user:U1", "service:ci"][usize::from(b) % 3]);
        let project = format!("{realm}/project:p{}", b % 3);
        let item = format!("{project}/item:i{}", c % 2);
        let place = [realm, &project, &item][usize::from(c) % 3].to_string();
        let token = ["t0", "T0", "t1", "team/t2", "t3"][usize::from(b) % 5];
        let role = ["Owner", "Reader", "Writer", "custom 0", "custom 1"][usize::from(c) % 5];
        let user = ["u0", "U1", "u2"][usize::from(b) % 3];
        let subject =
            [format!("user:{user}"), "claim:groups/x".to_string(), format!("token:{token}"), "service:ci".to_string()]
                [usize::from(a) % 4]
                .clone();
        let permission = ["project-read", "*", "extra", "open.a", "open.b"][usize::from(b) % 5];
        let permissions = json!([permission, "project-read"]);
        let patterns =
            [json!(["^/v1/", ".*"]), json!([".*"]), json!(["^/v1/[a-z]+(x|y)$"])][usize::from(a) % 3].clone();
        match kind % 27 {
            0 => {
                let arguments = json!({"realm": realm, "administrator": "user:u0", "settings": {"maximum_lifetime_days": -1}}).to_string();
                if let Ok(performed) = self.registry.found(&arguments, self.now) {
                    self.take(performed);
                }
            }
            1 | 2 => {
                let mut arguments = json!({"name": token, "never": true});
                if c & 1 == 1 {
                    arguments["description"] = json!("what it is for");
                }
                if c & 2 == 2 {
                    arguments["paths"] = patterns;
                }
                if self.rights == "none" && c & 4 == 4 {
                    arguments["roles"] = json!([role]);
                }
                self.perform(realm, owner, "issue", &arguments);
            }
            3 => _ = self.perform(realm, owner, "issue", &json!({"lifetime_days": 1 + u32::from(c)})),
            4 => _ = self.perform(realm, owner, "issue", &json!({"paths": patterns})),
            5 => _ = self.perform(realm, None, "issue_for", &json!({"resource": project, "lifetime_days": 5})),
            6 | 7 => _ = self.perform(realm, None, "rotate", &json!({"token": token, "overlap_seconds": u32::from(c) * 100})),
            8 => _ = self.perform(realm, None, "revoke", &json!({"token": token})),
            9 => _ = self.perform(realm, None, if c & 1 == 0 { "disable" } else { "enable" }, &json!({"token": token})),
            10 => _ = self.perform(realm, None, "create_role", &json!({"name": role, "permissions": permissions, "resources": [format!("{realm}/**"), "org:*/project:*"]})),
            11 => _ = self.perform(realm, None, "create_role", &json!({"name": role, "permissions": permissions})),
            12 => _ = self.perform(realm, None, "update_role", &json!({"name": role, "permissions": permissions, "description": "Changed."})),
            13 => _ = self.perform(realm, None, "delete_role", &json!({"name": role})),
            14..=16 => _ = self.perform(realm, None, "bind", &json!({"role": role, "at": place, "subjects": [subject], "replace": c & 8 == 8})),
            17 => _ = self.perform(realm, None, "unbind", &json!({"binding": format!("b{}", self.registry.revision().saturating_sub(u64::from(c % 16)))})),
            18 => _ = self.perform(realm, None, "add_user", &json!({"user": user})),
            19 => _ = self.perform(realm, None, "delete_user", &json!({"user": user})),
            20 => _ = self.perform(realm, None, "update_settings", &json!({"api_access": c & 3 != 0, "maximum_lifetime_days": if c & 1 == 0 { -1 } else { 400 }})),
            21 => _ = self.perform(realm, Some("user:u0"), "create_resource", &json!({"resource": project})),
            22 => _ = self.perform(realm, None, "delete_resource", &json!({"resource": project})),
            24 | 25 => {
                let (row, text) = imported(c, self.steps);
                let mut row = row;
                row["never"] = json!(true);
                row["created_at"] = json!(NOW - u64::from(c));
                row["disabled"] = json!(a & 8 == 8);
                if kind & 1 == 1 {
                    row["name"] = json!(token);
                }
                if self.rights == "none" && b & 1 == 1 {
                    row["roles"] = json!([role]);
                    row["bindings"] = json!([{"role": "Reader", "at": place}]);
                }
                if self.rights == "owner" || b & 2 == 2 {
                    row["owner"] = json!(format!("user:{user}"));
                }
                if self.perform(realm, None, "import_tokens", &json!({"tokens": [row]})) {
                    self.secrets.push(text);
                }
            }
            26 => self.use_and_settle(b, c & 1 == 1),
            _ => match self.registry.adopt(&policy(self.rights, c & 15), self.now) {
                Ok(performed) => self.take(performed),
                Err(error) => assert_eq!(error.code(), "policy_mismatch"),
            },
        }
        self.now += u64::from(c) * 1000;
    }

    /// Presents every so many of the secrets, remembers what was used for the first time, and perhaps tells it.
    pub(crate) fn use_and_settle(&mut self, every: u8, told: bool) {
        for secret in self.secrets.iter().step_by(1 + usize::from(every % 4)) {
            let decision = self.registry.authenticate(Some(secret), None, None, self.now);
            let next = self.registry.remembering(Some(secret), &decision);
            // What is remembered already is no news.
            assert!(next.as_ref().is_none_or(|next| next.remembering(Some(secret), &decision).is_none()));
            self.registry = next.unwrap_or_else(|| self.registry.clone());
        }
        if told {
            let settled = self.registry.settle_imports(self.now).unwrap();
            self.take(settled);
            assert!(!self.registry.has_first_uses());
        }
    }

    /// What a registry decides on everything that this world asks, by request.
    pub(crate) fn decisions(&self, registry: &Registry) -> BTreeMap<String, &'static str> {
        let mut decisions = BTreeMap::new();
        for (number, secret) in self.secrets.iter().enumerate() {
            for permission in ["org-all", "project-read", "extra", "open.a"] {
                for resource in
                    ["org:a", "org:a/project:p0", "org:a/project:p1", "org:b/project:p0", "org:b/project:p1/item:i0"]
                {
                    let request = Request { credential: Some(secret), permission, resource, path: Some("/v1/data") };
                    let decision = registry.authorize(&request, self.now);
                    decisions.insert(format!("{number} {permission} {resource}"), decision.reason().as_str());
                }
            }
        }
        decisions
    }
}

/// A token of another system, as a row of an import and as its text: one of each form.
pub(crate) fn imported(form: u8, seed: u64) -> (serde_json::Value, String) {
    use serde_json::json;
    use sha2::{Digest, Sha256, Sha512};
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let bytes: [u8; 32] = Sha256::digest(seed.to_le_bytes()).into();
    let spelled = hex(&bytes);
    match form % 8 {
        0 => (json!({"scheme": "sha256", "digest": hex(&Sha256::digest(&spelled))}), spelled),
        1 => (json!({"scheme": "sha512", "digest": hex(&Sha512::digest(&spelled))}), spelled),
        2 => (json!({"scheme": "knox", "lookup": spelled[..15], "digest": hex(&Sha512::digest(&spelled))}), spelled),
        3 => (json!({"scheme": "knox", "lookup": spelled[..8], "digest": hex(&Sha512::digest(bytes))}), spelled),
        4 => {
            let digest = Sha512::new().chain_update(bytes).chain_update([0x1f; 8]).finalize();
            let row = json!({"scheme": "knox", "lookup": spelled[..8], "digest": hex(&digest), "salt": "1f".repeat(8)});
            (row, spelled)
        }
        5 => (
            json!({"scheme": "sanctum", "lookup": seed.to_string(), "digest": hex(&Sha256::digest(&spelled))}),
            format!("{seed}|{spelled}"),
        ),
        6 => (
            json!({"scheme": "seam", "lookup": spelled[..8], "digest": hex(&Sha256::digest(&spelled))}),
            format!("acme_{}_{spelled}", &spelled[..8]),
        ),
        _ => {
            let text = format!("{}.{spelled}", &spelled[..8]);
            let mut digest = [0; 32];
            pbkdf2::pbkdf2::<pbkdf2::hmac::Hmac<Sha256>>(text.as_bytes(), b"salt", 2, &mut digest).unwrap();
            let row = json!({"scheme": "drf_api_key", "lookup": spelled[..8], "digest": hex(&digest), "salt": "salt",
                "iterations": 2});
            (row, text)
        }
    }
}
