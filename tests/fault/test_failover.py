"""F-01 … F-10: while a healthy target is left and nothing was said, no caller sees a failure; when none is left, callers see which."""
import json
import math
import statistics
import subprocess
import time

import pytest

from support.certificates import Authority
from support.client import chat, request
from support.lies import all_lies, breaks, error, in_a_while, refusals, stalls, truth
from support.load import ask_many
from support.places import BlackHole, free_port
from support.sluice import PROJECT, sanitized
from support.upstream import Cut, Reset, Upstream, answer, completion

HASTY = {"connect": "300ms", "first_token": "300ms", "total": "300ms"}
PATIENT = {"consecutive": 1_000_000, "of_at_least": 1_000_000}  # A breaker that never opens.
LIES = [(name, streamed) for streamed in (False, True) for name in all_lies(streamed)]
NOWHERE = ["refused", "black hole", "no such name", "no TLS", "bad certificate"]


@pytest.fixture(scope="module")
def bad():
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def black_hole():
    hole = BlackHole()
    yield hole
    hole.stop()


@pytest.fixture(scope="module")
def impostor(tmp_path_factory):
    """A server whose certificate nobody has vouched for."""
    server = Upstream(Authority(tmp_path_factory.mktemp("theirs")).sign("impostor"))
    yield server
    server.stop()


def name_of(what, streamed):
    return f"{what}{' streamed' if streamed else ''}".replace(" ", "-").replace(",", "")


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream, bad, black_hole, impostor):
    """A name for each lie: its first target lies, its second does not. Each has a provider of its own, so that no key, connection or
    breaker remembers another's."""
    def liar(url):
        return {"type": "openai-compatible", "base_url": url, "keys": ["sk-bad"], "timeouts": HASTY}

    urls = {"refused": f"http://127.0.0.1:{free_port()}/v1", "black hole": f"http://127.0.0.1:{black_hole.port}/v1", "no such name": "http://name.invalid/v1",
            "no TLS": bad.url.replace("http:", "https:"), "bad certificate": impostor.url}
    providers = {name_of(what, streamed): liar(urls.get(what, bad.url)) for what, streamed in LIES + [(where, streamed) for where in NOWHERE for streamed in (False, True)]}
    providers["flat"] = {**liar(urls["refused"]), "breaker": PATIENT}
    models = {f"try-{name}": {"targets": [f"{name}/x", "up/x"]} for name in providers}
    return start({"providers": providers, "models": models}, upstream=module_upstream)


@pytest.fixture
def upstream(module_upstream, bad):
    module_upstream.reset()
    module_upstream.answers_by(truth)
    bad.reset()
    return module_upstream


def assert_good(response, streamed):
    assert response.status == 200, response
    if streamed:
        text = "".join(json.loads(event)["choices"][0]["delta"].get("content", "") for event in response.events()[:-1] if json.loads(event)["choices"])
        assert text == "Hello there" and response.events()[-1] == "[DONE]"
    else:
        assert response.body == json.dumps(completion()).encode()


def assert_spared(sluice, response, streamed, what):
    assert_good(response, streamed)
    assert response.header("x-sluice-provider") == "up" and response.header("x-sluice-attempts") == "2"
    line = sluice.access(response.header("x-request-id"))
    assert [one["provider"] for one in line["attempts"]] == [name_of(what, streamed), "up"]
    assert [one["outcome"] == "answered" for one in line["attempts"]] == [what == "nothing said", True]


@pytest.mark.parametrize("what,streamed", LIES)
def test_another_target_answers_instead(sluice, upstream, bad, what, streamed):
    bad.always(*all_lies(streamed)[what])

    response = sluice.chat(chat(f"try-{name_of(what, streamed)}", stream=streamed))

    assert_spared(sluice, response, streamed, what)
    assert len(bad.requests) == 1 and len(upstream.requests) == 1


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("where", NOWHERE)
def test_another_target_answers_for_one_that_is_not_there(sluice, upstream, where, streamed):
    response = sluice.chat(chat(f"try-{name_of(where, streamed)}", stream=streamed))

    assert_spared(sluice, response, streamed, where)


@pytest.mark.parametrize("end", [Cut, Reset])
def test_a_kept_connection_that_dies_is_replaced_and_then_the_target(start, module_upstream, upstream, bad, end):
    """F-05: once more on a new connection, since nobody can have answered; then elsewhere."""
    sluice = start({"providers": {"bad": {"type": "openai-compatible", "base_url": bad.url, "keys": []}}, "models": {"m": {"targets": ["bad/x", "up/x"]}}}, upstream=module_upstream)
    assert sluice.chat(chat("m")).header("x-sluice-provider") == "bad"
    bad.then(end()).then(end())

    response = sluice.chat(chat("m"))

    assert response.status == 200 and response.header("x-sluice-provider") == "up" and response.header("x-sluice-attempts") == "2"
    assert len(bad.requests) == 3


@pytest.mark.parametrize("streamed", [False, True])
def test_a_bad_request_is_nobody_elses(start, module_upstream, upstream, bad, streamed):
    sluice = start({"providers": {"bad": {"type": "openai-compatible", "base_url": bad.url, "keys": []}}, "models": {"m": {"targets": ["bad/x", "up/x"]}}}, upstream=module_upstream)
    for status in (400, 413, 422):
        bad.then(*error(status, code="wrong"))
        response = sluice.chat(chat("m", stream=streamed))
        assert response.status == status and response.error["code"] == "wrong" and response.header("x-sluice-attempts") == "1"
        assert response.header("x-should-retry") is None
    assert upstream.requests == []


@pytest.fixture(scope="module")
def slow_names(tmp_path_factory):
    if sanitized():
        pytest.skip("nothing may come before the sanitizer")
    library = tmp_path_factory.mktemp("names") / "slow_names.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, PROJECT / "tests" / "support" / "slow_names.c", "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def test_a_name_that_is_slow_to_find_holds_up_nobody_else(start, module_upstream, upstream, slow_names):
    """F-03: neither who may be answered by another, nor who asks for another name meanwhile."""
    port = module_upstream.port
    lost = {f"lost-{at}": {"type": "openai-compatible", "base_url": f"http://n{at}.slow.test:{port}/v1", "keys": [], "timeouts": {"connect": "300ms"}} for at in range(3)}
    found = {"found": {"type": "openai-compatible", "base_url": f"http://quick.test:{port}/v1", "keys": []}}
    sluice = start({"providers": {**lost, **found}, "models": {"m": {"targets": ["lost-0/x", "up/x"]}}}, upstream=module_upstream, environment=slow_names)
    began = time.monotonic()

    response = sluice.chat(chat("m"))
    took = time.monotonic() - began

    assert response.status == 200 and response.header("x-sluice-provider") == "up" and response.header("x-sluice-attempts") == "2" and took < 1
    waiting = [sluice.connect().send(request("POST", "/v1/chat/completions", chat(f"lost-{at}/x"))) for at in range(3)]
    assert sluice.chat(chat("found/x")).status == 200 and time.monotonic() - began < 5
    for one in waiting:
        assert one.read_response().status in (502, 503, 504)
        one.close()
    assert time.monotonic() - began < 8


# ---- When nobody is left

@pytest.fixture
def hopeless(start, module_upstream, bad, upstream):
    """Two targets; nobody remembers earlier tests."""
    liars = {f"last-{what}": {"type": "openai-compatible", "base_url": bad.url, "keys": [f"sk-{what}"], "timeouts": HASTY} for what in "ab"}
    return start({"providers": liars, "models": {"m": {"targets": ["last-a/x", "last-b/x"], "retry": {"attempts": 2}}}}, upstream=module_upstream)


PATHS = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages", "gemini": "/v1beta/models/m:generateContent"}
BODIES = {"openai": chat("m"), "anthropic": {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]},
          "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}}


@pytest.fixture(scope="module")
def last_word(start, bad):
    """A pair of targets for each way in which both of them fail."""
    ways = [*refusals(), *breaks(), "silence"]
    pairs = {f"{name_of(way, False)}-{family}": way for way in ways for family in PATHS}
    liar = {"type": "openai-compatible", "base_url": bad.url, "timeouts": HASTY}
    return start({"providers": {f"{name}-{at}": {**liar, "keys": [f"sk-{at}"]} for name in pairs for at in "ab"},
                  "models": {name: {"targets": [f"{name}-a/x", f"{name}-b/x"], "retry": {"attempts": 2}} for name in pairs}})


@pytest.mark.parametrize("way", [*refusals(), *breaks(), "silence"])
def test_the_last_word(last_word, bad, way):
    """http-api.md, 1.4"""
    bad.reset()
    if way in refusals():
        steps, status, code = refusals()[way]
    elif way in breaks():
        steps, status, code = breaks()[way], 502, None
    else:
        steps, status, code = stalls(False)[way], 504, "upstream_timeout"
    bad.always(*steps)
    for family, path in PATHS.items():
        name = f"{name_of(way, False)}-{family}"
        body = {**BODIES[family], "model": name} if family != "gemini" else BODIES[family]

        response = last_word.chat(body, path=path.replace("/m:", f"/{name}:"))

        assert response.status == status, response
        assert response.header("content-type").startswith("application/json")
        assert response.header("x-sluice-attempts") == "2" and response.header("x-should-retry") == "false"
        error_of = response.json()["error"]
        if family == "openai":
            assert error_of["message"] and error_of["type"] and (code is None or error_of["code"] == code)
            assert code or error_of["code"] in ("upstream_error", "upstream_bad_response")
        elif family == "anthropic":
            assert response.json()["type"] == "error" and error_of["type"] and error_of["message"]
        else:
            assert error_of["code"] == status and error_of["status"] and error_of["message"]
        assert "<html" not in response.body.decode().lower()
        if " in " in way or " at " in way:
            told = response.header("retry-after")
            assert told is not None and 5 <= float(told) <= 7
    assert len(bad.requests) == 2 * len(PATHS)


@pytest.mark.parametrize("first,second,soonest", [
    ("Retry-After: 30", "Retry-After: 7", 7), ("Retry-After: 7", "Retry-After: 30", 7), ("Retry-After-Ms: 6500", "Retry-After: 30", 7), ("Retry-After: 9", None, 9),
    (None, "Retry-After: 9", 9), ("date", "Retry-After: 300", 20)])
def test_the_soonest_retry_after_is_told(hopeless, bad, first, second, soonest):
    """F-10"""
    for field in (first, second):
        field = f"Retry-After: {in_a_while(20)}" if field == "date" else field
        bad.then(*error(503, *([field] if field else [])))

    response = hopeless.chat(chat("m"))

    assert response.status == 503 and soonest - 2 <= int(response.header("retry-after")) <= soonest
    assert math.ceil(int(response.header("retry-after-ms")) / 1000) == int(response.header("retry-after"))


def test_a_short_retry_after_is_waited_for(start, bad):
    """The same target again, not before it said."""
    sluice = start({"providers": {"bad": {"type": "openai-compatible", "base_url": bad.url, "keys": []}}, "models": {"m": {"targets": ["bad/x"], "retry": {"attempts": 2, "backoff": "1ms"}}}})
    bad.reset()
    bad.then(*error(503, "Retry-After-Ms: 400"))
    began = time.monotonic()

    response = sluice.chat(chat("m"))

    assert response.status == 200 and response.header("x-sluice-attempts") == "2" and time.monotonic() - began >= 0.4


# ---- Many

KINDS = ["error=500", "cut=0", "reset=0", "error=429+retry-after-ms=20", "html", "blank", "error=529", "error=503+retry-after=1", "error-in-stream=0", "garbage=0", "stall=0", "empty"]
STRATEGIES = ["fallback", "round_robin", "weighted", "least_latency", "least_busy"]


def next_to(at):
    return KINDS[(at + 3) % len(KINDS)]


@pytest.fixture(scope="module")
def crowd(start):
    """Names with two faulty targets and a clean one: of every kind of fault with the next, in every order."""
    simulator = {"type": "simulator"}
    hasty = {**simulator, "timeouts": {"first_token": "150ms", "total": "150ms"}}
    models = {}
    for at, kind in enumerate(KINDS):
        other = next_to(at)
        order = {"strategy": STRATEGIES[at % len(STRATEGIES)]}
        for share in (20, 100):
            second = f"two/echo+{other}+fail=20%" if share == 20 else None
            targets = [f"one/echo+{kind}+fail={share}%", second, "clean/echo"]
            models[f"{share}-{at}"] = {**order, "targets": [target for target in targets if target]}
    return start({"providers": {"one": hasty, "two": hasty, "clean": simulator}, "models": models})


@pytest.mark.parametrize("share,count", [(20, 10_000), (100, 4_000)])
def test_nobody_sees_the_faults_of_some(crowd, share, count):
    """Two targets fail at a fifth of their requests, in all ways; or one at all of them. One is clean."""
    jobs = []
    for streamed in (False, True):
        for at in range(len(KINDS)):
            if not streamed and "empty" in (KINDS[at], next_to(at)):
                continue  # Whole answers without a word are answers.
            jobs.append((streamed, request("POST", "/v1/chat/completions", chat(f"{share}-{at}", "All is well", stream=streamed))))

    def judge(job, answer):
        if answer.status != 200:
            return f"{answer!r}"
        pieces = (b'"content":"All"', b'"content":" is"', b'"content":" well"', b"data: [DONE]\n\n") if job else (b'"content":"All is well"',)
        return None if all(answer.body.count(piece) == 1 for piece in pieces) else f"not whole: {answer!r}"

    complaints, answered = ask_many(crowd.address, (jobs[at % len(jobs)] for at in range(count)), judge)

    assert not complaints and answered == count, complaints


def test_failing_over_takes_no_time(sluice, upstream, capsys):
    """After a refused connect. Promised is a millisecond; other programs run here, too."""
    def took(connection, model):
        began = time.perf_counter()
        response = connection.send(request("POST", "/v1/chat/completions", chat(model))).read_response()
        assert response.status == 200
        return time.perf_counter() - began

    with sluice.connect() as connection:
        pairs = [(took(connection, "up/x"), took(connection, "try-flat")) for _ in range(200)]

    added = statistics.median(failed_over - direct for direct, failed_over in pairs)
    with capsys.disabled():
        print(f" [failing over: {1e6 * added:.0f} us]", end="")
    assert len(upstream.requests) == 400 and added < 0.005
