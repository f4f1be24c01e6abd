"""A new configuration for a process that goes on serving."""
import os
import threading

import pytest

from support.client import chat, events_of, request
from support.sluice import merged
from support.upstream import DONE, FINISH, HELLO, LAST_CHUNK, STREAM_HEAD, THERE, Wait, answer, completion, in_chunks
from support.wait import eventually

ROUNDS = 1000 if os.environ.get("SLUICE_LONG") else 50


def test_new_requests_follow_the_new_file(start, module_upstream, upstream):
    sluice = start({"models": {"name": "up/before"}}, upstream=module_upstream)
    with sluice.connect() as connection:
        ask = request("POST", "/v1/chat/completions", chat("name"))
        assert connection.send(ask).read_response().status == 200
        sluice.reload(merged(sluice.config, {"models": {"name": "up/behind"}}))
        assert connection.send(ask).read_response().status == 200

    assert [one.json()["model"] for one in upstream.requests] == ["before", "behind"]


def test_a_changed_file_is_noticed(start, module_upstream, upstream):
    sluice = start({"models": {"name": "up/before"}}, upstream=module_upstream)

    sluice.write(merged(sluice.config, {"models": {"name": "up/behind", "second": "up/x"}}))

    eventually(lambda: sluice.chat(chat("second")).status == 200, what="the new model")
    # Written over instead of replaced.
    text = sluice.file.read_text().replace("second", "third")
    sluice.file.write_text(text)
    eventually(lambda: sluice.chat(chat("third")).status == 200, what="the newest model")


def test_requests_in_flight_end_as_they_began(start, module_upstream, upstream):
    sluice = start(upstream=module_upstream)
    gate = threading.Event()
    upstream.then(STREAM_HEAD + in_chunks(HELLO), Wait(gate), in_chunks(THERE + FINISH + DONE) + LAST_CHUNK).then(Wait(gate), answer(completion()))
    with sluice.connect() as streamed, sluice.connect() as whole:
        streamed.send(request("POST", "/v1/chat/completions", chat("up/x", stream=True)))
        assert streamed.read_head().status == 200
        whole.send(request("POST", "/v1/chat/completions", chat("up/x")))
        upstream.wait_for_requests(2)
        gone = merged(sluice.config, {"providers": {"up": None}, "auth": {"keys": [{"name": "other", "secret": "sk-other"}]}})

        sluice.reload(gone)

        assert sluice.chat(chat("up/x"), key="sk-other").status == 404
        assert sluice.chat(chat("simulator/echo")).status == 401
        gate.set()
        assert list(streamed.read_events()) == events_of(HELLO + THERE + FINISH + DONE)
        assert whole.read_response().status == 200
        # The next request of the same connection is a new one.
        assert whole.send(request("GET", "/v1/models")).read_response().status == 401


@pytest.mark.parametrize("bad", ["nonsense: [", "unknown_key: 1\n", "", "version: 2\n", "auth: { keys: [{ name: a, secret: '' }] }\n", "\0", "server: { workers: many }\n"])
def test_a_bad_file_changes_nothing(start_once, bad):
    sluice = start_once
    good = sluice.file.read_text()
    before = sluice.get_admin("/admin/v1/config").body
    failed = sluice.metric("sluice_config_reloads_total", result="error")

    sluice.file.write_text(bad)
    sluice.process.send_signal(1)

    eventually(lambda: sluice.metric("sluice_config_reloads_total", result="error") > failed, what="the refusal")
    assert sluice.get_admin("/admin/v1/config").body == before
    assert sluice.chat(chat("simulator/echo")).status == 200
    assert sluice.get_admin("/readyz").status == 200
    errors = [line for line in sluice.lines if line.get("level") == "error"]
    assert any(str(sluice.file) in str(line) for line in errors)
    sluice.file.write_text(good)


@pytest.fixture(scope="module")
def start_once(start):
    return start()


def test_a_file_that_vanishes_changes_nothing(start):
    sluice = start()
    failed = sluice.metric("sluice_config_reloads_total", result="error")

    sluice.file.unlink()
    sluice.process.send_signal(1)

    eventually(lambda: sluice.metric("sluice_config_reloads_total", result="error") > failed, what="the refusal")
    assert sluice.chat(chat("simulator/echo")).status == 200


def test_no_request_fails_while_the_configuration_changes_again_and_again(start):
    """P-09"""
    sluice = start({"server": {"workers": 2}, "models": {"name": "simulator/echo"}})
    stop = threading.Event()
    answers = []

    def load():
        while not stop.is_set():
            with sluice.connect() as connection:
                for streamed in (False, True, False):
                    payload = request("POST", "/v1/chat/completions", chat("name", stream=streamed))
                    response = connection.send(payload).read_response()
                    answers.append(response.status == 200 and (not streamed or response.events()[-1] == "[DONE]"))

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(ROUNDS):
            sluice.reload(merged(sluice.config, {"models": {"name": f"simulator/echo", f"other-{number}": "simulator/lorem"}}))
            assert sluice.chat(chat(f"other-{number}")).status == 200
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert len(answers) > ROUNDS and all(answers)
    assert sluice.metric("sluice_config_reloads_total", result="ok") >= ROUNDS


def test_reload_is_told_by_the_admin_api_too(start):
    from support.client import Connection
    sluice = start()
    sluice.write(merged(sluice.config, {"models": {"name": "simulator/echo"}}))

    with Connection(sluice.admin) as connection:
        good = connection.send(request("POST", "/admin/v1/reload", b"", key=None, host="localhost")).read_response()
        sluice.write("nonsense: 1")
        bad = connection.send(request("POST", "/admin/v1/reload", b"", key=None, host="localhost")).read_response()

    assert good.status == 200 and 400 <= bad.status < 500
    assert "nonsense" in bad.body.decode()
    assert sluice.chat(chat("name")).status == 200
