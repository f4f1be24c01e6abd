"""A client on a raw socket: it sends exactly the given bytes and reads answers strictly."""
import json
import re
import socket
import ssl

PATIENCE = 10.0
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) [ -~]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\x00-\x1f\x7f]*)")
KEY = "sk-client-canary-8f2d1c"


class Malformed(AssertionError):
    """The peer sent what HTTP/1.1 does not allow."""


class Closed(AssertionError):
    """The connection ended within an answer."""


class Response:
    def __init__(self, status, fields, body, chunks=None):
        self.status = status
        self.fields = fields
        self.body = body
        self.chunks = chunks

    def header(self, name):
        values = [value for key, value in self.fields if key == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def names(self):
        return [name for name, _ in self.fields]

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json()["error"]

    def events(self):
        """The data of each server-sent event; the stream must hold nothing but whole events."""
        return events_of(self.body)

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:300]!r}>"


def events_of(stream):
    assert stream.endswith(b"\n\n"), f"the stream ends within an event: {stream[-80:]!r}"
    events = []
    for block in stream.decode().split("\n\n"):
        data = [line[5:].removeprefix(" ") for line in block.split("\n") if line.startswith("data:")]
        if data:
            events.append("\n".join(data))
    return events


def is_error(event):
    return event != "[DONE]" and json.loads(event).get("error") is not None


class Connection:
    def __init__(self, address, tls=None, server_name="localhost", patience=PATIENCE):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(patience)
            self.socket.connect(address.removeprefix("unix:"))
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host.strip("[]"), int(port)), patience)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_name)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def offer(self, data):
        """Sends what the peer may refuse to read to its end."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, ssl.SSLError):
            pass
        return self

    def _receive(self):
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError(f"nothing came for {PATIENCE} s; so far: {self.buffer[-300:]!r}") from None
        if not data:
            raise Closed(f"closed after {self.buffer[-300:]!r}")
        self.buffer += data

    def read_until(self, mark):
        at = 0
        while (found := self.buffer.find(mark, at)) < 0:
            at = max(0, len(self.buffer) - len(mark))
            self._receive()
        data, self.buffer = self.buffer[:found], self.buffer[found + len(mark):]
        return data

    def read_exactly(self, count):
        while len(self.buffer) < count:
            self._receive()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_head(self):
        lines = self.read_until(b"\r\n\r\n").split(b"\r\n")
        status = STATUS_LINE.fullmatch(lines[0])
        if not status:
            raise Malformed(f"bad status line {lines[0]!r}")
        fields = []
        for line in lines[1:]:
            field = FIELD.fullmatch(line)
            if not field:
                raise Malformed(f"bad header line {line!r}")
            fields.append((field[1].decode().lower(), field[2].decode("latin-1")))
        return Response(int(status[1]), fields, b"")

    def chunks(self):
        """The chunks of a body as they come."""
        while True:
            line = self.read_until(b"\r\n")
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", line):
                raise Malformed(f"bad chunk size {line!r}")
            size = int(line, 16)
            data = self.read_exactly(size)
            if self.read_exactly(2) != b"\r\n":
                raise Malformed("a chunk does not end with its size")
            if size == 0:
                return
            yield data

    def read_response(self, to="POST"):
        """One final answer; interim ones are a mistake here."""
        response = self.read_head()
        length, coding = response.header("content-length"), response.header("transfer-encoding")
        if to == "HEAD" or response.status in (204, 304) or response.status < 200:
            return response
        if coding is not None:
            if coding != "chunked" or length is not None:
                raise Malformed(f"framed by {coding!r} and {length!r}")
            response.chunks = list(self.chunks())
            response.body = b"".join(response.chunks)
        elif length is not None:
            response.body = self.read_exactly(int(length))
        else:
            response.body = self.read_to_end()
        return response

    def read_to_end(self):
        try:
            while True:
                self._receive()
        except (Closed, ConnectionResetError):
            data, self.buffer = self.buffer, b""
            return data

    def read_events(self):
        """The data of each event as it comes."""
        text = b""
        for chunk in self.chunks():
            text += chunk
            while b"\n\n" in text:
                block, text = text.split(b"\n\n", 1)
                lines = block.decode().split("\n")
                data = [line[5:].removeprefix(" ") for line in lines if line.startswith("data:")]
                if data:
                    yield "\n".join(data)

    def assert_closed(self):
        rest = self.read_to_end()
        assert rest == b"", f"more than one answer: {rest[:300]!r}"


def request(method, path, body=None, headers=None, key=KEY, host="sluice.test"):
    """The bytes of a well-formed request."""
    fields = {"Host": host}
    if key:
        fields["Authorization"] = f"Bearer {key}"
    if body is not None:
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            fields["Content-Type"] = "application/json"
        fields["Content-Length"] = str(len(body))
    fields.update(headers or {})
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return head.encode("latin-1") + b"\r\n" + (body or b"")


def chat(model, text="Hello there!", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}
