//! Users and groups, as v1 has them.

use super::{Parts, Row};
use crate::json::{Broken, Fields, Value};

/// An account. `GET /wiki/rest/api/user/bulk`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The account id.
    pub account_id: String,
    /// `known`, `unknown`, `anonymous`, … Open.
    pub type_: Option<String>,
    /// `atlassian` for people, `app` for apps, `customer`, … Open.
    pub account_type: Option<String>,
    /// The name that people see.
    pub display_name: Option<String>,
    /// The nickname.
    pub public_name: Option<String>,
    /// The e-mail address. Hidden by the privacy settings of most accounts.
    pub email: Option<String>,
    /// The time zone, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// Whether it is a guest: an account from outside of the organization.
    pub guest: Option<bool>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for User {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "accountId" => self.account_id = value.text()?.unwrap_or_default(),
            "type" => value.text_into(&mut self.type_)?,
            "accountType" => value.text_into(&mut self.account_type)?,
            "displayName" => value.text_into(&mut self.display_name)?,
            "publicName" => value.text_into(&mut self.public_name)?,
            "email" => self.email = value.text()?.filter(|email| !email.is_empty()),
            // The second is the name that the first one had before.
            "isGuest" | "isExternalCollaborator" => {
                self.guest = value.flag()?.or(self.guest);
            }
            "timeZone" => value.text_into(&mut self.time_zone)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for User {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.account_id, &mut self.raw)
    }
}

/// A group. `GET /wiki/rest/api/group`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// A UUID.
    pub id: String,
    /// The name that people see.
    pub name: Option<String>,
    /// `USERBASE_GROUP`, `TEAM_COLLABORATION`, … Open.
    pub usage_type: Option<String>,
    /// `ADMINS`, `EXTERNAL`, `TEAM_MEMBERS`, `OPEN`, … Open.
    pub managed_by: Option<String>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
}

impl Fields for Group {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "id" => self.id = value.text()?.unwrap_or_default(),
            "name" => value.text_into(&mut self.name)?,
            "usageType" => value.text_into(&mut self.usage_type)?,
            "managedBy" => value.text_into(&mut self.managed_by)?,
            _ => {}
        }
        Ok(())
    }
}

impl Row for Group {
    fn parts(&mut self) -> Parts<'_> {
        Parts::of(&self.id, &mut self.raw)
    }
}
