"""What translating costs by itself, without a gateway around it: rows as those of gates.py."""

import json
import subprocess

from .gates import row

REQUEST_MS = 3
CHUNK_US = 1.5


def run(rig):
    if not rig.translation:
        raise RuntimeError("there is no bench_translation in the build")
    done = subprocess.run(
        [rig.translation, "--benchmark_format=json", f"--benchmark_repetitions={rig.rounds}",
         "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.1"],
        check=True, capture_output=True, text=True)
    runs = {}
    for each in json.loads(done.stdout)["benchmarks"]:
        if each.get("error_occurred"):
            raise RuntimeError(f"{each['run_name']}: {each['error_message']}")
        if each["run_type"] == "iteration":
            runs.setdefault(each["run_name"], []).append(each)
    return [judged(name, each) for name, each in sorted(runs.items())]


def judged(name, runs):
    """By processor time, the least of all rounds: what else the machine does only adds to it."""
    what, case = name.split("/")[:2]
    words = case.replace("_", " ")
    if what == "request":
        return row(f"1 MB request, {words}, ms", min(run["cpu_time"] for run in runs),
                   REQUEST_MS)
    return row(f"chunk of a stream, {words}, µs",
               1e6 / max(run["items_per_second"] for run in runs), CHUNK_US)
