use super::{Face, Group, Row, User};
use crate::lenient::{Broken, Fields, Value};

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
    fn read(&mut self, name: &str, value: &mut dyn Value, wanted: &str) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "principal" => {
                value.object(&mut self.principal, wanted)?;
            }
            "operation" => {
                let mut operation = Operation::default();
                value.object(&mut operation, wanted)?;
                self.operation = operation.key;
                self.target_type = operation.target_type;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Fields for Principal {
    fn read(&mut self, name: &str, value: &mut dyn Value, _wanted: &str) -> Result<(), Broken> {
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
    fn read(&mut self, name: &str, value: &mut dyn Value, _wanted: &str) -> Result<(), Broken> {
        match name {
            "key" => self.key = value.text()?,
            "targetType" => self.target_type = value.text()?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for SpacePermission {
    fn face(&self) -> Face<'_> {
        Face {
            id: &self.id,
            ..Face::default()
        }
    }

    fn raw(&mut self) -> &mut Option<String> {
        &mut self.raw
    }

    fn web_url(&mut self) -> Option<&mut Option<String>> {
        None
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
