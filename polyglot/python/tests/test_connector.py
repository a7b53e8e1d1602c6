"""What the package does before and behind the component: `python -m unittest COMPONENT`."""

from __future__ import annotations

import os
import pickle
import unittest
from concurrent.futures import ThreadPoolExecutor

from confluence_connector import (
    Component,
    ConfluenceError,
    Connection,
    Connector,
    SettingsProblem,
)
from confluence_connector.contract import ListOptions

COMPONENT = Component(os.environ["CONFLUENCE_COMPONENT"])
NOBODY = Connection("http://127.0.0.1:9/wiki", "Bearer sesame-0123456789")


class Arguments(unittest.TestCase):
    """Arguments are checked where they stand, and named."""

    def setUp(self) -> None:
        self.connector = Connector(COMPONENT, NOBODY)

    def test_a_field_that_options_do_not_have_is_refused(self) -> None:
        options: ListOptions = {"body": "x"}  # type: ignore[typeddict-unknown-key]
        with self.assertRaisesRegex(TypeError, "`options` has no `body`; it takes `body_format`"):
            self.connector.list_spaces(options=options)

    def test_values_of_another_type_are_refused_by_name(self) -> None:
        for given, words in [
            ({"limit": "5"}, "`limit` takes an int, not str"),
            ({"limit": True}, "`limit` takes an int, not bool"),
            ({"ids": "98304"}, "`ids` takes a list, not str"),
            ({"ids": [98304]}, "`ids` takes a str, not int"),
            ({"options": {"raw": 1}}, "`options.raw` takes a bool, not int"),
        ]:
            with self.subTest(given), self.assertRaisesRegex(TypeError, words):
                self.connector.list_spaces(**given)  # type: ignore[arg-type]

    def test_values_out_of_range_are_refused_by_name(self) -> None:
        with self.assertRaisesRegex(ValueError, "`limit` takes an int from 0 to 4294967295, not -1"):
            self.connector.list_spaces(limit=-1)
        with self.assertRaisesRegex(ValueError, "`status` takes one of `complete`, `incomplete`, `open`, not `up`"):
            self.connector.list_tasks(status="up")  # type: ignore[arg-type]
        with self.assertRaisesRegex(ValueError, "half of a surrogate pair"):
            self.connector.get_label_by_name("\ud800")


class Errors(unittest.TestCase):
    """What goes wrong has fields, and spoils nothing."""

    def test_an_error_has_the_fields_of_the_record_and_survives_a_process(self) -> None:
        with self.assertRaises(ConfluenceError) as raised:
            Connector(COMPONENT, NOBODY).list_pages(limit=10_001)
        error = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual(
            (error.kind, error.code, error.status), ("invalid-argument", "limit-out-of-range", None)
        )
        self.assertIn(error.cause, str(error))

    def test_what_settings_raise_for_a_reason_of_their_own_comes_through(self) -> None:
        class Vault:
            sealed = True

            def connection(self) -> Connection:
                if self.sealed:
                    raise TimeoutError("the vault is sealed")
                return NOBODY

            def store(self, connection: Connection, level: str) -> None:
                raise NotImplementedError

        vault = Vault()
        connector = Connector(COMPONENT, vault)
        with self.assertRaisesRegex(TimeoutError, "the vault is sealed"):
            connector.list_spaces()
        vault.sealed = False
        with self.assertRaises(ConfluenceError) as raised:
            connector.list_spaces()
        self.assertEqual(raised.exception.kind, "unreachable")


class Threads(unittest.TestCase):
    """Threads share the compiled component."""

    def test_threads_call_at_once_with_a_connector_each(self) -> None:
        def call(number: int) -> str:
            with self.assertRaises(ConfluenceError) as raised:
                Connector(COMPONENT, NOBODY).list_pages(limit=10_001 + number)
            return raised.exception.message

        with ThreadPoolExecutor(8) as threads:
            messages = list(threads.map(call, range(64)))
        for number, message in enumerate(messages):
            self.assertIn(f"`{10_001 + number}`", message)


class Connections(unittest.TestCase):
    """An endpoint is checked before anything is sent to it, and a token is not shown."""

    def test_forms_that_people_paste_have_one_base_url(self) -> None:
        for endpoint, base in [
            ("https://example.atlassian.net", "https://example.atlassian.net/wiki"),
            ("https://example.atlassian.net/wiki/api/v2/", "https://example.atlassian.net/wiki"),
            ("HTTPS://Example.atlassian.net/", "https://example.atlassian.net/wiki"),
            (
                "https://api.atlassian.com/ex/confluence/11-22/wiki/api/v2",
                "https://api.atlassian.com/ex/confluence/11-22/wiki",
            ),
            ("http://[::1]:8080", "http://[::1]:8080/wiki"),
            ("https://example.atlassian.net/?x=1#y", "https://example.atlassian.net/wiki"),
            (
                "https://example.atlassian.net/wiki/spaces/ENG/pages/98304/Design?atl_f=content#Goals",
                "https://example.atlassian.net/wiki",
            ),
        ]:
            with self.subTest(endpoint):
                self.assertEqual(Connection(endpoint, "Bearer x").base_url(), base)

    def test_endpoints_that_would_send_the_authorization_elsewhere_are_refused(self) -> None:
        for endpoint in [
            "http://example.atlassian.net",
            "https://me:secret@example.atlassian.net",
            "https://example.atlassian.net/admin",
            "https://example.atlassian.net/wikis",
            "https://example.atlassian.net/admin?x=/wiki",
            "https://example.atlassian.net:port",
            "ftp://example.atlassian.net",
            "example.atlassian.net",
            "",
        ]:
            with self.subTest(endpoint), self.assertRaises(SettingsProblem) as raised:
                Connection(endpoint, "Bearer x").base_url()
            self.assertEqual(raised.exception.kind, "invalid-endpoint")

    def test_an_authorization_that_cannot_stand_in_a_header_is_refused_and_not_repeated(self) -> None:
        for wrong in ["sesame", "Basic ", "Basic a b", "Bearer sesame\r\nx: y", "Bearer s\u00e9same"]:
            with self.subTest(wrong), self.assertRaises(SettingsProblem) as raised:
                Connector(COMPONENT, Connection(NOBODY.endpoint, wrong))
            self.assertEqual(raised.exception.kind, "invalid-authorization")
            self.assertNotIn("same", str(raised.exception))

    def test_a_function_returns_the_authorization_once_per_call(self) -> None:
        calls = []

        def renewed() -> str:
            calls.append(1)
            if len(calls) == 3:
                raise PermissionError("log in again")
            return "Bearer sesame-0123456789" if len(calls) < 4 else "sesame"

        connector = Connector(COMPONENT, Connection(NOBODY.endpoint, renewed))
        self.assertEqual(calls, [])
        for _ in range(2):
            with self.assertRaises(ConfluenceError) as raised:
                connector.list_spaces()
            self.assertEqual(raised.exception.kind, "unreachable")
        with self.assertRaises(PermissionError):
            connector.list_spaces()
        with self.assertRaises(ConfluenceError) as raised:
            connector.list_spaces()
        self.assertEqual(raised.exception.code, "authorization-malformed")
        self.assertNotIn("sesame", str(raised.exception))
        self.assertEqual(len(calls), 4)

    def test_a_connection_that_is_printed_has_no_token(self) -> None:
        self.assertNotIn("sesame", repr(NOBODY))


if __name__ == "__main__":
    unittest.main()
