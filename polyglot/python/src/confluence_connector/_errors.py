"""What is raised."""

from __future__ import annotations

from ._contract import ErrorKind, ErrorRecord, LimitScope


class ConfluenceError(Exception):
    """The component answered an error, in place of what it was asked for."""

    def __init__(self, record: ErrorRecord) -> None:
        super().__init__(f"{record['message']}: {record['cause']}; {record['resolution']}")
        self.record = record
        """All of it, as the component answered it."""

    @property
    def kind(self) -> ErrorKind:
        """The kind, to decide upon."""
        return self.record["kind"]

    @property
    def code(self) -> str:
        """A stable word for this very failure."""
        return self.record["code"]

    @property
    def message(self) -> str:
        """What failed."""
        return self.record["message"]

    @property
    def cause(self) -> str:
        """The likely cause."""
        return self.record["cause"]

    @property
    def resolution(self) -> str:
        """What to do about it."""
        return self.record["resolution"]

    @property
    def status(self) -> int | None:
        """The HTTP status, when there was an answer."""
        return self.record["status"]

    @property
    def request_id(self) -> str | None:
        """What Atlassian's support asks for."""
        return self.record["request_id"]

    @property
    def retry_after_ms(self) -> int | None:
        """How long Confluence asks to wait, in milliseconds."""
        return self.record["retry_after_ms"]

    @property
    def limit_scope(self) -> LimitScope | None:
        """What the rate limit counts."""
        return self.record["limit_scope"]

    def __reduce__(self) -> tuple[type[ConfluenceError], tuple[ErrorRecord]]:
        # Exceptions travel between processes by their arguments, and ours takes a record.
        return (type(self), (self.record,))


class ConnectorBroke(Exception):
    """The component stopped in the middle of a call, which it never should.

    Its cause is wasmtime's own error. The next call has an instance of its own.
    """
