"""The real binary under test: started on ports of its own, stopped by its pid, its log read."""
import copy
import functools
import json
import mmap
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest
import yaml

from support.client import KEY, Connection, request
from support.upstream import Upstream
from support.wait import eventually

PROJECT = Path(__file__).resolve().parents[2]
# Unlike what keys look like: to be kept secret it must be known, not recognised.
UPSTREAM_KEY = "upstream.canary.51b7e0d2"
ADMIN_KEY = "adm-canary-77c0a9"
CRASH = re.compile(r"AddressSanitizer|UndefinedBehavior|runtime error:|LeakSanitizer|ThreadSanitizer|Assertion|terminate called")


def binary():
    path = Path(os.environ.get("SLUICE_BINARY", PROJECT / "build" / "release" / "sluice"))
    path = path if path.is_absolute() else PROJECT / path
    if not path.exists():
        pytest.fail(f"{path} is not there: build it, or name another in SLUICE_BINARY")
    return str(path)


@functools.cache
def sanitized():
    """Whether it was built with a sanitizer, which has memory and descriptors of its own."""
    with open(binary(), "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(b"__sanitizer_") >= 0


def usual_config(upstream=None):
    """One key, one worker, the simulator and, if there is one, the upstream as "up"."""
    config = {
        "server": {"listen": ["127.0.0.1:0"], "workers": 1, "timeouts": {"drain": "5s"}},
        "admin": {"listen": "127.0.0.1:0"},
        "providers": {"simulator": {"type": "simulator"}},
        "models": {},
        "auth": {"keys": [{"name": "tester", "secret": KEY, "may": ["chat", "embeddings", "images", "audio", "files", "raw"]}]},
    }
    if upstream:
        config["providers"]["up"] = {"type": "openai-compatible", "base_url": upstream.url, "keys": [UPSTREAM_KEY]}
    return config


def merged(base, *changes):
    """A deep merge; None takes a key away."""
    result = copy.deepcopy(base)
    for change in changes:
        for key, value in change.items():
            if value is None:
                result.pop(key, None)
            elif isinstance(value, dict) and isinstance(result.get(key), dict):
                result[key] = merged(result[key], value)
            else:
                result[key] = copy.deepcopy(value)
    return result


class Sluice:
    def __init__(self, folder, config, environment=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "sluice.yaml"
        self.config = config
        self.write(config)
        self.lines = []
        self.text = []
        self.reading = threading.Event()  # Cleared: nobody reads the log.
        self.reading.set()
        self.process = subprocess.Popen([binary(), "serve", "-c", str(self.file)], cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env={**os.environ, **(environment or {})})
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        try:
            self.addresses = eventually(self._addresses, what=f"listening ({self.file})")
            self.admin = eventually(self._admin_address, what="listening for admin")
            eventually(lambda: self.get_admin("/readyz").status == 200, what="ready")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            raise AssertionError(f"it does not start: {self.log()}") from None

    @property
    def address(self):
        return self.addresses[0]

    def write(self, config):
        """Replaces the file as editors do: whole."""
        text = config if isinstance(config, str) else yaml.safe_dump({"version": 1, **config}, sort_keys=False)
        fresh = self.folder / "sluice.yaml.new"
        fresh.write_text(text)
        fresh.replace(self.file)

    def _read_log(self):
        for line in self.process.stderr:
            self.reading.wait()
            line = line.decode("utf-8", "replace").rstrip("\n")
            self.text.append(line)
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                pass

    def log(self):
        return "\n".join(self.text)

    def _listening(self, whom):
        return [line["address"] for line in list(self.lines)
                if line.get("msg") == "listening" and line.get("for", "clients") == whom]

    def _addresses(self):
        self._assert_running()
        found = list(dict.fromkeys(self._listening("clients")))
        return found if len(found) >= len(self.config["server"]["listen"]) else None

    def _admin_address(self):
        self._assert_running()
        found = self._listening("admin")
        return found[0] if found else None

    def _assert_running(self):
        assert self.process.poll() is None, "it has ended"

    # ---- Asking

    def connect(self, **options):
        return Connection(self.address, **options)

    def ask(self, method, path, body=None, **options):
        with self.connect() as connection:
            return connection.send(request(method, path, body, **options)).read_response(to=method)

    def chat(self, body, path="/v1/chat/completions", **options):
        return self.ask("POST", path, body, **options)

    def get_admin(self, path, **options):
        options.setdefault("key", None)
        options.setdefault("host", "localhost")  # It answers to no name that a web page could have.
        with Connection(self.admin) as connection:
            return connection.send(request("GET", path, **options)).read_response(to="GET")

    # ---- Looking

    def access(self, request_id):
        """The one line of the access log about a request."""
        def found():
            return [line for line in list(self.lines) if line.get("msg") == "request" and line.get("id") == request_id]
        lines = eventually(found, what=f"the access line of {request_id}")
        assert len(lines) == 1, lines
        return lines[0]

    def metric(self, name, **labels):
        """The sum of a metric's samples that have these labels."""
        total = 0.0
        for line in self.get_admin("/metrics").body.decode().splitlines():
            sample = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if not sample or sample[1] != name:
                continue
            found = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', sample[2] or ""))
            if all(found.get(key) == value for key, value in labels.items()):
                total += float(sample[3])
        return total

    # ---- Changing

    def reload(self, config):
        """Writes the file, says so by signal, waits until it is in force."""
        before = self.metric("sluice_config_reloads_total", result="ok")
        self.write(config)
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.metric("sluice_config_reloads_total", result="ok") > before, what="the reload")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, patience=30):
        status = self.process.wait(timeout=patience)
        self._reader.join(timeout=patience)
        return status

    def stop(self):
        """Ends it and judges its whole life."""
        if self.process.poll() is None:
            self.terminate()
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            raise AssertionError(f"it does not stop: {self.log()[-3000:]}") from None
        assert status == 0, f"it ended with {status}: {self.log()[-3000:]}"
        crash = CRASH.search(self.log())
        assert not crash, self.log()[-6000:]


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts gateways; all are stopped, and judged, at the module's end."""
    running = []

    def begin(*changes, upstream=None, environment=None):
        config = merged(usual_config(upstream), *changes)
        running.append(Sluice(tmp_path_factory.mktemp("sluice"), config, environment))
        return running[-1]

    yield begin
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def module_upstream():
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture
def upstream(module_upstream):
    """The module's upstream without a memory of earlier tests."""
    module_upstream.reset()
    return module_upstream


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream):
    return start(upstream=module_upstream)


@pytest.fixture
def sluice(module_sluice):
    return module_sluice
