"""Streams: bulk data as `pyarrow.RecordBatch`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, cast

from ._batches import RawBatch, expected_columns, load_pyarrow, record_batch, schema
from ._contract import (
    Budget,
    ErrorRecord,
    Notice,
    Observed,
    Parent,
    Pass,
    Projection,
    StreamDescription,
)
from ._errors import ConfluenceError, MalformedBatch, StreamUnsupported

if TYPE_CHECKING:
    import pyarrow as pa

MAX_PARENTS = 250
"""Maximum number of parents of one step."""

MAX_STATE_BYTES = 16 * 1024
"""Maximum length of a state."""

_DEFAULT_ROWS = 10_000
"""Maximum number of rows of a step whose budget names none."""

_MAX_ROWS_OF_RESPONSE = 50_000
"""Rows that a step may have beyond those that were requested: lists in the items of one response are not
divided."""

_VERSION = "version__number"

_PREFERRED: tuple[Pass, ...] = ("full", "details", "versions", "access", "census", "changes")
"""Passes in the order in which :meth:`Streams.read` chooses one."""

Settings = Mapping[str, str]
"""Settings of streams by name, such as `custom-content-types`."""


@dataclass(frozen=True)
class Step:
    """Result of one step of a pass."""

    batches: dict[str, pa.RecordBatch]
    """Rows by the name of their stream: that of the call, or others that the same responses feed."""

    state: str | None
    """State for the next step. Store it together with the rows."""

    outcome: Literal["more", "done", "failed", "unsupported"]
    """`more`: pass `state` to the next step. `done`: the pass is complete. `failed`: the pass ended
    early; the rows are valid, and with a state the next step repeats what failed. `unsupported`: the
    stream is not available on this site or to this account."""

    error: ErrorRecord | None
    """Why the pass ended early, if `outcome` is `failed`."""

    reason: str | None
    """Why the stream is not available, if `outcome` is `unsupported`."""

    observed: Observed
    """Statistics."""

    notices: list[Notice]
    """What was omitted or unusual, and why."""


@dataclass
class _Task:
    """A pass over a stream, or over the rows of some parents, and how far it has come."""

    stream: str
    reads: Pass
    partition: str | None
    parents: Sequence[Parent]
    state: str | None
    children: tuple[str, ...] = ()
    """Streams that are read of its rows, the last one first. Empty: its rows are what is read."""


@dataclass
class _Request:
    """What is read of each row, and how much at once."""

    projection: Projection
    budget: Budget
    settings: Settings = field(default_factory=dict)


class Reading(Iterator["pa.RecordBatch"]):
    """A stream that is being read: an iterator over its batches.

    It ends when the pass is complete. It raises :class:`ConfluenceError` if the pass ended early; the
    batches before are valid, and `state` continues after them. It raises :class:`StreamUnsupported` if the
    stream is not available.
    """

    def __init__(
        self,
        source: Streams,
        stream: StreamDescription,
        reads: Pass,
        request: _Request,
        tasks: Iterable[_Task],
    ) -> None:
        self._source = source
        self._stream = stream
        self._reads = reads
        self._request = request
        self._tasks = deque(tasks)
        self._is_one_pass = len(self._tasks) == 1
        self._failed: Exception | None = None
        self._seen: set[str] = set()
        self.schema: pa.Schema = schema(expected_columns(stream, request.projection))
        """Schema of the batches."""
        self.state: str | None = self._tasks[0].state if self._is_one_pass else None
        """State after the last batch; store it together with the rows. `None` if the stream is read in
        several parts, because rows of its parents are read first or there are more than 250 parents: such
        a reading cannot be continued."""
        self.rows = 0
        """Rows so far."""
        self.requests = 0
        """Requests so far."""
        self.points = 0
        """Estimated points of Confluence's rate limit so far."""
        self.notices: list[Notice] = []
        """What was omitted or unusual so far."""
        self.missing_parents: list[str] = []
        """Keys of parents that no longer exist or are hidden from this account, so far."""

    def __iter__(self) -> Reading:
        return self

    def __next__(self) -> pa.RecordBatch:
        while True:
            if self._failed is not None:
                failed, self._failed = self._failed, None
                self._tasks.clear()
                raise failed
            if not self._tasks:
                raise StopIteration
            batch = self._step(self._tasks.popleft())
            if batch is not None and batch.num_rows:
                self.rows += batch.num_rows
                return batch

    def read_all(self) -> pa.Table:
        """All remaining batches as one table."""
        return load_pyarrow().Table.from_batches(list(self), schema=self.schema)

    def _step(self, task: _Task) -> pa.RecordBatch | None:
        """Makes one step. What it raises leaves nothing to continue."""
        tasks, request = self._tasks, self._request
        projection = request.projection
        if task.children:
            projection = _keys(self._source.stream(task.stream, request.settings))
        try:
            step = self._source.step(
                task.stream,
                task.reads,
                partition=task.partition,
                state=task.state,
                parents=task.parents,
                columns=projection.get("columns", ()),
                raw=projection.get("raw", False),
                body_format=projection.get("body_format"),
                budget=request.budget,
                settings=request.settings,
            )
        except ConfluenceError as error:
            if error.code == "parents-missing" and not task.parents and self._read_parents_first(task):
                return None
            tasks.clear()
            raise
        except BaseException:
            tasks.clear()
            raise
        self.requests += step.observed["requests"]
        self.points += step.observed["points"]
        self.notices += step.notices
        self.missing_parents += step.observed["missing_parents"]
        if step.outcome == "more":
            tasks.appendleft(replace(task, state=step.state))
        elif step.outcome == "failed":
            assert step.error is not None
            self._failed = ConfluenceError(step.error)
        elif step.outcome == "unsupported" and not task.children:
            self._failed = StreamUnsupported(task.stream, step.reason or "")
        batch = step.batches.get(task.stream)
        if task.children:
            if batch is not None:
                self._read_children(task, batch)
            return None
        if self._is_one_pass:
            self.state = step.state
        return batch

    def _read_parents_first(self, task: _Task) -> bool:
        """Reads the rows of the task's parents first. False: it is not known which they are."""
        find = self._source.stream
        stream = find(task.stream, self._request.settings)
        parents = [find(name, self._request.settings) for name in stream["parents"]]
        # A stream that lists only the rows of its own rows, such as `folders`, has no beginning.
        is_endless = any(
            parent["name"] in (task.stream, *task.children) and _listing(parent) is None
            for parent in parents
        )
        if task.reads == "look-up" or not parents or is_endless:
            return False
        self._is_one_pass = False
        self.state = None
        for parent in parents:
            reads = _listing(parent) or _chosen(parent, None)
            partition = task.partition if parent["by_space"] else None
            children = (*task.children, task.stream)
            self._tasks.append(_Task(parent["name"], reads, partition, (), None, children))
        return True

    def _read_children(self, task: _Task, batch: pa.RecordBatch) -> None:
        found: list[Parent] = []
        for parent in parents_of(task.stream, batch):
            # A row of a set, such as a member of a group, stands for the last part of its key.
            if "/" in parent["key"]:
                own = parent["key"].rsplit("/", 1)[1]
                if own in self._seen:
                    continue
                self._seen.add(own)
            found.append(parent)
        *others, name = task.children
        child = self._source.stream(name, self._request.settings)
        reads = _chosen(child, None) if others else self._reads
        tasks = [
            _Task(name, reads, None, found[at : at + MAX_PARENTS], None, tuple(others))
            for at in range(0, len(found), MAX_PARENTS)
        ]
        # Before the rest of the parents, so that few of them are held.
        self._tasks.extendleft(reversed(tasks))


def parents_of(stream: str, batch: pa.RecordBatch) -> list[Parent]:
    """The rows of a batch as `parents` of a step. Rows that are marked as deleted are skipped.

    - `stream`: name of the stream of the batch.
    """
    keys, containers, deleted = (
        batch.column(name).to_pylist() for name in ("_key", "_container", "_deleted")
    )
    versions: list[int | None] = [None] * batch.num_rows
    if _VERSION in batch.schema.names:
        versions = batch.column(_VERSION).to_pylist()
    return [
        {"stream": stream, "key": key, "version": version, "container": container}
        for key, container, gone, version in zip(keys, containers, deleted, versions)
        if gone is None
    ]


class Streams(ABC):
    """The streams of a site."""

    def __init__(self) -> None:
        self._described: dict[tuple[tuple[str, str], ...], list[StreamDescription]] = {}

    @abstractmethod
    def _call(self, interface: str, function: str, arguments: tuple[Any, ...]) -> Any:
        """Calls a function with its arguments in their order, and answers what it does."""

    def streams(self, settings: Settings | None = None) -> list[StreamDescription]:
        """Describes the streams. Makes no request.

        - `settings`: settings of streams by name.
        """
        key = tuple((settings or {}).items())
        if key not in self._described:
            self._described[key] = self._call("source", "streams", (list(key),))
        return self._described[key]

    def stream(self, name: str, settings: Settings | None = None) -> StreamDescription:
        """Describes one stream. Raises :class:`ValueError` if there is none of this name."""
        streams = self.streams(settings)
        for stream in streams:
            if stream["name"] == name:
                return stream
        names = "`, `".join(stream["name"] for stream in streams)
        raise ValueError(f"there is no stream `{name}`; streams are `{names}`")

    def step(
        self,
        stream: str,
        pass_: Pass,
        *,
        partition: str | None = None,
        state: str | None = None,
        parents: Sequence[Parent] = (),
        columns: Sequence[str] = (),
        raw: bool = False,
        body_format: str | None = None,
        budget: Budget | None = None,
        settings: Settings | None = None,
    ) -> Step:
        """Makes one step of a pass: the function `step` of the component.

        A step reads up to 10 000 rows, or what `budget` allows, and keeps nothing: pass the state of its
        result, and all other arguments unchanged, to the next one.

        - `stream`: name of the stream.
        - `pass_`: how to read it.
        - `partition`: id of a space, to read only its rows.
        - `state`: state of the previous step; for the first step of `changes`, of the previous pass.
        - `parents`: rows of a parent stream, up to 250; see :func:`parents_of`.
        - `columns`: names of columns. Empty: all that are not on request.
        - `raw`: also return each row's JSON from Confluence.
        - `body_format`: format of bodies: `storage`, `atlas_doc_format`, `text` or `markdown`.
        - `budget`: limits of the step.
        - `settings`: settings of streams by name.

        Raises :class:`ImportError` if `pyarrow` is not installed, :class:`ConfluenceError` if nothing was
        read, and :class:`MalformedBatch` if the component violates the contract.
        """
        load_pyarrow()
        projection: Projection = {"columns": columns, "raw": raw, "body_format": body_format}
        described = {each["name"]: each for each in self.streams(settings)}
        progress = self._call(
            "source",
            "step",
            (
                {
                    "stream": stream,
                    "pass": pass_,
                    "partition": partition,
                    "state": state,
                    "parents": parents,
                    "projection": projection,
                    "budget": budget or {},
                    "settings": list((settings or {}).items()),
                },
            ),
        )
        max_rows = ((budget or {}).get("rows") or _DEFAULT_ROWS) + _MAX_ROWS_OF_RESPONSE
        batches: dict[str, pa.RecordBatch] = {}
        for batch in cast("list[RawBatch]", progress["batches"]):
            name = batch["stream"]
            if name not in described:
                raise MalformedBatch(
                    "batch-of-unknown-stream",
                    f"a step has rows of the stream `{name[:63]}`, which does not exist",
                )
            if name in batches:
                raise MalformedBatch("batch-twice", f"a step has two batches of the stream `{name}`")
            expected = expected_columns(described[name], projection)
            batches[name] = record_batch(batch, expected, max_rows)
        outcome, payload = progress["outcome"]
        later: str | None = progress["state"]
        if later is not None and len(later.encode()) > MAX_STATE_BYTES:
            raise MalformedBatch(
                "state-too-long",
                f"the state of a step has {len(later.encode())} bytes; at most {MAX_STATE_BYTES} are allowed",
            )
        has_rows = any(batch.num_rows for batch in batches.values())
        if outcome == "more" and (later is None or later == state and not has_rows):
            # It would never end.
            raise MalformedBatch(
                "step-without-progress",
                f"a step of the stream `{stream}` reports more rows but has not moved on",
            )
        return Step(
            batches=batches,
            state=later,
            outcome=outcome,
            error=payload if outcome == "failed" else None,
            reason=payload if outcome == "unsupported" else None,
            observed=progress["observed"],
            notices=progress["notices"],
        )

    def read(
        self,
        stream: str,
        pass_: Pass | None = None,
        *,
        partition: str | None = None,
        state: str | None = None,
        parents: Sequence[Parent] = (),
        columns: Sequence[str] = (),
        raw: bool = False,
        body_format: str | None = None,
        budget: Budget | None = None,
        settings: Settings | None = None,
    ) -> Reading:
        """Reads a stream to its end: an iterator over `pyarrow.RecordBatch`.

        The arguments are those of :meth:`step`, with these differences:

        - `pass_`: absent: every row with all columns, as the stream supports it.
        - `parents`: any number. If the stream needs parents and there are none, the rows of its parent
          streams are read first, and all of them are parents. `folders` always needs parents: its ids are in
          `parent_id` of pages.

        Names are checked at once; requests are made by the iteration. Raises :class:`ValueError` for a
        stream, a pass or a column that does not exist, and :class:`ImportError` if `pyarrow` is not
        installed.
        """
        load_pyarrow()
        described = self.stream(stream, settings)
        reads = _chosen(described, pass_)
        known = [column["name"] for column in described["columns"]]
        for column in columns:
            if column not in known:
                names = "`, `".join(known)
                raise ValueError(f"`{stream}` has no column `{column}`; its columns are `{names}`")
        if state is not None and len(parents) > MAX_PARENTS:
            raise ValueError(
                f"`state` continues one pass, and {len(parents)} parents are read in several: pass at most "
                f"{MAX_PARENTS}"
            )
        request = _Request(
            {"columns": columns, "raw": raw, "body_format": body_format},
            budget or {},
            dict(settings or {}),
        )
        groups = [parents[at : at + MAX_PARENTS] for at in range(0, len(parents), MAX_PARENTS)] or [()]
        tasks = [_Task(stream, reads, partition, group, state) for group in groups]
        reading = Reading(self, described, reads, request, tasks)
        if partition is not None and not parents and not described["by_space"]:
            if reading._read_parents_first(tasks[0]):
                reading._tasks.popleft()
        return reading


def _listing(stream: StreamDescription) -> Pass | None:
    """The pass that lists all keys without parents, if there is one."""
    passes: tuple[Pass, ...] = ("census", "full")
    return next((each for each in passes if each in stream["passes"]), None)


def _keys(stream: StreamDescription) -> Projection:
    """The key columns, and the number of a row's version, which children are read by."""
    versions = [column["name"] for column in stream["columns"] if column["name"] == _VERSION]
    return {"columns": [*stream["key"], *versions]}


def _chosen(stream: StreamDescription, wanted: Pass | None) -> Pass:
    passes = stream["passes"]
    if wanted is None:
        return next((each for each in _PREFERRED if each in passes), "full")
    if wanted not in passes:
        supported = "`, `".join(passes)
        raise ValueError(f"`{stream['name']}` has no pass `{wanted}`; its passes are `{supported}`")
    return wanted
