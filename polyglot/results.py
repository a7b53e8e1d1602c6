"""The table of `polyglot/run`: `results.py OVERHEAD [RESULTS.md]`."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys


def read(path: str) -> str:
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def machine() -> str:
    name = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    kilobytes = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    memory = f", {int(kilobytes[1]) / 1e6:.0f} GB" if kilobytes else ""
    return f"{os.cpu_count()} × {name[1] if name else platform.processor()}{memory}, {platform.system()}"


def shown(microseconds: int) -> str:
    return f"{microseconds / 1000:.2f} ms"


rows = [json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
alone = rows[0]["microseconds"]
table = [
    "| host | `listSpaces` | beyond the request | `listPages`, 250 rows | beyond the request |",
    "|---|---|---|---|---|",
]
for row in rows:
    spaces, pages = row["microseconds"]["listSpaces"], row["microseconds"]["listPages250"]
    beyond = [
        "" if row is rows[0] else shown(time - alone[name])
        for name, time in (("listSpaces", spaces), ("listPages250", pages))
    ]
    table.append(f"| {row['host']} | {shown(spaces)} | {beyond[0]} | {shown(pages)} | {beyond[1]} |")
print("\n".join(table))
if len(sys.argv) > 2:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    node = subprocess.run(["node", "--version"], capture_output=True, text=True)
    head = f"""# Results

Written by `polyglot/run --results`: the median of 100 calls of each, one after another, at one simulator on
the same machine, in one run. Times depend on the machine and on what else it does; rows of one run can be
compared. The request alone is made by hyper over one connection, and its answer is not looked at. The Rust
host is a development build, whose dependencies are optimised.

- {datetime.date.today().isoformat()}, commit `{commit.stdout.strip()}`
- {machine()}
- Python {platform.python_version()}, Node {node.stdout.strip()}

"""
    pathlib.Path(sys.argv[2]).write_text(head + "\n".join(table) + "\n")
    print(f"{sys.argv[2]} is written")
