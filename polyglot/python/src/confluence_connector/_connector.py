"""Calls."""

from __future__ import annotations

import os
from typing import Any

from wasmtime import StoreContext, WasmtimeError
from wasmtime.component import Record, Variant

from ._component import SETTINGS, Component
from ._contract import Calls
from ._errors import ConfluenceError, ConnectorBroke
from ._settings import Connection, Level, Settings, SettingsProblem, StoredSettings
from ._streams import Streams


class Connector(Calls, Streams):
    """Calls the functions of the connector for one site.

    Each call runs in a fresh instance and blocks until the site has responded. To call from several
    threads, create a connector per thread.

    **The component receives the authorization**, because wasmtime's Python package cannot add it to
    requests outside the component, as `host-runner` does. Load only components whose digest you
    know. This package does not restrict where requests go, does not retry, and has no timeout other
    than wasmtime's 600 seconds.

    - `component`: path of the component, or a :class:`Component`.
    - `settings`: a :class:`Connection`, or your own :class:`Settings`. If omitted, call
      :meth:`set_api_url_and_auth` first.
    - `memory_mib`: maximum memory per call, in MiB. A call that needs more raises
      :class:`ConnectorBroke`.

    Raises :class:`SettingsProblem` if `settings` is a connection that is not valid.
    """

    def __init__(
        self,
        component: str | os.PathLike[str] | Component,
        settings: Connection | Settings | None = None,
        *,
        memory_mib: int = 256,
    ) -> None:
        super().__init__()
        if not isinstance(component, Component):
            component = Component(component)
        if settings is None or isinstance(settings, Connection):
            settings = StoredSettings(settings)
        self._component = component
        self._settings: Settings = settings
        self._memory_mib = memory_mib
        self._linker = component.linker()
        # An exception of custom settings, raised again after the component has returned.
        self._raised: Exception | None = None
        # The authorization of the running call.
        self._header: str | None = None
        # The arguments of the running `set_api_url_and_auth`: only these can be stored.
        self._offered: tuple[str, str, str] | None = None
        with self._linker.root() as root, root.add_instance(SETTINGS) as instance:
            instance.add_func("base-url", self._base_url)
            instance.add_func("authorization", self._authorization)
            instance.add_func("store", self._store)

    def _call(self, interface: str, function: str, arguments: tuple[Any, ...]) -> Any:
        store, instance = self._component.instantiate(self._linker, self._memory_mib)
        with store:
            signature, callee = self._component.function(store, instance, interface, function)
            lowered = [
                lower(argument, name)
                for (name, lower), argument in zip(signature.parameters, arguments, strict=True)
            ]
            self._raised = None
            if function == "set-api-url-and-auth":
                self._offered = (lowered[0], lowered[1], lowered[2])
            try:
                answer = callee(store, *lowered)
            except WasmtimeError as error:
                raise ConnectorBroke(f"`{function}` trapped: {error}") from error
            finally:
                self._offered = None
                self._header = None
        if self._raised is not None:
            raise self._raised
        # wasmtime uses a `Variant` only if both types are records.
        if isinstance(answer, Variant):
            succeeded, answer = answer.tag == "ok", answer.payload
        else:
            succeeded = not isinstance(answer, Record)
        if succeeded:
            return signature.answer(answer)
        raise ConfluenceError(signature.error(answer))

    def _base_url(self, _store: StoreContext) -> str | Record:
        # The component asks for it once per call, before the authorization.
        try:
            connection = self._settings.connection()
            base = connection.base_url()
            self._header = connection.header()
            return base
        except Exception as error:
            return self._problem(error)

    def _authorization(self, _store: StoreContext) -> str | None:
        return self._header

    def _store(self, _store: StoreContext, url: str, auth: str, level: Level) -> str | Record:
        try:
            if self._offered != (url, auth, level):
                raise SettingsProblem(
                    "refused",
                    "store-not-asked-for",
                    "the component tried to store a connection that its caller did not pass",
                    "connections are stored only while `set_api_url_and_auth` runs, and only with"
                    " the arguments of its caller",
                    "if you called `set_api_url_and_auth` with this connection, do not trust this"
                    " component",
                )
            connection = Connection(url, auth)
            base = connection.base_url()
            self._settings.store(connection, level)
            return base
        except Exception as error:
            return self._problem(error)

    def _problem(self, error: Exception) -> Record:
        """A problem as a WIT record. Other exceptions are kept and raised again after the call."""
        if not isinstance(error, SettingsProblem):
            self._raised = error
            error = SettingsProblem(
                "unavailable",
                "settings-failed",
                "the settings raised an exception",
                "an error in the settings object",
                "see the exception",
            )
        record = Record()
        for name in ("kind", "code", "message", "cause", "resolution"):
            setattr(record, name, getattr(error, name))
        return record
