"""What the tests of documents share: the project, its binary, and a gateway that serves the default configuration."""
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def documents():
    return [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def blocks(language):
    """(document, text) of every fenced block of a language."""
    return [
        (document.relative_to(PROJECT).as_posix(), text)
        for document in documents()
        for found, text in BLOCK.findall(document.read_text())
        if found == language
    ]


@pytest.fixture(scope="session")
def project():
    return PROJECT


@pytest.fixture(scope="session")
def binary():
    path = PROJECT / "build" / "release" / "sluice"
    assert path.exists(), "./dev build has left no build/release/sluice"
    return str(path)


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


def wait_until_ready(process, address, log):
    end = time.monotonic() + 10
    while True:
        try:
            urllib.request.urlopen(f"http://{address}/readyz", timeout=1).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.01)


@pytest.fixture(scope="session")
def gateway(binary, tmp_path_factory):
    """The address of a process that serves config/sluice.yaml, but on ports that are free."""
    folder = tmp_path_factory.mktemp("gateway")
    config = yaml.safe_load((PROJECT / "config" / "sluice.yaml").read_text())
    address = free_address()
    config.setdefault("server", {})["listen"] = [address]
    config.setdefault("admin", {})["listen"] = free_address()
    (folder / "sluice.yaml").write_text(yaml.safe_dump(config))
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen([binary, "serve", "-c", str(folder / "sluice.yaml")], stdout=output, stderr=output)
    try:
        wait_until_ready(process, address, log)
        yield address
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def environment():
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
