"""Which exception of the OpenAI SDK each failure becomes."""
import httpx2
import openai
import pytest
from openai import DefaultHttpxClient, OpenAI

import gateway
from support.wait import eventually
from words import numbers, text_of, user


def refused(kind, ask):
    with pytest.raises(kind) as caught:
        ask()
    assert type(caught.value) is kind
    assert caught.value.request_id
    return caught.value


def chat(client, model="simulator/echo", **more):
    return client.chat.completions.create(model=model, messages=user(), **more)


@pytest.mark.parametrize("key", ["sk-unknown", "not a key", "Bearer x"])
def test_an_unknown_key_is_an_authentication_error(client, key):
    error = refused(openai.AuthenticationError, lambda: chat(client.with_options(api_key=key)))

    assert error.code == "invalid_api_key" and error.type == "authentication_error" and key not in error.message


def test_a_model_that_the_key_may_not_ask_for_is_a_permission_error(client):
    limited = client.with_options(api_key=gateway.LIMITED_KEY)

    assert refused(openai.PermissionDeniedError, lambda: chat(limited)).code == "model_not_allowed"
    assert chat(limited, "gpt-4o").choices[0].message.content == "Hello there!"
    assert [model.id for model in limited.models.list()] == ["gpt-4o"]


def test_an_operation_that_the_key_may_not_ask_for_is_a_permission_error(client):
    limited = client.with_options(api_key=gateway.LIMITED_KEY)

    error = refused(openai.PermissionDeniedError, lambda: limited.embeddings.create(model="gpt-4o", input="x"))

    assert error.code == "operation_not_allowed"


def test_an_unknown_model_is_not_found_with_the_nearest_names(client):
    error = refused(openai.NotFoundError, lambda: chat(client, "gpt-4oo"))

    assert error.code == "model_not_found" and error.type == "invalid_request_error" and error.param == "model"
    assert "gpt-4o" in error.message


def test_an_unknown_model_is_not_found_in_streams_too(client):
    assert refused(openai.NotFoundError, lambda: chat(client, "nothing", stream=True)).code == "model_not_found"


def test_a_model_that_cannot_be_described_is_not_found(client):
    assert refused(openai.NotFoundError, lambda: client.models.retrieve("nothing")).code == "model_not_found"


@pytest.mark.parametrize("ask", [lambda client: list(client.files.list()), lambda client: list(client.batches.list()),
                                 lambda client: client.get("/nothing", cast_to=object)])
def test_a_path_that_is_not_served_is_not_found(client, ask):
    assert refused(openai.NotFoundError, lambda: ask(client)).code == "not_found"


def test_a_wrong_field_is_a_bad_request_that_names_it(client):
    error = refused(openai.BadRequestError, lambda: chat(client, n="many"))

    assert error.param == "n" and error.type == "invalid_request_error"


def test_a_missing_model_is_a_bad_request(client):
    error = refused(openai.BadRequestError, lambda: client.post("/chat/completions", body={"messages": user()}, cast_to=object))

    assert error.param == "model"


def test_a_body_that_is_no_json_is_a_bad_request(client):
    error = refused(openai.BadRequestError, lambda: client.post(
        "/chat/completions", content=b'{"model": ', options={"headers": {"content-type": "application/json"}}, cast_to=object))

    assert error.code == "invalid_json"


@pytest.mark.parametrize("ordered,kind,status", [
    (400, openai.BadRequestError, 400),
    (404, openai.NotFoundError, 404),
    (409, openai.ConflictError, 409),
    (422, openai.UnprocessableEntityError, 422),
    (429, openai.RateLimitError, 429),
    (500, openai.InternalServerError, 502),
    (503, openai.InternalServerError, 503),
    (504, openai.InternalServerError, 504),
    (401, openai.InternalServerError, 502),  # The gateway's key is wrong, not the caller's.
    (403, openai.InternalServerError, 502),
])
@pytest.mark.parametrize("stream", [False, True])
def test_a_providers_status_becomes_its_exception(client, ordered, kind, status, stream):
    assert refused(kind, lambda: chat(client, f"simulator/echo+error={ordered}", stream=stream)).status_code == status


def test_a_providers_code_and_wait_reach_the_caller(client):
    error = refused(openai.RateLimitError, lambda: chat(client, "simulator/echo+error=429+code=insufficient_quota+retry-after=7"))

    assert error.code == "insufficient_quota" and error.response.headers["retry-after"] == "7"


def test_a_providers_page_of_html_is_an_error_in_json(client):
    error = refused(openai.InternalServerError, lambda: chat(client, "simulator/echo+html"))

    assert error.status_code == 502 and error.body and "<" not in error.message


# ---- Retries


@pytest.fixture
def patient(url):
    """A client that retries, and what it was answered each time."""
    answers = []
    http = DefaultHttpxClient(event_hooks={"response": [answers.append]})
    with OpenAI(base_url=f"{url}/v1", api_key=gateway.KEY, max_retries=2, http_client=http) as made:
        yield made, answers


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_the_sdk_tries_again_as_often_as_it_was_told(patient, status):
    client, answers = patient

    with pytest.raises(openai.APIStatusError):
        chat(client, f"simulator/echo+error={status}+retry-after-ms=5")

    assert len(answers) == 3
    assert [answer.request.headers["x-stainless-retry-count"] for answer in answers] == ["0", "1", "2"]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


@pytest.mark.parametrize("model", ["simulator/echo+error=400", "simulator/echo+error=422", "nothing"])
def test_the_sdk_does_not_repeat_what_cannot_succeed(patient, model):
    client, answers = patient

    with pytest.raises(openai.APIStatusError):
        chat(client, model)

    assert len(answers) == 1


def test_a_failure_that_passes_is_overcome(patient):
    """A seed counts the requests, so that of many one is struck and comes through at a further try."""
    client, answers = patient
    client = client.with_options(max_retries=20)

    for _ in range(20):
        assert chat(client, "simulator/echo+error=503+retry-after-ms=1+fail=50%").choices[0].message.content == "Hello there!"

    assert {answer.status_code for answer in answers} == {200, 503}


# ---- Within streams


def test_an_error_within_a_stream_is_raised_behind_what_came(client):
    stream = chat(client, "simulator/numbered-8+error-in-stream=3", stream=True)
    received = ""
    with pytest.raises(openai.APIError) as caught:
        for chunk in stream:
            received += text_of([chunk])

    assert received == numbers(3) and caught.value.message and not isinstance(caught.value, openai.APIConnectionError)


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_provider_that_breaks_off_is_never_a_whole_answer(client, fault):
    received = ""
    with pytest.raises(openai.APIError) as caught:
        for chunk in chat(client, f"simulator/numbered-8+{fault}=3", stream=True):
            assert not chunk.choices or chunk.choices[0].finish_reason is None
            received += text_of([chunk])

    assert received == numbers(3)
    assert not isinstance(caught.value, openai.APIConnectionError), "it is told by an event, not by a broken connection"


def test_an_error_within_a_streamed_response_is_raised_or_told(client):
    """That dialect has events of its own for failures, which the SDK hands on."""
    events, raised = [], None
    try:
        for event in client.responses.create(model="simulator/numbered-8+cut=3", input="x", stream=True):
            events.append(event.type)
    except openai.APIError as error:
        raised = error

    assert "response.completed" not in events
    assert raised is not None or events[-1] in ("error", "response.failed")


# ---- Time


def test_the_gateways_deadline_is_a_server_error(client):
    error = refused(openai.InternalServerError,
                    lambda: chat(client, "simulator/echo+delay=1m", extra_headers={"x-sluice-timeout": "100ms"}))

    assert error.status_code == 504 and error.code == "upstream_timeout" and error.type == "timeout_error"


def test_the_gateways_deadline_within_a_stream_is_an_error(client):
    stream = chat(client, "simulator/numbered-8+stall=3", stream=True, extra_headers={"x-sluice-timeout": "300ms"})
    received = ""
    with pytest.raises(openai.APIError) as caught:
        for chunk in stream:
            received += text_of([chunk])

    assert received == numbers(3) and caught.value.code == "upstream_timeout"


def test_the_sdks_own_timeout_ends_the_providers_work(client, sluice):
    with pytest.raises(openai.APITimeoutError):
        chat(client, "simulator/echo+delay=1m", timeout=httpx2.Timeout(10, read=0.2), extra_headers={"x-request-id": "sdk-timeout"})

    assert sluice.access("sdk-timeout")["status"] == 499


def test_a_stream_may_last_longer_than_the_sdk_bears_silence(client):
    """Its timeout bounds the time between two reads, not the whole."""
    stream = chat(client, "simulator/numbered-75+gap=20ms", stream=True, timeout=1)

    assert text_of(stream) == numbers(75)


@pytest.mark.parametrize("how", ["close", "break"])
def test_a_stream_that_is_left_ends_the_providers_work(client, sluice, how):
    stream = chat(client, "simulator/numbered-500+gap=20ms", stream=True, extra_headers={"x-request-id": f"left-{how}"})
    for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    if how == "close":
        stream.close()
    else:
        with stream:
            pass

    assert sluice.access(f"left-{how}")["status"] == 499
    eventually(lambda: sluice.metric("sluice_streams_open") == 0, what="the end of all streams")
    assert chat(client).choices[0].message.content == "Hello there!"
