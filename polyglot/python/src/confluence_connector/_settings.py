"""Where the site is, and what it is asked with: the interface `settings`, which a host supplies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

Level = Literal["app", "env", "cluster"]

ProblemKind = Literal[
    "not-configured",
    "invalid-endpoint",
    "invalid-authorization",
    "refused",
    "unavailable",
]

_NARROWEST_FIRST: tuple[Level, ...] = ("app", "env", "cluster")

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

_AUTHORIZATION = re.compile(r"(Basic|Bearer) [\x21-\x7e]+")

_PATH = re.compile(r"(/ex/confluence/[0-9A-Za-z-]+)?(/wiki)?(/api/v2)?/?")


class SettingsProblem(Exception):
    """Why settings are not given or not kept. The component answers it as an error of this kind."""

    def __init__(
        self, kind: ProblemKind, code: str, message: str, cause: str, resolution: str
    ) -> None:
        super().__init__(message)
        self.kind: ProblemKind = kind
        self.code = code
        self.message = message
        self.cause = cause
        self.resolution = resolution


@dataclass(frozen=True)
class Connection:
    """A site, and the authorization for it: one record, never the halves of two."""

    endpoint: str
    """The site, such as `https://example.atlassian.net`, or the endpoint of its API."""

    authorization: str = field(repr=False)
    """The value of the `Authorization` header: `Basic ` and the base64 of `email:token`, or
    `Bearer ` and a token. It is left out of what `print` shows."""

    def base_url(self) -> str:
        """The site's base URL, which ends in `/wiki`.

        Raises :class:`SettingsProblem` of the kind `invalid-endpoint` for what cannot be one: other
        schemes than https (http is for this machine), user information, a query, a fragment, or
        another path than Confluence's; and of the kind `invalid-authorization` for an authorization
        that cannot stand in a header.
        """
        if not isinstance(self.authorization, str) or not _AUTHORIZATION.fullmatch(self.authorization):
            # Without the value, which is a secret however it was spoilt.
            raise SettingsProblem(
                "invalid-authorization",
                "authorization-malformed",
                "the authorization cannot be one",
                "something else was pasted, or a part of it is missing",
                "give `Basic ` and the base64 of `email:token`, or `Bearer ` and a token",
            )
        try:
            url = urlsplit(self.endpoint)
            host, port = url.hostname, url.port
        except ValueError as error:
            raise _invalid("no-url", f"it is no URL: {error}") from None
        if url.scheme not in ("https", "http") or not host:
            raise _invalid("no-url", "it is no URL that begins with `https://`")
        if url.scheme == "http" and host not in _LOOPBACK:
            raise _invalid("not-https", "a token would travel in the clear over `http`")
        if url.username is not None or url.password is not None:
            raise _invalid("user-information", "it has user information")
        if url.query or url.fragment:
            raise _invalid("query", "it has a query or a fragment")
        path = _PATH.fullmatch(url.path)
        if path is None:
            raise _invalid("path", "its path is none of Confluence's")
        authority = f"[{host}]" if ":" in host else host
        if port is not None:
            authority += f":{port}"
        return f"{url.scheme}://{authority}{path[1] or ''}/wiki"


def _invalid(code: str, cause: str) -> SettingsProblem:
    return SettingsProblem(
        "invalid-endpoint",
        code,
        "the endpoint cannot be one",
        cause,
        "give the address of the site, such as `https://example.atlassian.net`",
    )


class Settings(Protocol):
    """What a connector asks its host for. Each method may raise :class:`SettingsProblem`."""

    def connection(self) -> Connection:
        """The connection in force."""
        ...

    def store(self, connection: Connection, level: Level) -> None:
        """Keeps a connection at a level, for `set_api_url_and_auth`.

        The endpoint has been checked by then.
        """
        ...


class StoredSettings:
    """Settings in memory: one connection for each level, of which the narrowest is in force.

    - `connection`: the one of the level `app`, to begin with.
    - `widest`: the widest level that :meth:`store` may write. For programs that call on behalf of
      others: an app's user has no business at the level `cluster`.
    """

    def __init__(self, connection: Connection | None = None, *, widest: Level = "cluster") -> None:
        self._levels: dict[Level, Connection] = {}
        self._writable = _NARROWEST_FIRST[: _NARROWEST_FIRST.index(widest) + 1]
        if connection is not None:
            connection.base_url()
            self._levels["app"] = connection

    def connection(self) -> Connection:
        """The connection of the narrowest level that has one."""
        for level in _NARROWEST_FIRST:
            if level in self._levels:
                return self._levels[level]
        raise SettingsProblem(
            "not-configured",
            "not-configured",
            "no connection is configured",
            "the connector was made without one, and none was stored",
            "give `Connector` a `Connection`, or call `set_api_url_and_auth`",
        )

    def store(self, connection: Connection, level: Level) -> None:
        """Keeps a connection at a level, until this object is gone."""
        if level not in self._writable:
            raise SettingsProblem(
                "refused",
                "level-not-writable",
                f"a connection cannot be stored at the level `{level}` here",
                "the program that made these settings says so",
                "store it at a narrower level",
            )
        self._levels[level] = connection
