"""Lists of numbers and long texts as bytes, instead of an object for each number.

`wasmtime` makes an `int` of each offset and each byte of a bitmap: 1 000 rows of 19 columns take 300 ms
that way. Here a list of numbers is gathered into bytes by one operation, and a text stays the bytes of
its UTF-8.
"""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any, Literal

from wasmtime import _ffi as ffi
from wasmtime.component import S32, S64, U8, ListType, String, ValType

_Format = Literal["B", "i", "q"]

_FORMATS: dict[type[ValType], _Format] = {U8: "B", S32: "i", S64: "q"}

_VALUE_BYTES = ctypes.sizeof(ffi.wasmtime_component_val_t)
_OFFSET = ffi.wasmtime_component_val_t.of.offset

COLUMN = ["name", "validity", "offsets", "text", "numbers", "flags"]
"""Fields of the record whose lists and text are kept as bytes."""


class BufferList(ListType):
    """A list of numbers that becomes bytes, in the order of this machine."""

    format: _Format

    def convert_from_c(self, c: Any) -> bytes:
        values = c.of.list
        try:
            if values.size == 0:
                return b""
            every = (ctypes.c_char * (values.size * _VALUE_BYTES)).from_address(
                ctypes.addressof(values.data.contents)
            )
            numbers = memoryview(every).cast("B").cast(self.format)
            step = _VALUE_BYTES // numbers.itemsize
            gathered: bytes = numbers[_OFFSET // numbers.itemsize :: step].tobytes()
            return gathered
        finally:
            ffi.wasmtime_component_vallist_delete(byref(values))


class Utf8(String):
    """A text that becomes the bytes of its UTF-8, which the component model guarantees."""

    def convert_from_c(self, c: Any) -> bytes:
        text = c.of.string
        data = ctypes.string_at(text.data, text.size) if text.size else b""
        ffi.wasm_byte_vec_delete(byref(text))
        return data


def as_buffers(field: str, ty: ValType) -> ValType | None:
    """The type of a field of a column that is kept as bytes; `None` for the name."""
    of: Any = ty
    if isinstance(ty, ListType):
        element = type(ty.element)
        if element not in _FORMATS:
            return None
        of.__class__ = BufferList
        of.format = _FORMATS[element]
        return ty
    if isinstance(ty, String) and field == "text":
        return Utf8()
    return None
