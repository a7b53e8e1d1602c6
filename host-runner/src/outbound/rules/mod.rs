//! What may leave, and where to: decided by the request and the levels alone.

pub(super) mod address;
pub(super) mod allowed_host;
pub(super) mod destination;
pub(super) mod look_up_body;
pub(super) mod policy;
pub(super) mod request_head;
