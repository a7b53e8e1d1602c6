use super::{Parts, Row};
use crate::{
    fingerprint::Fingerprint,
    json::{Broken, Elements, Fields, Value},
};

/// Something that was done at a site. `GET /wiki/rest/api/audit`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRecord {
    /// When it was done, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// The account that did it. Absent for the system and for anonymous visitors.
    pub author_id: Option<String>,
    /// The name that people see.
    pub author_name: Option<String>,
    /// The address that it was done from.
    pub remote_address: Option<String>,
    /// What was done, such as `Space permission added`.
    pub summary: Option<String>,
    /// More about it. Often empty.
    pub description: Option<String>,
    /// Such as `Permissions`, `Users and groups`, `Security`. Open.
    pub category: Option<String>,
    /// Whether a system administrator did it.
    pub sys_admin: Option<bool>,
    /// Whether it was done by use of the super administrator's rights.
    pub super_admin: Option<bool>,
    /// What it was done to.
    pub affected: Option<AuditObject>,
    /// What was changed, and how.
    pub changes: Vec<AuditChange>,
    /// What else it concerns.
    pub associated: Vec<AuditObject>,
    /// The upstream JSON, when it was asked for.
    pub raw: Option<String>,
    /// Records have no id: a hash of all of their fields.
    identity: String,
}

/// Something that an audit record names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditObject {
    /// Its name.
    pub name: Option<String>,
    /// `Space`, `User`, `Group`, `Page`, … Open.
    pub type_: Option<String>,
}

/// One value before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditChange {
    /// What has the value.
    pub name: Option<String>,
    /// The value before. Often empty.
    pub old_value: Option<String>,
    /// The value after. Often empty.
    pub new_value: Option<String>,
}

/// A list of objects in a record.
struct List<'a, R>(&'a mut Vec<R>);

impl<R: Fields + Default> Elements for List<'_, R> {
    fn next(&mut self) -> Option<&mut dyn Fields> {
        self.0.push(R::default());
        self.0.last_mut().map(|row| row as &mut dyn Fields)
    }

    fn read(&mut self, was_object: bool, _text: &str) {
        if !was_object {
            self.0.pop();
        }
    }

    fn end(&mut self) {
        self.0.pop();
    }
}

impl Fields for AuditRecord {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "creationDate" => value.time_into(&mut self.created_at)?,
            "author" => {
                let mut author = Author::default();
                value.object(&mut author)?;
                self.author_id = author.account_id;
                self.author_name = author.display_name;
            }
            "remoteAddress" => value.text_into(&mut self.remote_address)?,
            "summary" => value.text_into(&mut self.summary)?,
            "description" => value.text_into(&mut self.description)?,
            "category" => value.text_into(&mut self.category)?,
            "sysAdmin" => self.sys_admin = value.flag()?,
            "superAdmin" => self.super_admin = value.flag()?,
            "affectedObject" => {
                let mut object = AuditObject::default();
                self.affected = value.object(&mut object)?.then_some(object);
            }
            "changedValues" => {
                value.list(&mut List(&mut self.changes))?;
            }
            "associatedObjects" => {
                value.list(&mut List(&mut self.associated))?;
            }
            _ => {}
        }
        self.identity.clear();
        Ok(())
    }
}

impl Fields for AuditObject {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "name" => value.text_into(&mut self.name)?,
            "objectType" => value.text_into(&mut self.type_)?,
            _ => {}
        }
        Ok(())
    }
}

impl Fields for AuditChange {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "name" => value.text_into(&mut self.name)?,
            "oldValue" => value.text_into(&mut self.old_value)?,
            "newValue" => value.text_into(&mut self.new_value)?,
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
struct Author {
    account_id: Option<String>,
    display_name: Option<String>,
}

impl Fields for Author {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        match name {
            "accountId" => value.text_into(&mut self.account_id)?,
            "displayName" => value.text_into(&mut self.display_name)?,
            _ => {}
        }
        Ok(())
    }
}

impl AuditRecord {
    fn identify(&mut self) {
        // Without a time it is no record.
        if self.created_at.is_none() || !self.identity.is_empty() {
            return;
        }
        let mut hash = Fingerprint::new();
        let object = |object: &AuditObject| [object.name.clone(), object.type_.clone()];
        let fields = [
            &self.created_at,
            &self.author_id,
            &self.author_name,
            &self.remote_address,
            &self.summary,
            &self.description,
            &self.category,
        ];
        let changes = self.changes.iter().flat_map(|change| {
            [
                change.name.clone(),
                change.old_value.clone(),
                change.new_value.clone(),
            ]
        });
        let objects = self
            .affected
            .iter()
            .chain(&self.associated)
            .flat_map(object);
        for field in fields.into_iter().cloned().chain(changes).chain(objects) {
            hash.add(field.unwrap_or_default().as_bytes());
        }
        self.identity = format!("{:016x}", hash.value());
    }
}

impl Row for AuditRecord {
    fn parts(&mut self) -> Parts<'_> {
        self.identify();
        Parts::of(&self.identity, &mut self.raw)
    }
}
