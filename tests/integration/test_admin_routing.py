"""What operators see of routing, and tell it: explanations, the standing of targets and keys, ratings, probes."""
import json
import re
import shutil
import subprocess

import pytest

from support.client import Connection, chat, request
from support.upstream import HELLO, ROLE, STREAM, STREAM_HEAD, Cut, Stall, Upstream, answer, completion, in_chunks, stream
from support.wait import eventually

CATALOGUED = {"type": "openai", "keys": ["openai.canary.0c1d22"]}


def groups(upstream):
    return {
        "providers": {"one": {"type": "simulator"}, "two": {"type": "simulator"}, "known": {**CATALOGUED, "base_url": upstream.url}},
        "models": {
            "pair": {"strategy": "weighted", "targets": [{"model": "one/echo", "weight": 3}, "two/echo"]},
            "turns": {"strategy": "round_robin", "targets": ["one/echo", "two/echo"]},
            "small-first": {"targets": [{"model": "one/echo", "if": "request.input_tokens < 1000"}, "two/echo"]},
            "tagged": {"targets": [{"model": "one/echo", "if": "request.tags.task == 'sum'"},
                                   {"model": "one/lorem", "if": "request.user == 'ann'"}, "two/echo"]},
            "able": {"targets": ["known/gpt-3.5-turbo", "known/gpt-4o"]},
            "cheap": {"strategy": "cheapest", "targets": ["known/gpt-4o", "known/gpt-4o-mini"]},
            "nested": {"targets": ["pair", "known/gpt-4o"]},
            "taught": {"strategy": "learned", "targets": ["one/echo", "two/lorem-3"], "learned": {"class": "request.tags.task"}},
        }}


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream):
    return start(groups(module_upstream), upstream=module_upstream)


def explained(sluice, model, **query):
    more = "".join(f"&{name}={value}" for name, value in query.items())
    response = sluice.get_admin(f"/admin/v1/explain?model={model}{more}")
    assert response.status == 200, response
    return response.json()


def by_target(explanation):
    return {one["target"]: one for one in explanation["candidates"]}


def post_admin(sluice, path, body, **options):
    with Connection(sluice.admin) as connection:
        return connection.send(request("POST", path, body, key=None, host="localhost", **options)).read_response()


def rate(sluice, request_id, score):
    return post_admin(sluice, "/admin/v1/feedback", {"request_id": request_id, "score": score}).status


def targets(sluice, provider):
    found = [one for one in sluice.get_admin("/admin/v1/providers").json()["providers"] if one["name"] == provider]
    return {one["target"]: one for one in found[0]["targets"]}


# ---- Explanations


def test_an_explanation_tells_who_would_be_asked_and_why(sluice, upstream):
    told = explained(sluice, "pair")

    assert {key: told[key] for key in ("asked", "group", "strategy", "why")} == {
        "asked": "pair", "group": "pair", "strategy": "weighted", "why": "models has an entry of this name"}
    assert f"{told['target']['provider']}/{told['target']['model']}" == told["pick"]
    assert re.fullmatch("[0-9a-f]{16}", told["dice"])
    assert by_target(told)["one/echo"]["weight"] == 3
    assert upstream.requests == [] and targets(sluice, "one")["one/echo"]["busy"] == 0


def test_an_explanation_follows_the_weights(sluice):
    picks = [explained(sluice, "pair")["pick"] for _ in range(60)]

    assert set(picks) == {"one/echo", "two/echo"} and picks.count("one/echo") > picks.count("two/echo")


def test_to_ask_takes_nobodys_turn(sluice):
    picks = {explained(sluice, "turns")["pick"] for _ in range(5)}

    assert len(picks) == 1


@pytest.mark.parametrize("model", ["pair", "turns", "taught"])
def test_an_answer_comes_from_who_its_explanation_picked(sluice, model):
    for _ in range(20):
        response = sluice.chat(chat(model), headers={"x-sluice-explain": "true"})
        told = json.loads(response.header("x-sluice-explain"))
        assert told["pick"] == f"{response.header('x-sluice-provider')}/{response.header('x-sluice-model')}"
        assert told["group"] == model and len(response.header("x-sluice-explain")) < 1000


def test_nobody_is_told_who_did_not_ask(sluice):
    assert sluice.chat(chat("pair")).header("x-sluice-explain") is None


def test_conditions_are_tried_on_what_is_supposed(sluice):
    assert explained(sluice, "small-first", input_tokens=10)["pick"] == "one/echo"
    large = explained(sluice, "small-first", input_tokens=1000)
    assert large["pick"] == "two/echo" and by_target(large)["one/echo"]["out"] == "condition"
    assert explained(sluice, "tagged", tags="task%3Dsum")["pick"] == "one/echo"
    assert explained(sluice, "tagged", tags="task=count,other=sum", user="ann")["pick"] == "one/lorem"
    assert explained(sluice, "tagged")["pick"] == "two/echo"


def test_models_that_cannot_are_out(sluice):
    seeing = explained(sluice, "able", needs="vision,tools")
    assert seeing["pick"] == "known/gpt-4o"
    assert by_target(seeing)["known/gpt-3.5-turbo"]["out"] == "incapable" and by_target(seeing)["known/gpt-3.5-turbo"]["lacks"]
    long = explained(sluice, "able", input_tokens=100_000)
    assert long["pick"] == "known/gpt-4o" and by_target(long)["known/gpt-3.5-turbo"]["lacks"] == "context window"
    assert explained(sluice, "able", input_tokens=100)["pick"] == "known/gpt-3.5-turbo"
    nobody = explained(sluice, "able", input_tokens=10_000_000)
    assert "target" not in nobody and "pick" not in nobody


def test_costs_are_those_of_the_request_that_is_supposed(sluice):
    few, many = (by_target(explained(sluice, "cheap", input_tokens=count)) for count in (1_000, 100_000))

    assert explained(sluice, "cheap")["pick"] == "known/gpt-4o-mini"
    assert few["known/gpt-4o"]["expected_usd"] > few["known/gpt-4o-mini"]["expected_usd"] > 0
    assert many["known/gpt-4o"]["expected_usd"] > 10 * few["known/gpt-4o"]["expected_usd"]


def test_a_group_within_a_group_tells_its_own(sluice):
    told = explained(sluice, "nested")
    inner = told["candidates"][0]

    assert (told["strategy"], inner["group"], inner["strategy"]) == ("fallback", "pair", "weighted")
    assert [one["target"] for one in inner["candidates"]] == ["one/echo", "two/echo"]
    assert told["candidates"][1]["target"] == "known/gpt-4o" and told["pick"] in ("one/echo", "two/echo")


def test_names_without_a_group_are_explained_too(sluice):
    told = explained(sluice, "up/anything")

    assert told["target"] == {"provider": "up", "model": "anything"} and "group" not in told
    assert sluice.get_admin("/admin/v1/explain?model=pear").status == 404
    assert sluice.get_admin("/admin/v1/explain?model=pair&needs=wings").status == 400


# ---- Standing


def test_a_target_that_fails_is_seen_to_rest(start, upstream, module_upstream):
    breaker = {"consecutive": 3, "rest": "10m"}
    sluice = start({"providers": {"up": {"breaker": breaker, "keys": ["up.canary.1", "up.canary.2"]}},
                    "models": {"pair": {"targets": ["up/bad", "simulator/echo"]}}}, upstream=module_upstream)
    upstream.always(answer({"error": {"message": "no"}}, status=500))
    for _ in range(4):
        assert sluice.chat(chat("pair")).status == 200

    bad = targets(sluice, "up")["up/bad"]
    well = targets(sluice, "simulator")["simulator/echo"]
    told = explained(sluice, "pair")

    assert (bad["breaker"], bad["requests"], bad["failures"], bad["successes"], bad["busy"]) == ("open", 3, 3, 0, 0)
    assert 0 < bad["asked_again_in_ms"] <= 2 * 600_000
    assert (well["breaker"], well["successes"]) == ("closed", 4) and well["output_tokens"] > 0
    assert told["pick"] == "simulator/echo" and by_target(told)["up/bad"]["out"] == "resting"
    assert sluice.metric("sluice_breaker_state", target="up/bad") == 2
    assert sluice.metric("sluice_breaker_state", target="simulator/echo") == 0
    assert "canary" not in sluice.get_admin("/admin/v1/providers").body.decode()


def test_latencies_are_those_of_the_target(sluice):
    for _ in range(25):
        sluice.chat(chat("one/numbered-5+ttft=20ms+gap=2ms", stream=True))

    target = targets(sluice, "one")["one/*"]
    assert target["first_token_ms"]["p50"] >= 15 and target["first_token_ms"]["p95"] >= target["first_token_ms"]["p50"]
    assert target["first_token_ms"]["average"] >= 15 and target["per_token_ms"] > 0.5


def test_a_key_that_is_refused_is_seen_to_rest(start, upstream, module_upstream):
    sluice = start({"providers": {"up": {"keys": ["key.canary.good", "key.canary.bad", "key.canary.poor"]}}}, upstream=module_upstream)
    by_key = {"good": answer({"id": "1", "object": "chat.completion", "choices": []}),
              "bad": answer({"error": {"message": "who?"}}, status=401),
              "poor": answer({"error": {"message": "slow down"}}, status=429, fields=("Retry-After: 600",))}
    upstream.answers_by(lambda recorded: [by_key[recorded.header("authorization").rsplit(".", 1)[1]]])

    def states():
        assert sluice.chat(chat("up/x")).status == 200
        provider = [one for one in sluice.get_admin("/admin/v1/providers").json()["providers"] if one["name"] == "up"][0]
        return [one["state"] for one in provider["key_states"]], provider

    known, provider = eventually(lambda: (lambda seen: seen if seen[0] == ["usable", "refused", "cooling"] else None)(states()),
                                 what="both keys to be met")

    assert known and [one["number"] for one in provider["key_states"]] == [1, 2, 3] and provider["keys"] == 3
    assert 0 < provider["key_states"][1]["usable_in_s"] <= 300 and 500 < provider["key_states"][2]["usable_in_s"] <= 600
    assert "usable_in_s" not in provider["key_states"][0]
    assert {state: sluice.metric("sluice_provider_keys", provider="up", state=state) for state in ("usable", "refused", "cooling", "spent")} == {
        "usable": 1, "refused": 1, "cooling": 1, "spent": 0}
    assert "canary" not in json.dumps(provider) and "canary" not in sluice.log()


# ---- What is learned


def answered_by(sluice, provider, model, **options):
    """The id of a request that this provider has answered, and that is settled: callers have their answers a moment before."""
    def ask():
        response = sluice.chat(chat(model), **options)
        assert response.status == 200
        return response.header("x-request-id") if response.header("x-sluice-provider") == provider else None
    request_id = eventually(ask, what=f"an answer of {provider}")
    sluice.access(request_id)
    return request_id


def test_a_rating_counts_once(sluice):
    request_id = answered_by(sluice, "one", "taught")

    assert rate(sluice, request_id, 1) == 200
    assert rate(sluice, request_id, 0) == 409
    assert rate(sluice, "nobody-asked-this", 1) == 404
    assert rate(sluice, request_id, 2) == 400
    assert rate(sluice, sluice.chat(chat("pair")).header("x-request-id"), 1) == 404


def test_ratings_change_the_reward(sluice):
    def reward():
        return by_target(explained(sluice, "taught", tags="task=rated"))["two/lorem-3"]
    tags = {"headers": {"x-sluice-tags": "task=rated"}}
    ids = [answered_by(sluice, "two", "taught", **tags) for _ in range(5)]
    before = reward()
    for request_id in ids:
        assert rate(sluice, request_id, 0) == 200

    after = reward()
    assert after["reward"] < before["reward"] and after["trials"] == pytest.approx(before["trials"])


def test_each_class_is_learned_of_apart(sluice):
    answered_by(sluice, "one", "taught", headers={"x-sluice-tags": "task=known"})

    known, unknown = explained(sluice, "taught", tags="task=known"), explained(sluice, "taught", tags="task=new")
    assert known["class"] == "known" and by_target(known)["one/echo"]["trials"] > 0.9
    assert unknown["class"] == "new" and by_target(unknown)["one/echo"]["trials"] == 0


def test_groups_within_each_other_learn_both(start):
    sluice = start({"models": {"outer": {"strategy": "learned", "targets": ["inner", "simulator/lorem-2"]},
                               "inner": {"strategy": "learned", "targets": ["simulator/echo", "simulator/lorem-3"]}}})

    def known():
        assert sluice.chat(chat("outer")).status == 200
        told = explained(sluice, "outer")
        outer, within = told["candidates"][0], by_target(told["candidates"][0])
        trials = sum(one["trials"] for one in within.values())
        return outer["group"] == "inner" and outer["trials"] > 2 and trials == pytest.approx(outer["trials"], abs=0.1)
    eventually(known, what="both to know of what the inner one answered")


def test_the_cache_of_a_prompt_is_counted_on(sluice, upstream):
    body = chat("cheap", "A prompt that nobody else has asked with. " * 100)
    cached = {"prompt_tokens": 1000, "completion_tokens": 2, "total_tokens": 1002, "prompt_tokens_details": {"cached_tokens": 900}}
    upstream.always(answer({**completion(), "usage": cached}))

    def expected():
        response = sluice.chat(body, headers={"x-sluice-explain": "true"})
        assert response.status == 200
        sluice.access(response.header("x-request-id"))
        told = by_target(json.loads(response.header("x-sluice-explain")))
        return told["known/gpt-4o-mini"]["expected_usd"], told["known/gpt-4o"]["expected_usd"]
    first, second = expected(), expected()

    assert second[0] < 0.9 * first[0] and second[1] == pytest.approx(first[1])


def test_failures_are_learned_of(start):
    sluice = start({"models": {"taught": {"strategy": "learned", "targets": ["simulator/echo", "simulator/lorem-3+error=500"]}}})

    def failing():
        assert sluice.chat(chat("taught")).status == 200
        both = by_target(explained(sluice, "taught"))
        bad, good = both["simulator/lorem-3+error=500"], both["simulator/echo"]
        return bad["trials"] > 2 and bad["reward"] < good["reward"]
    eventually(failing, what="to know who fails")


def test_what_was_learned_outlives_the_process(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    config = {"models": {"taught": {"strategy": "learned", "targets": ["simulator/echo", "simulator/lorem-3"]}}}

    first = start(config, environment={"STATE_DIRECTORY": str(folder)})
    for _ in range(30):
        last = first.chat(chat("taught"))
    first.access(last.header("x-request-id"))
    before = by_target(explained(first, "taught"))
    first.stop()
    assert (folder / "learned.json").stat().st_mode & 0o077 == 0
    second = start(config, environment={"STATE_DIRECTORY": f"{folder}:/nowhere"})

    after = by_target(explained(second, "taught"))
    assert sum(one["trials"] for one in after.values()) == pytest.approx(30, abs=0.5)
    for name, one in before.items():
        assert after[name]["trials"] == pytest.approx(one["trials"], rel=0.01)
        assert after[name]["reward"] == pytest.approx(one["reward"], abs=0.01)


def test_without_a_state_folder_it_stands_beside_the_configuration(start):
    sluice = start({"models": {"taught": {"strategy": "learned", "targets": ["simulator/echo"]}}}, environment={"STATE_DIRECTORY": ""})
    plain = start(environment={"STATE_DIRECTORY": ""})
    sluice.chat(chat("taught"))
    for one in (sluice, plain):
        one.stop()

    assert "simulator/echo" in (sluice.folder / "learned.json").read_text()
    assert not (plain.folder / "learned.json").exists()


def test_a_folder_that_cannot_be_written_is_told_once(start):
    sluice = start({"models": {"taught": {"strategy": "learned", "targets": ["simulator/echo"]}}}, environment={"STATE_DIRECTORY": "/proc/nowhere"})

    assert sluice.chat(chat("taught")).status == 200
    assert by_target(explained(sluice, "taught"))["simulator/echo"]["trials"] > 0.9
    sluice.stop()
    assert [line["level"] for line in sluice.lines if "cannot be saved" in line.get("msg", "")] == ["warning"]


def test_a_file_of_another_kind_is_set_aside(start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    (folder / "learned.json").write_text("no JSON of ours")

    sluice = start({"models": {"taught": {"strategy": "learned", "targets": ["simulator/echo"]}}}, environment={"STATE_DIRECTORY": str(folder)})

    assert sluice.chat(chat("taught")).status == 200
    assert (folder / "learned.json.unusable").read_text() == "no JSON of ours"
    assert [line["level"] for line in sluice.lines if "cannot be used" in line.get("msg", "")] == ["warning"]


# ---- Counts


def test_hedges_are_counted(start, upstream, module_upstream):
    sluice = start({"models": {"fast": {"targets": ["up/slow", "simulator/echo"], "hedge": {"after": "20ms", "at_most": 1}}}}, upstream=module_upstream)
    upstream.always(STREAM_HEAD, in_chunks(ROLE), Stall())

    assert sluice.chat(chat("fast", stream=True)).status == 200
    assert sluice.metric("sluice_hedged_requests_total", result="won") == 1
    assert sluice.metric("sluice_hedged_requests_total", result="lost") == 0


def test_resumed_streams_are_counted(start, upstream, module_upstream):
    sluice = start({"models": {"whole": {"targets": ["up/breaks", "up/lasts"], "resume": True}}}, upstream=module_upstream)
    upstream.then(STREAM_HEAD, in_chunks(ROLE + HELLO), Cut())
    upstream.then(stream(STREAM))

    response = sluice.chat(chat("whole", stream=True))

    assert response.status == 200 and response.body.endswith(b"data: [DONE]\n\n")
    assert sluice.metric("sluice_resumed_streams_total") == 1


def test_metrics_of_routing_are_well_formed(sluice):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    page = sluice.get_admin("/metrics").body
    for name in (b"sluice_breaker_state", b"sluice_provider_keys", b"sluice_hedged_requests_total", b"sluice_resumed_streams_total"):
        assert b"# TYPE " + name in page
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()


# ---- Probes


@pytest.fixture
def provider():
    server = Upstream()
    yield server
    server.stop()


def probed(server, probe):
    return {"providers": {"up": {"type": "openai-compatible", "base_url": server.url, "keys": ["probe.canary"], "health": {"probe": probe, "every": "30ms"},
                                 "breaker": {"consecutive": 2, "rest": "10m"}}},
            "models": {"named": "up/named"}}


def test_a_probe_spends_no_tokens_and_brings_a_target_back(start, provider):
    sluice = start(probed(provider, "models"))
    chats = [answer({"error": {"message": "no"}}, status=500)]
    lists = [answer({"error": {"message": "no"}}, status=500)]
    provider.answers_by(lambda recorded: lists if recorded.path == "/v1/models" else chats)
    for _ in range(3):
        sluice.chat(chat("named"))
    eventually(lambda: targets(sluice, "up")["up/named"]["breaker"] == "open", what="the target to rest")
    lists[:] = [answer({"object": "list", "data": []})]

    eventually(lambda: targets(sluice, "up")["up/named"]["breaker"] != "open", what="the target to come back")
    probes = [one for one in provider.requests if one.path == "/v1/models"]
    assert probes and all(one.method == "GET" and one.header("authorization") == "Bearer probe.canary" for one in probes)


def test_a_probe_that_only_connects_asks_nothing(start, provider):
    sluice = start(probed(provider, "tcp"))

    eventually(lambda: provider.connections >= 3, what="three connections")
    assert provider.requests == [] and sluice.get_admin("/readyz").status == 200


def test_a_reload_ends_probes(start, provider):
    sluice = start(probed(provider, "models"))
    provider.wait_for_requests(2)
    sluice.reload({**sluice.config, "providers": {"simulator": {"type": "simulator"}}, "models": {}})
    other = Upstream()
    try:
        asked = len(provider.requests)
        watched = {**sluice.config, **probed(other, "models")}
        sluice.reload(watched)
        other.wait_for_requests(4)
        # One may have been under way; in the time of four others it would have been asked again.
        assert len(provider.requests) <= asked + 1
    finally:
        other.stop()
