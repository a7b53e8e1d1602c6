"""Typed, read-only access to Confluence Cloud.

This package runs the connector, a WebAssembly component, which is not part of the package. Write it
to a file with ``host-runner component export confluence.wasm``, and pass its path::

    import base64
    from confluence_connector import Connection, Connector

    credentials = base64.b64encode(b"me@example.com:API-TOKEN").decode()
    connector = Connector(
        "confluence.wasm",
        Connection("https://example.atlassian.net", f"Basic {credentials}"),
    )
    for space in connector.list_spaces(limit=10)["items"]:
        print(space["key"], space["name"])

Streams copy a site: :meth:`Connector.read` returns `pyarrow` batches of thousands of rows. They need the
optional dependency `pyarrow`.

Results are dictionaries; :mod:`confluence_connector.contract` has their types. Calls raise
:class:`ConfluenceError`; invalid settings raise :class:`SettingsProblem` before the first call.
"""

from ._component import Component
from ._connector import Connector
from ._errors import ConfluenceError, ConnectorBroke, MalformedBatch, StreamUnsupported
from ._settings import Connection, Settings, SettingsProblem, StoredSettings
from ._streams import Reading, Step, parents_of

__all__ = [
    "Component",
    "ConfluenceError",
    "Connection",
    "Connector",
    "ConnectorBroke",
    "MalformedBatch",
    "Reading",
    "Settings",
    "SettingsProblem",
    "Step",
    "StoredSettings",
    "StreamUnsupported",
    "parents_of",
]
