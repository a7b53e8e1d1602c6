"""Copies into servers that speak the protocols of object stores: `object-store.py HOST_RUNNER s3 az=AZURITE`.

`AZURITE` is the program of the server for Azure Blob Storage.
"""

import base64
import collections
import contextlib
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

import azure.storage.blob
import boto3
import pyarrow.fs
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import recipes

S3_SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
input()
"""

BUCKET = "wiki"
"""The bucket or container."""

LOOPBACK = "127.0.0.1"


class Store:
    """A bucket or container, as other clients see it."""

    def check(self, prefix):
        """No object was ever overwritten, and each is a manifest or named by one. Returns how many parts there are."""
        created = self.created(prefix)
        twice = [key for key, times in created.items() if times > 1]
        assert not twice, f"overwritten: {twice}"
        keys = self.keys(prefix)
        assert set(keys) <= created.keys()
        manifests = [key for key in keys if key.startswith(f"{prefix}/_manifest/")]
        assert manifests == [f"{prefix}/_manifest/{number + 1:010}.json" for number in range(len(manifests))], manifests
        named = set()
        for key in manifests:
            named |= {f"{prefix}/{part['path']}" for part in json.loads(self.read(key))["parts"]}
        assert named == set(keys) - set(manifests), "a part that no manifest names"
        return len(named)

    def fetch(self, prefix, folder):
        """Copies all objects by pyarrow's own client."""
        folder.mkdir()
        local = pyarrow.fs.LocalFileSystem()
        pyarrow.fs.copy_files(
            f"{BUCKET}/{prefix}", str(folder), source_filesystem=self.file_system(), destination_filesystem=local
        )


class S3(Store):
    """moto."""

    name = "S3"
    secret = "sesame/open+secret"
    secret_variable = "AWS_SECRET_ACCESS_KEY"

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.variables = {
            "AWS_ACCESS_KEY_ID": "reader",
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": endpoint,
        }
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="reader",
            aws_secret_access_key=self.secret,
        )
        self.client.create_bucket(Bucket=BUCKET)
        # Each overwrite of an object leaves a version.
        self.client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    @classmethod
    @contextlib.contextmanager
    def served(cls, _folder):
        command = [sys.executable, "-c", S3_SERVER]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                yield cls(process.stdout.readline().strip())
            finally:
                process.terminate()

    def url(self, prefix):
        return f"s3://{BUCKET}/{prefix}"

    def keys(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def read(self, key):
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def created(self, prefix):
        """How often each object was written."""
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=f"{prefix}/")
        return collections.Counter(item["Key"] for page in pages for item in page.get("Versions", []))

    def file_system(self):
        return pyarrow.fs.S3FileSystem(
            access_key="reader", secret_key=self.secret, region="us-east-1", endpoint_override=self.endpoint
        )

    def check_variants(self, host, folder):
        """As a store of Google Cloud, the server ignores the condition, and is rejected."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        account = {
            "type": "service_account",
            "private_key": pem.decode(),
            "private_key_id": "1",
            "client_email": "reader@wiki.example.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        }
        file = folder / "account.json"
        file.write_text(json.dumps(account))
        variables = {"GOOGLE_APPLICATION_CREDENTIALS": str(file), "GOOGLE_BASE_URL": self.endpoint}
        host.environment.update(variables)
        error = host.sync(f"jsonl:gs://{BUCKET}/google", succeeds=False)
        assert "overwrites objects although the request forbids it" in error, error
        assert [times for times in self.created("google").values() if times > 1] == [2], "not only the manifest"
        print("Google Cloud Storage: a server that ignores its conditions is rejected")


class Azure(Store):
    """Azurite."""

    name = "Azure Blob Storage"
    account = "reader"
    secret = base64.b64encode(b"sesame/open+secret").decode()
    secret_variable = "AZURE_STORAGE_ACCOUNT_KEY"

    def __init__(self, endpoint, log):
        self.host, self.log = endpoint.removeprefix("http://"), log
        self.variables = {
            "AZURE_STORAGE_ACCOUNT_NAME": self.account,
            "AZURE_STORAGE_ACCOUNT_KEY": self.secret,
            # With a slash at its end, as Azure shows endpoints.
            "AZURE_STORAGE_ENDPOINT": f"{endpoint}/{self.account}/",
        }
        service = azure.storage.blob.BlobServiceClient(f"{endpoint}/{self.account}", credential=self.secret)
        self.client = service.create_container(BUCKET)

    @classmethod
    @contextlib.contextmanager
    def served(cls, folder, program):
        log = folder / "azurite.log"
        command = ["node", program, "--blobHost", LOOPBACK, "--blobPort", "0"]
        # pyarrow's client sends a version of the protocol that is newer than the server.
        command += ["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
        environment = {**os.environ, "AZURITE_ACCOUNTS": f"{cls.account}:{cls.secret}"}
        with (
            log.open("w") as out,
            subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out) as process,
        ):
            try:
                while not (address := re.search(r"listens on (http://\S+)", log.read_text())):
                    assert process.poll() is None, log.read_text()
                    time.sleep(0.005)
                yield cls(address[1], log)
            finally:
                process.terminate()

    def url(self, prefix):
        return f"az://{BUCKET}/{prefix}"

    def keys(self, prefix):
        return list(self.client.list_blob_names(name_starts_with=f"{prefix}/"))

    def read(self, key):
        return self.client.download_blob(key).readall()

    def created(self, prefix):
        """How often each object was written, by the log of the server."""
        root = re.escape(f"/{self.account}/{BUCKET}/")
        paths = re.findall(rf'"PUT {root}([^ ?"]+)[^"]*" 201 ', self.log.read_text())
        keys = (urllib.parse.unquote(path) for path in paths)
        return collections.Counter(key for key in keys if key.startswith(f"{prefix}/"))

    def file_system(self):
        return pyarrow.fs.AzureFileSystem(
            self.account,
            account_key=self.secret,
            blob_storage_authority=self.host,
            blob_storage_scheme="http",
            dfs_storage_authority=self.host,
            dfs_storage_scheme="http",
        )

    def check_variants(self, host, _folder):
        """With a shared access signature in place of the key, which is never shown."""
        to, variables = f"jsonl:{self.url('signed')}", dict(host.environment)
        del host.environment[self.secret_variable]
        for permissions, succeeds in (("rl", False), ("rwdl", True)):
            signature = azure.storage.blob.generate_container_sas(
                self.account,
                BUCKET,
                account_key=self.secret,
                permission=permissions,
                expiry=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1),
                protocol="https,http",
            )
            host.environment["AZURE_STORAGE_SAS_TOKEN"] = signature
            shown = host.sync(to, succeeds=succeeds)
            assert urllib.parse.parse_qs(signature)["sig"][0] not in urllib.parse.unquote(shown), shown
            assert succeeds or "403 AuthorizationPermissionMismatch" in shown, shown
        self.check("signed")
        host.environment = variables


class Host:
    """A machine with a state of its own."""

    def __init__(self, host_runner, folder, site, store):
        self.host_runner, self.folder, self.store = host_runner, folder, store
        folders = {"HOST_RUNNER_CONFIG_DIR": folder / "config", "HOST_RUNNER_STATE_DIR": folder / "state"}
        self.environment = {
            **os.environ,
            **{name: str(path) for name, path in folders.items()},
            **store.variables,
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
        assert self.store.secret not in out + error
        assert (process.returncode == 0) == succeeds, (words, process.returncode, out, error)
        return out + error

    def sync(self, to, **options):
        return self.run("sync", "run", "--to", to, "--bodies", "storage", "--raw", **options)


def check(host_runner, folder, site, store):
    """Everything that must hold for a store."""
    host = Host(host_runner, folder / "one", site, store)
    shutil.copy(folder.parent / "site.db", host.folder)

    to = f"parquet:{store.url('docs/eng')}"
    host.sync(to)
    parts = store.check("docs/eng")
    host.sync(to)
    assert store.check("docs/eng") == parts, "a run that found nothing wrote something"
    store.fetch("docs/eng", host.folder / "site")
    streams, cells = recipes.compare(host.folder)
    print(f"{store.name}: {len(streams)} streams, {cells} values: SQLite, pyarrow and DuckDB have the same")

    # Killed again and again, each time a little later.
    killed, to = 0, f"jsonl+zst:{store.url('killed')}"
    for objects in range(1, 40, 3):
        process = host.start("sync", "run", "--to", to, "--bodies", "storage", "--raw")
        while process.poll() is None and len(store.keys("killed")) < objects:
            time.sleep(0.005)
        killed += process.poll() is None
        process.kill()
        process.communicate()
    host.sync(to)
    print(f"{store.name}: killed {killed} times, {store.check('killed')} parts")

    # Two at once, with a state each. Their rows differ, and so do the names of their parts.
    other = Host(host_runner, folder / "other", site, store)
    to = f"jsonl:{store.url('both')}"
    words = ("sync", "run", "--to", to, "--streams", "pages,blog_posts")
    runs = [(runner, of_run, runner.start(*of_run)) for runner, of_run in ((host, words), (other, (*words, "--raw")))]
    ended = [(runner, of_run, process.communicate()[1], process.returncode) for runner, of_run, process in runs]
    refused = [(runner, of_run, error) for runner, of_run, error, code in ended if code != 0]
    assert len(refused) == 1, ended
    loser, words, error = refused[0]
    assert "another host has written" in error, error
    store.check("both")
    removed = store.created("both").keys() - set(store.keys("both"))
    assert removed, "the parts of the refused one were not removed"
    error = loser.run(*words, succeeds=False)
    assert "sync reset" in error, error
    loser.run("sync", "reset", "--to", to)
    # Rows that others are computed from are written once more: their columns are not in the manifests.
    loser.run(*words)
    parts = store.check("both")
    loser.run(*words)
    assert store.check("both") == parts, "rows that had not changed were written again"
    print(f"{store.name}: of two hosts at once one was refused, {len(removed)} of its parts removed, and took over")

    store.check_variants(host, folder)

    error = host.sync(f"jsonl:{store.url('none').replace(BUCKET, 'nowhere')}", succeeds=False)
    assert "has no `nowhere` (404" in error, error
    host.environment[store.secret_variable] = ""
    error = host.sync(f"parquet:{store.url('none')}", succeeds=False)
    assert store.secret_variable in error, error
    error = host.sync(f"parquet:{store.url('none').replace('//', '//reader:sesame@')}", succeeds=False)
    assert "sesame" not in error, error


def main():
    host_runner = Path(sys.argv[1]).resolve()
    servers = {"s3": S3.served, "az": Azure.served}
    with tempfile.TemporaryDirectory() as name, recipes.simulator(host_runner, 300) as site:
        folder, is_copied = Path(name), False
        for scheme, _, program in (argument.partition("=") for argument in sys.argv[2:]):
            of_store = folder / scheme
            of_store.mkdir()
            programs = [str(Path(program).resolve())] if program else []
            with servers[scheme](of_store, *programs) as store:
                if not is_copied:
                    host = Host(host_runner, folder / "sqlite", site, store)
                    host.sync(f"sqlite:{folder / 'site.db'}")
                    is_copied = True
                check(host_runner, of_store, site, store)


if __name__ == "__main__":
    main()
