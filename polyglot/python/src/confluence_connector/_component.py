"""The component, compiled."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component as Compiled
from wasmtime.component import ExportIndex, Func, Instance, Linker, ResultType

from ._types import KeptFunction, kept_function
from ._values import Lift, Lower, lifting, lowering

_PACKAGE = "confluence:connector"
_VERSION = "0.3.0"

SETTINGS = f"{_PACKAGE}/settings@{_VERSION}"

_MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Signature:
    """How to encode the arguments of a function and decode its result."""

    index: ExportIndex
    ty: KeptFunction
    parameters: list[tuple[str, Lower]]
    answer: Lift
    error: Lift


class Component:
    """The compiled component. Create it once per process and share it between connectors.

    Compiling takes about a third of a second. With `cache`, wasmtime stores the compiled code in
    the user's cache folder for later processes.
    """

    def __init__(self, path: str | os.PathLike[str], *, cache: bool = False) -> None:
        config = Config()
        if cache:
            config.cache = True
        self.engine = Engine(config)
        self._compiled = Compiled.from_file(self.engine, os.fspath(path))
        self._signatures: dict[tuple[str, str], Signature] = {}

    def linker(self) -> Linker:
        """A linker with WASI. The component imports only its I/O and HTTP."""
        linker = Linker(self.engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        return linker

    def instantiate(self, linker: Linker, memory_mib: int) -> tuple[Store, Instance]:
        """A fresh instance in its own store."""
        store = Store(self.engine)
        store.set_limits(memory_size=memory_mib * _MEBIBYTE)
        # No environment, files or arguments.
        store.set_wasi(WasiConfig())
        store.set_wasi_http()
        return store, linker.instantiate(store, self._compiled)

    def function(
        self, store: Store, instance: Instance, interface: str, name: str
    ) -> tuple[Signature, Func]:
        """A function of an instance, and its signature."""
        signature = self._signatures.get((interface, name))
        if signature is None:
            signature = self._signature(store, instance, interface, name)
            self._signatures[(interface, name)] = signature
        function = instance.get_func(store, signature.index)
        if function is None:
            raise LookupError(f"the component has no function `{name}` in `{interface}`")
        # Each call reads the type of the function, which is the same in all instances.
        setattr(function, "type", lambda _store: signature.ty)
        return signature, function

    def _signature(
        self, store: Store, instance: Instance, interface: str, name: str
    ) -> Signature:
        exported = instance.get_export_index(store, f"{_PACKAGE}/{interface}@{_VERSION}")
        index = exported and instance.get_export_index(store, name, exported)
        if index is None:
            raise LookupError(f"the component has no function `{name}` in `{interface}` {_VERSION}")
        function = instance.get_func(store, index)
        if function is None:
            raise LookupError(f"`{name}` in `{interface}` is not a function")
        ty = kept_function(function.type(store))
        result = ty.result
        if not isinstance(result, ResultType) or result.ok is None or result.err is None:
            raise LookupError(f"`{name}` in `{interface}` does not return a `result`")
        return Signature(
            index,
            ty,
            [(parameter.replace("-", "_"), lowering(of)) for parameter, of in ty.params],
            lifting(result.ok) or _as_it_is,
            lifting(result.err) or _as_it_is,
        )


def _as_it_is(value: Any) -> Any:
    return value
