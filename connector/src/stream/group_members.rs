use super::{
    fields::person,
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
            person::ACCOUNT_ID,
            person::TYPE,
            person::ACCOUNT_TYPE,
            person::DISPLAY_NAME,
            person::PUBLIC_NAME,
            person::EMAIL,
            person::TIME_ZONE,
            person::IS_GUEST,
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
