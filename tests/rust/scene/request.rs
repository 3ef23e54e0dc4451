//! Requests to the world, as the library and as the model take them.

use super::{Ask, NEITHER, OTHERS, PATHS, Scene, pick, resources};
use crate::model::{Credential, Request};
use crate::vector::summed;
use crate::world::DAY;

impl Scene {
    /// What a request asks, and the credential as it is presented.
    pub(crate) fn asked<'s>(
        &self,
        ask: &Ask,
        permissions: &'s [String],
        resources: &'s [String],
    ) -> (Request<'s>, Option<String>) {
        let known = self.token(ask.token).map(|(number, _)| number);
        let credential = match (ask.presented % 16, known) {
            (0, _) => Credential::None,
            (1, _) | (_, None) => Credential::Junk,
            (2, Some(_)) => Credential::Unknown,
            (3, Some(number)) => Credential::WrongSecret(number),
            (_, Some(number)) => Credential::Token(number),
        };
        let token = |number: usize| self.world.tokens[number].token();
        let presented = match credential {
            Credential::None => None,
            Credential::Junk => Some("tw_junk".to_string()),
            Credential::Unknown => Some(changed(token(known.unwrap_or_default()), 5)),
            Credential::WrongSecret(number) => Some(changed(token(number), 30)),
            Credential::Token(number) => Some(token(number).to_string()),
        };
        let edges = |number: usize| {
            let fact = self.token_fact(number).expect("a token");
            let end = self.end_of(number).min(self.world.now + 90 * DAY);
            [fact.issued_at, fact.issued_at - 1, end, end - 1]
        };
        let now = match (ask.when % 16, known) {
            (0, _) if ask.token.is_multiple_of(2) => 1_767_225_599,
            (0, _) => self.world.now * 1000,
            (edge @ 1..5, Some(number)) => edges(number)[usize::from(edge) - 1],
            _ => self.world.now,
        };
        let permission = pick(permissions, ask.permission).as_str();
        let kind =
            self.model.law.permissions.iter().find(|(name, _)| name == permission).map(|(_, kind)| kind.as_str());
        let realm = known.and_then(|number| self.token_fact(number)).map(|token| token.realm);
        let fits = |resource: &&String| {
            resource.split('/').next() == realm.as_deref()
                && kind.is_none_or(|kind| self.model.kind_of(resource) == Some(kind))
        };
        let targets: Vec<&String> = resources.iter().filter(|resource| !ask.aimed || fits(resource)).collect();
        let request = Request {
            credential,
            permission,
            resource: if targets.is_empty() {
                pick(resources, ask.resource).as_str()
            } else {
                pick(&targets, ask.resource).as_str()
            },
            path: *pick(&PATHS, ask.path),
            now,
        };
        (request, presented)
    }

    /// Everything a request may name.
    pub(crate) fn nameable(&self) -> (Vec<String>, Vec<String>) {
        let law = &self.model.law;
        let permissions =
            law.permissions.iter().map(|(name, _)| name.clone()).chain(OTHERS.map(String::from)).collect();
        let resources = resources(law).into_iter().chain(NEITHER.map(String::from)).chain(["org:abc".into()]).collect();
        (permissions, resources)
    }

    /// The library's decision on a request.
    pub(crate) fn decided(&self, request: &Request<'_>, presented: Option<&str>) -> &'static str {
        let asked = tokenward::Request {
            credential: presented,
            permission: request.permission,
            resource: request.resource,
            path: request.path,
        };
        self.world.state.authorize(&asked, request.now).reason().as_str()
    }
}

/// A token with the character at a place changed and the checksum made to fit.
fn changed(token: &str, place: usize) -> String {
    let mut covered = token[..token.len() - 6].to_string();
    let other = if covered.as_bytes()[place] == b'x' { "y" } else { "x" };
    covered.replace_range(place..=place, other);
    summed(&covered)
}
