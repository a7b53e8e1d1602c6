"""Runs the recipes in Python: `recipes.py HOST_RUNNER RECIPES`."""

import contextlib
import datetime
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

AUTHORIZATION = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg=="

TYPES = {
    "string": "VARCHAR",
    "extension<arrow.json>": "VARCHAR",
    "int64": "BIGINT",
    "bool": "BOOLEAN",
    "timestamp[ms, tz=+00:00]": "TIMESTAMP WITH TIME ZONE",
}
"""What DuckDB calls the types of pyarrow that columns of a stream have."""

TIMES_OF_A_RUN = {"computed_at", "oldest_input_at", "placed_at"}
"""Columns with the time of a run, which differs from copy to copy."""


@contextlib.contextmanager
def simulator(host_runner, pages):
    command = [host_runner, "simulator", "serve", "--port", "0", "--pages", str(pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def copy(host_runner, folder):
    """Copies a site into `site.db` and `site`."""
    with simulator(host_runner, 300) as endpoint:
        folders = {"HOST_RUNNER_CONFIG_DIR": folder / "config", "HOST_RUNNER_STATE_DIR": folder / "state"}
        environment = {**os.environ, **{name: str(path) for name, path in folders.items()}}

        def run(*words, standard_input=""):
            subprocess.run(
                [host_runner, *words],
                cwd=folder,
                env=environment,
                input=standard_input,
                text=True,
                check=True,
                capture_output=True,
            )

        run("config", "set", "network.allow-loopback", "true", "--level", "cluster")
        run("call", "setApiUrlAndAuth", endpoint, "-", "app", standard_input=AUTHORIZATION)
        for sink in ("sqlite:site.db", "parquet:site"):
            # The second run finds nothing that has changed.
            for _ in range(2):
                run("sync", "run", "--to", sink, "--bodies", "storage", "--raw")


def recipe(text, heading, folder):
    """Runs the Python of a section, and returns its `result` and what it printed."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)\n```", section, re.DOTALL)
    names = {}
    printed = io.StringIO()
    os.chdir(folder)
    with contextlib.redirect_stdout(printed):
        exec(compile(code, heading, "exec"), names)
    return names.get("result"), printed.getvalue()


def iso(instant):
    instant = instant.astimezone(datetime.timezone.utc)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03}Z"


def stored(value):
    """A value as SQLite has it."""
    if isinstance(value, datetime.datetime):
        return iso(value)
    return int(value) if isinstance(value, bool) else value


def last_rows(site, stream):
    """The last row of each key by pyarrow, as the manifests order them, and the types of the columns."""
    last, types = {}, {}
    for manifest in sorted(site.glob("_manifest/*.json")):
        for part in json.loads(manifest.read_text())["parts"]:
            if part["stream"] == stream:
                table = pq.read_table(site / part["path"], partitioning=None)
                assert table.num_rows == part["rows"]
                types.update((field.name, str(field.type)) for field in table.schema)
                last.update((row["_sync_key"], row) for row in table.to_pylist())
    return last, types


def compare(folder):
    """Every value of every stream: SQLite, pyarrow, DuckDB."""
    site, database = folder / "site", sqlite3.connect(folder / "site.db")
    streams = sorted(path.name for path in site.iterdir() if path.is_dir() and not path.name.startswith("_"))
    cells = 0
    for stream in streams:
        last, types = last_rows(site, stream)
        cursor = database.execute(f'SELECT * FROM "{stream}"')
        names = [name for name, *_ in cursor.description]
        own = [name for name in names if not name.startswith("_sync_")]
        expected = {row[0]: dict(zip(names, row)) for row in cursor}
        assert expected.keys() == last.keys(), stream
        files = f"read_parquet('{site}/{stream}/*/part-*.parquet', union_by_name = true)"
        relation = duckdb.sql(f"SELECT {', '.join(own)}, _sync_key FROM {files}")
        for name, ty in zip(relation.columns, relation.types):
            assert TYPES[types[name]] == str(ty), (stream, name, types[name], ty)
        by_duckdb = {row[-1]: dict(zip(own, row)) for row in relation.fetchall()}
        for key, row in expected.items():
            for name in own:
                values = [stored(last[key][name]), stored(by_duckdb[key][name])]
                if name not in TIMES_OF_A_RUN:
                    values.append(row[name])
                assert all(value == values[0] for value in values), (stream, key, name, values)
                cells += 1
    return streams, cells


def main():
    host_runner, page = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).read_text()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy(host_runner, folder)
        streams, cells = compare(folder)
        print(f"{len(streams)} streams, {cells} values: SQLite, pyarrow and DuckDB have the same")

        pandas, _ = recipe(page, "SQLite to pandas", folder)
        counts = {space: (row["pages"], iso(row["newest"])) for space, row in pandas.to_dict("index").items()}
        in_duckdb, _ = recipe(page, "Parquet to DuckDB", folder)
        assert counts == {space: (pages, iso(newest)) for space, pages, newest in in_duckdb.fetchall()}
        in_polars, _ = recipe(page, "Parquet to Polars", folder)
        assert counts == {space: (pages, iso(newest)) for space, pages, newest in in_polars.iter_rows()}
        in_pyarrow, _ = recipe(page, "Parquet to pyarrow", folder)
        assert sum(pages for pages, _ in counts.values()) == len(in_pyarrow) == 300
        _, links = recipe(page, "Broken links between pages", folder)
        assert "no page 'Road map' in ENG" in links, links[:500]
        print("all recipes in Python ran, and agree")


if __name__ == "__main__":
    main()
