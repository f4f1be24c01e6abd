"""F-20, F-22: callers that leave. Where the provider stops billing when it is left, it is left at once; where it does not, it is heard to
its end. Either way the request is accounted once."""
import os
import socket
import threading
import time

import pytest

from support.client import chat, request
from support.sluice import UPSTREAM_KEY
from support.upstream import DONE, FINISH, HELLO, LAST_CHUNK, ROLE, STREAM_HEAD, THERE, USAGE_CHUNK, Stall, Wait, answer, completion, in_chunks, refusal
from support.wait import eventually

BOUND = 0.5  # Five times what is promised: other programs run here, too.
BEGUN = STREAM_HEAD + in_chunks(ROLE + HELLO)
REST = in_chunks(THERE + FINISH + USAGE_CHUNK + DONE) + LAST_CHUNK


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream):
    """One provider that stops when it is left, and one that goes on."""
    like_up = {"type": "openai-compatible", "base_url": module_upstream.url, "keys": [UPSTREAM_KEY]}
    return start({"providers": {"up": {"cancel": "cancel"}, "billing": {**like_up, "cancel": "drain"}},
                  "models": {"either": {"strategy": "fallback", "targets": ["billing/x", "up/x"]}}}, upstream=module_upstream)


def finish(connection):
    connection.socket.shutdown(socket.SHUT_WR)


def close(connection):
    connection.close()


def reset(connection):
    connection.reset()


LEAVING = pytest.mark.parametrize("leave", [finish, close, reset])


def ask(sluice, upstream, request_id, model, **more):
    """A caller whose request has reached the provider."""
    before = len(upstream.requests)
    connection = sluice.connect()
    connection.send(request("POST", "/v1/chat/completions", chat(model, **more), headers={"x-request-id": request_id}))
    upstream.wait_for_requests(before + 1)
    return connection


def begin_stream(sluice, upstream, request_id, model):
    """A caller that has its first words."""
    connection = ask(sluice, upstream, request_id, model, stream=True)
    connection.read_until(b"Hello")
    return connection


def open_descriptors(sluice):
    return len(os.listdir(f"/proc/{sluice.process.pid}/fd"))


def name_of(leave, what):
    return f"{what}-{leave.__name__}"


@LEAVING
def test_a_stream_is_cancelled_at_once(sluice, upstream, leave):
    upstream.then(BEGUN, Stall())
    connection = begin_stream(sluice, upstream, name_of(leave, "cancelled-stream"), "up/x")

    left_at = time.monotonic()
    leave(connection)

    assert upstream.left.wait(10) and upstream.left_at - left_at < BOUND
    line = sluice.access(name_of(leave, "cancelled-stream"))
    assert line["status"] == 499 and line["usage"] == "estimated"
    assert line["tokens"]["input"] > 0 and line["tokens"]["output"] >= 1
    assert [one["outcome"] for one in line["attempts"]] == ["unfinished"]


@LEAVING
def test_an_answer_that_has_not_begun_is_cancelled_at_once(sluice, upstream, leave):
    upstream.then(Stall())
    connection = ask(sluice, upstream, name_of(leave, "cancelled-answer"), "up/x")

    left_at = time.monotonic()
    leave(connection)

    assert upstream.left.wait(10) and upstream.left_at - left_at < BOUND
    line = sluice.access(name_of(leave, "cancelled-answer"))
    assert line["status"] == 499 and line["usage"] == "estimated"
    assert line["tokens"]["input"] > 0 and line["tokens"]["output"] == 0


@LEAVING
def test_a_stream_that_is_billed_anyway_is_read_to_its_end(sluice, upstream, leave):
    go_on = threading.Event()
    upstream.then(BEGUN, Wait(go_on), REST)
    connection = begin_stream(sluice, upstream, name_of(leave, "drained-stream"), "billing/x")

    leave(connection)
    if leave is finish:
        assert b"there" not in connection.read_to_end(), "the caller's connection ends, and nothing more is said on it"
    else:
        time.sleep(0.3)  # Nothing that could be seen from here says that it was noticed.
    go_on.set()

    line = sluice.access(name_of(leave, "drained-stream"))
    assert line["status"] == 499 and line["usage"] == "exact" and line["tokens"] == {"input": 3, "output": 2, "cached": 0, "reasoning": 0}
    assert [one["outcome"] for one in line["attempts"]] == ["answered"]
    assert not upstream.left.is_set()
    assert sluice.chat(chat("billing/x")).status == 200
    assert upstream.requests[-1].connection == upstream.requests[-2].connection, "nothing was left on it"


@LEAVING
def test_an_answer_that_is_billed_anyway_is_awaited(sluice, upstream, leave):
    go_on = threading.Event()
    upstream.then(Wait(go_on), answer(completion()))
    connection = ask(sluice, upstream, name_of(leave, "drained-answer"), "billing/x")

    leave(connection)
    if leave is finish:
        assert connection.read_to_end() == b""
    else:
        time.sleep(0.3)  # Nothing that could be seen from here says that it was noticed.
    go_on.set()

    line = sluice.access(name_of(leave, "drained-answer"))
    assert line["status"] == 499 and line["usage"] == "exact" and line["tokens"]["input"] == 3 and line["tokens"]["output"] == 2
    assert not upstream.left.is_set()


def test_nobody_else_is_asked_for_a_caller_that_has_left(sluice, upstream):
    go_on = threading.Event()
    upstream.then(Wait(go_on), answer(refusal("broken"), status=500))
    connection = ask(sluice, upstream, "not-tried-again", "either")

    finish(connection)
    assert connection.read_to_end() == b""
    go_on.set()

    line = sluice.access("not-tried-again")
    assert line["status"] == 499 and len(line["attempts"]) == 1
    assert len(upstream.requests) == 1


def test_a_drain_lasts_no_longer_than_the_deadline(start, module_upstream, upstream):
    sluice = start({"server": {"timeouts": {"request": "500ms"}}, "providers": {"up": {"cancel": "drain"}}}, upstream=module_upstream)
    upstream.then(BEGUN, Stall())
    connection = begin_stream(sluice, upstream, "drained-too-long", "up/x")

    connection.close()

    assert upstream.left.wait(10)
    line = sluice.access("drained-too-long")
    assert line["status"] == 499 and line["usage"] == "estimated"


def test_drains_end_with_the_gateway(start, module_upstream, upstream):
    sluice = start({"server": {"timeouts": {"drain": "200ms"}}, "providers": {"up": {"cancel": "drain"}}}, upstream=module_upstream)
    upstream.then(BEGUN, Stall())
    connection = begin_stream(sluice, upstream, "drained-at-the-end", "up/x")
    finish(connection)
    connection.read_to_end()

    sluice.stop()

    assert sluice.access("drained-at-the-end")["status"] == 499
    eventually(upstream.left.is_set, what="the end of the provider's call")
