"""The scenarios: what is asked, of whom, in which arrangement.

Each is measured in rounds, and within a round every subject has its turn, so that what else the
machine does meets all of them alike. A scenario gives {subject: {figure: [one value per round]}}.
"""

import contextlib
import json
import ssl
import sys
import urllib.request
from dataclasses import dataclass, replace
from typing import Callable

from . import measure, peers, subjects
from .process import Fleet, before_others, cpu_ns
from .subjects import Layout


@dataclass
class Scenario:
    title: str
    measure: Callable  # (rig, fleet, subject, upstream, layout, scenario) → {figure: value}
    layout: Layout = Layout()
    without: tuple = ()  # Subjects that have nothing to show here.
    only: tuple = ()     # The subjects, whatever others were chosen.
    rounds: int = 0      # 0: as many as were asked for.
    prompt_bytes: int = 600
    connections: int = 64
    streams: int = 0
    model: str = "canned-1270"
    chunks: int = 0
    open_rate: int = 2000
    stream_seconds: int = 0
    fresh: bool = False  # A new process for every measurement: its memory counts.


def chat_body(fleet, prompt_bytes, model, stream=False):
    path = fleet.folder / f"body-{model}-{prompt_bytes}.json"
    body = {"model": model}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    words = "The quick brown fox jumps over the lazy dog. "
    # Four fifths one long text, the rest in short messages: as agents send them.
    long_text = (words * (prompt_bytes // len(words) + 1))[:prompt_bytes * 4 // 5]
    body["messages"] = [{"role": "system", "content": long_text}]
    body["messages"] += [{"role": ("user", "assistant")[number % 2], "content": words * 2}
                         for number in range(max(prompt_bytes // 5 // 125, 1))]
    path.write_text(json.dumps(body, separators=(",", ":")))
    return path


def ask(subject, body, tls_folder):
    """One answer through the subject, as bytes."""
    request = urllib.request.Request(
        measure.url_of(subject) + subject.path, body.read_bytes(),
        {"content-type": "application/json", "authorization": "Bearer sk-bench-0", **subject.headers})
    context = ssl.create_default_context(cafile=tls_folder / "cert.pem") if subject.tls else None
    with urllib.request.urlopen(request, timeout=30, context=context) as reply:
        return reply.read()


def chat(rig, fleet, subject, upstream, layout, scenario):
    body = chat_body(fleet, scenario.prompt_bytes, scenario.model)
    if not subject.exact:
        return measure.by_count(rig, subject, body, layout.others_cpu)
    keys = subjects.KEYS if scenario.prompt_bytes < 2000 else 1
    return measure.by_wrk(rig, subject, upstream, body, scenario.connections, rig.seconds,
                          layout.others_cpu, keys)


def instances_needed(rig, scenario):
    """A relayed stream takes two descriptors."""
    return -(-(2 * scenario.streams + 400) // rig.descriptors)


def streaming(rig, fleet, subject, upstream, layout, scenario):
    instances = [subject]
    for number in range(1, instances_needed(rig, scenario)):
        part = fleet.part(f"instance-{number}")
        instances.append(subjects.start(rig, part, subject.name, upstream, layout))
    return measure.by_streams(rig, instances, layout.others_cpu, scenario.streams, scenario.model,
                              scenario.chunks, scenario.stream_seconds, scenario.open_rate)


def short_streams(rig, fleet, subject, upstream, layout, scenario):
    """One after another on each connection: what a request costs, its answer streamed."""
    return measure.by_streams(rig, [subject], layout.others_cpu, scenario.streams, scenario.model,
                              scenario.chunks, rig.seconds, prompt_bytes=scenario.prompt_bytes)


def open_loop(rig, fleet, subject, upstream, layout, scenario):
    """At a steady rate, the latency from when each request was due."""
    body = chat_body(fleet, scenario.prompt_bytes, scenario.model)
    result = measure.by_load(rig, subject, body, layout.others_cpu, rig.expected,
                             rate=rig.rate, seconds=rig.seconds, connections=64,
                             warm_up=int(rig.rate / 2))
    return {**latencies(result), "rate": rig.rate}


def one_caller(rig, fleet, subject, upstream, layout, scenario):
    body = chat_body(fleet, scenario.prompt_bytes, scenario.model)
    result = measure.by_load(rig, subject, body, layout.others_cpu, rig.expected, rate=2000,
                             seconds=rig.seconds, connections=1, warm_up=500)
    return latencies(result)


def first_event(rig, fleet, subject, upstream, layout, scenario):
    body = chat_body(fleet, scenario.prompt_bytes, "canned-sse-20-10ms", stream=True)
    result = measure.by_load(rig, subject, body, layout.others_cpu, rate=200, seconds=rig.seconds,
                             connections=100, warm_up=100, until="first-event", expect="[DONE]")
    return latencies(result)


def latencies(result):
    figures = {f"{name}_us": result["latency_us"][name] for name in ("p50", "p99", "p999", "max")}
    return {**figures, "failures": result["failures"]}


APART = Layout(subject_cpu=1, others_cpu=0)
STREAMS = Layout(streams=True)
WITHOUT_DIRECT = ("direct",)

SCENARIOS = {
    "small": Scenario("Small chat: 700 B prompt, 1.27 KB answer, 64 connections, one core", chat),
    "body-100k": Scenario("100 KB prompt, 16 connections, one core", chat, prompt_bytes=100_000,
                          connections=16),
    "body-1m": Scenario("1 MB prompt, 16 connections, one core", chat, prompt_bytes=1_000_000,
                        connections=16),
    "sse": Scenario("Streams of 200 events every 10 ms, 200 at once, one core", streaming,
                    STREAMS, without=WITHOUT_DIRECT, streams=200, model="canned-sse-200-10ms", chunks=200,
                    stream_seconds=1),
    "streams-2k": Scenario("2,000 streams with 10 events a second each", streaming, STREAMS,
                           without=WITHOUT_DIRECT, rounds=3, streams=2000, fresh=True,
                           model="canned-sse-60-100ms", chunks=60),
    "streams-10k": Scenario("10,000 streams with one event a second each", streaming, STREAMS,
                            without=WITHOUT_DIRECT, rounds=2, streams=10_000, fresh=True,
                            model="canned-sse-16-1000ms", chunks=16, open_rate=1500),
    "streams-tls": Scenario("2,000 streams, TLS to the caller and to the upstream", streaming,
                            Layout(tls_upstream=True, tls_client=True, streams=True),
                            without=WITHOUT_DIRECT, rounds=2,
                            streams=2000, fresh=True, model="canned-sse-24-500ms", chunks=24,
                            open_rate=300),
    "tls-upstream": Scenario("Small chat, TLS to the upstream, one core", chat,
                             Layout(tls_upstream=True)),
    "tls-both": Scenario("Small chat, TLS to the caller and to the upstream, one core", chat,
                         Layout(tls_upstream=True, tls_client=True)),
    "open-loop": Scenario("Latency at a quarter of nginx's throughput, open loop, two cores",
                          open_loop, APART),
    "one-caller": Scenario("Latency of one caller, 2,000 requests a second, two cores", one_caller,
                           APART),
    "translated": Scenario("Small streamed chat, passed through or translated to Anthropic's words",
                           short_streams, STREAMS, only=("sluice", "sluice-translating"),
                           streams=64, model="canned-sse-20", chunks=20),
    "first-event": Scenario("Time to the first event of a stream, two cores", first_event,
                            replace(APART, streams=True)),
}


def prepare(rig, fleet, scenario, upstream, running):
    """Before the clock runs: each subject must give the upstream's very answer."""
    body = chat_body(fleet, scenario.prompt_bytes, scenario.model if not scenario.streams else
                     "canned-1270")
    direct = subjects.start_direct(rig, fleet, upstream, scenario.layout)
    rig.expected = fleet.folder / "expected.json"
    rig.expected.write_bytes(ask(direct, body, upstream.tls_folder))
    for subject in running:
        answer = ask(subject, body, upstream.tls_folder)
        if subject.exact and answer != rig.expected.read_bytes():
            raise RuntimeError(f"{subject.name} changed the answer: {answer[:300]}")
        if b"the-end" not in answer:
            raise RuntimeError(f"{subject.name} did not give the answer: {answer[:300]}")


def find_rate(rig, fleet, scenario, upstream):
    """A quarter of nginx's throughput: there our client, which shares a core with the upstream and
    wakes for every answer, is about half busy."""
    nginx = subjects.start(rig, fleet, "nginx", upstream, scenario.layout)
    body = chat_body(fleet, scenario.prompt_bytes, scenario.model)
    full = measure.by_wrk(rig, nginx, upstream, body, 64, 1, scenario.layout.others_cpu)
    fleet.stop(nginx.process)
    return int(full["requests_per_second"] / 4)


def run(rig, name):
    # Time on a processor can be told apart from waiting for it; a latency cannot.
    latency = SCENARIOS[name].layout.subject_cpu != SCENARIOS[name].layout.others_cpu
    with before_others() if latency else contextlib.nullcontext():
        return run_rounds(rig, name)


def run_rounds(rig, name):
    scenario = SCENARIOS[name]
    # The interpreted gateways would be drowned by the rates and streams of the other scenarios.
    names = [subject for subject in rig.subjects if subject not in scenario.without
             and (scenario.measure is chat or subject not in peers.NAMES)]
    if scenario.only:
        names = scenario.only if rig.sluice else ()
    rounds = min(scenario.rounds or rig.rounds, rig.rounds)
    results = {}
    if scenario.fresh:
        for number in range(rounds):
            for subject in turn(names, number):
                with Fleet(rig.folder / name / f"{subject}-{number}") as fleet:
                    measure_all(rig, name, fleet, [subject], [0], results)
    else:
        with Fleet(rig.folder / name) as fleet:
            measure_all(rig, name, fleet, names, range(rounds), results)
    return results


def turn(names, number):
    """Each round begins with another subject, so that none always follows the same one."""
    at = number % len(names)
    return names[at:] + names[:at]


def measure_all(rig, name, fleet, names, rounds, results):
    scenario = SCENARIOS[name]
    upstream = subjects.start_upstream(fleet, rig.tools, scenario.layout)
    running = {}
    for subject in names:
        started = subjects.start(rig, fleet, subject, upstream, scenario.layout)
        if started:
            running[subject] = started
    if not running:
        return
    prepare(rig, fleet, scenario, upstream, running.values())
    if scenario.measure is open_loop and not rig.rate:
        rig.rate = find_rate(rig, fleet, scenario, upstream)
    if scenario.measure is chat:
        warm_up(rig, fleet, scenario, running)
    for number in rounds:
        for subject in turn(list(running), number):
            figures = scenario.measure(rig, fleet, running[subject], upstream, scenario.layout,
                                       scenario)
            faults = figures.pop("faults", None)
            if figures["failures"]:
                print(f"  {name}: {subject} failed {figures['failures']} times {faults or ''}",
                      file=sys.stderr)
            for figure, value in figures.items():
                results.setdefault(subject, {}).setdefault(figure, []).append(value)


def warm_up(rig, fleet, scenario, running):
    body = chat_body(fleet, scenario.prompt_bytes, scenario.model)
    for subject in running.values():
        before = cpu_ns(subject.process.pid)
        measure.by_load(rig, subject, body, scenario.layout.others_cpu,
                        requests=2000 if subject.exact and scenario.prompt_bytes < 2000 else 200,
                        connections=scenario.connections)
        if cpu_ns(subject.process.pid) == before:
            raise RuntimeError(f"{subject.name} answers, but another process does the work")
