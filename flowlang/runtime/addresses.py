"""Which internet addresses are public: what anybody may connect to from a shared machine.

An allow list for IPv6 (global unicast), the registry of special addresses for IPv4; `ipaddress` decides too much
differently from version to version. An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as itself; tunnels
(6to4, Teredo) lead anywhere and are not public. Judged is what a socket connects to, never how an author spelt it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ),
    )
)  # fmt: skip
_UNICAST: Final = ip_network("2000::/3")
_HOLDS_IPV4: Final = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))


def is_public(text: str) -> bool:
    """Whether an address, in digits as sockets give it, is one of the public internet."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        if any(address in network for network in _HOLDS_IPV4):
            address = IPv4Address(int(address) & 0xFFFF_FFFF)
        elif address not in _UNICAST:
            return False
    return not any(address in network for network in _SPECIAL)
