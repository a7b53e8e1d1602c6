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


class Connector(Calls):
    """A site, and the functions to ask it with.

    Each call runs in an instance of its own, which keeps nothing for the next one. A call blocks
    until the site has answered; call from several threads with a connector for each.

    **The authorization is given to the component**, since wasmtime's Python package has no way to
    add it to requests behind the component's back, as `host-runner` does. Load only a component
    whose digest you know. Neither does it check where requests go, how long an answer takes beyond
    wasmtime's 600 seconds, or try again.

    - `component`: the file, or the component compiled by an earlier connector.
    - `settings`: a :class:`Connection`, or settings of your own. Without any,
      :meth:`set_api_url_and_auth` has to be called first.
    - `memory_mib`: the most memory of one call. An answer that needs more ends the call with
      :class:`ConnectorBroke`.
    """

    def __init__(
        self,
        component: str | os.PathLike[str] | Component,
        settings: Connection | Settings | None = None,
        *,
        memory_mib: int = 256,
    ) -> None:
        if not isinstance(component, Component):
            component = Component(component)
        if settings is None or isinstance(settings, Connection):
            settings = StoredSettings(settings)
        self._component = component
        self._settings: Settings = settings
        self._memory_mib = memory_mib
        self._linker = component.linker()
        # What an import raised for a reason of its own, to be raised again behind the component.
        self._raised: Exception | None = None
        # Stored only while `set_api_url_and_auth` runs, and only what its caller gave.
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
                raise ConnectorBroke(f"`{function}` did not end: {error}") from error
            finally:
                self._offered = None
        if self._raised is not None:
            raise self._raised
        # wasmtime tells the two apart with a `Variant` only where both are records.
        if isinstance(answer, Variant):
            succeeded, answer = answer.tag == "ok", answer.payload
        else:
            succeeded = not isinstance(answer, Record)
        if succeeded:
            return signature.answer(answer)
        raise ConfluenceError(signature.error(answer))

    def _base_url(self, _store: StoreContext) -> str | Record:
        try:
            return self._settings.connection().base_url()
        except Exception as error:
            return self._problem(error)

    def _authorization(self, _store: StoreContext) -> str | None:
        try:
            return self._settings.connection().authorization
        except Exception as error:
            self._problem(error)
            return None

    def _store(self, _store: StoreContext, url: str, auth: str, level: Level) -> str | Record:
        try:
            if self._offered != (url, auth, level):
                raise SettingsProblem(
                    "refused",
                    "store-not-asked-for",
                    "the component asked to store a connection that its caller did not give",
                    "settings are stored only while `set_api_url_and_auth` runs, and only with the"
                    " arguments of its caller",
                    "call `set_api_url_and_auth` with what is to be stored; if you did, do not trust"
                    " this component",
                )
            connection = Connection(url, auth)
            base = connection.base_url()
            self._settings.store(connection, level)
            return base
        except Exception as error:
            return self._problem(error)

    def _problem(self, error: Exception) -> Record:
        """A problem as the component takes it. What is none is kept, and raised behind the call."""
        if not isinstance(error, SettingsProblem):
            self._raised = error
            error = SettingsProblem(
                "unavailable", "settings-failed", "the settings failed", "a defect", "report it"
            )
        record = Record()
        for name in ("kind", "code", "message", "cause", "resolution"):
            setattr(record, name, getattr(error, name))
        return record
