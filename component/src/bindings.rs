//! What is made from the WIT.

#![allow(
    clippy::all,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    reason = "generated; the WIT has the documentation, and the canonical ABI is unsafe by nature"
)]

wit_bindgen::generate!({
    world: "connector",
    path: "../wit",
    generate_all,
    // The connector's own types are lifted and lowered, without a copy of each row between. Their fields go by name;
    // enums are not among them, since their cases would go by position.
    with: {
        "confluence:connector/types@0.3.0/attachment": confluence_connector::Attachment,
        "confluence:connector/types@0.3.0/attachment-location": confluence_connector::AttachmentLocation,
        "confluence:connector/types@0.3.0/audit-change": confluence_connector::AuditChange,
        "confluence:connector/types@0.3.0/audit-object": confluence_connector::AuditObject,
        "confluence:connector/types@0.3.0/blog-post": confluence_connector::BlogPost,
        "confluence:connector/types@0.3.0/body": confluence_connector::Body,
        "confluence:connector/types@0.3.0/child": confluence_connector::Child,
        "confluence:connector/types@0.3.0/consulted": confluence_connector::Consulted,
        "confluence:connector/types@0.3.0/content-property": confluence_connector::ContentProperty,
        "confluence:connector/types@0.3.0/content-reference": confluence_connector::ContentReference,
        "confluence:connector/types@0.3.0/content-restrictions": confluence_connector::ContentRestrictions,
        "confluence:connector/types@0.3.0/content-version": confluence_connector::ContentVersion,
        "confluence:connector/types@0.3.0/count": confluence_connector::Count,
        "confluence:connector/types@0.3.0/custom-content": confluence_connector::CustomContent,
        "confluence:connector/types@0.3.0/effective-readers": confluence_connector::EffectiveReaders,
        "confluence:connector/types@0.3.0/folder": confluence_connector::Folder,
        "confluence:connector/types@0.3.0/get-options": confluence_connector::GetOptions,
        "confluence:connector/types@0.3.0/group": confluence_connector::Group,
        "confluence:connector/types@0.3.0/label": confluence_connector::Label,
        "confluence:connector/types@0.3.0/list-options": confluence_connector::ListOptions,
        "confluence:connector/types@0.3.0/notice": confluence_connector::Notice,
        "confluence:connector/types@0.3.0/page": confluence_connector::Page,
        "confluence:connector/types@0.3.0/principal": confluence_connector::Principal,
        "confluence:connector/types@0.3.0/reader-gate": confluence_connector::ReaderGate,
        "confluence:connector/types@0.3.0/restriction": confluence_connector::Restriction,
        "confluence:connector/types@0.3.0/space": confluence_connector::Space,
        "confluence:connector/types@0.3.0/space-permission": confluence_connector::SpacePermission,
        "confluence:connector/types@0.3.0/task": confluence_connector::Task,
        "confluence:connector/types@0.3.0/user": confluence_connector::User,
        "confluence:connector/types@0.3.0/version": confluence_connector::Version,
    },
});

use crate::service::Connector;

export!(Connector);
