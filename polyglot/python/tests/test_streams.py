"""Streams: what a component returns is checked, and read to its end.

`python test_streams.py`. The component is a script of results here; `conformance.py` reads real ones.
"""

from __future__ import annotations

import pickle
import struct
import subprocess
import sys
import unittest
from random import Random
from typing import Any

import pyarrow as pa
from confluence_connector import ConfluenceError, MalformedBatch, StreamUnsupported, parents_of
from confluence_connector._batches import Expected, RawBatch, record_batch
from confluence_connector._streams import Streams
from confluence_connector.contract import ErrorRecord, Pass, StreamDescription


def offsets(*ends: int) -> bytes:
    return struct.pack(f"={len(ends)}i", *ends)


def numbers(*values: int) -> bytes:
    return struct.pack(f"={len(values)}q", *values)


def column(name: str, **buffers: bytes) -> Any:
    empty = {"validity": b"", "offsets": b"", "text": b"", "numbers": b"", "flags": b""}
    return {"name": name, **empty, **buffers}


def one(ty: Any, rows: int, nullable: bool = True, name: str = "c", **buffers: bytes) -> Any:
    """A batch with one column."""
    expected: list[Expected] = [(name, ty, nullable)]
    batch: RawBatch = {"stream": "pages", "rows": rows, "columns": [column(name, **buffers)]}
    return record_batch(batch, expected, 10)


class Batches(unittest.TestCase):
    """Columns are checked before a value is read."""

    def refused(self, code: str, ty: Any, rows: int, nullable: bool = True, name: str = "c", **buffers: bytes) -> None:
        with self.subTest(code=code, ty=ty, buffers=buffers):
            with self.assertRaises(MalformedBatch) as raised:
                one(ty, rows, nullable, name, **buffers)
            self.assertEqual(raised.exception.code, code)

    def test_values_are_what_the_component_returned_and_are_not_copied(self) -> None:
        text = "añb".encode()
        batch = one("text", 3, validity=b"\x05", offsets=offsets(0, 1, 1, 4), text=text)
        self.assertEqual(batch.column("c").to_pylist(), ["a", None, "ñb"])
        address = pa.py_buffer(text).address
        self.assertEqual(batch.column("c").buffers()[2].address, address)
        batch = one("instant", 2, numbers=numbers(0, 1_777_000_000_123))
        self.assertEqual(batch.schema.field("c").type, pa.timestamp("ms", tz="UTC"))
        self.assertEqual(batch.column("c").cast("int64").to_pylist(), [0, 1_777_000_000_123])
        batch = one("boolean", 10, flags=b"\xff\x02")
        self.assertEqual(batch.column("c").to_pylist()[7:], [True, False, True])
        batch = one("json", 1, offsets=offsets(0, 2), text=b"{}")
        self.assertEqual(batch.schema.field("c").metadata, {b"ARROW:extension:name": b"arrow.json"})
        self.assertEqual(one("text", 0, offsets=offsets(0)).num_rows, 0)

    def test_lengths_that_do_not_fit_are_refused(self) -> None:
        self.refused("batch-value-count", "text", 2, offsets=offsets(0, 1), text=b"a")
        self.refused("batch-value-count", "text", 0)
        self.refused("batch-value-count", "text", 1, offsets=offsets(0, 1)[:-1], text=b"a")
        self.refused("batch-value-count", "integer", 2, numbers=numbers(1))
        self.refused("batch-value-count", "instant", 0, numbers=numbers(1))
        self.refused("batch-bitmap-length", "boolean", 9, flags=b"\x01")
        self.refused("batch-bitmap-length", "integer", 9, validity=b"\x01", numbers=numbers(*range(9)))
        self.refused("batch-bitmap-length", "text", 0, validity=b"\x01", offsets=offsets(0))
        self.refused("batch-too-many-rows", "integer", 11, numbers=numbers(*range(11)))
        self.refused("batch-too-many-rows", "integer", 2**32 - 1)

    def test_offsets_that_lead_elsewhere_are_refused(self) -> None:
        for end in [(1, 2), (0, 1), (0, 3), (-1, 2), (0, -(2**31)), (0, 2**31 - 1)]:
            self.refused("batch-offset-ends", "text", 1, offsets=offsets(*end), text=b"ab")
        for ends in [(0, 2, 1, 2), (0, 2**31 - 1, 0, 2), (0, -1, 1, 2)]:
            self.refused("batch-offsets", "text", 3, offsets=offsets(*ends), text=b"ab")
            # Also in rows that are null, which are not read.
            self.refused("batch-offsets", "json", 3, validity=b"\x00", offsets=offsets(*ends), text=b"ab")
        self.refused("batch-offsets", "text", 2, offsets=offsets(0, 1, 2), text="ñ".encode())
        self.refused("batch-offsets", "text", 1, offsets=offsets(0, 2), text=b"\xff\xfe")

    def test_values_that_the_column_does_not_allow_are_refused(self) -> None:
        self.refused("batch-values-of-another-type", "integer", 0, text=b"a")
        self.refused("batch-values-of-another-type", "text", 0, offsets=offsets(0), numbers=numbers(1))
        self.refused("batch-values-of-another-type", "boolean", 1, flags=b"\x01", offsets=offsets(0))
        self.refused("batch-instant-out-of-range", "instant", 1, numbers=numbers(2**62))
        self.refused("batch-instant-out-of-range", "instant", 1, numbers=numbers(-(2**63)))
        self.refused("batch-null", "integer", 1, nullable=False, validity=b"\x00", numbers=numbers(0))
        self.refused("batch-empty-key", "text", 1, nullable=False, name="_key", offsets=offsets(0, 0))

    def test_other_columns_than_expected_are_refused(self) -> None:
        expected: list[Expected] = [("a", "integer", True)]
        for columns, code in [([], "batch-column-count"), ([column("b" * 100)], "batch-other-column")]:
            with self.assertRaises(MalformedBatch) as raised:
                record_batch({"stream": "pages", "rows": 0, "columns": columns}, expected, 10)
            self.assertEqual(raised.exception.code, code)
            self.assertNotIn("b" * 64, str(raised.exception))
        again = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual((again.code, str(again)), (raised.exception.code, str(raised.exception)))

    def test_no_bytes_of_a_component_crash_the_process(self) -> None:
        random = Random(42)
        for _ in range(4_000):
            rows = random.randrange(4)
            buffers = {
                name: bytes(random.choice((0, 1, 2, 3, 255)) for _ in range(random.choice((0, 1, 2, length))))
                for name, length in [("validity", 1), ("text", 3), ("flags", 1), ("numbers", 8 * rows)]
                if random.random() < 0.5
            }
            if random.random() < 0.8:
                ends = sorted(random.randrange(-1, 5) for _ in range(rows))
                buffers["offsets"] = offsets(0, *ends)
            try:
                ty = random.choice(("text", "json", "integer", "instant", "boolean"))
                one(ty, rows, True, "c", **buffers).to_pylist()
            except MalformedBatch:
                pass

    def test_without_pyarrow_the_error_says_what_to_install(self) -> None:
        script = (
            "import sys; sys.modules['pyarrow'] = None\n"
            "from confluence_connector._batches import load_pyarrow\n"
            "try: load_pyarrow()\n"
            "except ImportError as error: print(error)\n"
        )
        told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        self.assertIn("pip install 'confluence-connector[arrow]'", told.stdout)


def described(name: str, passes: list[Pass], parents: list[str] | None = None) -> StreamDescription:
    return {
        "name": name,
        "documentation": "",
        "key": ["id"],
        "parents": parents or [],
        "by_space": False,
        "columns": [
            {"name": "id", "documentation": "", "type": "text", "nullable": False, "on_request": False}
        ],
        "passes": passes,
        "scopes": [],
        "points_per_row": 0,
        "default": True,
        "settings": [],
    }


STREAMS = [
    described("groups", ["full", "census"]),
    described("members", ["access"], ["groups"]),
    described("users", ["details"], ["members"]),
    described("folders", ["details"], ["folders"]),
]

ERROR: ErrorRecord = {
    "code": "rate-limited",
    "kind": "rate-limited",
    "message": "m",
    "cause": "c",
    "resolution": "r",
    "status": 429,
    "request_id": None,
    "retry_after_ms": None,
    "limit_scope": None,
}


def texts(name: str, values: list[str]) -> Any:
    ends = [0]
    for value in values:
        ends.append(ends[-1] + len(value.encode()))
    return column(name, offsets=offsets(*ends), text="".join(values).encode())


def progress(stream: str, keys: list[str], outcome: Any = ("done", None), state: str | None = None) -> Any:
    nulls = {"validity": bytes((len(keys) + 7) // 8), "offsets": offsets(*[0] * (len(keys) + 1))}
    columns = [texts("_key", keys), column("_parent", **nulls), column("_container", **nulls)]
    columns += [texts("_fingerprint", keys), column("_deleted", **nulls), texts("id", keys)]
    observed = {
        "rows": len(keys),
        "requests": 1,
        "points": 2,
        "foreign_rows": 0,
        "missing_parents": [],
        "site_time": None,
    }
    return {
        "batches": [{"stream": stream, "rows": len(keys), "columns": columns}],
        "state": state,
        "outcome": outcome,
        "observed": observed,
        "notices": [],
    }


class Script(Streams):
    """Streams that answer what a script says. Steps without parents fail for streams that need them."""

    def __init__(self, *results: Any) -> None:
        super().__init__()
        self.results = list(results)
        self.requests: list[Any] = []

    def _call(self, interface: str, function: str, arguments: tuple[Any, ...]) -> Any:
        if function == "streams":
            return STREAMS
        (request,) = arguments
        self.requests.append(request)
        needs = next(stream["parents"] for stream in STREAMS if stream["name"] == request["stream"])
        if needs and not request["parents"]:
            raise ConfluenceError({**ERROR, "code": "parents-missing"})
        return self.results.pop(0)


class Readings(unittest.TestCase):
    """A reading follows states and parents to the end."""

    def keys(self, table: pa.Table) -> list[str]:
        keys: list[str] = table.column("_key").to_pylist()
        return keys

    def test_a_reading_passes_each_state_on_and_sums_up(self) -> None:
        script = Script(
            progress("groups", ["1"], ("more", None), "a"),
            progress("groups", [], ("more", None), "b"),
            progress("groups", ["2"], state="c"),
        )
        reading = script.read("groups", state="z")
        self.assertEqual(reading.state, "z")
        self.assertEqual([batch.num_rows for batch in reading], [1, 1])
        self.assertEqual([request["state"] for request in script.requests], ["z", "a", "b"])
        self.assertEqual((reading.state, reading.rows, reading.requests, reading.points), ("c", 2, 3, 6))

    def test_a_pass_that_ends_early_gives_its_rows_before_the_error_and_can_go_on(self) -> None:
        reading = Script(progress("groups", ["1"], ("failed", ERROR), "a")).read("groups")
        self.assertEqual(next(reading).num_rows, 1)
        self.assertEqual(reading.state, "a")
        with self.assertRaises(ConfluenceError) as raised:
            next(reading)
        self.assertEqual(raised.exception.status, 429)
        with self.assertRaises(StopIteration):
            next(reading)

    def test_a_stream_that_the_site_does_not_have_is_an_error_of_its_own(self) -> None:
        with self.assertRaises(StreamUnsupported) as raised:
            Script(progress("groups", [], ("unsupported", "no roles"))).read("groups").read_all()
        self.assertEqual((raised.exception.stream, raised.exception.reason), ("groups", "no roles"))

    def test_parents_are_read_first_also_of_parents_and_each_account_once(self) -> None:
        script = Script(
            progress("groups", ["g", "h"]),
            progress("members", ["g/1", "h/1", "h/2"]),
            progress("users", ["1", "2"]),
        )
        reading = script.read("users")
        self.assertEqual(self.keys(reading.read_all()), ["1", "2"])
        self.assertIsNone(reading.state)
        parents = [[parent["key"] for parent in request["parents"]] for request in script.requests]
        self.assertEqual(parents, [[], [], [], ["g", "h"], ["g/1", "h/2"]])
        self.assertEqual(script.requests[2]["pass"], "census")

    def test_many_parents_are_read_in_groups(self) -> None:
        batch = Script(progress("groups", [str(key) for key in range(600)])).step("groups", "full").batches["groups"]
        script = Script(*(progress("members", [f"{group}/1"]) for group in range(3)))
        parents = parents_of("groups", batch)
        self.assertEqual(script.read("members", parents=parents).read_all().num_rows, 3)
        self.assertEqual([len(request["parents"]) for request in script.requests], [250, 250, 100])
        with self.assertRaisesRegex(ValueError, "`state` continues one pass"):
            script.read("members", parents=parents, state="a")

    def test_a_stream_whose_parents_are_its_own_rows_needs_them(self) -> None:
        with self.assertRaises(ConfluenceError) as raised:
            Script().read("folders").read_all()
        self.assertEqual(raised.exception.code, "parents-missing")

    def test_names_that_do_not_exist_are_refused_at_once(self) -> None:
        script = Script()
        with self.assertRaisesRegex(ValueError, "there is no stream `nothing`; streams are `groups`"):
            script.read("nothing")
        with self.assertRaisesRegex(ValueError, "`groups` has no pass `versions`; its passes are `full`"):
            script.read("groups", "versions")
        with self.assertRaisesRegex(ValueError, "`groups` has no column `x`; its columns are `id`"):
            script.read("groups", columns=["x"])
        self.assertEqual(script.requests, [])

    def test_steps_that_violate_the_contract_are_refused(self) -> None:
        twice = progress("groups", ["1"])
        twice["batches"] *= 2
        for result, code in [
            (progress("groups", ["1"], ("more", None)), "step-without-progress"),
            (progress("groups", [], ("more", None), "s"), "step-without-progress"),
            (progress("groups", [], state="s" * 16_385), "state-too-long"),
            (progress("elsewhere", []), "batch-of-unknown-stream"),
            (twice, "batch-twice"),
        ]:
            with self.subTest(code), self.assertRaises(MalformedBatch) as raised:
                Script(result).step("groups", "full", state="s")
            self.assertEqual(raised.exception.code, code)


if __name__ == "__main__":
    unittest.main()
