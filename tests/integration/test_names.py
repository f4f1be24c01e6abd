"""How the name of a model is found, and who may ask for it."""
import pytest

from support.client import chat


@pytest.fixture(scope="module")
def named(start, module_upstream):
    return start({
        "models": {"fast": "up/gpt-fast", "family/one": "up/one", "claude-*": "up/$0", "claude-3*": "up/third*", "up/special": "up/really-special", "sim": "simulator/echo"},
        "auth": {"keys": [
            {"name": "all", "secret": "sk-client-canary-8f2d1c"},
            {"name": "some", "secret": "sk-some", "models": ["fast", "claude-*"]},
            {"name": "direct", "secret": "sk-direct", "models": ["up/*"]},
            {"name": "embedder", "secret": "sk-embedder", "may": ["embeddings"]},
        ]},
    }, upstream=module_upstream)


@pytest.mark.parametrize("asked,sent", [
    ("fast", "gpt-fast"), ("family/one", "one"), ("up/anything", "anything"), ("up/a/b/c:d@e", "a/b/c:d@e"), ("up/special", "really-special"),
    ("claude-x", "claude-x"), ("claude-3-opus", "third-opus"), ("claude-", "claude-"), ("up/claude-x", "claude-x"), ("up/Ünï", "Ünï"),
])
def test_finds(named, upstream, asked, sent):
    response = named.chat(chat(asked))

    assert response.status == 200, response
    assert upstream.requests[0].json()["model"] == sent


@pytest.mark.parametrize("asked", ["nothing", "fas", "Fast", "fast ", "nobody/fast", "claude", "up", "*", "claude*", "$0"])
def test_does_not_find(named, upstream, asked):
    response = named.chat(chat(asked))

    assert response.status == 404, response
    assert response.error["code"] == "model_not_found" and response.error["param"] == "model"
    assert upstream.requests == []


def test_tells_the_nearest_names(named):
    assert "fast" in named.chat(chat("fsat")).error["message"]


def test_needs_a_name(named, upstream):
    for body in ({"messages": []}, chat("")):
        response = named.chat(body)
        assert response.status in (400, 404) and response.error["param"] == "model"


def test_direct_names_can_be_forbidden(start, module_upstream, upstream):
    sluice = start({"server": {"direct_models": False}, "models": {"fast": "up/gpt-fast"}}, upstream=module_upstream)

    assert sluice.chat(chat("up/gpt-fast")).status == 404
    assert sluice.chat(chat("fast")).status == 200
    assert [one["id"] for one in sluice.ask("GET", "/v1/models").json()["data"]] == ["fast"]


@pytest.mark.parametrize("key,model,status", [
    ("sk-some", "fast", 200), ("sk-some", "claude-x", 200), ("sk-some", "up/gpt-fast", 403), ("sk-some", "family/one", 403), ("sk-some", "sim", 403),
    ("sk-direct", "up/anything", 200), ("sk-direct", "fast", 403), ("sk-direct", "up/special", 200), ("sk-embedder", "fast", 403),
])
def test_a_key_asks_for_what_it_may(named, upstream, key, model, status):
    response = named.chat(chat(model), key=key)

    assert response.status == status, response
    if status == 403:
        expected = "operation_not_allowed" if key == "sk-embedder" else "model_not_allowed"
        assert response.error["code"] == expected and response.error["type"] == "permission_error"
        assert upstream.requests == []


def test_lists_what_a_key_may_ask_for(named):
    names = [one["id"] for one in named.ask("GET", "/v1/models", key="sk-some").json()["data"]]
    everything = named.ask("GET", "/v1/models").json()

    assert "fast" in names and not any(name.startswith(("sim", "up/")) for name in names)
    assert everything["object"] == "list"
    assert {"fast", "family/one", "sim", "simulator/echo"} <= {one["id"] for one in everything["data"]}
    assert all(one["object"] == "model" for one in everything["data"])


@pytest.mark.parametrize("name", ["fast", "family/one", "family%2Fone"])
def test_shows_one_model(named, name):
    response = named.ask("GET", f"/v1/models/{name}")

    assert response.status == 200 and response.json()["id"] == name.replace("%2F", "/")
    assert named.ask("HEAD", f"/v1/models/{name}").status == 200


def test_hides_a_model_from_who_may_not_ask_for_it(named):
    assert named.ask("GET", "/v1/models/sim", key="sk-some").status == 404


def test_a_provider_without_a_key_answers_503(start):
    sluice = start({"providers": {"keyless": {"type": "openai-compatible", "base_url": "http://127.0.0.1:1/v1", "keys": ["${SLUICE_TEST_NOTHING:-}"]}}})

    response = sluice.chat(chat("keyless/x"))

    assert response.status == 503 and response.error["code"] == "no_healthy_target"


def test_a_callers_own_key_may_be_passed_on(start, module_upstream, upstream):
    sluice = start({"providers": {"up": {"keys": "caller"}}, "auth": {"required": False, "keys": None}}, upstream=module_upstream)

    assert sluice.chat(chat("up/x"), key="sk-the-callers", headers={"openai-organization": "org-1"}).status == 200

    assert upstream.requests[0].header("authorization") == "Bearer sk-the-callers"
    assert upstream.requests[0].header("openai-organization") == "org-1"


def test_keys_are_used_by_weight(start, module_upstream, upstream):
    sluice = start({"providers": {"up": {"keys": ["sk-a", {"secret": "sk-b", "weight": 3}, "${SLUICE_TEST_NOTHING:-}"]}}}, upstream=module_upstream)
    with sluice.connect() as connection:
        from support.client import request
        for _ in range(200):
            assert connection.send(request("POST", "/v1/chat/completions", chat("up/x"))).read_response().status == 200

    used = [one.header("authorization") for one in upstream.requests]
    assert set(used) == {"Bearer sk-a", "Bearer sk-b"}
    assert used.count("Bearer sk-b") > used.count("Bearer sk-a")
