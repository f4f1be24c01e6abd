"""Many requests at once from one thread: fast enough to make a gateway sweat in a test."""
import collections
import re
import selectors
import socket
import time

PATIENCE = 120.0
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)")


class Answer:
    def __init__(self, status, head, body):
        self.status = status
        self.head = head
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.body!r}"


class _Caller:
    def __init__(self, host, port):
        self.address = (host, int(port))
        self.socket = None
        self.job = None
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(self.address, 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def ask(self, job, data):
        self.job = job
        self.data = b""
        self.socket.sendall(data)

    def take(self):
        """The whole answer, None when more is to come; False when the connection broke."""
        try:
            data = self.socket.recv(262144)
        except OSError:
            return False
        if not data:
            return False
        self.data += data
        head_end = self.data.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = self.data[:head_end].lower()
        rest = self.data[head_end + 4:]
        if b"transfer-encoding: chunked" in head:
            if not rest.endswith(b"0\r\n\r\n"):
                return None
            body = _unchunked(rest)
        else:
            body = rest if len(rest) >= int(LENGTH.search(head)[1]) else None
        return None if body is None else Answer(int(head[9:12]), head, body)


def _unchunked(data):
    """None while the last chunk is not there."""
    pieces = []
    at = 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end], 16)
        if size == 0:
            return b"".join(pieces)
        pieces.append(data[end + 2:end + 2 + size])
        at = end + 4 + size
    return None


def ask_many(address, requests, judge, connections=32):
    """`requests` are pairs of what they are about and their bytes. What judge(about, answer) says when it is not
    content is counted, and so are broken connections. Returns the count of each complaint, and of all answers."""
    complaints = collections.Counter()
    answered = 0
    todo = iter(requests)
    host, port = address.rsplit(":", 1)
    end = time.monotonic() + PATIENCE
    busy = 0
    with selectors.DefaultSelector() as waiting:
        def begin(caller):
            nonlocal busy
            if (job := next(todo, None)) is None:
                waiting.unregister(caller.socket)
                caller.socket.close()
                busy -= 1
            else:
                caller.ask(*job)

        for _ in range(connections):
            caller = _Caller(host, port)
            waiting.register(caller.socket, selectors.EVENT_READ, caller)
            busy += 1
            begin(caller)
        while busy:
            assert time.monotonic() < end, f"not done in {PATIENCE} s; so far {complaints}"
            for key, _ in waiting.select(1):
                caller = key.data
                answer = caller.take()
                if answer is None:
                    continue
                if answer is False:
                    complaints["the connection broke"] += 1
                    waiting.unregister(caller.socket)
                    caller.socket.close()
                    caller.connect()
                    waiting.register(caller.socket, selectors.EVENT_READ, caller)
                else:
                    answered += 1
                    if complaint := judge(caller.job, answer):
                        complaints[complaint] += 1
                begin(caller)
    return complaints, answered
