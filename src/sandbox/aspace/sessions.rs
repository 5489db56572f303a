//! Who is logged in.

use super::refusal::{self, Refusal};
use crate::model::time::{Granularity, Timestamp};
use crate::web::serve::Response;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// May read and save.
pub const USER: &str = "cartouche";
/// May read only.
pub const VIEWER: &str = "viewer";
/// Of both.
pub const PASSWORD: &str = "rosetta & stone";

/// Sessions by their token.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    begun: u64,
    open: BTreeMap<String, Session>,
}

#[derive(Debug)]
struct Session {
    user: String,
    has_expired: bool,
}

impl Sessions {
    pub(super) fn log_in(&mut self, user: &str, password: Option<&str>, now: Timestamp) -> Response {
        let Some(password) = password else {
            return Refusal::of_field("password", "Parameter required but no value provided").respond();
        };
        if ![USER, VIEWER].contains(&user) || password != PASSWORD {
            return Refusal::login_failed().respond();
        }
        self.begun += 1;
        let digest = Sha256::digest(format!("{} {user} {}", self.begun, now.millis()));
        let token: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.open.insert(token.clone(), Session { user: user.to_owned(), has_expired: false });
        let now = now.at(Granularity::Second);
        let rights = if user == VIEWER {
            json!(["view_repository"])
        } else {
            json!(["view_repository", "update_resource_record", "update_container_record"])
        };
        refusal::json(
            200,
            &json!({"session": token, "user": {
                "lock_version": 3, "username": user, "name": user, "is_system_user": false, "create_time": now, "system_mtime": now,
                "user_mtime": now, "jsonmodel_type": "user", "groups": [], "is_admin": false, "uri": "/users/7",
                "agent_record": {"ref": "/agents/people/7"}, "permissions": {"/repositories/2": rights, "/repositories/4": rights},
            }}),
        )
    }

    pub(super) fn log_out(&mut self, token: Option<&str>) {
        token.and_then(|token| self.open.remove(token));
    }

    pub(super) fn user_of(&self, token: Option<&str>) -> Result<String, Refusal> {
        let token = token.ok_or_else(Refusal::denied)?;
        match self.open.get(token) {
            None => Err(Refusal::session_gone(token)),
            Some(session) if session.has_expired => Err(Refusal::session_expired(token)),
            Some(session) => Ok(session.user.clone()),
        }
    }

    /// An hour without a call.
    pub(super) fn expire(&mut self) {
        self.open.values_mut().for_each(|session| session.has_expired = true);
    }

    /// The backend is started anew.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }
}
