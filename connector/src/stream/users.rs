use super::{
    fields::person,
    request::Pass,
    table::{Parts, Read, Stream},
};
use crate::{columns::Shape, query::call::Paging};

pub(super) const USERS: Stream = Stream {
    name: "users",
    documentation: "Accounts, by the ids that the parents name: `GET /wiki/rest/api/user/bulk`.",
    shape: Shape {
        fields: &[
            person::ACCOUNT_ID,
            person::TYPE,
            person::ACCOUNT_TYPE,
            person::DISPLAY_NAME,
            person::PUBLIC_NAME,
            person::EMAIL,
            person::TIME_ZONE,
            person::IS_GUEST,
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
