"""A provider that lies to order: a server on a raw socket that plays given bytes, pauses, cuts and
resets, and keeps every byte that it was sent."""
import json
import queue
import re
import select
import socket
import ssl
import threading
import time

from support.wait import eventually


class Step:
    """What a script holds beside bytes."""


class Cut(Step):
    """Closes the connection: in the midst of an answer, or because that is how the answer ends."""


class Reset(Step):
    """Closes the connection with a reset."""


class Stall(Step):
    """Says nothing more until the peer leaves."""


class Drip(Step):
    """Says it byte by byte, with a pause before each."""

    def __init__(self, data, pause=0.03):
        self.data = data
        self.pause = pause


class Wait(Step):
    """Says nothing more until the event is set, or the peer leaves."""

    def __init__(self, event):
        self.event = event


def head(status=200, *fields, reason="OK"):
    lines = [f"HTTP/1.1 {status} {reason}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(body, status=200, content_type="application/json", fields=()):
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
    return head(status, f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *fields) + body


def completion(text="Hi."):
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}


def refusal(message, code=None, kind="invalid_request_error"):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def chunk(delta=None, finish=None, usage=..., choices=None):
    value = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
             "choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}] if choices is None else choices}
    if usage is not ...:
        value["usage"] = usage
    return value


def frame(value):
    return f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n".encode()


USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
ROLE = frame(chunk({"role": "assistant", "content": ""}))
HELLO = frame(chunk({"content": "Hello"}))
THERE = frame(chunk({"content": " there"}))
FINISH = frame(chunk(finish="stop"))
USAGE_CHUNK = frame(chunk(choices=[], usage=USAGE))
DONE = frame("[DONE]")
STREAM = ROLE + HELLO + THERE + FINISH + USAGE_CHUNK + DONE
STREAM_HEAD = head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked")


def in_chunks(*pieces):
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


LAST_CHUNK = b"0\r\n\r\n"


def stream(body):
    """An event stream as one chunk."""
    return STREAM_HEAD + in_chunks(body) + LAST_CHUNK


class Recorded:
    def __init__(self, head, body, connection):
        self.raw_head = head
        self.body = body
        self.connection = connection
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.method, self.path, _ = lines[0].split(" ")
        self.fields = [(name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in lines[1:])]

    def header(self, name):
        values = [value for key, value in self.fields if key == name]
        assert len(values) <= 1, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


class Upstream:
    def __init__(self, certificate=None, authority=None):
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*map(str, certificate))
            if authority:
                self.tls.load_verify_locations(authority)
                self.tls.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.sockets = set()
        self.connections = 0
        self.reset()
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def reset(self):
        """Forgets what was asked and what was to be answered."""
        with self.lock:
            self.requests = []
            self.usual = [answer(completion())]
            self.judge = None
            self.scripts = queue.SimpleQueue()
            self.left = threading.Event()  # A peer closed while we were at it,
            self.left_at = None  # then, by the monotonic clock.

    def always(self, *steps):
        self.usual = list(steps)

    def answers_by(self, judge):
        """The steps are what this makes of the request."""
        self.judge = judge

    def then(self, *steps):
        """The next request gets these; they come in order."""
        self.scripts.put(list(steps))
        return self

    def bodies(self):
        return [one.body for one in self.requests]

    def wait_for_requests(self, count):
        eventually(lambda: len(self.requests) >= count, what=f"{count} requests")
        return self.requests

    def drop_connections(self):
        """Closes what is open, as a provider does with idle connections."""
        with self.lock:
            open_now = list(self.sockets)
        for one in open_now:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        eventually(lambda: not self.sockets, what="the end of all connections")

    def stop(self):
        self.stopping.set()
        # Woken and waited for, or it would accept from whatever has the descriptor's number next.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        self.drop_connections()

    def _accept(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted):
        with self.lock:
            self.connections += 1
            number = self.connections
        try:
            if self.tls:
                accepted = self.tls.wrap_socket(accepted, server_side=True)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.sockets.add(accepted)
            self._play_all(accepted, number)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            with self.lock:
                self.sockets.discard(accepted)
            accepted.close()

    def _play_all(self, peer, number):
        buffer = b""
        while True:
            recorded, buffer = self._read_request(peer, buffer, number)
            if recorded is None:
                return
            with self.lock:
                script = self._usual(recorded) if self.scripts.empty() else self.scripts.get_nowait()
                self.requests.append(recorded)
            for step in script:
                if isinstance(step, bytes):
                    peer.sendall(step)
                elif isinstance(step, Drip):
                    if not self._drip(peer, step):
                        return
                elif isinstance(step, Reset):
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                    return
                elif isinstance(step, Cut):
                    return
                elif not self._hold(peer, step.event if isinstance(step, Wait) else None):
                    return

    def _usual(self, recorded):
        return self.judge(recorded) if self.judge else self.usual

    def _drip(self, peer, step):
        """False when the peer has gone."""
        waiting = select.poll()
        waiting.register(peer, select.POLLIN)
        for at in range(len(step.data)):
            if self.stopping.is_set() or waiting.poll(1000 * step.pause):
                return False
            peer.sendall(step.data[at:at + 1])
        return True

    def _hold(self, peer, event):
        """Until the event; false when the peer has gone."""
        waiting = select.poll()
        waiting.register(peer, select.POLLIN)
        while not self.stopping.is_set():
            if event and event.is_set():
                return True
            if waiting.poll(5 if len(self.sockets) < 100 else 250):
                try:
                    gone = peer.recv(1) == b""
                except OSError:
                    gone = True
                assert gone, "the gateway sent more than one request at once"
                self.left_at = time.monotonic()
                self.left.set()
                return False
        return False

    @staticmethod
    def _read_request(peer, buffer, number):
        def more():
            nonlocal buffer
            data = peer.recv(65536)
            buffer += data
            return bool(data)

        def exactly(count):
            nonlocal buffer
            while len(buffer) < count:
                if not more():
                    raise ValueError("cut")
            data, buffer = buffer[:count], buffer[count:]
            return data

        while b"\r\n\r\n" not in buffer:
            if not more():
                return None, b""
        text, buffer = buffer.split(b"\r\n\r\n", 1)
        length = re.search(rb"\r\ncontent-length: (\d+)", text, re.IGNORECASE)
        body = b""
        if length:
            body = exactly(int(length[1]))
        elif re.search(rb"\r\ntransfer-encoding: chunked", text, re.IGNORECASE):
            while True:
                while b"\r\n" not in buffer:
                    if not more():
                        raise ValueError("cut")
                size, buffer = buffer.split(b"\r\n", 1)
                body += exactly(int(size, 16))
                exactly(2)
                if int(size, 16) == 0:
                    break
        return Recorded(text, body, number), buffer
