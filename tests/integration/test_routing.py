"""Whom a request is sent to: by conditions, by what it needs, by who asks, by what was refused; and what callers are told of it."""
import collections
import json

import pytest

from support.client import KEY, chat
from support.lies import error, truth
from support.sluice import UPSTREAM_KEY

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
OTHER_KEY = "sk-other-canary-55e1"


@pytest.fixture(scope="module")
def module_sluice(start, module_upstream):
    """Every provider is the upstream: which model it is asked for tells the target."""
    openai = {"type": "openai", "base_url": module_upstream.url, "keys": [UPSTREAM_KEY]}
    names = [f"up/arm-{number}" for number in range(5)]
    models = {
        "by-length": {"targets": [{"model": "up/small", "if": "request.input_tokens < 80"}, "up/large"]},
        "by-need": {"targets": [{"model": "up/tools", "if": "request.needs.tools"}, {"model": "up/eyes", "if": "request.needs.vision"}, "up/plain"]},
        "by-header": {"targets": [{"model": "up/gold", "if": "request.headers['x-tier'] == 'gold'"}, {"model": "up/batch", "if": "request.tags.task == 'batch'"},
                                  {"model": "up/ann", "if": "principal.user == 'ann'"}, {"model": "up/stream", "if": "request.stream"}, "up/rest"]},
        "only-gold": {"targets": [{"model": "up/gold", "if": "request.headers['x-tier'] == 'gold'"}]},
        "can": {"targets": ["oa/gpt-3.5-turbo", "oa/gpt-4o"]},
        "cannot": {"targets": ["oa/gpt-3.5-turbo", "oa/gpt-4"]},
        "outer": {"targets": ["inner", "up/outer"], "retry": {"attempts": 3}},
        "inner": {"strategy": "weighted", "targets": [{"model": "up/inner-1", "weight": 1}, {"model": "up/inner-2", "weight": 1}]},
        "home": {"targets": ["up/abroad", "eu/home"], "require": {"region": "eu"}},
        "too-long": {"targets": ["up/short", "up/short-2"], "on_context_length": ["up/long"]},
        "refused": {"targets": ["up/strict", "up/strict-2"], "on_content_policy": ["up/lenient"]},
        "weighted": {"strategy": "weighted", "targets": [{"model": "up/one", "weight": 3}, {"model": "up/other", "weight": 1}]},
        "turns": {"strategy": "round_robin", "targets": ["up/a", "up/b", "up/c"]},
        "canary": {"strategy": "weighted", "sticky": "user", "targets": [{"model": "up/stable", "weight": 9}, {"model": "up/canary", "weight": 1}]},
        "by-user": {"strategy": "round_robin", "sticky": "user", "targets": names},
        "by-session": {"strategy": "round_robin", "sticky": "header:x-session", "targets": names},
        "by-prompt": {"strategy": "round_robin", "sticky": "prompt", "targets": names},
        "old": {"replaced_by": "turns", "sunset": "2027-01-31"},
        "older": {"replaced_by": "old"},
        "few": {"targets": ["up/x", "up/y"], "retry": {"attempts": 2, "on": ["connect"]}},
        "fields": {"targets": ["up/f"], "defaults": {"temperature": 0.25}, "overrides": {"max_tokens": 77}},
    }
    return start({"providers": {"up": {"breaker": {"consecutive": 10_000, "of_at_least": 10_000}}, "oa": openai,
                                "eu": {**openai, "type": "openai-compatible", "tags": {"region": "eu"}}},
                  "models": models,
                  "auth": {"keys": [{"name": "tester", "secret": KEY, "may": ["chat"]}, {"name": "other", "secret": OTHER_KEY, "user": "ann", "may": ["chat"]}]}}, upstream=module_upstream)


@pytest.fixture(autouse=True)
def honest(upstream):
    upstream.answers_by(truth)


def ask(sluice, upstream, model, *, text="Hello there!", status=200, headers=None, key=KEY, **more):
    """The targets that were asked, one after the other."""
    before = len(upstream.requests)
    response = sluice.chat(chat(model, text, **more), headers=headers, key=key)
    assert response.status == status, response
    return [one.json()["model"] for one in upstream.requests[before:]]


# ---- Conditions, and what a model can do

@pytest.mark.parametrize("words,target", [(3, "small"), (30, "small"), (3000, "large")])
def test_a_condition_knows_how_long_a_request_is(sluice, upstream, words, target):
    assert ask(sluice, upstream, "by-length", text="word " * words) == [target]


TOOLS = {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]}
SEEN = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]


@pytest.mark.parametrize("text,more,target", [("Hello", {}, "plain"), ("Hello", TOOLS, "tools"), (SEEN, {}, "eyes"), (SEEN, TOOLS, "tools")],
                         ids=["plain", "tools", "image", "both"])
def test_a_condition_knows_what_a_request_needs(sluice, upstream, text, more, target):
    assert ask(sluice, upstream, "by-need", text=text, **more) == [target]


@pytest.mark.parametrize("headers,key,more,target", [
    ({"x-tier": "gold"}, KEY, {}, "gold"), ({"X-Tier": "gold"}, KEY, {"stream": True}, "gold"), ({"x-tier": "Gold"}, KEY, {}, "rest"), ({"x-sluice-tags": "task=batch,a=b"}, KEY, {}, "batch"),
    ({}, OTHER_KEY, {}, "ann"), ({}, KEY, {"stream": True}, "stream"), ({}, KEY, {}, "rest")])
def test_a_condition_knows_who_asks_and_how(sluice, upstream, headers, key, more, target):
    assert ask(sluice, upstream, "by-header", headers=headers, key=key, **more) == [target]


def test_when_no_condition_holds_nobody_is_asked(sluice, upstream):
    assert ask(sluice, upstream, "only-gold", status=503) == []
    assert ask(sluice, upstream, "only-gold", headers={"x-tier": "gold"}) == ["gold"]


def test_a_picture_never_goes_to_who_cannot_see(sluice, upstream):
    upstream.answers_by(lambda recorded: error(500))
    for _ in range(5):
        asked = ask(sluice, upstream, "can", text=SEEN, status=502)
        assert asked and set(asked) == {"gpt-4o"}
    upstream.answers_by(truth)
    assert ask(sluice, upstream, "can", text="Hello") == ["gpt-3.5-turbo"]


def test_what_does_not_fit_goes_to_who_has_room(sluice, upstream):
    assert ask(sluice, upstream, "can", text="many different words here " * 8000) == ["gpt-4o"]


def test_where_nobody_can_the_request_is_at_fault(sluice, upstream):
    before = len(upstream.requests)

    unseen = sluice.chat(chat("cannot", SEEN))
    too_long = sluice.chat(chat("cannot", "many different words here " * 8000))

    assert unseen.status == 400 and unseen.error["code"] == "unsupported_parameter"
    assert too_long.status == 400 and too_long.error["code"] == "context_length_exceeded"
    assert len(upstream.requests) == before


def test_tags_keep_a_request_at_home(sluice, upstream):
    assert ask(sluice, upstream, "home") == ["home"]
    upstream.answers_by(lambda _: error(500))
    assert set(ask(sluice, upstream, "home", status=502)) == {"home"}


# ---- Refusals

LONG = error(400, code="context_length_exceeded", kind="invalid_request_error")
UNFIT = error(400, code="content_policy_violation", kind="invalid_request_error")


@pytest.mark.parametrize("name,lie,first,then", [("too-long", LONG, "short", "long"), ("refused", UNFIT, "strict", "lenient")])
@pytest.mark.parametrize("streamed", [False, True])
def test_what_one_refuses_goes_to_its_own_list(sluice, upstream, name, lie, first, then, streamed):
    upstream.answers_by(lambda recorded: lie if recorded.json()["model"] != then else truth(recorded))

    assert ask(sluice, upstream, name, stream=streamed) == [first, then]


@pytest.mark.parametrize("name,lie,code", [("too-long", UNFIT, "content_policy_violation"), ("refused", LONG, "context_length_exceeded")])
def test_other_refusals_are_the_callers(sluice, upstream, name, lie, code):
    upstream.answers_by(lambda _: lie)
    before = len(upstream.requests)

    response = sluice.chat(chat(name))

    assert response.status == 400 and response.error["code"] == code and len(upstream.requests) == before + 1


def test_a_list_that_refuses_as_well_has_the_last_word(sluice, upstream):
    upstream.answers_by(lambda _: LONG)

    assert ask(sluice, upstream, "too-long", status=400) == ["short", "long"]


# ---- Who of several

def test_weights_are_kept(sluice, upstream):
    asked = collections.Counter(ask(sluice, upstream, "weighted")[0] for _ in range(200))

    assert 120 < asked["one"] < 175 and asked["one"] + asked["other"] == 200


def test_turns_are_taken(sluice, upstream):
    asked = [ask(sluice, upstream, "turns")[0] for _ in range(9)]

    assert asked[:3] == asked[3:6] == asked[6:] and set(asked) == {"a", "b", "c"}


def test_a_group_within_a_group_is_tried_to_its_end(sluice, upstream):
    upstream.answers_by(lambda recorded: error(500) if recorded.json()["model"].startswith("inner") else truth(recorded))

    asked = ask(sluice, upstream, "outer")

    assert sorted(asked[:2]) == ["inner-1", "inner-2"] and asked[2:] == ["outer"]


def test_only_what_is_listed_is_tried_again(sluice, upstream):
    upstream.answers_by(lambda _: error(500))

    assert ask(sluice, upstream, "few", status=502) == ["x"]


@pytest.mark.parametrize("name,of", [("by-user", lambda who: {"headers": {"x-sluice-user": who}}), ("by-session", lambda who: {"headers": {"x-session": who}}),
                                     ("by-prompt", lambda who: {"text": f"{who} begins like this. " * 80}), ("by-user", lambda who: {"user": who})])
def test_whoever_comes_again_meets_the_same(sluice, upstream, name, of):
    first = {who: ask(sluice, upstream, name, **of(f"caller {who}"))[0] for who in range(25)}

    for who, target in first.items():
        assert ask(sluice, upstream, name, **of(f"caller {who}")) == [target]
    assert len(set(first.values())) > 2, "they are spread"


def test_only_those_move_whose_target_fails(sluice, upstream):
    first = {who: ask(sluice, upstream, "by-user", headers={"x-sluice-user": f"{who}"})[0] for who in range(25)}
    upstream.answers_by(lambda recorded: error(500) if recorded.json()["model"] == "arm-2" else truth(recorded))

    for who, target in first.items():
        asked = ask(sluice, upstream, "by-user", headers={"x-sluice-user": f"{who}"})
        assert asked == [target] if target != "arm-2" else asked[0] == "arm-2" and len(asked) == 2


def test_a_canary_is_the_same_for_each_user(sluice, upstream):
    arms = {who: ask(sluice, upstream, "canary", user=f"user-{who}")[0] for who in range(150)}

    assert 3 <= sum(arm == "canary" for arm in arms.values()) <= 35
    for who in range(40):
        assert ask(sluice, upstream, "canary", user=f"user-{who}") == [arms[who]]


# ---- Names, and what callers are told

def test_an_old_name_says_what_replaces_it(sluice, upstream):
    response = sluice.chat(chat("old"))

    assert response.status == 200 and response.header("deprecation") == "true"
    assert response.header("sunset") == "Sun, 31 Jan 2027 23:59:59 GMT" and response.header("x-sluice-replaced-by") == "turns"
    assert sluice.chat(chat("turns")).header("deprecation") is None


def test_names_may_have_been_replaced_more_than_once(sluice, upstream):
    response = sluice.chat(chat("older"))

    assert response.status == 200 and response.header("deprecation") == "true" and response.header("x-sluice-replaced-by") in ("turns", "old")


def test_a_name_brings_fields_along(sluice, upstream):
    ask(sluice, upstream, "fields", max_tokens=5)
    assert upstream.requests[-1].json()["temperature"] == 0.25 and upstream.requests[-1].json()["max_tokens"] == 77
    ask(sluice, upstream, "fields", temperature=1)
    assert upstream.requests[-1].json()["temperature"] == 1


def explained(response):
    plan = json.loads(response.header("x-sluice-explain"))
    return plan, {one["target"]: one.get("out") for one in plan["candidates"]}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_caller_may_ask_why(sluice, upstream, streamed):
    response = sluice.chat(chat("by-length", "word " * 3000, stream=streamed), headers={"x-sluice-explain": "true"})

    plan, out = explained(response)
    assert response.status == 200 and plan["group"] == "by-length"
    assert out == {"up/small": "condition", "up/large": None}


def test_it_is_told_what_a_model_lacks(sluice, upstream):
    response = sluice.chat(chat("can", SEEN), headers={"x-sluice-explain": "true"})

    assert explained(response)[1] == {"oa/gpt-3.5-turbo": "incapable", "oa/gpt-4o": None}


def test_who_did_not_ask_is_not_told(sluice, upstream):
    assert sluice.chat(chat("can")).header("x-sluice-explain") is None


def test_the_answer_says_who_gave_it(sluice, upstream):
    upstream.then(*error(500))

    response = sluice.chat(chat("turns"))

    assert response.header("x-sluice-provider") == "up" and response.header("x-sluice-model") == upstream.requests[-1].json()["model"]
    assert response.header("x-sluice-attempts") == "2"
    line = sluice.access(response.header("x-request-id"))
    assert [one["model"] for one in line["attempts"]] == [one.json()["model"] for one in upstream.requests]
