"""F-10 … F-12: the keys of one provider. Whose key is refused or limited is asked with another, and the one rests."""
import json
import time

import pytest

from support.client import chat
from support.lies import error, truth
from support.upstream import answer, completion, head
from support.wait import eventually

GOOD, WORSE = "sk-good-canary-1", "sk-worse-canary-2"
STREAMED = pytest.mark.parametrize("streamed", [False, True])
REFUSALS = {"401": error(401, code="invalid_api_key"), "403": error(403), "402": error(402, code="billing"),
            "429": error(429, code="rate_limit_exceeded"), "429 later": error(429, "Retry-After: 60"), "429 spent": error(429, code="insufficient_quota")}


def key_of(recorded):
    return recorded.header("authorization").removeprefix("Bearer ")


@pytest.fixture
def begin(start, module_upstream, upstream):
    """A gateway with two keys, and what the upstream says to the one that is used first."""
    def prepare(first_gets, *changes, weights=(1, 1)):
        def judge(recorded):
            return truth(recorded) if key_of(recorded) != key_of(upstream.requests[0] if upstream.requests else recorded) else first_gets
        upstream.answers_by(judge)
        keys = [{"secret": WORSE, "weight": weights[0]}, {"secret": GOOD, "weight": weights[1]}]
        return start({"providers": {"up": {"keys": keys}}, "models": {"m": {"targets": ["up/x"]}, "calm": {"targets": ["up/x"], "panic": False}}}, *changes, upstream=module_upstream)
    return prepare


def uses(upstream):
    """Of the worse key and of the good one."""
    asked = [key_of(one) for one in upstream.requests]
    return asked.count(WORSE), asked.count(GOOD)


def uses_of_first(upstream):
    """Of the key that was used first, and of the other one."""
    asked = [key_of(one) for one in upstream.requests]
    return asked.count(asked[0]), len(asked) - asked.count(asked[0])


@STREAMED
@pytest.mark.parametrize("what", REFUSALS)
def test_another_key_answers_and_the_bad_one_rests(begin, upstream, what, streamed):
    sluice = begin(REFUSALS[what])

    for number in range(12):
        response = sluice.chat(chat("up/x", stream=streamed))
        assert response.status == 200, response
        if number == 0:
            first = response

    worse, good = uses_of_first(upstream)
    assert good == 12 and (worse == 1 or (what == "429" and worse <= 3))
    assert first.header("x-sluice-attempts") == "2" and response.header("x-sluice-attempts") == "1"
    line = sluice.access(first.header("x-request-id"))
    assert [one["outcome"] for one in line["attempts"]][-1] == "answered" and len(line["attempts"]) == 2
    assert GOOD not in sluice.log() and WORSE not in sluice.log()


@pytest.mark.parametrize("what,word", [("401", "refuses a key"), ("403", "refuses a key"), ("429 spent", "no quota"), ("402", "no quota")])
def test_somebody_is_told_of_a_key_that_will_not_do(begin, what, word):
    sluice = begin(REFUSALS[what])
    assert sluice.chat(chat("up/x")).status == 200

    told = eventually(lambda: [line for line in sluice.lines if line["level"] == "error" and line.get("provider") == "up"], what="an alert")

    assert len(told) == 1 and word in told[0]["msg"] and told[0]["key"] in (1, 2) and told[0]["of"] == 2 and told[0]["rests_s"] > 0


def test_no_caller_reads_what_was_said_of_our_key(begin, upstream):
    """F-12"""
    sluice = begin([answer({"error": {"message": f"Incorrect API key provided: {WORSE}", "code": "invalid_api_key"}}, 401)])
    upstream.answers_by(lambda recorded: [answer({"error": {"message": f"Incorrect API key provided: {key_of(recorded)}", "code": "invalid_api_key"}}, 401)])

    response = sluice.chat(chat("m"))

    assert response.status == 502 and response.error["code"] == "upstream_auth"
    assert b"canary" not in response.body and "canary" not in sluice.log()
    assert uses(upstream) == (1, 1)


@STREAMED
@pytest.mark.parametrize("panics", [True, False])
def test_when_all_keys_are_limited_the_caller_is_told_until_when(begin, upstream, streamed, panics):
    sluice = begin(None)
    upstream.answers_by(lambda recorded: error(429, "Retry-After: 30" if key_of(recorded) == WORSE else "Retry-After: 8", code="rate_limit_exceeded"))
    name = "m" if panics else "calm"

    response = sluice.chat(chat(name, stream=streamed))

    assert response.status == 429 and response.error["code"] == "rate_limit_exceeded" and int(response.header("retry-after")) <= 8
    assert response.header("x-should-retry") == "false" and response.header("x-sluice-attempts") == "2"
    assert uses(upstream) == (1, 1)
    again = sluice.chat(chat(name, stream=streamed))
    assert 5 <= int(again.header("retry-after")) <= 8
    if panics:  # Whose rest ends first is asked all the same: it may have been told too much.
        assert again.status == 429 and again.error["code"] == "rate_limit_exceeded" and uses(upstream) == (1, 2)
    else:
        assert again.status == 429 and again.error["code"] == "upstream_rate_limited" and uses(upstream) == (1, 1)


def test_a_limited_key_is_used_again_when_it_may(begin, upstream):
    sluice = begin(error(429, "Retry-After-Ms: 300"))
    assert sluice.chat(chat("up/x")).status == 200
    limited_at = time.monotonic()
    upstream.answers_by(truth)

    eventually(lambda: sluice.chat(chat("up/x")).status == 200 and uses_of_first(upstream)[0] > 1, what="the first key's return")

    assert time.monotonic() - limited_at >= 0.25


def test_another_target_answers_when_all_keys_are_bad(begin, upstream):
    sluice = begin(None, {"models": {"n": {"targets": ["up/x", "simulator/echo"]}}})
    upstream.answers_by(lambda _: error(401))

    responses = [sluice.chat(chat("n")) for _ in range(5)]

    assert all(one.status == 200 and one.header("x-sluice-provider") == "simulator" for one in responses)
    assert len(upstream.requests) == 2, "each key was refused once"
    assert [one.header("x-sluice-attempts") for one in responses] == ["3", "1", "1", "1", "1"]


def test_a_limit_concerns_the_model_it_was_told_of(begin, upstream):
    sluice = begin(None, {"models": {"calm-other": {"targets": ["up/other"], "panic": False}}})
    upstream.answers_by(lambda recorded: error(429, "Retry-After: 60") if recorded.json()["model"] == "x" else truth(recorded))
    assert sluice.chat(chat("calm")).error["code"] is None

    assert sluice.chat(chat("calm")).error["code"] == "upstream_rate_limited"
    assert sluice.chat(chat("calm-other")).status == 200


def test_a_refusal_concerns_all_models(begin, upstream):
    sluice = begin(None, {"models": {"calm-other": {"targets": ["up/other"], "panic": False}}})
    upstream.answers_by(lambda _: error(401))
    assert sluice.chat(chat("calm")).status == 502

    response = sluice.chat(chat("calm-other"))

    assert response.status == 503 and response.error["code"] == "no_healthy_target" and len(upstream.requests) == 2


def test_keys_are_used_by_their_weight(begin, upstream):
    sluice = begin(None, weights=(1, 3))
    upstream.answers_by(truth)
    for _ in range(200):
        assert sluice.chat(chat("up/x")).status == 200

    worse, good = uses(upstream)
    assert worse + good == 200 and 20 < worse < 80


def test_a_bad_request_is_not_the_keys_fault(begin, upstream):
    sluice = begin(None)
    upstream.answers_by(lambda _: error(400, code="wrong"))
    for _ in range(5):
        assert sluice.chat(chat("up/x")).status == 400

    upstream.answers_by(truth)
    assert sluice.chat(chat("up/x")).status == 200 and len(upstream.requests) == 6


def test_we_slow_down_before_we_are_told_to(begin, upstream):
    """The provider says that nothing is left until then: the key waits, and with it whoever has nobody else."""
    def limited(recorded):
        body = json.dumps(completion()).encode()
        return [head(200, "Content-Type: application/json", f"Content-Length: {len(body)}", "X-RateLimit-Limit-Requests: 60", "X-RateLimit-Remaining-Requests: 0",
                     "X-RateLimit-Reset-Requests: 400ms") + body]
    sluice = begin(None, {"models": {"n": {"targets": ["up/x", "simulator/echo"]}}})
    upstream.answers_by(limited)
    asked = [sluice.chat(chat("n")) for _ in range(2)]  # Both keys are told.
    began = time.monotonic()

    alone = sluice.chat(chat("up/x"))

    assert [one.status for one in asked] == [200, 200] and alone.status == 200
    assert time.monotonic() - began >= 0.2 and uses(upstream)[0] + uses(upstream)[1] == 3


def test_a_reload_forgets_no_rest(begin, upstream):
    sluice = begin(error(401))
    assert sluice.chat(chat("up/x")).status == 200

    sluice.reload({**sluice.config, "models": {"more": {"targets": ["up/x"]}}})
    for _ in range(5):
        assert sluice.chat(chat("more")).status == 200

    assert uses_of_first(upstream) == (1, 6)
