"""One measurement of one subject, by one client."""

import json
import subprocess
import time

from .process import cpu_ns, memory_kib, run
from .subjects import KEYS


def url_of(subject):
    return f"{'https' if subject.tls else 'http'}://127.0.0.1:{subject.port}"


def by_wrk(rig, subject, upstream, body, connections, seconds, cpu, keys=KEYS):
    """Closed loop, as fast as it goes: for processor time, never for latency."""
    before = cpu_ns(subject.process.pid), cpu_ns(upstream.process.pid)
    output, client_us = run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", rig.here / "peers/post.lua",
         url_of(subject), "--", body, subject.path, keys, subject.header_lines()], cpu=cpu, seconds=seconds + 60)
    after = cpu_ns(subject.process.pid), cpu_ns(upstream.process.pid)
    counts = json.loads(output.strip().splitlines()[-1])
    requests = max(counts["requests"], 1)
    own_us = (after[0] - before[0]) / 1000
    upstream_us = 0 if subject.name == "direct" else (after[1] - before[1]) / 1000
    return {
        "us_per_request": own_us / requests,
        "chain_us_per_request": (own_us + upstream_us + client_us) / requests,
        "requests_per_second": requests / (counts["micros"] / 1e6),
        "failures": counts["non_2xx"] + counts["broken"],
    }


def by_count(rig, subject, body, cpu, requests=500, connections=16):
    """For gateways so slow that a few seconds hold few answers: a number of requests, to the end."""
    before = cpu_ns(subject.process.pid)
    result = by_load(rig, subject, body, cpu, requests=requests, connections=connections)
    return {
        "us_per_request": (cpu_ns(subject.process.pid) - before) / 1000 / requests,
        "requests_per_second": result["per_second"],
        "failures": result["failures"],
    }


def by_load(rig, subject, body, cpu, expected=None, **options):
    """Our open-loop client; every answer is compared with what the upstream gives directly."""
    command = [rig.tools["load"], "--port", subject.port, "--path", subject.path, "--body", body,
               "--tls", int(subject.tls), "--headers", subject.header_lines()]
    if expected is not None and subject.exact:
        command += ["--expect-file", expected]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", value]
    result = json.loads(run(command, cpu=cpu)[0])
    result["failures"] = (result["unfinished"] + result["non_2xx"] + result["wrong"]
                          + result["broken"])
    return result


def by_streams(rig, instances, cpu, streams, model, chunks, seconds=0, open_rate=2000,
               prompt_bytes=0):
    """Many streams at once: time per event, memory at the height, and every event accounted for.

    Where one process may not hold enough descriptors, there are several instances of the subject,
    each with a client of its own.
    """
    def all_of(figure):
        return sum(figure(subject.process.pid) for subject in instances)

    memory_before, cpu_before = all_of(memory_kib), all_of(cpu_ns)
    share = streams // len(instances)
    started = [subprocess.Popen(
        [str(word) for word in (
            *(("taskset", "-c", cpu) if cpu is not None else ()), rig.tools["streams"],
            "--port", subject.port, "--path", subject.path, "--tls", int(subject.tls),
            "--headers", subject.header_lines(),
            "--source", f"127.0.0.{2 + number}", "--first", 1 + number * 10_000_000,
            "--streams", share, "--model", model, "--chunks", chunks, "--seconds", seconds,
            "--prompt-bytes", prompt_bytes, "--open-rate", open_rate / len(instances))],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        for number, subject in enumerate(instances)]
    try:
        lines = [client.stdout.readline() for client in started]
        opened = all(line.startswith('{"open"') for line in lines)
        time.sleep(1)
        memory_full = all_of(memory_kib)
        results = []
        for client, line in zip(started, lines):
            rest = client.communicate(timeout=180)[0]
            results.append(json.loads((rest.strip() or line).splitlines()[-1]))
    finally:
        for client in started:
            if client.poll() is None:
                client.kill()
                client.wait()
    frames = sum(result["frames"] for result in results)
    faults = {name: sum(result[name] for result in results)
              for name in ("lost", "doubled", "out_of_order", "foreign", "incomplete", "non_2xx",
                           "unfinished")}
    worst = max(results, key=lambda result: result["delay_us"]["p999"])
    spent_us = (all_of(cpu_ns) - cpu_before) / 1000
    return {
        "us_per_frame": spent_us / max(frames, 1),
        "us_per_request": spent_us / max(sum(result["streams"] for result in results), 1),
        "kib_per_stream": (memory_full - memory_before) / streams if opened else float("nan"),
        "frames": frames,
        "delay_p50_us": worst["delay_us"]["p50"],
        "delay_p99_us": worst["delay_us"]["p99"],
        "delay_p999_us": worst["delay_us"]["p999"],
        "gap_p999_us": worst["gap_us"]["p999"],
        "failures": sum(faults.values()),
        "faults": {name: count for name, count in faults.items() if count},
    }
