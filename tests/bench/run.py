#!/usr/bin/env python3
"""Sluice's benchmarks: ./dev bench [scenario…] [gates|start|translation…], or this file directly.

Without a name it runs every scenario. `gates` counts system calls, allocations and instructions;
`start` measures start, idle memory and size; `translation` what a request and each chunk of a stream
cost to translate. They fail when a bar is missed.
"""

import argparse
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from rig import gates, peers, report, scenarios, subjects, translation
from rig.process import raise_descriptor_limit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = ("canned_upstream", "raw_relay", "load", "streams")
SECTIONS = {"gates": lambda rig, options: gates.run(rig, options.update_baseline),
            "start": lambda rig, options: gates.start(rig),
            "translation": lambda rig, options: translation.run(rig)}
DEFAULT_SUBJECTS = ("direct", "raw", "nginx", "nginx-unbuffered", "haproxy", "sluice", "sluice-bare")


class Rig:
    """What every scenario needs to know of this run."""

    def __init__(self, options):
        self.here = HERE
        self.folder = ROOT / "build" / "bench"
        self.folder.mkdir(parents=True, exist_ok=True)
        build = Path(options.build).resolve()
        self.sluice = build / "sluice" if (build / "sluice").exists() else None
        micro = build / "tests" / "bench_translation"
        self.translation = micro if micro.exists() else None
        self.tools = tools(build, self.folder)
        self.rounds = options.rounds or (3 if options.quick else 5)
        self.seconds = 1 if options.quick else 3
        self.descriptors = raise_descriptor_limit()
        self.rate = 0
        self.expected = None
        self.subjects = chosen_subjects(options, self)


def tools(build, folder):
    """The benchmark's own programs: from the build if there, else compiled here, alone."""
    compiler = ["clang++-19", "-std=c++23", "-O2", "-fuse-ld=lld"]
    found = {}
    for name in PROGRAMS:
        source, built = HERE / f"{name}.cpp", build / "tests" / f"bench_{name}"
        newest = max(path.stat().st_mtime for path in [source, *(HERE / "wire").glob("*.h")])
        if not built.exists() or built.stat().st_mtime < newest:
            built = folder / "tools" / name
            compile_if_older(newest, built, [*compiler, source, "-o", built, "-lssl", "-lcrypto"])
        found[name] = built
    source, library = HERE / "preload/alloc_counter.cpp", folder / "tools/alloc_counter.so"
    compile_if_older(source.stat().st_mtime, library,
                     [*compiler, "-shared", "-fPIC", source, "-o", library])
    found["alloc_counter"] = library
    return found


def compile_if_older(newest, target, command):
    if not target.exists() or target.stat().st_mtime < newest:
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([str(word) for word in command], check=True)


def chosen_subjects(options, rig):
    if options.subjects:
        names = options.subjects.split(",")
        unknown = [name for name in names if name not in subjects.STARTERS]
        if unknown:
            sys.exit(f"unknown subjects {unknown}; there are: {', '.join(subjects.STARTERS)}")
    else:
        names = [name for name in DEFAULT_SUBJECTS if rig.sluice or not name.startswith("sluice")]
        if not rig.sluice:
            print("There is no sluice in the build: only the others run.", file=sys.stderr)
    if options.peers:
        names += [name for name in peers.install(rig.folder) if name not in names]
    return names


def arguments():
    """As they were given to ./dev bench, which adds where the build is."""
    return sys.argv[3:] if sys.argv[1:2] == ["--build"] else sys.argv[1:]


def show(rows):
    for each in rows:
        print(f"  {'ok  ' if each['met'] else 'MISS'} {each['what']}: {each['value']:,.2f} "
              f"({each['bar']})")
    return all(each["met"] for each in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="scenario",
                        help=", ".join([*scenarios.SCENARIOS, *SECTIONS]))
    parser.add_argument("--build", default=ROOT / "build/release", help="where sluice was built")
    parser.add_argument("--subjects", help="only these, by comma: " + ", ".join(subjects.STARTERS))
    parser.add_argument("--peers", action="store_true",
                        help="also install and run Portkey, LiteLLM and Bifrost")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 1 second")
    parser.add_argument("--rounds", type=int, help="default 5")
    parser.add_argument("--update-baseline", action="store_true",
                        help="gates: take today's instructions as the new baseline")
    parser.add_argument("--write-docs", action="store_true", help="render docs/benchmarks.md")
    options = parser.parse_args()
    names = options.names or ([] if options.write_docs else list(scenarios.SCENARIOS))
    unknown = [name for name in names if name not in (*scenarios.SCENARIOS, *SECTIONS)]
    if unknown:
        parser.error(f"unknown scenario {', '.join(unknown)}")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that every `with` stops its own.
    rig = Rig(options)
    path = rig.folder / "results.json"
    kept = report.load(path)
    met = True
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        new = {}
        if name in SECTIONS:
            new[name] = SECTIONS[name](rig, options)
            met &= show(new[name])
        else:
            results = scenarios.run(rig, name)
            new["scenarios"] = {name: results}
            print(report.table(name, scenarios.SCENARIOS[name].title, results))
            for text, reached in report.judged(name, results):
                print(f"  {'ok  ' if reached else 'MISS'} {text}")
        report.save(path, kept, machine=report.machine(), versions=subjects.versions(rig),
                    runs={name: report.signature(shlex.join(["./dev", "bench", *arguments()]))},
                    **new)
    if options.write_docs:
        (ROOT / "docs/benchmarks.md").write_text(report.document(kept, scenarios.SCENARIOS))
    return 0 if met else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
