"""Measures calls through the Python host: `overhead.py COMPONENT ENDPOINT`. Prints a line of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

from confluence_connector import Connection, Connector

CALLS = 100
"""Calls that are measured, after a tenth as many that are not."""


def microseconds(call: Callable[[], Any]) -> int:
    times = []
    for number in range(CALLS + CALLS // 10):
        began = perf_counter_ns()
        call()
        if number >= CALLS // 10:
            times.append(perf_counter_ns() - began)
    return round(median(times) / 1000)


def main() -> None:
    component, endpoint = sys.argv[1:]
    connection = Connection(endpoint, "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==")
    connector = Connector(component, connection)
    times = {
        "listSpaces": microseconds(connector.list_spaces),
        "listPages250": microseconds(lambda: connector.list_pages(limit=250)),
    }
    print(json.dumps({"host": "Python (`wasmtime`)", "microseconds": times}))


if __name__ == "__main__":
    main()
