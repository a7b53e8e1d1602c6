"""Runs the cases through the Python host: `conformance.py HOST_RUNNER COMPONENT CASES`.

Prints the report, one line per case, in the bytes that every host prints. Cases that need what this
host cannot do are omitted. `polyglot/rust` documents reports and cases.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from confluence_connector import (
    Component,
    ConfluenceError,
    Connection,
    Connector,
    Step,
    StoredSettings,
    parents_of,
)

AUTHORIZATION = "Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg=="

LONGEST = 8_000
"""Bytes of the longest value that is written out. Of others a digest stands for the items."""

Case = dict[str, Any]


def snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def renamed(value: Any, spelled: Any) -> Any:
    """The value, with the keys of its dictionaries spelled in another way."""
    if isinstance(value, dict):
        return {spelled(key): renamed(item, spelled) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, spelled) for item in value]
    return value


def canonical(value: Any) -> str:
    return json.dumps(renamed(value, camel_case), ensure_ascii=False, separators=(",", ":"))


def digest(text: str) -> dict[str, Any]:
    data = text.encode()
    return {"bytes": len(data), "digest": f"sha256:{hashlib.sha256(data).hexdigest()}"}


def outcome_of_value(value: Any, site: str) -> str:
    text = canonical(value).replace(site, "SITE")
    if len(text.encode()) > LONGEST:
        long = next((name for name in ("items", "batches") if name in value), None)
        if long:
            items = canonical(value[long]).replace(site, "SITE")
            text = canonical({**value, long: digest(items)}).replace(site, "SITE")
        else:
            text = canonical(digest(text))
    return f'{{"value":{text}}}'


def outcome_of_error(error: ConfluenceError, host_words_it: bool, site: str) -> str:
    record = {"kind": error.kind} if host_words_it else error.record
    return f'{{"error":{canonical(record)}}}'.replace(site, "SITE")


def type_name(field: Any) -> str:
    if field.metadata:
        return "json"
    return {"string": "text", "int64": "integer", "bool": "boolean"}.get(str(field.type), "instant")


def batch_value(stream: str, batch: Any) -> dict[str, Any]:
    """A batch: rows as lists of values, instants in milliseconds."""
    fields = list(batch.schema)
    columns = [
        (column.cast("int64") if type_name(field) == "instant" else column).to_pylist()
        for field, column in zip(fields, batch.columns)
    ]
    return {
        "stream": stream,
        "columns": [[field.name, type_name(field), field.nullable] for field in fields],
        "rows": [list(row) for row in zip(*columns)],
    }


def step_value(step: Step, is_timed: bool) -> dict[str, Any]:
    """What a step returned. The time of the site is another one in each run, also in a state."""
    outcome: Any = step.outcome
    if step.error is not None:
        outcome = {"failed": step.error}
    if step.reason is not None:
        outcome = {"unsupported": step.reason}
    return {
        "batches": [batch_value(stream, batch) for stream, batch in step.batches.items()],
        "state": step.state is not None if is_timed else step.state,
        "outcome": outcome,
        "observed": {**step.observed, "site_time": step.observed["site_time"] is not None},
        "notices": step.notices,
    }


def make_step(connector: Connector, case: Case, given: dict[str, Any], answers: list[Any]) -> Step:
    """A step. What it continues is the state that the Rust host was given."""
    arguments = {snake_case(name): value for name, value in given.items()}
    arguments["pass_"] = arguments.pop("pass")
    if isinstance(state := arguments.get("state"), dict):
        arguments["state"] = case["outcomes"][state["stateOf"]]["value"]["state"]
    if isinstance(parents := arguments.get("parents"), dict):
        (stream, batch), *_ = answers[parents["parentsOf"]].batches.items()
        arguments["parents"] = parents_of(stream, batch)
    if "budget" in arguments:
        arguments["budget"] = renamed(arguments["budget"], snake_case)
    return connector.step(**arguments)


@contextmanager
def simulator(host_runner: str, case: Case, log: Path) -> Iterator[str]:
    """A simulator for one case; answers its endpoint."""
    site = case.get("site", {"seed": 42, "pages": 200})
    command = [host_runner, "simulator", "serve", "--port", "0", "--request-log", str(log)]
    command += ["--seed", str(site["seed"]), "--pages", str(site["pages"])]
    if case.get("faults"):
        command += ["--fault", case["faults"]]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def argument(value: Any, answers: list[Any], site: str) -> Any:
    """An argument, with what stands for something else put in."""
    if isinstance(value, dict) and "afterOf" in value:
        return answers[value["afterOf"]]["rest"]["after"]
    if isinstance(value, str):
        return value.replace("SITE", site)
    return renamed(value, snake_case)


def run(host_runner: str, component: Component, case: Case, log: Path) -> tuple[list[str], list[str]]:
    with simulator(host_runner, case, log) as simulated:
        site = urlsplit(simulated).netloc
        endpoint = case.get("endpoint", simulated).replace("SITE", site)
        connected = case.get("connected", True)
        connection = Connection(endpoint, AUTHORIZATION) if connected else None
        connector = Connector(component, StoredSettings(connection, widest="env"))
        outcomes: list[str] = []
        answers: list[Any] = []
        for call in case["calls"]:
            if call["function"] == "step":
                try:
                    step = make_step(connector, case, call["arguments"], answers)
                    outcomes.append(outcome_of_value(step_value(step, call.get("timedState", False)), site))
                    answers.append(step)
                except ConfluenceError as error:
                    outcomes.append(outcome_of_error(error, case.get("hostErrors", False), site))
                    answers.append(None)
                continue
            function = getattr(connector, snake_case(call["function"]))
            arguments = {
                snake_case(name): argument(value, answers, site)
                for name, value in call.get("arguments", {}).items()
            }
            try:
                answer = function(**arguments)
                outcomes.append(outcome_of_value(answer, site))
                answers.append(answer)
            except ConfluenceError as error:
                outcomes.append(outcome_of_error(error, case.get("hostErrors", False), site))
                answers.append(None)
    requests = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [f"{request['method']} {request['path']}".replace(site, "SITE") for request in requests]
    return outcomes, asked


def main() -> int:
    host_runner, component_file, cases_file = sys.argv[1:]
    component = Component(component_file)
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "requests.ndjson")
        for case in json.loads(Path(cases_file).read_text()):
            if case.get("needs"):
                continue
            outcomes, requests = run(host_runner, component, case, log)
            name = json.dumps(case["name"], ensure_ascii=False)
            asked = json.dumps(requests, ensure_ascii=False, separators=(",", ":"))
            print(f'{{"case":{name},"outcomes":[{",".join(outcomes)}],"requests":{asked}}}')
            expected = [
                json.dumps(outcome, ensure_ascii=False, separators=(",", ":"))
                for outcome in case["outcomes"]
            ]
            if (outcomes, requests) != (expected, case["requests"]):
                different += 1
                print(
                    f"case `{case['name']}`\n  expected\n    {expected}\n    {case['requests']}"
                    f"\n  came\n    {outcomes}\n    {requests}",
                    file=sys.stderr,
                )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
