use super::{
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::{
    columns::{Field, Kind, Shape},
    query::call::Paging,
};

pub(super) const GROUP_MEMBERS: Stream = Stream {
    name: "group_members",
    documentation: "Members of groups: `GET /wiki/rest/api/group/{id}/membersByGroupId`. A group that does not exist has no members.",
    shape: Shape {
        fields: &[
            Field::new("group_id", "^", Kind::Text, "Id of the group."),
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
        key: &["group_id", "account_id"],
        identity: "account_id",
        parent: &["group_id"],
        container: "",
        status: "",
        others: &[],
    },
    parents: &["groups"],
    passes: &[Pass::Access],
    scopes: &[
        &["read:group:confluence", "read:confluence-groups"],
        &["read:user:confluence", "read:confluence-groups"],
    ],
    points: 2,
    default: true,
    settings: &[],
    reads: &[Read {
        passes: &[Pass::Access],
        doing: "list the members of a group",
        scope: "read:confluence-groups",
        path: "/rest/api/group/{parent}/membersByGroupId",
        paging: Paging::Offset,
        parts: Parts::Parents,
        ..Read::NEW
    }],
    route: None,
};
