"""Tables of ratios, the bars, results.json and docs/benchmarks.md."""

import json
import math
import platform
from datetime import date
from pathlib import Path
from statistics import median

# What each scenario's table shows, and against whom: (figure, unit, references).
SHOWN = {
    "small": [("us_per_request", "core·µs/request", ("nginx", "haproxy", "raw")),
              ("requests_per_second", "requests/s, whole chain on one core", ("nginx",))],
    "body-100k": [("us_per_request", "core·µs/request", ("nginx-unbuffered", "haproxy"))],
    "body-1m": [("us_per_request", "core·µs/request", ("nginx-unbuffered", "haproxy"))],
    "sse": [("us_per_frame", "core·µs/event", ("nginx", "haproxy")),
            ("delay_p99_us", "µs from sending to receiving, p99", ("nginx",))],
    "streams-2k": [("kib_per_stream", "KiB/stream", ("nginx", "haproxy")),
                   ("us_per_frame", "core·µs/event", ("nginx", "haproxy")),
                   ("delay_p999_us", "µs from sending to receiving, p999", ("haproxy",))],
    "streams-10k": [("kib_per_stream", "KiB/stream", ("nginx", "haproxy")),
                    ("us_per_frame", "core·µs/event", ("nginx", "haproxy")),
                    ("delay_p999_us", "µs from sending to receiving, p999", ("haproxy",))],
    "streams-tls": [("kib_per_stream", "KiB/stream", ("nginx", "haproxy")),
                    ("us_per_frame", "core·µs/event", ("nginx", "haproxy"))],
    "tls-upstream": [("us_per_request", "core·µs/request", ("nginx", "haproxy"))],
    "tls-both": [("us_per_request", "core·µs/request", ("nginx", "haproxy"))],
    "open-loop": [("p50_us", "µs, p50", ("direct", "nginx")), ("p99_us", "µs, p99", ("nginx",))],
    "one-caller": [("p50_us", "µs, p50", ("direct", "nginx")), ("p99_us", "µs, p99", ("nginx",))],
    "translated": [("us_per_request", "core·µs/request", ("sluice",)),
                   ("us_per_frame", "core·µs/event", ("sluice",))],
    "first-event": [("p50_us", "µs, p50", ("direct",)), ("p99_us", "µs, p99", ("direct",)),
                    ("max_us", "µs, greatest", ("direct",))],
}

# What Sluice must reach: (scenario, subject, figure, reference or None, at most).
BARS = [
    ("small", "sluice", "us_per_request", "nginx", 1.0),
    ("small", "sluice", "us_per_request", "haproxy", 1.0),
    ("body-100k", "sluice", "us_per_request", "nginx-unbuffered", 1.2),
    ("body-1m", "sluice", "us_per_request", "nginx-unbuffered", 1.5),
    ("sse", "sluice", "us_per_frame", "nginx", 1.0),
    ("streams-2k", "sluice", "us_per_frame", "nginx", 1.0),
    ("streams-10k", "sluice", "kib_per_stream", None, 8),
    ("streams-10k", "sluice", "failures", None, 0),
    ("streams-tls", "sluice", "kib_per_stream", None, 56),
    ("streams-tls", "sluice", "failures", None, 0),
    ("translated", "sluice-translating", "us_per_request", "sluice", 2.5),
]


def ratios(results, figure, subject, reference):
    """Round by round: both met the same machine."""
    pairs = zip(results[subject][figure], results[reference][figure])
    return [ours / theirs for ours, theirs in pairs if theirs]


def spread(values, digits):
    values = [value for value in values if not math.isnan(value)]
    if not values:
        return "–"
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def table(name, title, results):
    lines = [f"### {title}", ""]
    for figure, unit, wanted in SHOWN[name]:
        references = [reference for reference in wanted if reference in results]
        lines += [f"| | {unit} | " + "".join(f"÷ {reference} | " for reference in references),
                  "|---|--:|" + "--:|" * len(references)]
        for subject, figures in results.items():
            digits = 1 if median(figures[figure]) < 1000 else 0
            cells = [spread(ratios(results, figure, subject, reference), 2)
                     for reference in references]
            lines.append(f"| {subject} | {spread(figures[figure], digits)} | "
                         + "".join(f"{cell} | " for cell in cells))
        lines.append("")
    failures = {subject: sum(figures["failures"]) for subject, figures in results.items()
                if sum(figures["failures"])}
    lines += ["Failed: " + (", ".join(f"{subject} {count}" for subject, count in failures.items())
                            or "none") + ".", ""]
    return "\n".join(lines)


def judged(name, results):
    """The bars of this scenario: (text, whether it is met)."""
    verdicts = []
    for scenario, subject, figure, reference, bound in BARS:
        if scenario != name or subject not in results:
            continue
        if reference is None:
            value, what = max(results[subject][figure]), figure
        elif reference in results:
            value = median(ratios(results, figure, subject, reference))
            what = f"{figure} ÷ {reference}"
        else:
            continue
        verdicts.append((f"{name}: {what} {value:.2f} (at most {bound})", value <= bound))
    return verdicts


def machine():
    model = next((line.split(":", 1)[1].strip()
                  for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    cores = sum(line.startswith("processor")
                for line in Path("/proc/cpuinfo").read_text().splitlines())
    return {"cpu": model, "cores": cores, "kernel": platform.release()}


def save(path, kept, **new):
    """Scenarios that did not run this time keep what they had."""
    for part in ("scenarios", "runs"):
        kept[part] = {**kept.get(part, {}), **new.pop(part, {})}
    kept.update(new)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def load(path):
    return json.loads(path.read_text()) if path.exists() else {}


METHOD = """\
How it is measured. All programs of a figure in core·µs — gateway, upstream and client — share one
core, so that every gateway is busy all the time and none gains by waking late; what counts is the
time its threads spent on the processor (`/proc/PID/task/*/schedstat`), divided by the requests or
events. In every round each gateway has its turn, and the ratios are taken round by round: the
median, with the least and the greatest in brackets. Latencies come from an open-loop client and
count from when a request was due. Every answer is compared with the upstream's; every streamed
event carries a number, a time and a checksum. nginx (one worker), HAProxy (one thread) and the raw
relay only pass bytes on, without a log; Sluice (one worker) also checks one of 10,000 keys, reads
the request, counts tokens, keeps its metrics and writes the access log. `sluice-bare` has no
keys and no log; `sluice-translating` is asked as OpenAI is, and asks as Anthropic is asked. The raw
relay, a few hundred lines of epoll in `tests/bench/raw_relay.cpp`, is the floor. Absolute figures
belong to the machine; compare ratios.
"""


def document(results, scenarios):
    about = results["machine"]
    lines = ["# Benchmarks", "",
             f"Measured on {about['cpu']}, {about['cores']} cores, Linux {about['kernel']}; beneath "
             "each table is the command that made it.", "",
             "Versions: " + "; ".join(f"{name} {version}"
                                      for name, version in results["versions"].items()) + ".",
             "", METHOD]
    bars = [verdict for name in scenarios if name in results["scenarios"]
            for verdict in judged(name, results["scenarios"][name])]
    if bars:
        lines += ["## Bars", ""]
        lines += [f"- {'met' if met else '**not met**'}: {text}" for text, met in bars]
        lines.append("")
    lines += ["## Figures", ""]
    for name, scenario in scenarios.items():
        if name in results["scenarios"]:
            lines += [table(name, scenario.title, results["scenarios"][name]),
                      results["runs"][name], ""]
    for section in ("gates", "start", "translation"):
        if section in results:
            lines += [f"## {section.capitalize()}", "", "| | figure | bar |", "|---|--:|--:|"]
            lines += [f"| {row['what']} | {row['value']:,.2f} | {row['bar']} |"
                      for row in results[section]]
            lines += ["", results["runs"][section], ""]
    return "\n".join(lines).rstrip() + "\n"


def signature(command):
    return f"`{command}`, {date.today().isoformat()}"
