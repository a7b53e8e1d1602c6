"""Python values to component values and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wasmtime.component import (
    EnumType,
    ListType,
    OptionType,
    Record,
    RecordType,
    String,
    TupleType,
    U16,
    U32,
    U64,
    Bool,
    S64,
    ValType,
    Variant,
    VariantType,
)

Lower = Callable[[Any, str], Any]
Lift = Callable[[Any], Any]

_RANGES: dict[type[ValType], tuple[str, int, int]] = {
    U16: ("from 0 to 65535", 0, 2**16 - 1),
    U32: ("from 0 to 4294967295", 0, 2**32 - 1),
    U64: ("of 64 bits", 0, 2**64 - 1),
    S64: ("of 64 bits", -(2**63), 2**63 - 1),
}


def lowering(ty: ValType) -> Lower:
    """What makes an argument of this type of a Python value.

    A value of another type is a `TypeError` that names its place; so is a field that a record does
    not have. Omitted fields are absent.
    """
    if isinstance(ty, OptionType):
        inner = lowering(ty.payload)
        return lambda value, at: None if value is None else inner(value, at)
    if isinstance(ty, ListType):
        return _list(lowering(ty.element))
    if isinstance(ty, TupleType):
        return _tuple([lowering(element) for element in ty.elements])
    if isinstance(ty, RecordType):
        return _record(
            {_snake_case(name): (name, lowering(field), _absent(field)) for name, field in ty.fields}
        )
    if isinstance(ty, EnumType):
        return _enum(ty.names)
    if isinstance(ty, String):
        return _text
    if isinstance(ty, Bool):
        return _bool
    for number, (words, least, most) in _RANGES.items():
        if isinstance(ty, number):
            return _integer(words, least, most)
    raise TypeError(f"no value can be made for the type `{ty}`")


def lifting(ty: ValType) -> Lift | None:
    """What makes a Python value of an answer of this type; `None` where the answer is one already.

    Records become dictionaries whose keys are in snake_case.
    """
    if isinstance(ty, OptionType):
        inner = lifting(ty.payload)
        if inner is None:
            return None
        some = inner
        return lambda value: None if value is None else some(value)
    if isinstance(ty, ListType):
        inner = lifting(ty.element)
        if inner is None:
            return None
        each = inner
        return lambda items: [each(item) for item in items]
    if isinstance(ty, TupleType):
        elements = [lifting(element) for element in ty.elements]
        if not any(elements):
            return None
        return lambda items: tuple(
            item if lift is None else lift(item) for lift, item in zip(elements, items)
        )
    if isinstance(ty, VariantType):
        cases = {name: None if case is None else lifting(case) for name, case in ty._cases()}
        return lambda value: _case(value, cases)
    if isinstance(ty, RecordType):
        return _dictionary([(name, _snake_case(name), lifting(field)) for name, field in ty.fields])
    return None


def _case(value: Variant, cases: dict[str, Lift | None]) -> tuple[str, Any]:
    lift = cases[value.tag]
    return value.tag, value.payload if lift is None else lift(value.payload)


def _snake_case(name: str) -> str:
    return name.replace("-", "_")


def _absent(ty: ValType) -> Callable[[], Any] | None:
    if isinstance(ty, OptionType):
        return lambda: None
    if isinstance(ty, ListType):
        return list
    if isinstance(ty, Bool):
        return lambda: False
    return None


def _wrong(at: str, wanted: str, value: Any) -> TypeError:
    return TypeError(f"`{at}` takes {wanted}, not {type(value).__name__}")


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise _wrong(at, "a str", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"`{at}` has half of a surrogate pair, which is no text") from None
    return value


def _bool(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(at, "a bool", value)
    return value


def _integer(words: str, least: int, most: int) -> Lower:
    def lower(value: Any, at: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong(at, "an int", value)
        if not least <= value <= most:
            raise ValueError(f"`{at}` takes an int {words}, not {value}")
        return value

    return lower


def _enum(names: list[str]) -> Lower:
    words = "one of `" + "`, `".join(names) + "`"

    def lower(value: Any, at: str) -> str:
        if not isinstance(value, str):
            raise _wrong(at, words, value)
        if value not in names:
            raise ValueError(f"`{at}` takes {words}, not `{value}`")
        return value

    return lower


def _list(element: Lower) -> Lower:
    def lower(value: Any, at: str) -> list[Any]:
        # A str is a sequence of its letters, which nobody means.
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise _wrong(at, "a list", value)
        return [element(item, at) for item in value]

    return lower


def _tuple(elements: list[Lower]) -> Lower:
    def lower(value: Any, at: str) -> tuple[Any, ...]:
        if not isinstance(value, (tuple, list)) or len(value) != len(elements):
            raise _wrong(at, f"a tuple of {len(elements)}", value)
        return tuple(element(item, at) for element, item in zip(elements, value))

    return lower


def _record(fields: dict[str, tuple[str, Lower, Callable[[], Any] | None]]) -> Lower:
    def lower(value: Any, at: str) -> Record:
        if not isinstance(value, Mapping):
            raise _wrong(at, "a dict", value)
        for key in value:
            if key not in fields:
                known = "`, `".join(fields)
                raise TypeError(f"`{at}` has no `{key}`; it takes `{known}`")
        record = Record()
        for key, (name, inner, absent) in fields.items():
            if key in value:
                lowered = inner(value[key], f"{at}.{key}")
            elif absent is not None:
                lowered = absent()
            else:
                raise TypeError(f"`{at}` lacks `{key}`")
            setattr(record, name, lowered)
        return record

    return lower


def _dictionary(fields: list[tuple[str, str, Lift | None]]) -> Lift:
    def lift(record: Any) -> dict[str, Any]:
        values: dict[str, Any] = record.__dict__
        return {
            key: values[name] if inner is None else inner(values[name])
            for name, key, inner in fields
        }

    return lift
