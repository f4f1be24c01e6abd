"""The server: it reads what it is asked as strictly as the real providers, plays an answer, and remembers both."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from upstreams import asked as reading
from upstreams import scripted
from upstreams.recordings import recorded

PROVIDERS = {  # type → what stands before its API's paths.
    "anthropic": "/anthropic/v1", "gemini": "/gemini/v1beta", "bedrock": "/bedrock", "openai": "/openai/v1",
    "deepseek": "/deepseek/v1", "together": "/together/v1",
}


class Upstreams:
    """`key` is what the gateway must send, `callers` what it must not."""

    def __init__(self, key, callers):
        self.key = key
        self.callers = callers
        self.agent = {}
        self.lock = threading.Lock()
        self.asked = []
        self.said = []
        self.complaints = []
        upstreams = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.reply(*upstreams.answer(self.path, dict(self.headers.items()), body))

            def do_GET(self):
                """For the tests in Node."""
                self.reply(200, "application/json", json.dumps(upstreams.last()).encode())

            def do_PUT(self):
                upstreams.agent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.reply(200, "application/json", b"{}")

            def reply(self, status, content_type, body):
                self.send_response(status)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def providers(self):
        """For the gateway's configuration."""
        all_of_them = {name: {"type": name, "base_url": self.url + path, "keys": [self.key]} for name, path in PROVIDERS.items()}
        all_of_them["bedrock"]["region"] = "us-east-1"
        return all_of_them

    def last(self):
        """What was asked last, and what the answer says."""
        if not self.asked:
            return {}
        asked = self.asked[-1]
        return {"api": asked.api, "model": asked.model, "stream": asked.stream, "path": asked.path, "headers": asked.headers,
                "body": asked.body, "tools": asked.tools, "results": asked.results, "says": self.said[-1]}

    def answer(self, path, headers, raw):
        headers = {name.lower(): value for name, value in headers.items()}
        try:
            self.check_head(path, headers, raw)
            asked = reading.read(path, headers, json.loads(raw))
        except reading.Malformed as malformed:
            self.complaints.append(f"{path}: {malformed}")
            return 400, "application/json", json.dumps({"error": {"code": 400, "message": str(malformed)}}).encode()
        played = recorded(asked, self.agent)
        script = None if played else scripted.script_of(asked, self.agent)
        with self.lock:
            self.asked.append(asked)
            self.said.append(played.says if played else script.says)
        if played:
            return 200, played.content_type, played.body
        return 200, *scripted.write(asked, script)

    def check_head(self, path, headers, raw):
        ours = next((headers[name] for name in ("x-api-key", "x-goog-api-key", "authorization") if name in headers), "")
        reading.insist(ours.removeprefix("Bearer ") == self.key, "the provider's key is missing")
        whole = path + "\n" + "\n".join(f"{name}: {value}" for name, value in headers.items()) + raw.decode()
        reading.insist(not any(key in whole for key in self.callers), "the caller's credential")
        foreign = [name for name in headers if name == "cookie" or name.startswith(("x-stainless-", "x-sluice-"))]
        reading.insist(not foreign, f"headers {foreign}")
