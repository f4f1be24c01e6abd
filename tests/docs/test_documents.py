"""The documents say what is so: their commands run, their examples load, their links lead somewhere."""
import json
import re
import subprocess

import pytest

from conftest import PROJECT, blocks, documents

SERVED = "127.0.0.1:8080"  # Where README's commands expect config/sluice.yaml to be served.
CURLS = [text for document, text in blocks("sh") if document == "README.md" and text.startswith("curl")]
PYTHONS = [text for _, text in blocks("python")]


def test_readme_shows_a_request_by_curl_and_one_by_a_client():
    assert CURLS and PYTHONS


def test_the_default_configuration_listens_where_readme_says():
    listen = re.findall(r"^\s*listen:.*$", (PROJECT / "config" / "sluice.yaml").read_text(), re.MULTILINE)

    assert any(SERVED in line for line in listen)


@pytest.mark.parametrize("command", CURLS)
def test_a_curl_command_gets_its_answer(command, gateway, environment):
    script = command.replace(SERVED, gateway)

    done = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, env=environment, timeout=30)

    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "Hello, Sluice" in answer["choices"][0]["message"]["content"]


@pytest.mark.parametrize("program", PYTHONS)
def test_a_python_example_prints_an_answer(program, gateway, environment):
    python = PROJECT / "tests" / "clients" / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("./dev test clients makes the environment with the OpenAI SDK")

    done = subprocess.run([python, "-c", program.replace(SERVED, gateway)], capture_output=True, text=True,
                          env=environment, timeout=60)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("document, text", blocks("yaml"))
def test_an_example_of_configuration_is_accepted(document, text, binary, tmp_path):
    file = tmp_path / "sluice.yaml"
    file.write_text("version: 1\n" + text)

    done = subprocess.run([binary, "check", "--no-secrets", file], capture_output=True, text=True, timeout=30)

    assert done.returncode == 0, f"{document}:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_link_leads_to_a_file(document):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


def verbs():
    listing = subprocess.run([PROJECT / "dev"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\./dev (\w+)", listing, re.MULTILINE))


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_verb_of_dev_that_is_named_exists(document):
    named = set(re.findall(r"\./dev (\w+)", re.sub(r"`\./dev` \w+", "", document.read_text())))

    assert named <= verbs()


def test_dev_refuses_a_verb_it_does_not_know():
    done = subprocess.run([PROJECT / "dev", "frobnicate"], capture_output=True, text=True)

    assert done.returncode == 1
    assert "no such verb: frobnicate" in done.stderr


def test_every_layer_that_is_documented_is_one_that_runs_and_the_other_way_round():
    table = (PROJECT / "docs" / "development.md").read_text().split("## Layers")[1].split("## ")[0]
    documented = {name for row in re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE) for name in row.split(", ")}
    layers = re.search(r"^LAYERS=\((.*)\)$", (PROJECT / ".ci" / "layers.sh").read_text(), re.MULTILINE).group(1)

    assert documented - {"layer"} == set(layers.split())
