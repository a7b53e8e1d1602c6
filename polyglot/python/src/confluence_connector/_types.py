"""Component types that are asked what they are made of only once.

`wasmtime` asks the engine for the fields of a record anew for each value, and makes objects of the
answers: a list of 250 pages takes three times as long for it (207 ms against 66 on a busy machine). The
classes here are its own, with the answers kept; what a value is converted with stays `wasmtime`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wasmtime.component import (
    FuncType,
    ListType,
    OptionType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

from ._buffers import COLUMN, as_buffers


class _KeptRecord(RecordType):
    kept: list[tuple[str, ValType]]

    @property
    def fields(self) -> list[tuple[str, ValType]]:
        return self.kept


class _KeptList(ListType):
    kept: ValType

    @property
    def element(self) -> ValType:
        return self.kept


class _KeptTuple(TupleType):
    kept: list[ValType]

    @property
    def elements(self) -> list[ValType]:
        return self.kept


class _KeptOption(OptionType):
    kept: ValType
    kept_cases: list[tuple[str, ValType | None]]
    kept_tagged: bool

    @property
    def payload(self) -> ValType:
        return self.kept

    def _cases(self) -> list[tuple[str, ValType | None]]:
        return self.kept_cases

    def _tagged(self) -> bool:
        return self.kept_tagged


class _KeptResult(ResultType):
    kept: tuple[ValType | None, ValType | None]

    @property
    def ok(self) -> ValType | None:
        return self.kept[0]

    @property
    def err(self) -> ValType | None:
        return self.kept[1]


class _KeptVariant(VariantType):
    kept: list[tuple[str, ValType | None]]
    kept_tagged: bool

    def _cases(self) -> list[tuple[str, ValType | None]]:
        return self.kept

    def _tagged(self) -> bool:
        return self.kept_tagged


@dataclass(frozen=True)
class KeptFunction:
    """What `wasmtime` asks of the type of a function that it calls."""

    params: list[tuple[str, ValType]]
    result: ValType | None


def kept_function(ty: FuncType) -> KeptFunction:
    """The type of a function, with all types in it."""
    params = [(name, kept(param)) for name, param in ty.params]
    return KeptFunction(params, None if ty.result is None else kept(ty.result))


def kept(ty: ValType) -> ValType:
    """A type that keeps what it is made of. It is the one that was given, made another class's."""
    of: Any = ty
    if isinstance(ty, RecordType):
        own = ty.fields
        is_column = [name for name, _ in own] == COLUMN
        fields = [
            (name, (as_buffers(name, field) if is_column else None) or kept(field))
            for name, field in own
        ]
        of.__class__ = _KeptRecord
        of.kept = fields
    elif isinstance(ty, ListType):
        element = kept(ty.element)
        of.__class__ = _KeptList
        of.kept = element
    elif isinstance(ty, TupleType):
        elements = [kept(element) for element in ty.elements]
        of.__class__ = _KeptTuple
        of.kept = elements
    elif isinstance(ty, OptionType):
        payload, tagged = kept(ty.payload), ty._tagged()
        of.__class__ = _KeptOption
        of.kept, of.kept_tagged = payload, tagged
        of.kept_cases = [("none", None), ("some", payload)]
    elif isinstance(ty, VariantType):
        tagged = ty._tagged()
        cases = [(name, None if case is None else kept(case)) for name, case in ty.cases]
        of.__class__ = _KeptVariant
        of.kept, of.kept_tagged = cases, tagged
    elif isinstance(ty, ResultType):
        ok, err = ty.ok, ty.err
        sides = (None if ok is None else kept(ok), None if err is None else kept(err))
        of.__class__ = _KeptResult
        of.kept = sides
    return ty
