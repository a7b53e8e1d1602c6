"""Copies into a server that speaks S3: `object-store.py HOST_RUNNER`."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
import pyarrow.fs

import recipes

SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
input()
"""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "reader",
    "AWS_SECRET_ACCESS_KEY": "sesame/open+secret",
    "AWS_REGION": "us-east-1",
}

BUCKET = "wiki"


@contextlib.contextmanager
def server():
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class Store:
    """The bucket, as other clients see it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=CREDENTIALS["AWS_REGION"],
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        self.client.create_bucket(Bucket=BUCKET)
        # Each overwrite of an object leaves a version.
        self.client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def keys(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def check(self, prefix):
        """No object was ever overwritten, and each is a manifest or named by one. Returns how many parts there are."""
        versions = []
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=f"{prefix}/"):
            versions += [item["Key"] for item in page.get("Versions", [])]
        assert len(versions) == len(set(versions)), "an object was overwritten"
        keys = self.keys(prefix)
        manifests = [key for key in keys if key.startswith(f"{prefix}/_manifest/")]
        assert manifests == [f"{prefix}/_manifest/{number + 1:010}.json" for number in range(len(manifests))], manifests
        named = set()
        for key in manifests:
            document = json.loads(self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            named |= {f"{prefix}/{part['path']}" for part in document["parts"]}
        assert named == set(keys) - set(manifests), "a part that no manifest names"
        return len(named)

    def fetch(self, prefix, folder):
        """Copies all objects by pyarrow's own client."""
        store = pyarrow.fs.S3FileSystem(
            access_key=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            secret_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region=CREDENTIALS["AWS_REGION"],
            endpoint_override=self.endpoint,
        )
        folder.mkdir()
        local = pyarrow.fs.LocalFileSystem()
        pyarrow.fs.copy_files(f"{BUCKET}/{prefix}", str(folder), source_filesystem=store, destination_filesystem=local)


class Host:
    """A machine with a state of its own."""

    def __init__(self, host_runner, folder, site, endpoint):
        self.host_runner, self.folder = host_runner, folder
        folders = {"HOST_RUNNER_CONFIG_DIR": folder / "config", "HOST_RUNNER_STATE_DIR": folder / "state"}
        self.environment = {
            **os.environ,
            **{name: str(path) for name, path in folders.items()},
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": endpoint,
        }
        folder.mkdir()
        self.run("config", "set", "network.allow-loopback", "true", "--level", "cluster")
        self.run("call", "setApiUrlAndAuth", site, "-", "app", standard_input=recipes.AUTHORIZATION)

    def start(self, *words):
        return subprocess.Popen(
            [self.host_runner, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words, standard_input="", succeeds=True):
        process = self.start(*words)
        out, error = process.communicate(standard_input)
        assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in out + error
        assert (process.returncode == 0) == succeeds, (words, process.returncode, out, error)
        return out + error

    def sync(self, to, **options):
        return self.run("sync", "run", "--to", to, "--bodies", "storage", "--raw", **options)


def main():
    host_runner = Path(sys.argv[1]).resolve()
    with (
        tempfile.TemporaryDirectory() as name,
        server() as endpoint,
        recipes.simulator(host_runner, 300) as site,
    ):
        folder, store = Path(name), Store(endpoint)
        host = Host(host_runner, folder / "one", site, endpoint)
        host.sync("sqlite:site.db")

        to = f"parquet:s3://{BUCKET}/docs/eng"
        host.sync(to)
        parts = store.check("docs/eng")
        host.sync(to)
        assert store.check("docs/eng") == parts, "a run that found nothing wrote something"
        store.fetch("docs/eng", host.folder / "site")
        streams, cells = recipes.compare(host.folder)
        print(f"{len(streams)} streams, {cells} values: SQLite, pyarrow and DuckDB have the same")

        # Killed again and again, each time a little later.
        killed, to = 0, f"jsonl+zst:s3://{BUCKET}/killed"
        for objects in range(1, 40, 3):
            process = host.start("sync", "run", "--to", to, "--bodies", "storage", "--raw")
            while process.poll() is None and len(store.keys("killed")) < objects:
                time.sleep(0.005)
            killed += process.poll() is None
            process.kill()
            process.communicate()
        host.sync(to)
        print(f"killed {killed} times, {store.check('killed')} parts")

        # Two at once, with a state each.
        other = Host(host_runner, folder / "other", site, endpoint)
        to = f"jsonl:s3://{BUCKET}/both"
        words = ("sync", "run", "--to", to, "--streams", "pages,blog_posts")
        runs = [(runner, runner.start(*words)) for runner in (host, other)]
        ended = [(runner, process.communicate()[1], process.returncode) for runner, process in runs]
        refused = [(runner, error) for runner, error, code in ended if code != 0]
        assert len(refused) == 1, ended
        loser, error = refused[0]
        assert "another host has written" in error, error
        error = loser.run(*words, succeeds=False)
        assert "sync reset" in error, error
        loser.run("sync", "reset", "--to", to)
        # Rows that others are computed from are written once more: their columns are not in the manifests.
        loser.run(*words)
        parts = store.check("both")
        loser.run(*words)
        assert store.check("both") == parts, "rows that had not changed were written again"
        print("of two hosts at once one was refused, and took over")

        host.environment["AWS_SECRET_ACCESS_KEY"] = ""
        error = host.sync(f"parquet:s3://{BUCKET}/none", succeeds=False)
        assert "AWS_SECRET_ACCESS_KEY" in error, error
        error = host.sync("parquet:s3://reader:sesame@wiki/none", succeeds=False)
        assert "sesame" not in error, error


if __name__ == "__main__":
    main()
