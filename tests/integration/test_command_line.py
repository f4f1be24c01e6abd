"""The commands beside serve."""
import json
import socket
import subprocess

import pytest

from support.sluice import PROJECT, binary


def run(*arguments, **options):
    return subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True, timeout=30, **options)


def test_a_good_file_passes():
    assert run("check", "--no-secrets", PROJECT / "config" / "sluice.yaml").returncode == 0


@pytest.mark.parametrize("text,line,word", [
    ("servr: {}\n", 1, "server"), ("server:\n  listn: []\n", 2, "listen"), ("server:\n  workers: many\n", 2, "workers"), ("version: 1\nversion: 1\n", 2, "version"),
    ("providers:\n  a: { type: opnai }\n", 2, "openai"), ("models:\n  a: nobody/x\n", 2, "nobody"), ("a: [\n", 2, ""), ("server: { limits: { request_body: 5 } }\n", 1, "request_body"),
    ("cache: {}\n", 1, "cache"), ("- 1\n", 1, ""),
])
def test_a_bad_file_is_told_by_line(tmp_path, text, line, word):
    file = tmp_path / "bad.yaml"
    file.write_text(text)

    done = run("check", file)

    told = done.stdout + done.stderr
    assert done.returncode == 1 and f"{file}:{line}:" in told and word in told
    assert done.returncode == run("serve", "-c", file).returncode


def test_a_missing_file_is_told(tmp_path):
    for arguments in (("check", tmp_path / "none.yaml"), ("serve", "-c", tmp_path / "none.yaml"), ("check", tmp_path)):
        done = run(*arguments)
        assert done.returncode == 1 and str(tmp_path) in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["check"], ["serve", "-c"], ["simulate", "--port", "99999999"]])
def test_a_wrong_command_line_is_told(arguments):
    done = run(*arguments)

    assert done.returncode == 2 and done.stderr


def test_the_schema_is_json():
    schema = json.loads(run("schema").stdout)

    assert {"server", "providers", "models", "auth"} <= set(schema["properties"])


def test_tells_of_itself():
    assert run("version").returncode == 0
    assert json.loads(run("version", "--json").stdout)["version"]
    assert "simulator" in run("providers").stdout
    assert run("--help").returncode == 0


@pytest.mark.parametrize("clients,admin", [("taken", "127.0.0.1:0"), ("127.0.0.1:0", "taken")])
def test_an_address_in_use_is_an_error_of_the_start(tmp_path, clients, admin):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        file = tmp_path / "sluice.yaml"
        file.write_text(f'server: {{ listen: ["{clients}"] }}\nadmin: {{ listen: "{admin}" }}\nauth: {{ required: false }}\n'
                        "providers: { s: { type: simulator } }\n")
        file.write_text(file.read_text().replace("taken", address))

        done = run("serve", "-c", file)

    assert done.returncode == 1 and address in done.stderr


def test_the_admin_port_of_a_running_process_is_taken(sluice, tmp_path):
    """Two that share one port would answer scrapes and reloads in turn."""
    file = tmp_path / "sluice.yaml"
    file.write_text(f'server: {{ listen: ["127.0.0.1:0"] }}\nadmin: {{ listen: "{sluice.admin}" }}\nauth: {{ required: false }}\nproviders: {{ s: {{ type: simulator }} }}\n')
    process = subprocess.Popen([binary(), "serve", "-c", file], stderr=subprocess.PIPE, text=True)

    lines = []
    for line in process.stderr:  # Until it has ended, or serves.
        lines.append(line)
        if '"for":"admin"' in line:
            process.terminate()
    assert process.wait(timeout=30) == 1, lines
