"""Multipart bodies: what one reader takes for a field and another for content is refused."""
import os

import pytest
from refusals import assert_forwarded, assert_openai_error

from support.client import request
from support.upstream import LAST_CHUNK, in_chunks
from support.wait import eventually

PATH = "/v1/audio/transcriptions"


def field(name, value, *lines, boundary="b"):
    head = "".join(f"{line}\r\n" for line in lines)
    value = value if isinstance(value, bytes) else value.encode()
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n{head}\r\n'.encode() + value + b"\r\n"


def file(content, name="a.wav", boundary="b"):
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: audio/wav\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = b"--b--\r\n"


def send(sluice, body, content_type="multipart/form-data; boundary=b", **options):
    return sluice.ask("POST", PATH, body, headers={"Content-Type": content_type}, **options)


CONTENT = bytes(range(256)) * 2000


@pytest.mark.parametrize("body", [
    field("model", "up/whisper") + file(CONTENT) + END,
    file(CONTENT) + field("model", "up/whisper") + END,
    file(CONTENT * 5) + field("model", "up/whisper") + field("language", "de") + END,
    field("language", "de") + file(b"") + field("model", "up/whisper") + END[:-2],
    field("model", "up/whisper") + file(b"x--b --bb\r\n-b\r\n--\r\n\r\n--") + END,
], ids=["model first", "file first", "a large file first", "an empty file", "nearly boundaries"])
def test_a_form_passes_byte_for_byte_but_for_the_models_name(sluice, upstream, body):
    response = send(sluice, body)

    assert response.status == 200, response
    assert upstream.requests[0].body == body.replace(b"up/whisper", b"whisper")
    assert upstream.requests[0].header("content-type") == "multipart/form-data; boundary=b"


def test_a_form_in_chunks_passes(sluice, upstream):
    body = field("model", "up/whisper") + file(CONTENT) + END
    pieces = [body[i:i + 777] for i in range(0, len(body), 777)]
    payload = request("POST", PATH, headers={"Content-Type": "multipart/form-data; boundary=b", "Transfer-Encoding": "chunked"})

    with sluice.connect() as connection:
        assert connection.send(payload + in_chunks(*pieces) + LAST_CHUNK).read_response().status == 200

    assert upstream.requests[0].body == body.replace(b"up/whisper", b"whisper")


@pytest.mark.parametrize("body", [
    field("model", "up/a") + field("model", "up/b") + file(b"x") + END,
    field("model", "up/a") + file(b"x") + field("model", "up/b") + END,
    field("model", "up/a") + file(CONTENT * 20) + field("model", "up/b") + END,
    field("mod\\el", "up/b") + field("model", "up/a") + field("model", "up/b") + END,
    field("model", "up/a") + file(b"x"),
    field("model", "up/a") + file(b"x") + b"--b\r\n",
    field("model", "up/a") + file(b"x") + END + b"trailing",
    b"preamble\r\n" + field("model", "up/a") + END,
    field("model", "up/a").replace(b"\r\n", b"\n") + END,
    field("model", "up/a", " folded: x") + END,
    field("model", "up/a", "Content-Disposition: form-data; name=\"user\"") + END,
    b"--b\r\n\r\nno name\r\n" + END,
    b"--b \r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nup/a\r\n" + END,
    field("model", "up/a") + b"--b\r\n" + b"x: y\r\n" * 10_000 + b"\r\n\r\n" + END,
    field("model", "up/a") + b"--b\r\nx: " + b"y" * 1_000_000 + b"\r\n\r\n" + END,
    field("model", b"up/" + b"a" * 1_000_000) + END,
    b"", b"--b--\r\n", b"x" * 1000,
], ids=range(19))
def test_refuses_a_form_that_two_readers_would_read_differently(sluice, upstream, body):
    """S-70, J-02: nothing arrives whole at the provider"""
    response = send(sluice, body)

    assert response.status in (400, 413), response
    assert_openai_error(response)
    assert_forwarded(sluice, upstream)


@pytest.mark.parametrize("content_type", [
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=b; boundary=c", 'multipart/form-data; boundary="b', "multipart/mixed; boundary=b",
    "multipart/form-data; boundary=" + "b" * 1000, "application/json", "text/plain", "multipart/form-data; boundary=b\tc", "",
])
def test_refuses_a_form_without_one_proper_boundary(sluice, upstream, content_type):
    """S-70"""
    response = send(sluice, field("model", "up/a") + END, content_type)

    assert response.status in (400, 415), response
    assert upstream.requests == []


def test_an_allow_list_holds_for_forms(start, module_upstream, upstream):
    """S-02"""
    sluice = start({"auth": {"keys": [{"name": "poor", "secret": "sk-poor", "models": ["up/cheap"], "may": ["audio"]}]}}, upstream=module_upstream)

    assert send(sluice, field("model", "up/dear") + file(b"x") + END, key="sk-poor").status == 403
    assert send(sluice, file(b"x") + field("model", "up/dear") + END, key="sk-poor").status == 403
    assert upstream.requests == []
    assert send(sluice, file(b"x") + field("model", "up/cheap") + END, key="sk-poor").status == 200


def test_an_upload_over_the_limit_is_refused(start, module_upstream, upstream):
    sluice = start({"server": {"limits": {"upload": "64KiB"}}}, upstream=module_upstream)

    response = send(sluice, field("model", "up/a") + file(b"x" * 70_000) + END)

    assert response.status == 413 and response.error["code"] == "request_too_large"
    assert upstream.requests == []


def test_a_spooled_file_leaves_nothing_behind(sluice, upstream):
    """A file that comes before the model is set aside in a file that nobody can find."""
    def descriptors():
        return len(os.listdir(f"/proc/{sluice.process.pid}/fd"))

    send(sluice, file(b"x" * 4_000_000) + field("model", "up/a") + END)
    before = descriptors()
    for _ in range(3):
        assert send(sluice, file(b"x" * 4_000_000) + field("model", "up/a") + END).status == 200
        assert send(sluice, file(b"x" * 4_000_000) + field("model", "nothing") + END).status == 404

    eventually(lambda: descriptors() <= before, what="no more descriptors than before")
