//! Playing: what happens in the world is told to the model.

use serde_json::{Value, json};

use super::{Move, NAMES, PATTERNS, Plan, REALMS, ROLES, USERS, held, patterns, pick, picks, resources};
use crate::model::{Fact, Model, RoleText, Subject, Token};
use crate::world::{DAY, Done, World};

/// A world and what the model knows of it.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) model: Model,
}

impl Scene {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut scene =
            Scene { world: World::new(&plan.policy()), model: Model { law: plan.law(), facts: Vec::new() } };
        for realm in REALMS {
            scene.world.found(realm, None);
            scene.model.facts.push(Fact::RealmMade { realm: realm.into() });
        }
        scene
    }

    pub(crate) fn played(plan: &Plan, moves: &[Move]) -> Self {
        let mut scene = Scene::new(plan);
        scene.play_all(moves);
        scene
    }

    pub(crate) fn play_all(&mut self, moves: &[Move]) {
        for step in moves {
            self.play(step);
        }
    }

    /// Replaces the policy, if the library lets it.
    pub(crate) fn adopt(&mut self, plan: &Plan) -> bool {
        let policy = tokenward::Policy::parse(&plan.policy().to_string()).expect("a policy");
        let Ok(performed) = self.world.state.adopt(&policy, self.world.now) else { return false };
        self.world.go_on(performed);
        self.model.law = plan.law();
        true
    }

    /// Lets something happen. What the library refuses has not happened.
    pub(crate) fn play(&mut self, step: &Move) {
        let performed = match step {
            Move::Wait { hours } => {
                self.world.now += u64::from(*hours) * 3_600;
                None
            }
            Move::Issue { .. } | Move::Rotate { .. } => self.mint(step),
            Move::Revoke { token } | Move::Turn { token, .. } => self.turn(*token, step),
            Move::SayRole { .. } | Move::DeleteRole { .. } => self.define(step),
            Move::Bind { .. } | Move::Unbind { .. } => self.grant(step),
            _ => self.govern(step),
        };
        self.model.facts.extend(performed);
    }

    fn mint(&mut self, step: &Move) -> Option<Fact> {
        let now = self.world.now;
        match step {
            Move::Issue { realm, by, name, roles, paths, days } => {
                let law = &self.model.law;
                let by = by.or(law.owner_rights.then_some(0)).map_or("system", |user| *pick(&USERS, user));
                let realm = *pick(&REALMS, *realm);
                let roles: Vec<&str> = if law.owner_rights { Vec::new() } else { picks(&ROLES, roles) };
                let paths = paths.as_ref().map(|numbers| picks(&PATTERNS, numbers));
                let mut arguments = json!({ "roles": roles });
                if let Some(name) = name {
                    arguments["name"] = (*pick(&NAMES, *name)).into();
                }
                if let Some(paths) = &paths {
                    arguments["paths"] = json!(paths);
                }
                match days {
                    Some(days) if days % 4 == 0 => arguments["never"] = true.into(),
                    Some(days) => arguments["lifetime_days"] = (days % 4).into(),
                    None => {}
                }
                let session = self.world.session(realm, by);
                let Ok(Done::Token(number)) = self.world.act(&session, "issue", &arguments) else { return None };
                let expires_at = match days {
                    Some(days) if days % 4 == 0 => None,
                    Some(days) => Some(now + u64::from(days % 4) * DAY),
                    None => Some(now + 30 * DAY),
                };
                Some(Fact::Issued(Token {
                    number,
                    realm: realm.into(),
                    by: by.into(),
                    roles: roles.into_iter().map(Into::into).collect(),
                    paths: paths.map(|paths| paths.into_iter().map(Into::into).collect()),
                    issued_at: now,
                    expires_at,
                }))
            }
            Move::Rotate { token, overlap } => {
                let (old, realm) = self.token(*token)?;
                let before = self.token_fact(old)?;
                let arguments = json!({ "token": self.client_id(old), "overlap_seconds": overlap });
                let session = self.world.session(&realm, "system");
                let Ok(Done::Token(number)) = self.world.act(&session, "rotate", &arguments) else { return None };
                // The same span again, counted from now.
                let span = before.expires_at.map(|at| at - before.issued_at);
                let new = Token { number, issued_at: now, expires_at: span.map(|span| now + span), ..before };
                Some(Fact::Rotated { old, ends_at: now + u64::from(*overlap), new })
            }
            _ => None,
        }
    }

    fn turn(&mut self, token: u8, step: &Move) -> Option<Fact> {
        let (token, realm) = self.token(token)?;
        let operation = match step {
            Move::Turn { on: true, .. } => "enable",
            Move::Turn { .. } => "disable",
            _ => "revoke",
        };
        let session = self.world.session(&realm, "system");
        self.world.act(&session, operation, &json!({ "token": self.client_id(token) })).ok()?;
        Some(match step {
            Move::Turn { on, .. } => Fact::Turned { token, on: *on, at: self.world.now },
            _ => Fact::Revoked { token },
        })
    }

    fn define(&mut self, step: &Move) -> Option<Fact> {
        match step {
            Move::SayRole { realm, name, permissions, resources, change } => {
                let (realm, name) = (*pick(&REALMS, *realm), *pick(&ROLES, *name));
                let inside =
                    |pattern: &String| pattern.starts_with("org:*") || pattern.split('/').next() == Some(realm);
                let known: Vec<String> = patterns(&self.model.law).into_iter().filter(inside).collect();
                let text = RoleText {
                    name: name.into(),
                    permissions: picks(&held(&self.model.law, true), permissions),
                    resources: resources.as_ref().map(|numbers| picks(&known, numbers)),
                };
                let mut arguments = json!({ "name": name, "permissions": text.permissions });
                if let Some(patterns) = &text.resources {
                    arguments["resources"] = json!(patterns);
                }
                let session = self.world.session(realm, "system");
                let operation = if *change { "update_role" } else { "create_role" };
                self.world.act(&session, operation, &arguments).ok()?;
                // What an update does not say stays.
                let resources =
                    text.resources.or_else(|| if *change { self.said(realm, name)?.resources } else { None });
                Some(Fact::RoleSaid { realm: realm.into(), text: RoleText { resources, ..text } })
            }
            Move::DeleteRole { realm, name } => {
                let (realm, name) = (*pick(&REALMS, *realm), *pick(&ROLES, *name));
                let session = self.world.session(realm, "system");
                self.world.act(&session, "delete_role", &json!({ "name": name })).ok()?;
                Some(Fact::RoleDeleted { realm: realm.into(), name: name.into() })
            }
            _ => None,
        }
    }

    fn grant(&mut self, step: &Move) -> Option<Fact> {
        match step {
            Move::Bind { realm, role, at, subjects, replace } => {
                let (realm, role) = (*pick(&REALMS, *realm), *pick(&ROLES, *role));
                let inside = |resource: &String| resource.split('/').next() == Some(realm);
                let places: Vec<String> = resources(&self.model.law).into_iter().filter(inside).collect();
                // Half of them at the realm.
                let at = if at % 2 == 0 { realm.to_string() } else { pick(&places, at / 2).clone() };
                let subjects = self.subjects(subjects);
                let arguments =
                    json!({ "role": role, "at": at, "subjects": self.spelled(&subjects), "replace": replace });
                let session = self.world.session(realm, "system");
                self.world.act(&session, "bind", &arguments).ok()?;
                Some(Fact::Bound { realm: realm.into(), role: role.into(), at, subjects, replace: *replace })
            }
            Move::Unbind { realm, which, subjects } => {
                let realm = *pick(&REALMS, *realm);
                let session = self.world.session(realm, "system");
                let Done::Document(Value::Array(bindings)) = self.world.must(&session, "bindings", &json!({})) else {
                    return None;
                };
                if bindings.is_empty() {
                    return None;
                }
                let binding = pick(&bindings, *which);
                let subjects = subjects.as_ref().map(|numbers| self.subjects(numbers));
                let mut arguments = json!({ "binding": binding["id"] });
                if let Some(subjects) = &subjects {
                    arguments["subjects"] = json!(self.spelled(subjects));
                }
                self.world.act(&session, "unbind", &arguments).ok()?;
                let text = |name: &str| binding[name].as_str().unwrap_or_default().to_string();
                Some(Fact::Unbound { realm: realm.into(), role: text("role"), at: text("resource"), subjects })
            }
            _ => None,
        }
    }

    fn govern(&mut self, step: &Move) -> Option<Fact> {
        let name = |user: u8| pick(&USERS[..2], user).trim_start_matches("user:");
        let (realm, operation, arguments, fact) = match step {
            Move::AddUser { realm, user } => (*pick(&REALMS, *realm), "add_user", json!({ "user": name(*user) }), None),
            Move::DeleteUser { realm, user } => {
                let (realm, user) = (*pick(&REALMS, *realm), name(*user));
                (
                    realm,
                    "delete_user",
                    json!({ "user": user }),
                    Some(Fact::UserDeleted { realm: realm.into(), user: user.into() }),
                )
            }
            Move::ApiAccess { realm, on } => {
                let realm = *pick(&REALMS, *realm);
                (
                    realm,
                    "update_settings",
                    json!({ "api_access": on }),
                    Some(Fact::ApiAccess { realm: realm.into(), on: *on }),
                )
            }
            Move::DeleteResource { at } => {
                let resource = pick(&resources(&self.model.law), *at).clone();
                let realm = REALMS.into_iter().find(|realm| resource.split('/').next() == Some(realm))?;
                (realm, "delete_resource", json!({ "resource": resource }), Some(Fact::ResourceDeleted { resource }))
            }
            _ => return None,
        };
        let session = self.world.session(realm, "system");
        self.world.act(&session, operation, &arguments).ok()?;
        fact
    }

    fn said(&self, realm: &str, name: &str) -> Option<RoleText> {
        self.model.facts.iter().rev().find_map(|fact| match fact {
            Fact::RoleSaid { realm: r, text } if r == realm && text.name == name => Some(text.clone()),
            _ => None,
        })
    }

    /// A token's number and its realm, when there is any token.
    pub(crate) fn token(&self, number: u8) -> Option<(usize, String)> {
        let count = self.world.tokens.len();
        let number = (count > 0).then(|| usize::from(number) % count)?;
        self.token_fact(number).map(|token| (number, token.realm))
    }

    pub(crate) fn token_fact(&self, wanted: usize) -> Option<Token> {
        self.model.facts.iter().find_map(|fact| match fact {
            Fact::Issued(token) | Fact::Rotated { new: token, .. } if token.number == wanted => Some(token.clone()),
            _ => None,
        })
    }

    pub(crate) fn end_of(&self, number: usize) -> u64 {
        self.model.end_of(&self.token_fact(number).expect("a token"), self.model.facts.len()).unwrap_or(u64::MAX)
    }

    fn client_id(&self, token: usize) -> &str {
        self.world.tokens[token].client_id()
    }

    fn subjects(&self, numbers: &[u8]) -> Vec<Subject> {
        let one = |number: &u8| match self.token(number / 2).filter(|_| !number.is_multiple_of(4)) {
            Some((token, _)) => Subject::Token(token),
            None => Subject::Principal((*pick(&USERS, *number)).into()),
        };
        numbers.iter().map(one).collect()
    }

    fn spelled(&self, subjects: &[Subject]) -> Vec<String> {
        let one = |subject: &Subject| match subject {
            Subject::Token(number) => format!("token:{}", self.client_id(*number)),
            Subject::Principal(name) => name.clone(),
        };
        subjects.iter().map(one).collect()
    }
}
