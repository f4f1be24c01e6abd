"""Figures without noise: system calls, heap allocations and instructions per request; and the start.

Each gives rows {what, value, bar, met}; a row without a bar is there to compare with.
"""

import http.client
import json
import os
import re
import shutil
import signal
import statistics
import struct
import subprocess
import time

from . import measure, scenarios, subjects
from .process import Fleet, before_others, family, free_port, memory_kib, wait_until_listening
from .subjects import Layout

REQUESTS = 10_000
INSTRUCTION_SLACK = 1.02


def row(what, value, bar=None):
    return {"what": what, "value": value, "bar": "–" if bar is None else f"≤ {bar}",
            "met": bar is None or value <= bar}


def traced_calls(fleet, name, subject, work):
    """System calls of the whole family while `work` runs."""
    output = fleet.folder / f"{name}.strace"
    members = [word for pid in sorted(set(family_of(subject))) for word in ("-p", str(pid))]
    tracer = fleet.start(f"{name}-strace", ["strace", "-f", "-c", "-o", output, *members])
    wait_until_traced(subject)
    began = time.monotonic()
    work()
    seconds = time.monotonic() - began
    fleet.stop(tracer, signal.SIGINT)
    total = re.search(r"^\s*100\.00\s.*?(\d+)\s+(?:\d+\s+)?total$", output.read_text(), re.M)
    return (int(total.group(1)) if total else 0), seconds


def family_of(subject):
    return family(subject.process.pid)


def wait_until_traced(subject):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        pids = family_of(subject)
        traced = [re.search(r"TracerPid:\s+[1-9]", open(f"/proc/{pid}/status").read())
                  for pid in pids]
        if all(traced):
            time.sleep(0.2)
            return
        time.sleep(0.01)
    raise RuntimeError(f"strace does not get hold of {subject.name}")


def system_calls(rig):
    rows = []
    for name in [name for name in rig.subjects if name in ("raw", "nginx", "haproxy", "sluice")]:
        with Fleet(rig.folder / "gates" / f"calls-{name}") as fleet:
            layout = Layout()
            upstream = subjects.start_upstream(fleet, rig.tools, layout)
            subject = subjects.start(rig, fleet, name, upstream, layout)
            body = scenarios.chat_body(fleet, 600, "canned-1270")

            def work(requests=REQUESTS):
                measure.by_load(rig, subject, body, layout.others_cpu, requests=requests)

            work(1000)
            busy, seconds = traced_calls(fleet, "busy", subject, work)
            idle, _ = traced_calls(fleet, "idle", subject, lambda: time.sleep(seconds))
            rows.append(row(f"{name}: system calls per request", (busy - idle) / REQUESTS,
                            4.6 if name == "sluice" else None))
    return rows


def allocations(rig):
    if not rig.sluice:
        return []
    with Fleet(rig.folder / "gates" / "allocations") as fleet:
        layout = Layout()
        upstream = subjects.start_upstream(fleet, rig.tools, layout)
        counted = fleet.folder / "count"
        subject = subjects.start_sluice(
            rig, fleet, upstream, layout,
            env={"LD_PRELOAD": str(rig.tools["alloc_counter"]), "ALLOC_COUNTER_FILE": str(counted)})
        wait_until_listening(subject.port, subject.process)
        rows = []
        for what, prompt in (("small chat", 600), ("100 KB prompt", 100_000)):
            body = scenarios.chat_body(fleet, prompt, "canned-1270")
            number = REQUESTS if prompt < 2000 else 1000
            measure.by_load(rig, subject, body, layout.others_cpu, requests=2000)
            before = struct.unpack("Q", counted.read_bytes())[0]
            measure.by_load(rig, subject, body, layout.others_cpu, requests=number)
            after = struct.unpack("Q", counted.read_bytes())[0]
            # A new client's 64 connections are accepted within: too few to matter here.
            rows.append(row(f"sluice: heap allocations per request, {what}",
                            (after - before) / number, 4))
        return rows


def instructions_of(rig, requests):
    """User-space instructions of a whole life that answers so many requests, one after another."""
    with Fleet(rig.folder / "gates" / f"callgrind-{requests}") as fleet:
        layout = Layout(subject_cpu=1, others_cpu=0)
        upstream = subjects.start_upstream(fleet, rig.tools, layout)
        output = fleet.folder / "callgrind.out"
        subject = subjects.start_sluice(
            rig, fleet, upstream, layout, keys=100,
            wrapper=("valgrind", "--tool=callgrind", f"--callgrind-out-file={output}"))
        wait_until_listening(subject.port, subject.process, 60)
        body = scenarios.chat_body(fleet, 600, "canned-1270")
        measure.by_load(rig, subject, body, layout.others_cpu, requests=requests, connections=1)
        fleet.stop(subject.process, seconds=60)
        return int(re.search(r"^(?:summary|totals): (\d+)", output.read_text(), re.M).group(1))


def instructions(rig, update):
    if not rig.sluice:
        return []
    value = (instructions_of(rig, 2000) - instructions_of(rig, 1000)) / 1000
    path = rig.here / "baseline.json"
    baseline = json.loads(path.read_text()) if path.exists() else {}
    if update:
        baseline["instructions_per_request"] = round(value)
        path.write_text(json.dumps(baseline, indent=1) + "\n")
    known = baseline.get("instructions_per_request")
    return [row("sluice: instructions per request", value,
                round(known * INSTRUCTION_SLACK) if known else None)]


def run(rig, update):
    return system_calls(rig) + allocations(rig) + instructions(rig, update)


def first_answer_ms(rig, fleet, upstream, keys, number):
    """From exec to the first answered chat, asked again without a pause until it is there."""
    layout = Layout(subject_cpu=None, others_cpu=None)
    port = free_port()
    name = f"start-{keys}-{number}"
    configuration = subjects.sluice_configuration(fleet, upstream, layout, port, name, keys, True)
    body = scenarios.chat_body(fleet, 600, "canned-1270").read_bytes()
    began = time.perf_counter()
    process = fleet.start(name, [rig.sluice, "serve", "-c", configuration])
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("POST", subjects.CHAT_PATH, body, {
                "content-type": "application/json", "authorization": "Bearer sk-bench-0"})
            if connection.getresponse().status == 200:
                break
        except OSError:
            if process.poll() is not None or time.perf_counter() - began > 20:
                raise RuntimeError(f"sluice does not start: {process.log.read_text()[-500:]}")
            time.sleep(0.0005)
    seconds = time.perf_counter() - began
    time.sleep(0.5)
    resident = memory_kib(process.pid)
    fleet.stop(process)
    return seconds * 1000, resident / 1024


def start(rig):
    if not rig.sluice:
        raise RuntimeError("there is no sluice to start")
    rows = []
    with Fleet(rig.folder / "start") as fleet:
        upstream = subjects.start_upstream(fleet, rig.tools, Layout())
        for keys, bars in ((1, (50, 15)), (subjects.KEYS, (None, None))):
            with before_others():
                rounds = [first_answer_ms(rig, fleet, upstream, keys, number)
                          for number in range(rig.rounds)]
            times, resident = zip(*rounds)
            rows.append(row(f"start to first answer, {keys:,} keys, ms, median",
                            statistics.median(times), bars[0]))
            rows.append(row(f"resident memory when idle, {keys:,} keys, MiB",
                            statistics.median(resident), bars[1]))
    stripped = rig.folder / "sluice-stripped"
    shutil.copy(rig.sluice, stripped)
    subprocess.run(["strip", stripped], check=True)
    rows.append(row("binary, stripped, MiB", stripped.stat().st_size / 2**20, 25))
    rows.append(row("binary, with symbols, MiB", os.stat(rig.sluice).st_size / 2**20))
    return rows
