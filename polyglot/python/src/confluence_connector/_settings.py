"""The site and its authorization: the interface `settings`, which a host provides."""

from __future__ import annotations

import re
from collections.abc import Callable
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

_PATH = re.compile(r"(/ex/confluence/[0-9A-Za-z-]+)?(/wiki(/.*)?|/)?")


class SettingsProblem(Exception):
    """Settings are invalid, missing, or cannot be stored.

    Raised by :class:`StoredSettings` and :class:`Connector` if they are constructed with an invalid
    :class:`Connection`. During a call, the component returns it as a :class:`ConfluenceError`.
    """

    def __init__(
        self, kind: ProblemKind, code: str, message: str, cause: str, resolution: str
    ) -> None:
        super().__init__(message, cause, resolution)
        self.kind: ProblemKind = kind
        self.code = code
        self.message = message
        self.cause = cause
        self.resolution = resolution

    def __str__(self) -> str:
        return f"{self.message}: {self.cause}; {self.resolution}"

    def __reduce__(self) -> tuple[type[SettingsProblem], tuple[str, str, str, str, str]]:
        # Exceptions are pickled with their `args`, which lack `kind` and `code`.
        fields = (self.kind, self.code, self.message, self.cause, self.resolution)
        return (type(self), fields)


@dataclass(frozen=True)
class Connection:
    """A site and its authorization, as one record."""

    endpoint: str
    """The site, such as `https://example.atlassian.net`, or the URL of its API."""

    authorization: str | Callable[[], str] = field(repr=False)
    """The value of the `Authorization` header: `Basic ` and the base64 of `email:token`, or
    `Bearer ` and a token; or a function that returns it, for tokens that are renewed. The function
    is called once per call, before the first request. Not included in `repr`."""

    def header(self) -> str:
        """The value of the `Authorization` header.

        Raises :class:`SettingsProblem` of the kind `invalid-authorization` if it is not a valid
        header value, and whatever the function raises.
        """
        value = self.authorization() if callable(self.authorization) else self.authorization
        if not isinstance(value, str) or not _AUTHORIZATION.fullmatch(value):
            # Without the value, which may contain a secret even if it is malformed.
            raise SettingsProblem(
                "invalid-authorization",
                "authorization-malformed",
                "the authorization is not valid",
                "it is incomplete, or something else was pasted",
                "pass `Basic ` and the base64 of `email:token`, or `Bearer ` and a token",
            )
        return value

    def base_url(self) -> str:
        """The site's base URL, which ends in `/wiki`.

        The endpoint can be the address of a page; a query and a fragment are ignored.

        Raises :class:`SettingsProblem` of the kind `invalid-endpoint` for a scheme other than https
        (http is accepted for this machine), user information, or a path that does not belong to
        Confluence; and of the kind `invalid-authorization` for an authorization that is not a valid
        header value. A function is not called.
        """
        if not callable(self.authorization):
            self.header()
        try:
            url = urlsplit(self.endpoint)
            host, port = url.hostname, url.port
        except ValueError as error:
            raise _invalid("no-url", f"it is not a URL: {error}") from None
        if url.scheme not in ("https", "http") or not host:
            raise _invalid("no-url", "it is not a URL that starts with `https://`")
        if url.scheme == "http" and host not in _LOOPBACK:
            raise _invalid("not-https", "`http` would send the token unencrypted")
        if url.username is not None or url.password is not None:
            raise _invalid("user-information", "it has user information")
        path = _PATH.fullmatch(url.path)
        if path is None:
            raise _invalid("path", "its path does not belong to Confluence")
        authority = f"[{host}]" if ":" in host else host
        if port is not None:
            authority += f":{port}"
        return f"{url.scheme}://{authority}{path[1] or ''}/wiki"


def _invalid(code: str, cause: str) -> SettingsProblem:
    return SettingsProblem(
        "invalid-endpoint",
        code,
        "the endpoint is not valid",
        cause,
        "pass the URL of the site, such as `https://example.atlassian.net`",
    )


class Settings(Protocol):
    """Settings of a connector. Both methods can raise :class:`SettingsProblem`."""

    def connection(self) -> Connection:
        """The effective connection."""
        ...

    def store(self, connection: Connection, level: Level) -> None:
        """Stores a connection at a level, for `set_api_url_and_auth`.

        The connection was validated before.
        """
        ...


class StoredSettings:
    """Settings in memory: one connection per level; the narrowest level is effective.

    - `connection`: initial connection of the level `app`.
    - `widest`: the widest level that :meth:`store` accepts. Restrict it in programs that make calls
      for users who must not change the level `cluster`.
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
            "the connector was created without one, and none was stored",
            "pass a `Connection` to `Connector`, or call `set_api_url_and_auth`",
        )

    def store(self, connection: Connection, level: Level) -> None:
        """Stores a connection at a level, in this object."""
        if level not in self._writable:
            raise SettingsProblem(
                "refused",
                "level-not-writable",
                f"cannot store a connection at level `{level}`",
                "the program restricts the levels that can be stored",
                "store it at a narrower level",
            )
        self._levels[level] = connection
