"""Compares copies in DuckDB and SQLite, as Python reads them: `duckdb-copy.py HOST_RUNNER`."""

import datetime
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

AUTHORIZATION = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg=="

TIMES_OF_A_RUN = {"computed_at", "oldest_input_at", "placed_at", "_sync_at", "_sync_deleted_at"}
"""Columns with the time of a run, which differs from copy to copy."""


def copy(host_runner, folder):
    """Copies a site into `site.db` and `site.duckdb`."""
    command = [host_runner, "simulator", "serve", "--port", "0", "--pages", "300"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as simulator:
        try:
            endpoint = simulator.stdout.readline().strip()
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
                    stdout=subprocess.DEVNULL,
                )

            run("config", "set", "network.allow-loopback", "true", "--level", "cluster")
            run("call", "setApiUrlAndAuth", endpoint, "-", "app", standard_input=AUTHORIZATION)
            for sink in ("sqlite:site.db", "duckdb:site.duckdb"):
                # The second run finds nothing that has changed.
                for _ in range(2):
                    run("sync", "run", "--to", sink, "--bodies", "storage", "--raw", "--naming", "airbyte")
        finally:
            simulator.terminate()


def stored(value):
    """A value as SQLite has it."""
    if isinstance(value, datetime.datetime):
        instant = value.astimezone(datetime.timezone.utc)
        return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03}Z"
    return int(value) if isinstance(value, bool) else value


def compare(in_sqlite, in_duckdb):
    """Every value of every table of a stream."""
    names = "SELECT DISTINCT stream FROM _sync_columns WHERE type <> 'view' ORDER BY stream"
    tables = [name for (name,) in in_duckdb.execute(names).fetchall()]
    assert tables == [name for (name,) in in_sqlite.execute(names)]
    cells = 0
    for table in tables:
        select = f'SELECT * FROM "{table}" ORDER BY _sync_key'
        result = in_duckdb.execute(select)
        columns = [name for name, *_ in result.description]
        rows = [dict(zip(columns, map(stored, row))) for row in result.fetchall()]
        cursor = in_sqlite.execute(select)
        expected = [dict(zip([name for name, *_ in cursor.description], row)) for row in cursor]
        assert len(rows) == len(expected), table
        for row, other in zip(rows, expected):
            assert row.keys() == other.keys(), table
            # The hash of a computed row is one of such times, too.
            times = TIMES_OF_A_RUN | ({"_sync_hash"} if table == "content_access" else set())
            for name in row.keys() - times:
                if name == "_airbyte_meta":
                    assert json.loads(row[name]) == json.loads(other[name]), (table, row)
                elif name not in ("_airbyte_extracted_at", "_ab_cdc_deleted_at"):
                    assert row[name] == other[name], (table, name, row[name], other[name])
                cells += 1
    return tables, cells


def main():
    host_runner = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy(host_runner, folder)
        in_sqlite = sqlite3.connect(folder / "site.db")
        in_duckdb = duckdb.connect(folder / "site.duckdb", read_only=True)
        tables, cells = compare(in_sqlite, in_duckdb)
        readers = "SELECT * FROM content_readers ORDER BY 1, 2, 3"
        by_sqlite = in_sqlite.execute(readers).fetchall()
        assert sorted(in_duckdb.execute(readers).fetchall(), key=str) == sorted(by_sqlite, key=str)
        library = os.environ["HOST_RUNNER_DUCKDB_LIBRARY"]
        print(
            f"{library}: DuckDB {duckdb.__version__} reads {len(tables)} tables, {cells} values and"
            f" {len(by_sqlite)} readers, as SQLite does"
        )


if __name__ == "__main__":
    main()
