"""How providers fail before they have said anything: scripts for the upstream, by name."""
import time
from email.utils import formatdate

from support.upstream import DONE, FINISH, HELLO, ROLE, STREAM, STREAM_HEAD, USAGE_CHUNK, Cut, Drip, Reset, Stall, answer, completion, frame, head, in_chunks, refusal, stream

HTML = b"<html><body>Bad gateway</body></html>"
SSE = "text/event-stream"


def in_a_while(seconds):
    return formatdate(time.time() + seconds, usegmt=True)


def error(status, *fields, code=None, kind="server_error"):
    return [answer(refusal("It does not work.", code, kind), status, fields=fields)]


def refusals():
    """Answers that say no, and the status and code that a caller gets when nobody says anything better."""
    return {
        "500": (error(500), 502, "upstream_error"),
        "502": (error(502), 502, "upstream_error"),
        "503": (error(503), 503, "upstream_overloaded"),
        "503 in seconds": (error(503, "Retry-After: 7"), 503, "upstream_overloaded"),
        "503 in ms": (error(503, "Retry-After-Ms: 7000"), 503, "upstream_overloaded"),
        "503 at a date": (error(503, f"Retry-After: {in_a_while(7)}"), 503, "upstream_overloaded"),
        "529 in seconds": (error(529, "Retry-After: 7", code="overloaded"), 529, "overloaded"),
        "429": (error(429, code="rate_limit_exceeded"), 429, "rate_limit_exceeded"),
        "429 in seconds": (error(429, "Retry-After: 7", code="rate_limit_exceeded"), 429, "rate_limit_exceeded"),
        "429 in ms": (error(429, "Retry-After-Ms: 7000", code="rate_limit_exceeded"), 429, "rate_limit_exceeded"),
        "429 at a date": (error(429, f"Retry-After: {in_a_while(7)}", code="rate_limit_exceeded"), 429, "rate_limit_exceeded"),
        "429 spent": (error(429, code="insufficient_quota", kind="insufficient_quota"), 429, "insufficient_quota"),
        "401": (error(401, code="invalid_api_key"), 502, "upstream_auth"),
        "403": (error(403), 502, "upstream_auth"),
        "402": (error(402), 502, "upstream_auth"),
        "404": (error(404, code="model_not_found"), 404, "model_not_found"),
        "504": (error(504), 504, "upstream_timeout"),
        "HTML error": ([answer(HTML, 502, "text/html")], 502, "upstream_error"),
    }


def breaks():
    """What is no answer at all; a caller who gets nothing better gets a 502."""
    return {
        "cut": [Cut()],
        "reset": [Reset()],
        "half a status": [b"HTTP/1.1 20", Cut()],
        "half a head": [b"HTTP/1.1 200 OK\r\nContent-Le", Reset()],
        "no HTTP": [b"\x16\x03\x01\x00\xff garbage\r\n\r\n", Cut()],
        "HTML": [answer(HTML, content_type="text/html")],
        "HTML as JSON": [answer(HTML)],
        "no UTF-8": [answer(b"\xff\xfe{")],
        "empty body": [answer(b"")],
    }


def breaks_of_wholes():
    return {
        "half a body": [head(200, "Content-Type: application/json", "Content-Length: 500") + b'{"id": ', Cut()],
        "no last chunk": [head(200, "Content-Type: application/json", "Transfer-Encoding: chunked") + in_chunks(b'{"id": '), Reset()],
        "until close": [head(200, "Content-Type: application/json") + b'{"id": ', Cut()],
        "in-band error": [answer(refusal("Overloaded.", kind="server_error"))],
    }


def breaks_of_streams():
    return {
        "only a head": [STREAM_HEAD, Cut()],
        "only a role": [STREAM_HEAD + in_chunks(ROLE), Cut()],
        "within the first word": [STREAM_HEAD + in_chunks(ROLE + HELLO[:30]), Reset()],
        "no events": [stream(b"")],
        "only comments": [stream(b": ping\n\n: ping\n\n")],
        "only usage": [stream(USAGE_CHUNK)],
        "only the end": [stream(DONE)],
        "nothing said": [stream(ROLE + FINISH + USAGE_CHUNK + DONE)],
        "in-band error": [stream(frame(refusal("Overloaded.", kind="server_error")))],
        "in-band error behind the role": [stream(ROLE + frame(refusal("Overloaded.", kind="server_error")))],
        "in-band error with a name": [stream(b"event: error\n" + frame(refusal("Overloaded.", kind="server_error")))],
        "no JSON event": [stream(frame("{nonsense"))],
        "bad chunks": [STREAM_HEAD + b"zz\r\nnonsense\r\n", Cut()],
        "bad bytes": [stream(b"data: \xff\xfe\n\n")],
    }


def stalls(streamed):
    """What does not come in time; a caller who gets nothing better gets a 504."""
    both = {"silence": [Stall()], "half a head, then silence": [b"HTTP/1.1 200 OK\r\nContent-", Stall()],
            "dripping head": [Drip(head(200, "Content-Type: application/json", "X-Long: " + "x" * 500))]}
    if not streamed:
        return {**both, "half a body, then silence": [head(200, "Content-Type: application/json", "Content-Length: 500") + b'{"id": ', Stall()],
                "dripping body": [head(200, "Content-Type: application/json", "Content-Length: 500"), Drip(b'{"id": ' + b" " * 493)]}
    return {**both, "a head, then silence": [STREAM_HEAD, Stall()], "a role, then silence": [STREAM_HEAD + in_chunks(ROLE), Stall()],
            "dripping comments": [head(200, f"Content-Type: {SSE}"), Drip(b": ping\n\n" * 100)]}


def all_lies(streamed):
    return {**{name: steps for name, (steps, _, _) in refusals().items()}, **breaks(),
            **(breaks_of_streams() if streamed else breaks_of_wholes()), **stalls(streamed)}


def truth(recorded):
    """What an honest provider answers."""
    return [stream(STREAM)] if recorded.json().get("stream") else [answer(completion())]
