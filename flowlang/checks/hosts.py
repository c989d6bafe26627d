"""Hosts as they stand in a url: whether they are public, or this machine, or in a private network."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_PRIVATE: Final = (
    ".localhost .local .internal .intranet .lan .home .corp .test .invalid .home.arpa .svc .cluster.local".split()
)


def host_of(url: str) -> str:
    """The host of a url, without user and port; in brackets if it is an IPv6 address."""
    rest = url.partition("://")[2]
    for end in "/?#":
        rest = rest.partition(end)[0]
    rest = rest.rpartition("@")[2]
    return rest.partition("]")[0] + "]" if rest.startswith("[") else rest.partition(":")[0]


def is_public(host: str) -> bool:
    """Whether a host can be reached from everywhere, as far as its name says. A name without a dot is of a network."""
    host = host.lower().rstrip(".")
    if host.startswith("["):
        return _is_public_ipv6(host[1:-1])
    if "." not in host or host.endswith(tuple(_PRIVATE)):
        return False
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        return True
    first, second = int(parts[0]), int(parts[1])
    return not (
        first in (0, 10, 127)
        or (first == 172 and 16 <= second <= 31)
        or (first == 192 and second == 168)
        or (first == 169 and second == 254)
        or (first == 100 and 64 <= second <= 127)
    )


def _is_public_ipv6(address: str) -> bool:
    from ipaddress import IPv6Address

    try:
        found = IPv6Address(address.partition("%")[0])
    except ValueError:
        return True
    if found.ipv4_mapped is not None:
        return is_public(str(found.ipv4_mapped))
    is_near = found.is_loopback or found.is_unspecified or found.is_link_local or found.is_site_local
    return not is_near and found.packed[0] & 0xFE != 0xFC  # a unique local address
