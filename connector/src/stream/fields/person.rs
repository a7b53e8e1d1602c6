//! A person, or an app that acts as one.

use crate::columns::{Field, Kind};

pub(in crate::stream) const ACCOUNT_ID: Field =
    Field::new("account_id", "accountId", Kind::Text, "Id of the account.");

pub(in crate::stream) const TYPE: Field = Field::new(
    "type",
    "type",
    Kind::Text,
    "`known`, `unknown`, `anonymous`. Other values are possible.",
);

pub(in crate::stream) const ACCOUNT_TYPE: Field = Field::new(
    "account_type",
    "accountType",
    Kind::Text,
    "`atlassian`, `app`, `customer`. Other values are possible.",
);

pub(in crate::stream) const DISPLAY_NAME: Field = Field::new(
    "display_name",
    "displayName",
    Kind::Text,
    "Name shown to people.",
);

pub(in crate::stream) const PUBLIC_NAME: Field =
    Field::new("public_name", "publicName", Kind::Text, "Public name.");

pub(in crate::stream) const EMAIL: Field = Field::new(
    "email",
    "email",
    Kind::Text,
    "E-mail address, if it is visible.",
);

pub(in crate::stream) const TIME_ZONE: Field = Field::new(
    "time_zone",
    "timeZone",
    Kind::Text,
    "Time zone, if it is visible.",
);

pub(in crate::stream) const IS_GUEST: Field = Field::new(
    "is_guest",
    "isGuest|isExternalCollaborator",
    Kind::Boolean,
    "Whether it is a guest.",
);
