"""One deadline for everything: retries, waits, rivals, queues. It is the caller's, the SDK's, the name's or the server's, whichever is soonest."""
import threading
import time

import pytest

from support.client import chat, is_error, request
from support.lies import error, stalls
from support.places import BlackHole
from support.upstream import HELLO, ROLE, STREAM_HEAD, Cut, Drip, Stall, Upstream, Wait, chunk, frame, in_chunks

LIMIT = 0.3
BOUND = 0.25  # Five times what is promised: other programs run here, too.
PATIENT = {"consecutive": 1_000_000, "of_at_least": 1_000_000}
STREAMED = pytest.mark.parametrize("streamed", [False, True])
# Those that say "later", or nothing.
LATER = {"503 in 150 ms": error(503, "Retry-After-Ms: 150"), "503 in 10 s": error(503, "Retry-After: 10"), "500": error(500), "429 in 150 ms": error(429, "Retry-After-Ms: 150")}
worst = {}


@pytest.fixture(scope="module")
def hole():
    one = BlackHole()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def other():
    server = Upstream()
    yield server
    server.stop()


def name_of(what, streamed, how):
    return f"{what}-{streamed}-{how}".replace(" ", "-").replace(",", "")


WAYS = [*LATER, "black hole", "slow, then silence", "full"]
CASES = [(what, streamed, "name" if number % 2 else "header") for streamed in (False, True) for number, what in enumerate([*stalls(streamed), *WAYS])]


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream, other, hole):
    """Two targets that fail alike, asked again as often as there is time; the name knows a deadline or leaves it to its caller."""
    def pair(what, streamed, how):
        urls = (f"http://127.0.0.1:{hole.port}/v1",) * 2 if what == "black hole" else (module_upstream.url, other.url)
        limits = {"limits": {"concurrent": 1}} if what == "full" else {}
        return {f"{name_of(what, streamed, how)}-{at}": {"type": "openai-compatible", "base_url": url, "keys": [], "breaker": PATIENT, **limits} for at, url in enumerate(urls)}

    providers, models = {}, {}
    for what, streamed, how in [*CASES, ("silence", False, "name"), ("503 in 10 s", False, "header")]:
        providers |= pair(what, streamed, how)
        name = name_of(what, streamed, how)
        models[name] = {"targets": [f"{name}-0/x", f"{name}-1/x"], "retry": {"attempts": 20, "backoff": "50ms", "max_backoff": "1s"},
                        **({"timeouts": {"request": f"{int(1000 * LIMIT)}ms"}} if how == "name" else {})}
    models["hedged"] = {"targets": ["up/x", "simulator/echo+ttft=10s"], "hedge": {"after": "50ms", "at_most": 1}, "timeouts": {"request": f"{int(1000 * LIMIT)}ms"}}
    models["broken"] = {"targets": ["up/x", "up/y"], "resume": True, "timeouts": {"request": f"{int(1000 * LIMIT)}ms"}}
    return start({"providers": providers, "models": models}, upstream=module_upstream)


def timed(sluice, model, streamed, **options):
    began = time.monotonic()
    response = sluice.chat(chat(model, stream=streamed), **options)
    return response, time.monotonic() - began


def after(seconds):
    event = threading.Event()
    threading.Timer(seconds, event.set).start()
    return event


def assert_in_time(what, took):
    worst[what] = max(worst.get(what, 0), took - LIMIT)
    assert took < LIMIT + BOUND, f"{what} took {took:.3f} s of {LIMIT}"


@pytest.mark.parametrize("what,streamed,how", CASES)
def test_nothing_takes_longer_than_the_deadline(sluice, upstream, other, what, streamed, how):
    steps = {**LATER, **stalls(streamed), "black hole": [], "full": [Stall()], "slow, then silence": [Drip(b"HTTP/1.1 200 OK\r\n", 0.01), Stall()]}[what]
    upstream.always(*steps)
    other.reset()
    other.always(*steps)
    name = name_of(what, streamed, how)
    occupants = []
    if what == "full":
        occupants = [sluice.connect().send(request("POST", "/v1/chat/completions", chat(f"{name}-{at}/x"))) for at in (0, 1)]
        for one in (upstream, other):
            one.wait_for_requests(1)

    response, took = timed(sluice, name, streamed, headers={"x-sluice-timeout": f"{int(1000 * LIMIT)}ms"} if how == "header" else {})

    assert_in_time(what, took)
    assert response.status in (429, 502, 503, 504), response
    if what in stalls(streamed):
        assert response.status == 504 and "request" in response.error["message"]
    for one in occupants:
        one.close()


def test_a_stream_that_has_begun_ends_with_it(sluice, upstream):
    go_on = frame(chunk({"content": "x"}))
    upstream.always(STREAM_HEAD + in_chunks(ROLE + HELLO), *[step for _ in range(200) for step in (Drip(b"5\r\n: hi\n\r\n", 0.002), in_chunks(go_on))])

    response, took = timed(sluice, "up/x", True, headers={"x-sluice-timeout": f"{int(1000 * LIMIT)}ms"})

    assert_in_time("a stream", took)
    assert response.status == 200 and is_error(response.events()[-1]) and "[DONE]" not in response.events()


@STREAMED
def test_two_at_once_have_one_deadline(sluice, upstream, streamed):
    upstream.always(Stall())

    response, took = timed(sluice, "hedged", streamed)

    assert_in_time("two at once", took)
    assert response.status == 504 and response.header("x-sluice-attempts") == "2"


def test_one_that_goes_on_has_what_is_left(sluice, upstream):
    half = [STREAM_HEAD + in_chunks(ROLE + HELLO)]
    upstream.then(*half, Wait(after(0.15)), Cut()).then(Stall())

    response, took = timed(sluice, "broken", True)

    assert_in_time("resuming", took)
    assert response.status == 200 and is_error(response.events()[-1])


@pytest.mark.parametrize("header,value", [("x-sluice-timeout", "0.3"), ("x-sluice-timeout", "300ms"), ("x-stainless-timeout", "0.3"), ("x-server-timeout", "0.3")])
def test_callers_say_it_in_many_ways(sluice, upstream, header, value):
    upstream.always(Stall())

    response, took = timed(sluice, "up/x", False, headers={header: value})

    assert response.status == 504 and LIMIT - 0.01 <= took
    assert_in_time(header, took)


def test_the_soonest_holds(sluice, upstream):
    upstream.always(Stall())
    name = name_of("silence", False, "name")

    response, took = timed(sluice, name, False, headers={"x-sluice-timeout": "60s"})
    assert response.status == 504
    assert_in_time("the name's", took)

    response, took = timed(sluice, name, False, headers={"x-sluice-timeout": "100ms"})
    assert response.status == 504 and took < LIMIT


def test_a_wait_that_would_end_too_late_is_not_begun(sluice, upstream, other):
    """Then the failure is told at once, with when to come again."""
    upstream.always(*error(503, "Retry-After: 10"))
    other.reset()
    other.always(*error(503, "Retry-After: 10"))

    response, took = timed(sluice, name_of("503 in 10 s", False, "header"), False, headers={"x-sluice-timeout": "60s"})

    assert response.status == 503 and took < 5 and int(response.header("retry-after")) <= 10


def test_how_late_it_was_at_most(capsys):
    with capsys.disabled():
        late = max(worst, key=worst.get)
        print(f" [later than the deadline by {1000 * worst[late]:.0f} ms at most: {late}]", end="")
