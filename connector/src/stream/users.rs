use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::{
    columns::{Field, Kind, Shape},
    query::call::Paging,
};

pub(super) const USERS: Stream = Stream {
    name: "users",
    documentation: "Accounts by their ids, which are the keys of the parents: `GET /wiki/rest/api/user/bulk`. Any stream can name them.",
    shape: Shape {
        fields: &[
            Field::new("account_id", "accountId", Kind::Text, "Account."),
            Field::new(
                "type",
                "type",
                Kind::Text,
                "`known`, `unknown`, `anonymous`. Open.",
            ),
            Field::new(
                "account_type",
                "accountType",
                Kind::Text,
                "`atlassian`, `app`, `customer`. Open.",
            ),
            Field::new(
                "display_name",
                "displayName",
                Kind::Text,
                "Name that people see.",
            ),
            Field::new("public_name", "publicName", Kind::Text, "Public name."),
            Field::new(
                "email",
                "email",
                Kind::Text,
                "E-mail address, if it is visible.",
            ),
            Field::new(
                "time_zone",
                "timeZone",
                Kind::Text,
                "Time zone, if it is visible.",
            ),
            Field::new(
                "is_guest",
                "isGuest|isExternalCollaborator",
                Kind::Boolean,
                "Whether it is a guest.",
            ),
        ],
        key: &["account_id"],
        identity: "account_id",
        parent: &[],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["group_members"],
    passes: &[Pass::Details],
    scopes: &[&["read:content-details:confluence", "read:confluence-user"]],
    points: 2,
    default: true,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Details],
        doing: "get users",
        scope: "read:confluence-user",
        path: "/rest/api/user/bulk",
        paging: Paging::Whole,
        parts: Parts::ParentsAtOnce("accountId", 100),
        ..Read::NEW
    }],
    route: None,
};
