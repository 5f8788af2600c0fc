"""Servers on this machine that keep objects: OpenSSH, and S3 as moto speaks it."""

from __future__ import annotations

import getpass
import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")


@dataclass
class SecureShell:
    """An OpenSSH server on a port of its own, which knows one key."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"

    def hang_up(self) -> None:
        """End every connection, as a cable that is pulled."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for child in children.split():
            subprocess.run(["kill", "-9", child], check=False)


@contextmanager
def secure_shell(folder: Path) -> Iterator[SecureShell]:
    """Run a server whose host key, and a key that it takes, are in `$HOME/.ssh`."""
    if SSHD is None:
        pytest.skip("sshd is not installed: apt-get install openssh-server")
    ssh = Path(os.environ["HOME"]) / ".ssh"
    for path in (folder, ssh):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    for key in (folder / "host", ssh / "id_ed25519"):
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    port = _free_port()
    host = (folder / "host.pub").read_text().split()[:2]
    (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {' '.join(host)}\n")
    config = folder / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder / 'host'}\nPidFile none\n"
        f"AuthorizedKeysFile {ssh / 'id_ed25519.pub'}\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
    )
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # without it, sshd of Debian does not start
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield SecureShell(folder, port, process)
    finally:
        process.kill()
        process.wait()


@contextmanager
def simple_storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a server with one bucket, `bucket`; its endpoint."""
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    import boto3

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    urlopen(Request(f"{endpoint}/moto-api/reset", method="POST")).close()
    client.create_bucket(Bucket="bucket")
    try:
        yield endpoint
    finally:
        running.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
