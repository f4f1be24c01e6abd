"""F-06 with `resume`: a text that breaks off midway goes on at the next target, and its reader sees one text."""
import json
import random
import threading

import pytest

from support.client import chat
from support.told import FAMILIES, WORDS
from support.upstream import DONE, FINISH, HELLO, ROLE, STREAM_HEAD, THERE, USAGE_CHUNK, Cut, Reset, Stall, Upstream, Wait, chunk, frame, in_chunks, stream

LENGTH = 12
NUMBERS = "".join(f"{number} " for number in range(LENGTH))
BREAKS = ["cut", "reset", "error-in-stream", "stall"]
HASTY = {"type": "simulator", "timeouts": {"first_token": "300ms", "between_tokens": "150ms"}}
PATIENT = {"consecutive": 1_000_000, "of_at_least": 1_000_000}
DICE = random.Random(4)


def after(seconds):
    event = threading.Event()
    threading.Timer(seconds, event.set).start()
    return event


def ends(model):
    return {"targets": [f"one/{model}", f"two/{model.split('+')[0]}"], "resume": True}


@pytest.fixture(scope="module")
def module_sluice(start):
    models = {f"{kind}-{at}": ends(f"numbered-{LENGTH}+{kind}={at}") for kind in BREAKS for at in range(LENGTH + 1)}
    models |= {f"echo-{at}": ends(f"echo+cut={at}") for at in range(40)}
    models |= {f"calls-{at}": ends(f"tool+cut={at}") for at in range(1, 4)}
    models |= {f"thoughts-{at}": ends(f"reasoning-5+cut={at}") for at in range(10)}
    models["not-on"] = {**ends(f"numbered-{LENGTH}+cut=5"), "resume": False}
    # Each goes on from what those before it said, and breaks again.
    models["again"] = {"targets": [f"one/numbered-{LENGTH}+cut=2", f"two/numbered-{LENGTH}+cut=3", f"one/numbered-{LENGTH}+reset=1", f"two/numbered-{LENGTH}"],
                       "resume": True, "retry": {"attempts": 4}}
    models["hopeless"] = {"targets": [f"one/numbered-{LENGTH}+cut=2", f"two/numbered-{LENGTH}+error=500"], "resume": True, "retry": {"attempts": 2}}
    return start({"providers": {"one": {**HASTY, "breaker": PATIENT}, "two": {"type": "simulator", "breaker": PATIENT}}, "models": models})


def assert_uncut(response, told, text):
    assert response.status == 200
    assert told.text == text
    assert told.whole(), (told.finishes, told.ends, told.errors, told.ids)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", BREAKS)
def test_a_text_that_breaks_at_any_event_is_whole(sluice, family, kind):
    points = range(LENGTH + 1) if kind == "cut" else DICE.sample(range(1, LENGTH), 2)
    for at in points:
        response = FAMILIES[family].ask(sluice, f"{kind}-{at}")

        assert_uncut(response, FAMILIES[family].told(response.body), NUMBERS)
        line = sluice.access(response.header("x-request-id"))
        assert [one["outcome"] for one in line["attempts"]][-1] == "answered" and len(line["attempts"]) == 2, at
        if 0 < at < LENGTH and family != "responses":  # Those have no room for it.
            assert response.body.count(b'"sluice":{"resumed":true}') == 1
        elif at == 0:
            assert b"resumed" not in response.body


WORDINESS = "Round  and round -- the ragged\n\nrocks,\tthe rascal ran; ran ran ran ran ran ran, 1 2 3.  Übermut tut 中文 selten gut 🦆🦆.\n "


@pytest.mark.parametrize("family", FAMILIES)
def test_every_byte_is_said_once(sluice, family):
    """White space at the seam, repetition, letters of many bytes."""
    for at in sorted(DICE.sample(range(1, 40), 10)):
        response = FAMILIES[family].ask(sluice, f"echo-{at}", WORDINESS)

        assert_uncut(response, FAMILIES[family].told(response.body), WORDINESS)


@pytest.mark.parametrize("family", FAMILIES)
def test_thoughts_are_no_part_of_the_text(sluice, family):
    """Wherever it breaks: within the thoughts, between them and the text, within the text."""
    for at in range(10):
        response = FAMILIES[family].ask(sluice, f"thoughts-{at}")

        assert_uncut(response, FAMILIES[family].told(response.body), WORDS)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_may_break_more_than_once(sluice, family):
    response = FAMILIES[family].ask(sluice, "again")

    assert_uncut(response, FAMILIES[family].told(response.body), NUMBERS)
    assert len(sluice.access(response.header("x-request-id"))["attempts"]) == 4


@pytest.mark.parametrize("family", FAMILIES)
def test_usage_is_of_all_who_wrote(sluice, family):
    """What the broken one had said is paid, too."""
    whole = FAMILIES[family].told(FAMILIES[family].ask(sluice, "cut-0").body).usages[-1]
    response = FAMILIES[family].ask(sluice, "cut-6")
    told = FAMILIES[family].told(response.body).usages[-1]

    assert told[1] > whole[1] // 2 and (told[0] is None or told[0] > whole[0])
    tokens = sluice.access(response.header("x-request-id"))["tokens"]
    assert tokens["output"] == told[1] and told[0] in (None, tokens["input"])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("model", ["not-on", "hopeless"])
def test_where_nobody_goes_on_the_end_is_honest(sluice, family, model):
    response = FAMILIES[family].ask(sluice, model)
    told = FAMILIES[family].told(response.body)

    assert response.status == 200 and NUMBERS.startswith(told.text) and told.text
    assert len(told.errors) == 1 and told.ends == 0 and not told.finishes


@pytest.mark.parametrize("family", FAMILIES)
def test_a_call_is_never_gone_on_with(sluice, family):
    """Half of its arguments are nobody's to complete."""
    for at in (1, 2, 3):
        response = FAMILIES[family].ask(sluice, f"calls-{at}", tools=True)
        line = sluice.access(response.header("x-request-id"))
        assert len(line["attempts"]) == 1, line
        if response.status == 200:
            told = FAMILIES[family].told(response.body)
            assert len(told.errors) == 1 and told.ends == 0 and not told.finishes
        else:  # Gemini's callers get calls whole, so that this one was told nothing.
            assert family == "gemini" and response.status == 502


# ---- On the wire

SAID = "Round  and round the ragged rocks, ran ran ran the rascal; Übermut tut 中文 selten gut 🦆."


def goes_on(recorded):
    """A model that goes on from its own words, letter by letter."""
    last = recorded.json()["messages"][-1]
    said = last["content"] if last["role"] == "assistant" else ""
    assert SAID.startswith(said)
    return [stream(whole_of(SAID[len(said):]))]


def whole_of(text):
    return ROLE + b"".join(frame(chunk({"content": letter})) for letter in text) + FINISH + USAGE_CHUNK + DONE


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stream_may_break_at_any_byte(start, module_upstream, upstream, family):
    """Within a frame, within a letter, within what no frame says."""
    moon = {"type": "moonshot", "base_url": module_upstream.url, "keys": ["sk-moon"], "breaker": PATIENT}
    sluice = start({"providers": {"moon": moon}, "models": {"m": {"targets": ["moon/kimi-a", "moon/kimi-b"], "resume": True}}}, upstream=module_upstream)
    upstream.answers_by(goes_on)
    whole = whole_of(SAID)
    end_of_text = whole.index(FINISH)
    for at in sorted(DICE.sample(range(end_of_text), 40)):
        upstream.then(STREAM_HEAD + in_chunks(whole[:at]) if at else STREAM_HEAD, DICE.choice([Cut, Reset])())

        response = FAMILIES[family].ask(sluice, "m")

        assert_uncut(response, FAMILIES[family].told(response.body), SAID)
        assert len(sluice.access(response.header("x-request-id"))["attempts"]) == 2, at


# ---- Heads that go out before there is content

@pytest.fixture(scope="module")
def early(start, module_upstream):
    """One that does not hold a head back for long."""
    group = {"targets": ["up/x", "simulator/echo"], "commit": {"wait": "80ms"}, "timeouts": {"first_token": "250ms"}}
    return start({"providers": {"up": {"breaker": PATIENT}}, "models": {"m": group, "resumed": {**group, "resume": True}, "alone": {**group, "targets": ["up/x"], "retry": {"attempts": 1}}}}, upstream=module_upstream)


def begun(family):
    """What a provider says before it has anything to say; it is asked for responses by those who ask for them."""
    if family != "responses":
        return STREAM_HEAD + in_chunks(ROLE)
    response = {"id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress", "model": "x", "output": []}
    created = {"type": "response.created", "sequence_number": 0, "response": response}
    return STREAM_HEAD + in_chunks(b"event: response.created\n" + frame(created))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("model", ["m", "resumed"])
@pytest.mark.parametrize("then", [Stall, Cut])
def test_a_head_that_went_out_binds_nobody(early, upstream, family, model, then):
    """http-api.md, 1.5: it names no provider, and until the first content another may answer."""
    upstream.then(begun(family), Wait(after(0.15)), then())

    response = FAMILIES[family].ask(early, model)

    assert_uncut(response, FAMILIES[family].told(response.body), WORDS)
    assert response.header("x-sluice-provider") is None and response.header("x-sluice-model") is None
    assert [one["outcome"] for one in early.access(response.header("x-request-id"))["attempts"]][-1] == "answered"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_failure_behind_the_head_is_told_in_the_stream(early, upstream, family):
    upstream.always(begun(family), Stall())

    response = FAMILIES[family].ask(early, "alone")

    told = FAMILIES[family].told(response.body)
    assert response.status == 200 and len(told.errors) == 1 and told.ends == 0 and told.text == ""


# ---- What the next one is asked

@pytest.fixture(scope="module")
def other():
    server = Upstream()
    yield server
    server.stop()


@pytest.mark.parametrize("end", [Cut, Reset])
def test_the_next_one_is_given_what_was_said(start, module_upstream, upstream, other, end):
    """As an assistant's words, where its model goes on from them; else it is asked to, and what it repeats is cut."""
    other.reset()
    sluice = start({"providers": {"prefilled": {"type": "anthropic", "base_url": other.url.removesuffix("/v1"), "keys": ["sk-a"]}},
                    "models": {"m": {"targets": ["up/x", "prefilled/claude-haiku-4-5"], "resume": True},
                               "n": {"targets": ["up/x", "up/y"], "resume": True}}}, upstream=module_upstream)
    half = "The quick brown fox jumps"
    broken = [STREAM_HEAD + in_chunks(ROLE + frame(chunk({"content": half}))), end()]
    upstream.then(*broken)
    other.then(stream(b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],'
                      b'"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}\n\n'
                      b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
                      b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" over the dog."}}\n\n'
                      b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
                      b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4}}\n\n'
                      b'event: message_stop\ndata: {"type":"message_stop"}\n\n'))

    response = FAMILIES["chat"].ask(sluice, "m")

    assert_uncut(response, FAMILIES["chat"].told(response.body), "The quick brown fox jumps over the dog.")
    turns = other.requests[0].json()["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"] and half in json.dumps(turns[1]["content"])

    upstream.then(*broken).then(stream(ROLE + frame(chunk({"content": "brown fox jumps"})) + frame(chunk({"content": " over the dog."})) + FINISH + USAGE_CHUNK + DONE))

    response = FAMILIES["chat"].ask(sluice, "n")

    assert_uncut(response, FAMILIES["chat"].told(response.body), "The quick brown fox jumps over the dog.")
    turns = upstream.requests[-1].json()["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"] and turns[1]["content"] == half


def test_without_resume_nothing_is_asked_behind_the_first_word(start, module_upstream, upstream):
    sluice = start({"models": {"m": {"targets": ["up/x", "up/y"]}}}, upstream=module_upstream)
    upstream.then(STREAM_HEAD + in_chunks(ROLE + HELLO + THERE), Cut())

    response = sluice.chat(chat("m", stream=True))

    assert FAMILIES["chat"].told(response.body).errors and len(upstream.requests) == 1
