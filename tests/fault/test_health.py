"""Breakers, probes, slow start, panic and bulkheads: a target that fails is left alone, and found well again, before callers pay for it."""
import select
import threading
import time

import pytest

from support.client import chat, request
from support.lies import error, truth
from support.upstream import Cut, Stall, Wait, answer
from support.wait import eventually

BROKEN = error(500)
FAST = {"consecutive": 3, "rest": "300ms", "slow_start": "1ms"}


@pytest.fixture
def begin(start, module_upstream, upstream):
    """The name "m" leads to the upstream, behind it to the simulator; "alone" to the upstream only."""
    upstream.answers_by(truth)
    running = []

    def prepare(breaker, *changes, **provider):
        running.append(start({"providers": {"up": {"breaker": breaker, "keys": [], **provider}}, "models": {"m": {"targets": ["up/x", "simulator/echo"]}, "alone": {"targets": ["up/x"]}}},
                     *changes, upstream=module_upstream))
        return running[-1]

    yield prepare
    for one in running:
        one.stop()  # Or its probes would be seen by whoever comes next.


def breaker(sluice, model="m"):
    """How the first target of a name stands, as callers may ask; asks nobody that is to be looked at."""
    response = sluice.get_admin(f"/admin/v1/explain?model={model}")
    assert response.status == 200, response
    return next(one for one in response.json()["candidates"] if one["target"] == "up/x")["breaker"]


def posts(upstream):
    return sum(one.method == "POST" for one in upstream.requests)


def ask(sluice, count, model="m", **more):
    return [sluice.chat(chat(model, **more)) for _ in range(count)]


def providers_of(responses):
    assert all(one.status == 200 for one in responses), responses
    return [one.header("x-sluice-provider") for one in responses]


# ---- Closed and open

@pytest.mark.parametrize("what", ["500", "cut", "empty stream"])
def test_some_failures_in_a_row_open_it(begin, upstream, what):
    sluice = begin({"consecutive": 5})
    upstream.answers_by(lambda _: BROKEN if what == "500" else [Cut()] if what == "cut" else [answer(b"", content_type="text/event-stream")])

    responses = ask(sluice, 20, stream=what == "empty stream")

    assert providers_of(responses) == ["simulator"] * 20
    assert [one.header("x-sluice-attempts") for one in responses] == ["2"] * 5 + ["1"] * 15
    assert len(upstream.requests) == 5 and breaker(sluice) == "open"


def test_a_success_between_starts_the_count_again(begin, upstream):
    sluice = begin({"consecutive": 5})
    for _ in range(4):
        for _ in range(4):
            upstream.then(*BROKEN)
        ask(sluice, 5)

    assert len(upstream.requests) == 20 and breaker(sluice) == "closed"


def test_half_of_enough_opens_it(begin, upstream):
    sluice = begin({"consecutive": 1000, "of_at_least": 12, "ratio": 0.5})
    turn = iter(range(1000))
    upstream.answers_by(lambda recorded: BROKEN if next(turn) % 2 else truth(recorded))

    ask(sluice, 30)

    assert len(upstream.requests) == 12 and breaker(sluice) == "open"


@pytest.mark.parametrize("what", ["400", "404", "422", "429"])
def test_what_is_not_the_targets_fault_does_not_count(begin, upstream, what):
    sluice = begin(FAST)
    upstream.answers_by(lambda _: error(int(what), "Retry-After-Ms: 1"))
    for _ in range(10):
        sluice.chat(chat("up/x"))
        time.sleep(0.003)  # So long the limited key rests.

    upstream.answers_by(truth)
    assert providers_of(ask(sluice, 1)) == ["up"] and breaker(sluice) == "closed"


def test_a_caller_in_a_hurry_proves_nothing(begin, upstream):
    """Neither one that leaves nor one whose own time is short."""
    sluice = begin(FAST)
    upstream.answers_by(lambda _: [Stall()])
    for number in range(4):
        assert sluice.chat(chat("alone"), headers={"x-sluice-timeout": "20ms"}).status == 504
        with sluice.connect() as connection:
            connection.send(request("POST", "/v1/chat/completions", chat("alone")))
            upstream.wait_for_requests(2 * number + 2)

    assert breaker(sluice) == "closed"


# ---- Half open

def opened(sluice, upstream):
    upstream.answers_by(lambda _: BROKEN)
    ask(sluice, 3)
    assert breaker(sluice) == "open"
    upstream.answers_by(truth)


def test_after_its_rest_one_request_finds_out(begin, upstream):
    """The others do not wait for it, and do not follow it."""
    sluice = begin(FAST)
    opened(sluice, upstream)
    eventually(lambda: breaker(sluice) == "half_open", what="the end of its rest")
    go_on = threading.Event()
    upstream.answers_by(lambda recorded: [Wait(go_on), *truth(recorded)])
    before = len(upstream.requests)

    with sluice.connect() as first:
        while len(upstream.requests) == before:  # One of a few is sent there.
            first.send(request("POST", "/v1/chat/completions", chat("m")))
            eventually(lambda: len(upstream.requests) > before or select.select([first.socket], [], [], 0)[0], what="an answer or a probe")
            if len(upstream.requests) == before:
                assert first.read_response().header("x-sluice-provider") == "simulator"
        assert providers_of(ask(sluice, 5)) == ["simulator"] * 5
        assert len(upstream.requests) == before + 1
        go_on.set()
        assert first.read_response().header("x-sluice-provider") == "up"

    eventually(lambda: ask(sluice, 1) and breaker(sluice) == "closed", what="closing")


def test_a_probe_that_fails_lets_it_rest_for_longer(begin, upstream):
    sluice = begin(FAST)
    opened(sluice, upstream)
    upstream.answers_by(lambda _: BROKEN)
    before = len(upstream.requests)
    eventually(lambda: providers_of(ask(sluice, 1)) and len(upstream.requests) > before, what="a probe")
    again = time.monotonic()
    assert breaker(sluice) == "open"

    eventually(lambda: providers_of(ask(sluice, 1)) and len(upstream.requests) > before + 1, what="another probe")

    assert time.monotonic() - again > 0.5, "twice as long, less what the dice may take off"


def test_one_that_is_well_again_is_loaded_slowly(begin, upstream):
    sluice = begin({**FAST, "slow_start": "60s"})
    opened(sluice, upstream)
    eventually(lambda: ask(sluice, 1) and breaker(sluice) == "closed", what="closing")
    before = len(upstream.requests)

    ask(sluice, 100)

    assert 0 < len(upstream.requests) - before < 45


# ---- Nobody left

def test_when_all_rest_the_best_is_asked(begin, upstream):
    sluice = begin(FAST)
    upstream.answers_by(lambda _: BROKEN)
    assert [one.status for one in ask(sluice, 6, "alone")] == [502] * 6
    asked = len(upstream.requests)
    upstream.answers_by(truth)

    assert providers_of(ask(sluice, 3, "alone")) == ["up"] * 3 and asked > 3


def test_without_panic_the_caller_is_told_when(begin, upstream):
    sluice = begin({**FAST, "rest": "10s"}, {"models": {"alone": {"panic": False}}})
    upstream.answers_by(lambda _: BROKEN)
    ask(sluice, 3, "alone")
    asked = len(upstream.requests)

    response = sluice.chat(chat("alone"))

    assert response.status == 503 and response.error["code"] == "no_healthy_target"
    assert 5 <= int(response.header("retry-after")) <= 11 and int(response.header("retry-after-ms")) <= 11_000
    assert len(upstream.requests) == asked


# ---- Probes

@pytest.fixture
def probed(begin):
    return lambda probe, **more: begin({"consecutive": 3, "rest": "60s", "slow_start": "1ms"}, health={"probe": probe, "every": "100ms"}, **more)


def test_probes_find_out_before_any_caller_does(probed, upstream):
    upstream.answers_by(lambda _: BROKEN)
    sluice = probed("models")

    eventually(lambda: breaker(sluice) == "open", what="an open breaker")

    assert {(one.method, one.path) for one in upstream.requests} == {("GET", "/v1/models")}
    assert providers_of(ask(sluice, 3)) == ["simulator"] * 3 and posts(upstream) == 0


def test_probes_end_a_rest(probed, upstream):
    upstream.answers_by(lambda recorded: [answer({"object": "list", "data": []})] if recorded.method == "GET" else BROKEN)
    sluice = probed("models")
    ask(sluice, 3)
    upstream.answers_by(lambda recorded: [answer({"object": "list", "data": []})] if recorded.method == "GET" else truth(recorded))

    eventually(lambda: breaker(sluice) != "open", what="the end of its rest")

    eventually(lambda: ask(sluice, 1) and breaker(sluice) == "closed", what="closing")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_probe_that_is_refused_says_nothing(probed, upstream, status):
    upstream.answers_by(lambda recorded: error(status) if recorded.method == "GET" else truth(recorded))
    sluice = probed("models")

    upstream.wait_for_requests(5)

    assert breaker(sluice) == "closed" and providers_of(ask(sluice, 1)) == ["up"]


def test_a_tcp_probe_only_knocks(probed, upstream):
    before = upstream.connections
    sluice = probed("tcp")

    eventually(lambda: upstream.connections >= before + 3, what="connections")

    assert upstream.requests == [] and breaker(sluice) == "closed"


# ---- Bulkheads

@pytest.mark.parametrize("where", ["provider", "target"])
def test_no_more_than_so_many_at_once(begin, upstream, where):
    limits = {"limits": {"concurrent": 2}}
    sluice = begin({}, **limits) if where == "provider" else begin({}, {"models": {"alone": {"targets": [{"model": "up/x", **limits}]}}})
    go_on = threading.Event()
    upstream.answers_by(lambda recorded: [Wait(go_on), *truth(recorded)])
    callers = [sluice.connect() for _ in range(6)]
    for caller in callers:
        caller.send(request("POST", "/v1/chat/completions", chat("alone")))
    upstream.wait_for_requests(2)
    time.sleep(0.1)
    assert len(upstream.requests) == 2
    go_on.set()

    for caller in callers:
        assert caller.read_response().status == 200
        caller.close()
    assert len(upstream.requests) == 6


def test_who_finds_no_place_goes_elsewhere(begin, upstream):
    sluice = begin({}, limits={"concurrent": 1})
    upstream.answers_by(lambda _: [Stall()])
    with sluice.connect() as first:
        first.send(request("POST", "/v1/chat/completions", chat("alone")))
        upstream.wait_for_requests(1)

        assert providers_of(ask(sluice, 1)) == ["simulator"]


def test_one_alone_that_is_full_says_so_in_time(begin, upstream):
    sluice = begin({}, limits={"concurrent": 1})
    upstream.answers_by(lambda _: [Stall()])
    with sluice.connect() as first:
        first.send(request("POST", "/v1/chat/completions", chat("alone")))
        upstream.wait_for_requests(1)

        response = sluice.chat(chat("alone"), headers={"x-sluice-timeout": "200ms"})

    assert response.status in (503, 504), response
    assert len(upstream.requests) == 1


def test_every_place_is_given_back(begin, upstream):
    """However the request ended."""
    sluice = begin({"consecutive": 100_000, "of_at_least": 100_000}, limits={"concurrent": 1})
    lies = [BROKEN, [Cut()], error(400), error(503, "Retry-After: 9"), [b"nonsense", Cut()], [Stall()]]
    for lie in lies * 3:
        upstream.then(*lie)
        sluice.chat(chat("up/x", stream=True), headers={"x-sluice-timeout": "100ms"})
        upstream.then(Stall())
        with sluice.connect() as leaving:
            before = len(upstream.requests)
            leaving.send(request("POST", "/v1/chat/completions", chat("up/x")))
            upstream.wait_for_requests(before + 1)

        assert sluice.chat(chat("up/x")).status == 200
