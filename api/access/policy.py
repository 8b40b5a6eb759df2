"""What the operator has decided about who may come in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Who needs no key, whom a proxy may name, and how much one caller may ask.

    Args:
        local: a program or browser on this machine needs no key (it holds the files anyway).
        everyone: nobody needs a key; the operator has said so outright.
        proxies: addresses or networks of reverse proxies whose headers are believed.
        user_header: the header in which such a proxy names the user; none where empty.
        admins: the users named so who are admins.
        rate: requests that one caller may make, as `limits` writes it (600/minute); none where empty.
        session_hours: how long a browser that has given its key need not give it again.
        origins: other sites whose pages may call the API (CORS).
    """

    local: bool = True
    everyone: bool = False
    proxies: tuple[str, ...] = ()
    user_header: str = ""
    admins: frozenset[str] = frozenset()
    rate: str = "600/minute"
    session_hours: float = 12.0
    origins: tuple[str, ...] = ()


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address) is this machine as only it can reach itself."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_name(host: str) -> str:
    """The name in a Host header, without its port: `[::1]:8737` gives `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
