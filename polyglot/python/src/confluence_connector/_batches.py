"""Batches of the component as `pyarrow.RecordBatch`.

The component is not trusted: names, lengths, offsets, UTF-8 and nulls are checked before `pyarrow` reads
a value. The buffers are used as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from ._contract import ColumnDescription, ColumnType, Projection, StreamDescription
from ._errors import MalformedBatch

if TYPE_CHECKING:
    import pyarrow as pa

SYSTEM_COLUMNS: tuple[tuple[str, bool], ...] = (
    ("_key", False),
    ("_parent", True),
    ("_container", True),
    ("_fingerprint", False),
    ("_deleted", True),
)
"""Columns of every batch, before those of the stream: name, and whether values can be null."""

_RAW = "raw"

_BODY = "body"

_MIN_INSTANT = -62_135_596_800_000
"""0001-01-01T00:00:00Z in milliseconds since 1970."""

_MAX_INSTANT = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: later instants have no year of four digits."""

_JSON = {"ARROW:extension:name": "arrow.json"}

Expected = tuple[str, ColumnType, bool]
"""A column that a batch has to have: name, type, and whether values can be null."""


class Column(TypedDict):
    """A column as the component returned it, its buffers as bytes."""

    name: str
    validity: bytes
    offsets: bytes
    text: bytes
    numbers: bytes
    flags: bytes


class RawBatch(TypedDict):
    """A batch as the component returned it."""

    stream: str
    rows: int
    columns: list[Column]


def load_pyarrow() -> Any:
    """The module `pyarrow`, which is an optional dependency."""
    try:
        import pyarrow
        import pyarrow.compute
    except ImportError as error:
        raise ImportError(
            "reading streams needs the package `pyarrow`, which is not installed: run "
            "`pip install 'confluence-connector[arrow]'` or `pip install pyarrow`"
        ) from error
    return pyarrow


def expected_columns(stream: StreamDescription, projection: Projection) -> list[Expected]:
    """The columns of the batches that a projection makes, in their order."""
    wanted = projection.get("columns") or ()

    def is_wanted(column: ColumnDescription) -> bool:
        if wanted:
            return column["name"] in wanted
        has_bodies = projection.get("body_format") is not None and column["name"] == _BODY
        return not column["on_request"] or has_bodies

    expected: list[Expected] = [(name, "text", nullable) for name, nullable in SYSTEM_COLUMNS]
    expected += [
        (column["name"], column["type"], column["nullable"])
        for column in stream["columns"]
        if is_wanted(column)
    ]
    if projection.get("raw"):
        expected.append((_RAW, "json", True))
    return expected


def schema(expected: Sequence[Expected]) -> pa.Schema:
    """The schema of batches with these columns. JSON columns are text with the extension name
    `arrow.json` in their metadata."""
    pa = load_pyarrow()
    types = {
        "text": pa.string(),
        "json": pa.string(),
        "integer": pa.int64(),
        "instant": pa.timestamp("ms", tz="UTC"),
        "boolean": pa.bool_(),
    }
    return pa.schema(
        pa.field(name, types[ty], nullable, _JSON if ty == "json" else None)
        for name, ty, nullable in expected
    )


def record_batch(batch: RawBatch, expected: Sequence[Expected], max_rows: int) -> pa.RecordBatch:
    """A batch, after all of it was checked. Raises :class:`MalformedBatch`."""
    pa = load_pyarrow()
    stream, rows, columns = batch["stream"], batch["rows"], batch["columns"]
    if rows > max_rows:
        raise MalformedBatch(
            "batch-too-many-rows",
            f"a batch of the stream `{_cut(stream)}` has {rows} rows; at most {max_rows} are allowed",
        )
    if len(columns) != len(expected):
        raise MalformedBatch(
            "batch-column-count",
            f"a batch of the stream `{_cut(stream)}` has {len(columns)} columns instead of {len(expected)}",
        )
    fields = schema(expected)
    arrays = [
        _array(stream, column, of, field.type, rows)
        for column, of, field in zip(columns, expected, fields)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=fields)


def _array(stream: str, column: Column, expected: Expected, arrow: Any, rows: int) -> Any:
    pa = load_pyarrow()
    name, ty, nullable = expected

    def malformed(code: str, reason: str) -> MalformedBatch:
        return MalformedBatch(
            code, f"the column `{name}` of a batch of the stream `{_cut(stream)}` is malformed: {reason}"
        )

    def buffer(field: str, length: int, code: str) -> Any:
        data: bytes = column[field]  # type: ignore[literal-required]
        if len(data) != length:
            raise malformed(code, f"`{field}` has {len(data)} bytes instead of {length} for {rows} rows")
        return pa.py_buffer(data)

    if column["name"] != name:
        raise MalformedBatch(
            "batch-other-column",
            f"a batch of the stream `{_cut(stream)}` has a column `{_cut(column['name'])}` where "
            f"`{name}` should be",
        )
    is_text = ty in ("text", "json")
    used = {"offsets", "text"} if is_text else {"flags" if ty == "boolean" else "numbers"}
    for field in ("offsets", "text", "numbers", "flags"):
        if field not in used and column[field]:
            raise malformed("batch-values-of-another-type", f"it has `{field}`, and its type is `{ty}`")
    validity = None
    if column["validity"]:
        validity = buffer("validity", (rows + 7) // 8, "batch-bitmap-length")
    if is_text:
        values = [
            buffer("offsets", 4 * (rows + 1), "batch-value-count"),
            pa.py_buffer(column["text"]),
        ]
        _check_ends(column["offsets"], len(column["text"]), malformed)
    elif ty == "boolean":
        values = [buffer("flags", (rows + 7) // 8, "batch-bitmap-length")]
    else:
        values = [buffer("numbers", 8 * rows, "batch-value-count")]
    try:
        # Offsets never fall and stay inside the text, and each value is UTF-8, also where it is null.
        pa.Array.from_buffers(arrow, rows, [None, *values]).validate(full=True)
    except pa.ArrowInvalid as error:
        raise malformed("batch-offsets", str(error)) from error
    array = pa.Array.from_buffers(arrow, rows, [validity, *values])
    if ty == "instant" and rows:
        bounds = pa.compute.min_max(pa.Array.from_buffers(pa.int64(), rows, [None, *values]))
        if bounds["min"].as_py() < _MIN_INSTANT or bounds["max"].as_py() > _MAX_INSTANT:
            raise malformed("batch-instant-out-of-range", "an instant is not in the years 1 to 9999")
    if not nullable and array.null_count:
        raise malformed("batch-null", f"{array.null_count} of its values are null, and it is not nullable")
    if name == "_key" and rows and pa.compute.min(pa.compute.binary_length(array)).as_py() == 0:
        raise malformed("batch-empty-key", "a key is empty")
    return array


def _check_ends(offsets: bytes, text_bytes: int, malformed: Any) -> None:
    numbers = memoryview(offsets).cast("i")
    first, last = numbers[0], numbers[-1]
    if first != 0 or last != text_bytes:
        raise malformed(
            "batch-offset-ends", f"its offsets go from {first} to {last}, and its text has {text_bytes} bytes"
        )


def _cut(name: str) -> str:
    """A name that the component chose, of at most 63 characters."""
    return name[:63]
