"""Too many, too slow, too full: what must hold when resources do not."""
import resource
import threading

import pytest

from support.client import chat, request
from support.sluice import sanitized
from support.upstream import DONE, FINISH, HELLO, STREAM_HEAD, LAST_CHUNK, Stall, chunk, frame, in_chunks
from support.wait import eventually


def resident(sluice):
    """KiB of memory that are the process' own."""
    with open(f"/proc/{sluice.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


def test_a_slow_caller_slows_its_provider_and_loses_nothing(start, module_upstream, upstream):
    """F-14"""
    sluice = start(upstream=module_upstream)
    events = [frame(chunk({"content": f"{number} " + "x" * 60_000})) for number in range(400)]
    upstream.then(STREAM_HEAD, *(in_chunks(event) for event in events), in_chunks(FINISH + DONE) + LAST_CHUNK)
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("up/x", stream=True)))
        assert connection.read_head().status == 200
        before = resident(sluice)
        # Nothing moves any more: all buffers on the way are full.
        position = None

        def settled():
            nonlocal position
            with open(f"/proc/{sluice.process.pid}/io") as counters:
                now = counters.read()
            done, position = now == position, now
            return done
        eventually(settled, what="a full pipe")
        assert sanitized() or resident(sluice) - before < 4 * 1024
        text = b"".join(connection.chunks())

    assert text == b"".join(events) + FINISH + DONE


def test_silent_strangers_cost_little(start):
    """S-70, P-12"""
    sluice = start({"server": {"timeouts": {"header": "30s"}}})
    head = b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 2000
    before = resident(sluice)
    strangers = [sluice.connect().send(head) for _ in range(500)]
    for one in strangers[::50]:  # What they sent was read.
        one.send(b"\r\n")
    assert sluice.chat(chat("simulator/echo")).status == 200

    assert sanitized() or resident(sluice) - before < 500 * 64
    for one in strangers:
        one.reset()
    eventually(lambda: sluice.chat(chat("simulator/echo")).status == 200)


def test_without_descriptors_it_lives_on(start):
    """F-80"""
    if sanitized():
        pytest.skip("a sanitizer needs descriptors to look at objects")
    sluice = start()
    limit = 40
    resource.prlimit(sluice.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
    crowd = []
    for _ in range(limit * 2):
        crowd.append(sluice.connect())
        crowd[-1].offer(request("GET", "/livez", key=None))
    assert sluice.process.poll() is None

    for one in crowd:
        one.close()

    def served():
        try:
            return sluice.chat(chat("simulator/echo")).status == 200
        except (AssertionError, ConnectionError):
            return False
    eventually(served, what="service as before")


def test_a_log_that_nobody_reads_holds_up_nobody(start):
    """F-83"""
    sluice = start()
    sluice.reading.clear()
    payload = request("POST", "/v1/chat/completions", chat("nothing-" + "x" * 200))
    with sluice.connect() as connection:
        for _ in range(200):
            connection.send(payload * 200)
            for _ in range(200):
                assert connection.read_response().status == 404
            if sluice.metric("sluice_log_lines_dropped_total") > 0:
                break

    assert sluice.metric("sluice_log_lines_dropped_total") > 0
    sluice.reading.set()


@pytest.mark.parametrize("streamed", [False, True])
def test_many_callers_that_leave_at_once_leave_nothing(start, module_upstream, upstream, streamed):
    """F-20, S-61"""
    sluice = start(upstream=module_upstream)
    of_others = len(upstream.sockets)
    upstream.always(STREAM_HEAD + in_chunks(HELLO), Stall()) if streamed else upstream.always(Stall())
    callers = [sluice.connect() for _ in range(60)]
    for one in callers:
        one.send(request("POST", "/v1/chat/completions", chat("up/x", stream=streamed)))
    upstream.wait_for_requests(60)

    threads = [threading.Thread(target=one.reset) for one in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    eventually(lambda: len(upstream.sockets) <= of_others, what="the end of all calls")
    eventually(lambda: sluice.metric("sluice_requests_in_flight") == 0 and sluice.metric("sluice_streams_open") == 0, what="nothing in flight")
    assert sluice.chat(chat("simulator/echo")).status == 200
