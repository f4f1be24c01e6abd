"""Nothing that is secret is ever said: to callers, operators, logs or metrics."""
import json
import subprocess

import pytest

from support.client import Connection, chat, request
from support.sluice import binary
from support.upstream import STREAM_HEAD, HELLO, Cut, answer, in_chunks, refusal

CLIENT = "client-canary-0f3a9c1d77"
OTHER_CLIENT = "sk-canary-other-5b1e44c2aa"
PROVIDER = "provider.canary.9d2c1b3e88"
SECOND = "sk-canary-second-1c7740be3f"
HEADER = "canary-header-4f0d6e2b"
ADMIN = "canary-admin-b2a7e6d9"
VIEWER = "canary-viewer-6c5e4d3f"
ALL = [CLIENT, OTHER_CLIENT, PROVIDER, SECOND, HEADER, ADMIN, VIEWER]


@pytest.fixture(scope="module")
def guarded(start, module_upstream):
    """One with a secret in every place that takes one, and a log that tells all."""
    return start({
        "admin": {"tokens": [{"name": "ops", "secret": ADMIN, "role": "admin"}, {"name": "looker", "secret": VIEWER, "role": "viewer"}]},
        "providers": {"up": {"type": "openai-compatible", "base_url": module_upstream.url, "keys": [PROVIDER, {"secret": SECOND, "weight": 2}],
                             "headers": {"x-extra": HEADER}},
                      "dead": {"type": "openai-compatible", "base_url": "http://127.0.0.1:1/v1", "keys": [PROVIDER]}},
        "auth": {"keys": [{"name": "one", "secret": CLIENT}, {"name": "two", "secret": OTHER_CLIENT, "models": ["nothing"]}]},
        "telemetry": {"log": {"level": "debug"}},
    })


def test_wrong_keys_get_one_answer(guarded):
    """S-31"""
    keys = [None, "", "x", "sk-wrong", CLIENT[:-1], CLIENT + "x", CLIENT.upper(), "é", "Bearer", "null", "*", "' OR 1=1 --", "x" * 8000]
    answers = set()
    for key in keys:
        headers = {"authorization": f"Bearer {key}"} if key is not None else {}
        response = guarded.ask("GET", "/v1/models", key=None, headers=headers)
        answers.add((response.status, response.body, tuple(sorted(set(response.names()) - {"x-request-id"}))))
    for scheme in ("Basic dTpw", "Digest x", CLIENT, f"Token {CLIENT}", "Bearer"):
        response = guarded.ask("GET", "/v1/models", key=None, headers={"authorization": scheme})
        answers.add((response.status, response.body, tuple(sorted(set(response.names()) - {"x-request-id"}))))

    assert len(answers) == 1
    status, body, _ = answers.pop()
    assert status == 401 and json.loads(body)["error"]["code"] == "invalid_api_key"
    assert b"sluice" not in body.lower()


def test_keys_that_share_a_beginning_are_different(guarded):
    """S-13"""
    for end in range(1, len(CLIENT)):
        assert guarded.ask("GET", "/v1/models", key=CLIENT[:end]).status == 401
    assert guarded.ask("GET", "/v1/models", key=CLIENT).status == 200


def ask_admin(sluice, path, token, method="GET"):
    with Connection(sluice.admin) as connection:
        return connection.send(request(method, path, key=token, host="localhost")).read_response(to=method)


def test_admin_asks_for_a_token(guarded):
    """S-11"""
    for token in (None, "wrong", CLIENT, ADMIN[:-1]):
        response = ask_admin(guarded, "/admin/v1/config", token)
        assert response.status == 401, response
    assert ask_admin(guarded, "/admin/v1/config", ADMIN).status == 200


def test_admin_is_not_on_the_data_port(guarded):
    """S-11"""
    for path in ("/metrics", "/admin/v1/config", "/admin/v1/providers", "/admin/v1/reload", "/admin/v1/explain?model=x", "/openapi.json", "/console/", "/debug/pprof"):
        for method in ("GET", "POST"):
            assert guarded.ask(method, path, b"" if method == "POST" else None, key=ADMIN).status == 404, path
    assert guarded.ask("GET", "/v1/models", key=ADMIN).status == 401


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_refuses_to_start_with_an_open_admin_port(tmp_path, address):
    """S-11"""
    file = tmp_path / "sluice.yaml"
    file.write_text(f'server: {{ listen: ["127.0.0.1:0"] }}\nadmin: {{ listen: "{address}" }}\nproviders: {{ simulator: {{ type: simulator }} }}\nauth: {{ required: false }}\n')

    for command in (["serve", "-c"], ["check"]):
        done = subprocess.run([binary(), *command, str(file)], capture_output=True, text=True, timeout=20)
        assert done.returncode not in (0, -11, -6), done
        assert "admin" in done.stderr + done.stdout and "tokens" in done.stderr + done.stdout


@pytest.mark.parametrize("secret", ['""', '"${SLUICE_TEST_NOTHING:-}"'])
@pytest.mark.parametrize("where", ["client", "admin"])
def test_refuses_an_empty_secret(tmp_path, where, secret):
    """S-15"""
    client = secret if where == "client" else "sk-x"
    admin = secret if where == "admin" else "x"
    file = tmp_path / "sluice.yaml"
    file.write_text(f'admin: {{ listen: "127.0.0.1:0", tokens: [{{ name: a, secret: {admin}, role: admin }}] }}\n'
                    f'server: {{ listen: ["127.0.0.1:0"] }}\nauth: {{ keys: [{{ name: a, secret: {client} }}] }}\n')

    done = subprocess.run([binary(), "check", str(file)], capture_output=True, text=True, timeout=20)

    assert done.returncode == 1 and f"{file}:" in done.stderr + done.stdout, done


@pytest.mark.parametrize("value", ['"a\\r\\nX: y"', '"a\\nb"', '"a\\0b"'])
def test_refuses_configured_headers_that_would_become_two(tmp_path, value):
    """H-25"""
    file = tmp_path / "sluice.yaml"
    file.write_text(f'providers: {{ up: {{ type: openai, keys: [k], headers: {{ x-a: {value} }} }} }}\n')

    done = subprocess.run([binary(), "check", str(file)], capture_output=True, text=True, timeout=20)

    assert done.returncode == 1, done


def provoke_errors(sluice, upstream):
    """Every way to fail that we know, each with secrets at hand; all that was said to callers."""
    said = []

    def ask(*arguments, key=CLIENT, **options):
        response = sluice.ask(*arguments, key=key, **options)
        said.append(repr(response.fields).encode() + response.body)
        return response

    chat_path = "/v1/chat/completions"
    for status in (300, 302, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504, 529):
        for key in (PROVIDER, SECOND):
            upstream.then(answer(refusal(f"The key {key} of Bearer {key} with {HEADER} at https://x/?key={key} failed", code="x"), status=status,
                                 fields=[f"Location: https://x/?key={key}", f"X-Goog-Api-Key: {key}", f"Www-Authenticate: Bearer {key}"]))
            ask("POST", chat_path, chat("up/x"))
            upstream.then(answer(f"<html>{key}</html>".encode(), status=status, content_type="text/html"))
            ask("POST", chat_path, chat("up/x", stream=True))
    for script in ([f"HTTP/1.1 {PROVIDER}\r\n\r\n".encode(), Cut()], [answer(PROVIDER.encode())], [answer({"error": {"message": PROVIDER}})],
                   [STREAM_HEAD + in_chunks(HELLO, f'data: {{"error":{{"message":"{PROVIDER}"}}}}\n\n'.encode()), Cut()],
                   [STREAM_HEAD + in_chunks(f'data: {{"error":{{"message":"{SECOND}"}}}}\n\n'.encode()), Cut()],
                   [STREAM_HEAD + in_chunks(f"data: {PROVIDER}\n\n".encode()), Cut()], [Cut()]):
        upstream.then(*script)
        ask("POST", chat_path, chat("up/x", stream=b"event-stream" in script[0] if isinstance(script[0], bytes) else False))
    ask("POST", chat_path, chat("dead/x"))
    ask("POST", chat_path, chat("up/x"), key=OTHER_CLIENT)
    ask("POST", chat_path, chat("nothing"))
    ask("POST", chat_path, b"{", headers={"content-type": "application/json"})
    ask("GET", f"/v1/models?key={CLIENT}")
    ask("GET", f"/v1/models?key={CLIENT}&api_key={PROVIDER}", key=None)
    ask("GET", f"/v1beta/models?key={CLIENT}", key=None)
    ask("GET", "/v1/models", key="sk-canary-wrong")
    ask("GET", f"/providers/up/files?key={CLIENT}")
    ask("POST", "/nowhere", b"x" * 10)
    with sluice.connect() as connection:
        connection.offer(f"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {CLIENT}\r\nbad line\r\n\r\n".encode())
        said.append(connection.read_to_end())
    return said


def test_no_secret_is_ever_said(guarded, upstream, module_upstream):
    """S-30, S-33, S-35"""
    said = provoke_errors(guarded, upstream)
    for path in ("/metrics", "/admin/v1/config", "/admin/v1/providers", "/readyz", "/livez", "/admin/v1/explain?model=up/x"):
        for token in (ADMIN, VIEWER, None):
            response = ask_admin(guarded, path, token)
            said.append(repr(response.fields).encode() + response.body)
    last = guarded.ask("GET", "/v1/models", key=CLIENT).header("x-request-id")
    guarded.access(last)

    # What a caller sent in its own path or body may come back to it; what is configured may not.
    for text in said:
        for secret in ALL:
            assert secret.encode() not in text, text
    log = guarded.log()
    for secret in [*ALL, "sk-canary-wrong"]:
        assert secret not in log, [line for line in log.splitlines() if secret in line][:3]


def test_the_effective_config_masks_its_secrets(guarded):
    """S-30"""
    config = ask_admin(guarded, "/admin/v1/config", ADMIN)

    assert config.status == 200
    assert b"canary" not in config.body
    assert b"up" in config.body and b"127.0.0.1" in config.body


def test_a_check_never_prints_a_secret(tmp_path, guarded):
    """S-30"""
    file = tmp_path / "bad.yaml"
    file.write_text(guarded.file.read_text() + "nonsense: [1, 2\n")
    broken = subprocess.run([binary(), "check", str(file)], capture_output=True, text=True, timeout=20)
    file.write_text(guarded.file.read_text() + "nonsense: 1\n")
    wrong = subprocess.run([binary(), "check", str(file)], capture_output=True, text=True, timeout=20)

    for done in (broken, wrong):
        assert done.returncode == 1
        assert "canary" not in done.stdout + done.stderr
