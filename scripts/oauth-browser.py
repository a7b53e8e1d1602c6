"""Usage: oauth-browser.py HOST_RUNNER, with the browser's path in the variable BROWSER.

Logs in twice, with a page that is accepted and with one that is declined, and makes a call.
"""

import os
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

PORT = 8765


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = {
            **os.environ,
            "HOST_RUNNER_CONFIG_DIR": f"{folder}/config",
            "HOST_RUNNER_STATE_DIR": f"{folder}/state",
        }

        def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [program, *words], env=environment, input=stdin, text=True, capture_output=True
            )

        def done(*words: str, stdin: str = "") -> str:
            ended = run(*words, stdin=stdin)
            assert ended.returncode == 0, ended
            return ended.stdout

        site = subprocess.Popen(
            [program, "simulator", "serve", "--port", "0", "--pages", "100", "--oauth"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        browser = playwright.chromium.launch(
            executable_path=os.environ["BROWSER"], args=["--no-sandbox"]
        )
        try:
            origin = site.stdout.readline().strip().removesuffix("/wiki/api/v2/")
            done("config", "set", "network.allow-loopback", "true", "--level", "cluster")
            done("config", "set", "oauth.authorization-server", origin, "--level", "cluster")
            done("config", "set", "oauth.api", origin, "--level", "cluster")
            redirect = f"http://localhost:{PORT}/callback"
            app = ["oauth-app", "add", "main", "--client-id", "demo-client"]
            done(*app, "--redirect-uri", redirect, "--secret", "-", stdin="demo-secret")

            def login(button: str) -> tuple[str, int]:
                words = ["connection", "login", "--oauth-app", "main", "--no-browser"]
                started = subprocess.Popen(
                    [program, *words],
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
                page = browser.new_page()
                page.goto(started.stdout.readline().strip())
                page.click(button)
                page.wait_for_url(f"{redirect}*")
                shown = page.inner_text("body")
                page.close()
                return shown, started.wait()

            shown, code = login("#cancel")
            assert code != 0, shown
            assert run("call", "listSpaces").returncode != 0
            shown, code = login("#accept")
            assert code == 0 and "Login received" in shown, (shown, code)
            done("call", "listSpaces")
            states = done("connection", "list", "--output", "json")
            assert '"state": "ok"' in states, states
        finally:
            browser.close()
            site.kill()
            site.wait()
    print("a browser has declined one login and accepted another")


main()
