"""A target that is slower than usual gets a rival: whoever answers first has answered, and the other one is let go."""
import threading
import time

import pytest

from support.client import chat, request
from support.lies import error
from support.sluice import UPSTREAM_KEY
from support.told import FAMILIES
from support.upstream import DONE, FINISH, ROLE, USAGE_CHUNK, Stall, Wait, answer, chunk, completion, frame, stream
from support.wait import eventually

SLOW = 20.0  # Longer than any test waits.
STREAMED = pytest.mark.parametrize("streamed", [False, True])


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream):
    """The upstream is the slow one, or whatever a test makes of it; the simulator is another place."""
    at_once = {"after": "40ms", "at_most": 1}
    targets = ["up/x", "simulator/echo"]
    return start({"providers": {"twin": {"type": "openai-compatible", "base_url": module_upstream.url, "keys": [UPSTREAM_KEY]}},
                  "models": {"m": {"targets": targets, "hedge": at_once},
                             "slow-both": {"targets": ["up/x", "simulator/echo+ttft=400ms"], "hedge": at_once},
                             "bad-second": {"targets": ["up/x", "simulator/echo+error=500"], "hedge": at_once},
                             "one-place": {"targets": ["up/x", "up/y", "twin/z"], "hedge": at_once},
                             "patient": {"targets": targets, "hedge": {"after": "30s", "at_most": 1}},
                             "capped": {"targets": ["up/c", "simulator/echo+size=5"], "hedge": {"after": "1ms", "at_most": 0.1}},
                             "learned": {"targets": ["up/l", "simulator/echo+size=6"], "hedge": {"after": "p95", "at_most": 1}}}}, upstream=module_upstream)


def truth(streamed, text):
    return [stream(ROLE + frame(chunk({"content": text})) + FINISH + USAGE_CHUNK + DONE)] if streamed else [answer(completion(text))]


def after(seconds):
    event = threading.Event()
    threading.Timer(seconds, event.set).start()
    return Wait(event)


def ask(sluice, model, streamed=False, **options):
    if streamed:
        response = FAMILIES["chat"].ask(sluice, model, "Hello there!", **options)
        return response, FAMILIES["chat"].told(response.body).text
    response = sluice.chat(chat(model), **options)
    return response, response.json()["choices"][0]["message"]["content"] if response.status == 200 else None


@STREAMED
def test_the_second_answers_for_a_slow_one_and_the_slow_one_is_let_go(sluice, upstream, streamed):
    upstream.then(Stall())
    began = time.monotonic()

    response, text = ask(sluice, "m", streamed)

    assert response.status == 200 and text == "Hello there!" and time.monotonic() - began < SLOW / 4
    assert response.header("x-sluice-provider") == "simulator" and response.header("x-sluice-attempts") == "2"
    assert upstream.left.wait(10), "the slow one's call goes on"
    line = sluice.access(response.header("x-request-id"))
    assert [(one["provider"], one["outcome"]) for one in line["attempts"]] == [("up", "unfinished"), ("simulator", "answered")]


@STREAMED
def test_a_fast_one_has_no_rival(sluice, upstream, streamed):
    upstream.always(*truth(streamed, "At once."))
    for _ in range(5):
        response, text = ask(sluice, "patient", streamed)
        assert text == "At once." and response.header("x-sluice-provider") == "up" and response.header("x-sluice-attempts") == "1"


@STREAMED
def test_the_slow_one_may_still_win(sluice, upstream, streamed):
    """It was only somewhat slower than the patience that was had with it."""
    upstream.then(after(0.15), *truth(streamed, "First after all."))

    response, text = ask(sluice, "slow-both", streamed)

    assert text == "First after all."
    assert response.header("x-sluice-provider") == "up" and response.header("x-sluice-attempts") == "2"
    line = sluice.access(response.header("x-request-id"))
    assert sorted(one["outcome"] for one in line["attempts"]) == ["answered", "unfinished"]


@STREAMED
def test_a_rival_that_fails_changes_nothing(sluice, upstream, streamed):
    upstream.then(after(0.2), *truth(streamed, "Well."))

    response, text = ask(sluice, "bad-second", streamed)

    assert text == "Well." and response.header("x-sluice-provider") == "up" and response.header("x-sluice-attempts") == "2"


@STREAMED
def test_the_first_that_fails_before_its_rival_leaves_it_the_answer(sluice, upstream, streamed):
    upstream.then(after(0.1), *error(500))

    response, text = ask(sluice, "slow-both", streamed)

    assert response.status == 200 and text == "Hello there!" and response.header("x-sluice-provider") == "simulator"
    assert response.header("x-sluice-attempts") == "2"


def test_a_rival_is_somewhere_else(sluice, upstream):
    """What is behind the same host is slow for the same reason."""
    upstream.then(after(0.2), answer(completion()))

    response = sluice.chat(chat("one-place"))

    assert response.status == 200 and response.header("x-sluice-attempts") == "1" and len(upstream.requests) == 1


def test_only_a_share_is_doubled(sluice, upstream):
    upstream.answers_by(lambda _: [after(0.02), answer(completion())])

    hedged = sum(int(sluice.chat(chat("capped")).header("x-sluice-attempts")) - 1 for _ in range(60))

    assert 4 <= hedged <= 6


def test_what_is_usual_is_learned(sluice, upstream):
    """Nobody is hedged before enough is known; then whoever is slower than nearly all before it."""
    for _ in range(30):
        assert sluice.chat(chat("learned")).status == 200
    upstream.then(Stall())

    response = sluice.chat(chat("learned"))

    assert response.status == 200 and response.header("x-sluice-provider") == "simulator" and response.header("x-sluice-attempts") == "2"


def test_no_rival_where_no_time_is_left_for_one(sluice, upstream):
    upstream.then(Stall())

    response = sluice.chat(chat("m"), headers={"x-sluice-timeout": "30ms"})

    assert response.status == 504 and len(sluice.access(response.header("x-request-id"))["attempts"]) == 1


def test_both_are_let_go_when_their_caller_leaves(sluice, upstream):
    upstream.then(Stall())
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("slow-both"), headers={"x-request-id": "left-both"}))
        upstream.wait_for_requests(1)
        time.sleep(0.1)

    assert upstream.left.wait(10)
    line = sluice.access("left-both")
    assert line["status"] == 499 and len(line["attempts"]) == 2 and all(one["outcome"] == "unfinished" for one in line["attempts"])
    eventually(lambda: sluice.metric("sluice_requests_in_flight") == 0, what="nothing in flight")
