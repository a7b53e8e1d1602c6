//! Addresses of the public internet, and all others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet. IPv6 spellings of an address of version 4 are
/// that address.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match unmapped(address) {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// The address of version 4 that one of version 6 is another spelling of: mapped
/// (`::ffff:10.0.0.1`) or compatible (`::10.0.0.1`).
#[must_use]
pub fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() => address,
        IpAddr::V6(v6) => v6.to_ipv4().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The special-purpose blocks of IANA's registry for version 4, but for those that are globally
/// reachable.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        // Shared by carriers (100.64.0.0/10): where some clouds have their metadata.
        || (a == 100 && (64..128).contains(&b))
        // IETF protocol assignments, and the relays of 6to4.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // Benchmarks (198.18.0.0/15).
        || (a == 198 && (18..20).contains(&b))
        || a >= 240)
}

/// Global unicast (`2000::/3`), but for what is no host of the public internet or another
/// spelling of an address of version 4.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        Ipv4Addr::new(a, b, c, d)
    };
    match (a, b) {
        // NAT64 leads to the address of version 4 in its last 32 bits.
        (0x64, 0xff9b) => [c, d, e, f] == [0; 4] && is_public_v4(v4(g, h)),
        // 6to4 leads to the one behind its first 16 bits.
        (0x2002, _) => is_public_v4(v4(b, c)),
        // Teredo, ORCHID, benchmarks and other protocol assignments (2001::/23).
        (0x2001, b) if b < 0x200 => false,
        // Documentation.
        (0x2001, 0xdb8) => false,
        (0x3fff, b) if b < 0x1000 => false,
        _ => a & 0xe000 == 0x2000,
    }
}
