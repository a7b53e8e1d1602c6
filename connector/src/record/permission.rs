use super::{Group, Parts, Row, User};
use crate::json::{Broken, Fields, Value};

/// Someone, or all of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// `user`, `group`, `access-class`, `role`, … Open.
    pub kind: String,
    /// An account id, a group's or a role's UUID, or the name of a class such as
    /// `ALL_LICENSED_USERS`.
    pub id: String,
}

/// That someone may do something in a space. `GET /wiki/api/v2/spaces/{id}/permissions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpacePermission {
    /// The id of the permission.
    pub id: String,
    /// Who may.
    pub principal: Principal,
    /// What they may do: `read`, `create`, `delete`, `administer`, … Open.
    pub operation: Option<String>,
    /// To what: `space`, `page`, `comment`, … Open.
    pub target_type: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for SpacePermission {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "principal" => {
                value.object(&mut self.principal)?;
            }
            "operation" => {
                let mut operation = Operation::default();
                value.object(&mut operation)?;
                self.operation = operation.key;
                self.target_type = operation.target_type;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Fields for Principal {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "type" => self.kind = value.text()?.unwrap_or_default(),
            "id" => self.id = value.text()?.unwrap_or_default(),
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
struct Operation {
    key: Option<String>,
    target_type: Option<String>,
}

impl Fields for Operation {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "key" => value.text_into(&mut self.key)?,
            "targetType" => value.text_into(&mut self.target_type)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for SpacePermission {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.id, &mut self.raw)
    }
}

/// Who is named to do one thing with a piece of content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restriction {
    /// The accounts that are named.
    pub users: Vec<User>,
    /// The groups that are named.
    pub groups: Vec<Group>,
    /// Nobody is named, so this piece restricts nothing: what is above it decides.
    pub inherits: bool,
}

/// The restrictions of one piece of content.
/// `GET /wiki/rest/api/content/{id}/restriction/byOperation/read` and `/update`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentRestrictions {
    /// The piece.
    pub content_id: String,
    /// Who may see it.
    pub read: Restriction,
    /// Who may change it.
    pub update: Restriction,
}

/// A gate on the way to a piece of content: the space, something above the piece, or the piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReaderGate {
    /// `space`, `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`. Open.
    pub kind: String,
    /// The numeric id of that.
    pub id: String,
    /// Who passes. With none here, nobody does.
    pub principals: Vec<Principal>,
}

/// A part that was read to work out who may read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consulted {
    /// `space` for its permissions; `page`, `blogpost`, `folder`, … for restrictions. Open.
    pub kind: String,
    /// The numeric id of that.
    pub id: String,
    /// Whether it is a gate. Content that names nobody is none.
    pub restricts: bool,
}

/// Who may read a piece of content: whoever passes every gate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EffectiveReaders {
    /// The piece.
    pub content_id: String,
    /// The space that it is in.
    pub space_id: String,
    /// The status of the piece. What is not `current` is not what people see.
    pub status: Option<String>,
    /// Users, groups and classes that every gate names. Others may read as well, through one
    /// name at one gate and another at the next.
    pub certain: Vec<Principal>,
    /// The gates, from the space down to the piece.
    pub gates: Vec<ReaderGate>,
    /// All that was read to work this out.
    pub consulted: Vec<Consulted>,
}

/// Whether an account may read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReadAnswer {
    /// It passes every gate.
    Yes,
    /// It does not pass a gate.
    No,
    /// It cannot be known.
    #[default]
    Unknown,
}

/// What a gate decides about an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateDecision {
    /// As in [`ReaderGate`].
    pub kind: String,
    /// The numeric id of that.
    pub id: String,
    /// Whether the account passes.
    pub answer: ReadAnswer,
    /// Whom the gate names that the account is, or belongs to.
    pub via: Option<Principal>,
}

/// Whether an account may read a piece of content, and what decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadDecision {
    /// The piece.
    pub content_id: String,
    /// The space that it is in.
    pub space_id: String,
    /// The status of the piece.
    pub status: Option<String>,
    /// The account.
    pub account_id: String,
    /// Whether it may read the piece.
    pub answer: ReadAnswer,
    /// Why. One sentence.
    pub reason: String,
    /// The gate that decides. With none, the account or the status of the piece does.
    pub decides: Option<GateDecision>,
    /// The gates that were read, from the space on, up to one that turns the account away.
    pub gates: Vec<GateDecision>,
}

/// Who has a role in a space. `GET /wiki/api/v2/spaces/{id}/role-assignments`.
#[derive(Debug, Default)]
pub(crate) struct RoleAssignment {
    pub(crate) principal: Principal,
    pub(crate) role_id: Option<String>,
    /// These rows have no id.
    identity: String,
    raw: Option<String>,
}

impl Fields for RoleAssignment {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "principal" => {
                let mut assigned = Assigned::default();
                value.object(&mut assigned)?;
                self.principal = Principal {
                    kind: assigned.kind.unwrap_or_default(),
                    id: assigned.id.unwrap_or_default(),
                };
            }
            "roleId" => value.text_into(&mut self.role_id)?,
            _ => {}
        }
        if !self.principal.id.is_empty() {
            self.identity = format!("{}:{}", self.principal.kind, self.principal.id);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Assigned {
    kind: Option<String>,
    id: Option<String>,
}

impl Fields for Assigned {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "principalType" => value.text_into(&mut self.kind)?,
            "principalId" => value.text_into(&mut self.id)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for RoleAssignment {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.identity, &mut self.raw)
    }
}
