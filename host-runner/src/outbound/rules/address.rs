//! Which addresses may be dialled: those of the public internet, and, for a connection that leads
//! to this machine, this machine's.
//!
//! A name that resolves to an address inside the host's network would make a tenant's connection
//! a way to what listens there: databases, cloud metadata, other tenants. The address that is
//! checked here is the one that is dialled, so that a second answer of the name service changes
//! nothing.

use std::net::IpAddr;

use host_levels::address::{is_public, unmapped};

use crate::connection::Endpoint;

/// Which addresses may be dialled for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressScope {
    /// Addresses of the public internet.
    Public,
    /// This machine, and nothing else.
    Loopback,
    /// Any address: for a proxy, which the cluster level names.
    Anywhere,
}

impl AddressScope {
    /// What a connection may dial: this machine for one that leads there, which is the levels' to
    /// allow, and they have; the public internet for any other.
    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        if endpoint.is_loopback() {
            Self::Loopback
        } else {
            Self::Public
        }
    }

    /// Whether `address` may be dialled. IPv6 spellings of an address of version 4 are that address.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Loopback => unmapped(address).is_loopback(),
            Self::Public => is_public(address),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::AddressScope;

    fn public(address: &str) -> bool {
        AddressScope::Public.allows(address.parse().unwrap())
    }

    #[test]
    fn addresses_of_the_public_internet_are_dialled() {
        for address in [
            "104.192.136.1",
            "185.166.143.25",
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2401:1d80:3000::1",
            // NAT64 and 6to4 of public addresses.
            "64:ff9b::104.192.136.1",
            "2002:68c0:8801::1",
        ] {
            assert!(public(address), "{address}");
            assert!(!AddressScope::Loopback.allows(address.parse().unwrap()));
        }
    }

    #[test]
    fn addresses_inside_are_not_in_any_spelling() {
        for address in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            // Mapped, compatible, NAT64, local NAT64, 6to4, Teredo.
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::10.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::10.0.0.1",
            "2002:0a00:0001::1",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn a_connection_to_this_machine_reaches_this_machine_alone() {
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(
                AddressScope::Loopback.allows(address.parse().unwrap()),
                "{address}"
            );
        }
        for address in ["0.0.0.0", "10.0.0.1", "169.254.169.254", "::", "fe80::1"] {
            assert!(
                !AddressScope::Loopback.allows(address.parse().unwrap()),
                "{address}"
            );
        }
    }
}
