"""Exceptions."""

from __future__ import annotations

from ._contract import ErrorKind, ErrorRecord, LimitScope


class ConfluenceError(Exception):
    """A call failed."""

    def __init__(self, record: ErrorRecord) -> None:
        super().__init__(f"{record['message']}: {record['cause']}; {record['resolution']}")
        self.record = record
        """The complete error, as returned by the component."""

    @property
    def kind(self) -> ErrorKind:
        """Category of the failure; branch on this."""
        return self.record["kind"]

    @property
    def code(self) -> str:
        """Stable identifier of this failure."""
        return self.record["code"]

    @property
    def message(self) -> str:
        """What failed."""
        return self.record["message"]

    @property
    def cause(self) -> str:
        """Likely cause."""
        return self.record["cause"]

    @property
    def resolution(self) -> str:
        """How to fix it."""
        return self.record["resolution"]

    @property
    def status(self) -> int | None:
        """HTTP status, if there was a response."""
        return self.record["status"]

    @property
    def request_id(self) -> str | None:
        """Request id, for Atlassian's support."""
        return self.record["request_id"]

    @property
    def retry_after_ms(self) -> int | None:
        """Wait that Confluence requested, in milliseconds."""
        return self.record["retry_after_ms"]

    @property
    def limit_scope(self) -> LimitScope | None:
        """Scope of the rate limit."""
        return self.record["limit_scope"]

    def __reduce__(self) -> tuple[type[ConfluenceError], tuple[ErrorRecord]]:
        # Exceptions are pickled with their arguments, and ours takes a record.
        return (type(self), (self.record,))


class ConnectorBroke(Exception):
    """The component trapped: an internal error, or a result that exceeds `memory_mib`.

    `__cause__` is wasmtime's error. The next call uses a new instance.
    """


class MalformedBatch(ConnectorBroke):
    """The component returned columns that violate the contract, such as offsets outside the text.

    Nothing of the batch was returned.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """Stable identifier, such as `batch-value-count`."""

    def __reduce__(self) -> tuple[type[MalformedBatch], tuple[str, str]]:
        return (type(self), (self.code, str(self)))


class StreamUnsupported(Exception):
    """The stream is not available on this site or to this account."""

    def __init__(self, stream: str, reason: str) -> None:
        super().__init__(f"the stream `{stream}` is not available: {reason}")
        self.stream = stream
        """Name of the stream."""
        self.reason = reason
        """Why, as the component reports it."""

    def __reduce__(self) -> tuple[type[StreamUnsupported], tuple[str, str]]:
        return (type(self), (self.stream, self.reason))
