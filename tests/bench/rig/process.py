"""Processes of a run: started pinned, measured through /proc, and stopped by their own ids."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

DESCRIPTORS = 65536


def raise_descriptor_limit():
    """As many descriptors as the machine lets this user have, for us and all that we start."""
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    except (ValueError, PermissionError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@contextlib.contextmanager
def before_others():
    """What starts within goes before the machine's other work, if this user may do that."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        print("latencies will hold what else this machine does", file=sys.stderr)
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(port, process, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}; {process.log}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    raise RuntimeError(f"nothing listens on {port} after {seconds} s; {process.log}")


def family(pid):
    """The process and all below it."""
    members = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            for child in (task / "children").read_text().split():
                members += family(int(child))
        except OSError:
            pass
    return members


def cpu_ns(pid):
    """Time on a processor, of all threads of the whole family, to the nanosecond."""
    total = 0
    for member in family(pid):
        for task in Path(f"/proc/{member}/task").glob("*"):
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except OSError:
                pass
    return total


def memory_kib(pid, field="VmRSS"):
    total = 0
    for member in family(pid):
        try:
            for line in Path(f"/proc/{member}/status").read_text().splitlines():
                if line.startswith(field + ":"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total


class Fleet:
    """Everything that one scenario starts; leaving the `with` stops all of it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.processes = []

    def part(self, name):
        """The same fleet with a folder of its own, for a second instance of a program."""
        part = Fleet(self.folder / name)
        part.processes = self.processes
        return part

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.stop(process)

    def start(self, name, command, cpu=None, env=None, output=None):
        pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
        log = self.folder / f"{name}.log"
        with open(log, "wb") as sink:
            process = subprocess.Popen(
                pin + [str(word) for word in command], stdin=subprocess.DEVNULL,
                stdout=output or sink, stderr=sink, env={**os.environ, **(env or {})},
                cwd=self.folder, start_new_session=True)
        process.log = log
        self.processes.append(process)
        return process

    def stop(self, process, gently=signal.SIGTERM, seconds=5):
        if process.poll() is None:
            members = family(process.pid)
            process.send_signal(gently)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
            for member in members:
                try:
                    # Only what is still ours: a session of its own was made for each start.
                    if os.getsid(member) == process.pid:
                        os.kill(member, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.wait()
        if process in self.processes:
            self.processes.remove(process)
        return process.returncode


def run(command, cpu=None, seconds=180):
    """Runs a client to its end: its output, and the processor time that it took."""
    pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
    with subprocess.Popen(pin + [str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            output, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            raise
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {output}{errors}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return output, spent * 1e6
