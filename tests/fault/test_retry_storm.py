"""F-13: when everything fails, second tries do not make it worse; when one of two fails, nobody sees it."""
import collections
import re

import pytest

from support.client import chat, request
from support.load import ask_many

FAULTS = ["error=500", "cut=0", "error=529", "html", "error=429"]
ATTEMPTS = re.compile(rb"\r\nx-sluice-attempts: (\d+)")
IN_ALL = 1.1  # So much of what the callers ask.


@pytest.fixture(scope="module")
def module_sluice(start):
    simulator = {"type": "simulator"}
    models = {}
    for at, fault in enumerate(FAULTS):
        models[f"all-{at}"] = {"strategy": "round_robin", "targets": [f"one/echo+{fault}", f"two/echo+{fault}"], "retry": {"backoff": "1ms", "max_backoff": "2ms"}}
        models[f"calm-{at}"] = {**models[f"all-{at}"], "targets": [f"one/numbered-3+{fault}", f"two/numbered-3+{fault}"], "panic": False}
        models[f"half-{at}"] = {"strategy": "round_robin", "targets": [f"one/lorem-3+{fault}", "two/lorem-3"]}
    return start({"providers": {"one": simulator, "two": simulator}, "models": models})


class Toll:
    """What the providers had to bear for it, as callers are told."""

    def __init__(self):
        self.attempts = 0
        self.statuses = collections.Counter()

    def __call__(self, _, answer):
        told = ATTEMPTS.search(answer.head)
        tries = int(told[1]) if told else 0
        self.attempts += tries
        self.statuses[answer.status] += 1
        if tries > 1 and b"\r\nx-should-retry: false" not in answer.head:
            return "invites to retry what was retried"
        return None


def storm(sluice, model, count, streamed):
    toll = Toll()
    ask = request("POST", "/v1/chat/completions", chat(model, stream=streamed))
    complaints, answered = ask_many(sluice.address, ((None, ask) for _ in range(count)), toll)
    assert not complaints and answered == count, complaints
    return toll


@pytest.mark.parametrize("at,streamed", [(0, False), (1, True), (2, False), (3, True), (4, False)])
def test_what_fails_as_a_whole_gets_hardly_more_than_its_callers_ask(sluice, at, streamed, capsys):
    """A hundred second tries of each target are always allowed, so the first requests alone prove nothing."""
    toll = storm(sluice, f"all-{at}", 4000, streamed)

    with capsys.disabled():
        print(f" [{toll.attempts / 4000:.3f}]", end="")
    assert 200 not in toll.statuses and 4000 <= toll.attempts <= IN_ALL * 4000, (toll.attempts, toll.statuses)


def test_who_was_told_to_come_later_does(sluice):
    """A 429 cools the key; without panic whoever comes meanwhile is told until when."""
    toll = storm(sluice, "calm-4", 1000, False)

    assert toll.attempts < 50 and toll.statuses == {429: 1000}, (toll.attempts, toll.statuses)


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_what_rests_gets_next_to_nothing(sluice, at):
    """Without panic, an open breaker is an answer: at once, and with the time after which it is worth another try."""
    toll = storm(sluice, f"calm-{at}", 1000, False)

    assert toll.attempts < 100 and toll.statuses[503] > 900, (toll.attempts, toll.statuses)
    response = sluice.chat(chat(f"calm-{at}"))
    assert response.status == 503 and response.error["code"] == "no_healthy_target" and 1 <= int(response.header("retry-after")) <= 17


@pytest.mark.parametrize("at,streamed", [(0, True), (1, False), (2, True), (3, False), (4, True)])
def test_nobody_sees_that_one_of_two_fails(sluice, at, streamed):
    toll = storm(sluice, f"half-{at}", 2000, streamed)

    assert toll.statuses == {200: 2000} and toll.attempts >= 2000, toll.statuses
