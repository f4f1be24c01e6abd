#!/usr/bin/env python3
"""Builds docker/Dockerfile step by step in chroots, without a Docker engine, and asks the result for an answer.

Each FROM becomes a fresh Debian 12 from this machine's own mirror, COPY takes a clean checkout of HEAD, RUN runs as
written. So it also proves that the packages `./dev` names are enough. Needs root, debootstrap, about 3 GB.
"""
import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
WORK = PROJECT / "build" / "image"
BASE = "debian:12-slim"
SUITE = "bookworm"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
SECONDS_TO_START = 10
QUESTION = {"model": "simulator/echo", "messages": [{"role": "user", "content": "hello"}]}


@dataclass
class Stage:
    root: Path
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list = field(default_factory=list)
    command: list = field(default_factory=list)
    environment: dict = field(default_factory=lambda: {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


def mirrors():
    """This machine's Debian sources as one-line entries: the main archive first, then updates and security."""
    wanted = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)|$(LABEL)"
    listing = run("apt-get", "indextargets", "--format", wanted, "Created-By: Packages", "Origin: Debian",
                  capture_output=True, text=True).stdout.split("\n")
    entries = sorted({line.split("|")[0] for line in listing if SUITE in line}, key=lambda entry: ("-" in entry.split()[2], entry))
    if not entries:
        sys.exit(f"image: apt knows no Debian mirror with {SUITE}; run apt-get update")
    return entries


def make_base():
    base = WORK / "base"
    if (base / "etc" / "os-release").exists():
        return base
    shutil.rmtree(base, ignore_errors=True)
    entries = mirrors()
    run("debootstrap", "--variant=minbase", SUITE, base, entries[0].split()[1], stdout=subprocess.DEVNULL)
    (base / "etc/apt/sources.list").write_text("\n".join(entries) + "\n")
    settings = run("apt-config", "dump", "Acquire", capture_output=True, text=True).stdout.splitlines()
    kept = [line for line in settings if re.search(r"Proxy|Check-|Retries|Verify-", line)]
    (base / "etc/apt/apt.conf.d/90this-machine").write_text("\n".join(kept) + "\n")
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", base / "etc" / name)
    return base


def instructions(text):
    """The (instruction, rest) pairs of a Dockerfile, continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def inside(stage, command):
    uid, gid = stage.user.split(":")
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--root={stage.root}", f"--wd={stage.folder}",
            "--mount-proc", f"--setgid={gid}", f"--setuid={uid}", *command]


def copy(stage, stages, words, context):
    source_root = context
    if words[0].startswith("--from="):
        source_root = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    destination = stage.root / os.path.join(stage.folder, target).lstrip("/")
    for source in sources:
        path = source_root / source.lstrip("/")
        if path.is_dir():
            shutil.copytree(path, destination, symlinks=True, dirs_exist_ok=True)
        else:
            into = destination / path.name if target.endswith("/") else destination
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, into)


def build(dockerfile, context):
    """Runs the whole Dockerfile; the last stage is the image."""
    stages, stage = {}, None
    for instruction, rest in instructions(dockerfile.read_text()):
        print(f"--- {instruction} {rest}", flush=True)
        words = shlex.split(rest)
        if instruction == "FROM":
            if words[0] != BASE:
                sys.exit(f"image: builds from {BASE} only, not {words[0]}")
            stage = Stage(WORK / f"stage{len(stages)}")
            run("cp", "-a", "--reflink=auto", WORK / "base", stage.root)
            stages[words[2] if len(words) == 3 else str(len(stages))] = stage
        elif instruction == "WORKDIR":
            stage.folder = rest
            (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            copy(stage, stages, words, context)
        elif instruction == "RUN":
            run(*inside(stage, ["/bin/sh", "-c", rest]), env=stage.environment)
        elif instruction == "ENV":
            stage.environment |= dict(word.split("=", 1) for word in words)
        elif instruction == "USER":
            stage.user = rest
        elif instruction == "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
        elif instruction == "CMD":
            stage.command = json.loads(rest)
        elif instruction not in ("EXPOSE", "STOPSIGNAL"):
            sys.exit(f"image: cannot follow {instruction}")
    return stage


def ask(url, body=None):
    request = urllib.request.Request(url, body and json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.read().decode()


def ask_until_up(server, url):
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return ask(url)
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.02)


def serve_one(image):
    """Starts the image as Docker would, in a network of its own: one answer, then SIGTERM and a clean exit."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK) != 0:
        sys.exit("image: no network namespace to be had: " + os.strerror(ctypes.get_errno()))
    run("ip", "link", "set", "lo", "up")
    server = subprocess.Popen(inside(image, image.entrypoint + image.command), env=image.environment)
    try:
        ask_until_up(server, "http://127.0.0.1:8080/readyz")
        answer = json.loads(ask("http://127.0.0.1:8080/v1/chat/completions", QUESTION))
        print("It answers:", answer["choices"][0]["message"]["content"][:60])
        child = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0]
        os.kill(int(child), signal.SIGTERM)
        if status := server.wait(timeout=40):
            sys.exit(f"image: ended with status {status} after SIGTERM")
    finally:
        server.kill()


def main():
    if os.geteuid() != 0:
        sys.exit("image: needs root, for chroot and debootstrap")
    WORK.mkdir(parents=True, exist_ok=True)
    context = WORK / "context"
    for old in [context, *WORK.glob("stage*")]:
        shutil.rmtree(old, ignore_errors=True)
    context.mkdir()
    checkout = run("git", "-C", PROJECT, "archive", "HEAD", capture_output=True).stdout
    run("tar", "-x", "-C", context, input=checkout)
    make_base()
    image = build(PROJECT / "docker" / "Dockerfile", context)
    run(*inside(image, [image.entrypoint[0], "version"]), env=image.environment)
    serve_one(image)
    for stage in WORK.glob("stage*"):
        shutil.rmtree(stage)


if __name__ == "__main__":
    main()
