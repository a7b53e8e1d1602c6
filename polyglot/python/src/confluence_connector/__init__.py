"""Typed, read-only access to Confluence Cloud.

The connector is a WebAssembly component; this package runs it, and needs its file::

    from confluence_connector import Connection, Connector

    connector = Connector(
        "confluence.wasm",
        Connection("https://example.atlassian.net", "Basic …"),
    )
    for space in connector.list_spaces(limit=10)["items"]:
        print(space["key"], space["name"])

Answers are dictionaries, whose types are in :mod:`confluence_connector.contract`. What the
component answers in place of one is raised as :class:`ConfluenceError`.
"""

from ._component import Component
from ._connector import Connector
from ._errors import ConfluenceError, ConnectorBroke
from ._settings import Connection, Settings, SettingsProblem, StoredSettings

__all__ = [
    "Component",
    "ConfluenceError",
    "Connection",
    "Connector",
    "ConnectorBroke",
    "Settings",
    "SettingsProblem",
    "StoredSettings",
]
