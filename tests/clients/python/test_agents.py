"""Codex and the Gemini CLI, unmodified: each reads a file with a tool and says what stands in it."""
import json
import os
import subprocess
from pathlib import Path

import pytest

import gateway

MODULES = Path(__file__).resolve().parents[1] / "node_modules"
NODE = MODULES / ".bin" / "node"
CODEX = MODULES / ".bin" / "codex"
GEMINI = MODULES / ".bin" / "gemini"
NOTE = "The heron stands at dawn."
SECONDS = 90


def run(command, folder, environment):
    # Nothing of the machine's own settings, and no terminal.
    clean = {"PATH": f"{NODE.parent}:{os.environ['PATH']}", "HOME": str(folder), "NO_COLOR": "1", "LANG": "C.UTF-8", "TERM": "dumb"}
    return subprocess.run([str(part) for part in command], cwd=folder / "work", env={**clean, **environment}, timeout=SECONDS,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "note.txt").write_text(NOTE + "\n")
    return tmp_path


def said(done):
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


# ---- Codex


def codex(folder, url, model, prompt):
    home = folder / "codex"
    home.mkdir()
    (home / "config.toml").write_text(f"""
model = "{model}"
model_provider = "sluice"
[model_providers.sluice]
name = "Sluice"
base_url = "{url}/v1"
env_key = "SLUICE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
""")
    # It runs but what is written here; the sandbox would need rights that a container may not have.
    command = [CODEX, "exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", prompt]
    return run(command, folder, {"CODEX_HOME": str(home), "SLUICE_KEY": gateway.KEY})


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "together/openai/gpt-oss-120b",
                                   "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"])
def test_codex_reads_a_file_with_a_tool(folder, url, upstreams, model):
    upstreams.agent = {"exec_command": {"cmd": "cat note.txt"}, "shell": {"command": ["cat", "note.txt"]}}
    before = len(upstreams.asked)

    text = said(codex(folder, url, model, "What does note.txt say?"))

    asked = upstreams.asked[before:]
    assert [bool(one.results) for one in asked] == [False, True] and all(one.stream for one in asked)
    assert NOTE in asked[-1].results[0] and "The tool says:" in text and NOTE in text


def test_codex_is_answered_by_the_simulator(folder, url):
    assert said(codex(folder, url, "simulator/echo", "Hello there!")).strip() == "Hello there!"


# ---- Gemini CLI


def gemini(folder, url, model, prompt):
    settings = folder / ".gemini" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "general": {"enableAutoUpdate": False}, "privacy": {"usageStatisticsEnabled": False}}))
    command = [NODE, GEMINI, "--skip-trust", "--yolo", "--model", model, "--prompt", prompt]
    return run(command, folder, {"GEMINI_API_KEY": gateway.KEY, "GOOGLE_GEMINI_BASE_URL": url})


# Names of ours in config(): it only asks for Google's.
@pytest.mark.parametrize("model, api", [("gemini-2.5-pro", "anthropic"), ("gemini-2.5-flash", "chat"),
                                        ("gemini-2.5-flash-lite", "bedrock")])
def test_the_gemini_cli_reads_a_file_with_a_tool(folder, url, upstreams, model, api):
    upstreams.agent = {"read_file": {"file_path": str(folder / "work" / "note.txt")}}
    before = len(upstreams.asked)

    text = said(gemini(folder, url, model, "What does note.txt say?"))

    asked = [one for one in upstreams.asked[before:] if one.tools]
    assert {one.api for one in asked} == {api} and [bool(one.results) for one in asked] == [False, True]
    assert NOTE in asked[-1].results[0] and NOTE in text


def test_the_gemini_cli_is_answered_by_the_simulator(folder, url):
    assert "Lorem ipsum" in said(gemini(folder, url, "gemini-3.1-pro-preview", "Hello there!"))
