"""What is measured: how each gateway is configured and started in front of the canned upstream."""

import getpass
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import peers
from .process import free_port, wait_until_listening

HERE = Path(__file__).resolve().parent.parent
CHAT_PATH = "/v1/chat/completions"
KEYS = 10_000


@dataclass(frozen=True)
class Layout:
    """One arrangement of a scenario: where the upstream is and on which processor each part runs."""

    tls_upstream: bool = False
    tls_client: bool = False
    streams: bool = False
    subject_cpu: int = 1
    others_cpu: int = 1


@dataclass
class Upstream:
    process: object
    port: int
    tls_port: int
    tls_folder: Path


@dataclass
class Subject:
    name: str
    process: object
    port: int
    tls: bool = False
    path: str = CHAT_PATH
    exact: bool = True  # Passes the upstream's bytes on as they are.
    headers: dict = field(default_factory=dict)  # Beyond the usual ones.

    def header_lines(self):
        return "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())


def start_upstream(fleet, tools, layout):
    process = fleet.start("upstream", [tools["canned_upstream"], "--tls-folder", fleet.folder],
                          cpu=layout.others_cpu, output=subprocess.PIPE)
    port, tls_port = map(int, process.stdout.readline().split())
    return Upstream(process, port, tls_port, fleet.folder)


def filled(template, values):
    text = (HERE / "peers" / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def start_direct(rig, fleet, upstream, layout):
    """No gateway: the upstream itself, as the zero of latencies and the proof that it is fast enough."""
    port = upstream.tls_port if layout.tls_client else upstream.port
    return Subject("direct", upstream.process, port, layout.tls_client)


def start_raw(rig, fleet, upstream, layout):
    if layout.tls_client or layout.tls_upstream:
        return None
    process = fleet.start("raw", [rig.tools["raw_relay"], "--upstream", upstream.port],
                          cpu=layout.subject_cpu, output=subprocess.PIPE)
    return Subject("raw", process, int(process.stdout.readline()))


def start_nginx(rig, fleet, upstream, layout, name="nginx", buffering=""):
    folder = fleet.folder / name
    folder.mkdir(exist_ok=True)
    port = free_port()
    tls = (f"ssl_certificate {upstream.tls_folder}/cert.pem; "
           f"ssl_certificate_key {upstream.tls_folder}/key.pem;") if layout.tls_client else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(filled("nginx.conf", {
        "USER": getpass.getuser(), "FOLDER": folder, "PORT": port,
        "DESCRIPTORS": rig.descriptors, "CONNECTIONS": rig.descriptors - 100, "LISTEN_TLS": " ssl" if layout.tls_client else "", "TLS_FILES": tls,
        "TLS_FOLDER": upstream.tls_folder, "BUFFERING": buffering,
        "UPSTREAM": upstream.tls_port if layout.tls_upstream else upstream.port,
        "SCHEME": "https" if layout.tls_upstream else "http"}))
    process = fleet.start(name, ["nginx", "-e", folder / "error.log", "-c", configuration],
                          cpu=layout.subject_cpu)
    return Subject(name, process, port, layout.tls_client)


def start_nginx_unbuffered(rig, fleet, upstream, layout):
    """As an operator would tune it for large bodies: at 16 KB blocks it takes twice the time."""
    return start_nginx(rig, fleet, upstream, layout, "nginx-unbuffered",
                       "proxy_buffering off; proxy_request_buffering off; "
                       "client_body_buffer_size 256k;")


def start_haproxy(rig, fleet, upstream, layout):
    port = free_port()
    configuration = fleet.folder / "haproxy.cfg"
    configuration.write_text(filled("haproxy.cfg", {
        "PORT": port, "DESCRIPTORS": rig.descriptors, "CONNECTIONS": (rig.descriptors - 200) // 2,
        # Without it HAProxy holds an event back until the next one, up to 200 ms.
        "NO_DELAY": "option http-no-delay" if layout.streams else "",
        "BIND_TLS": f"ssl crt {upstream.tls_folder}/both.pem" if layout.tls_client else "",
        "SERVER_TLS": (f"ssl verify required ca-file {upstream.tls_folder}/cert.pem "
                       "sni str(localhost)") if layout.tls_upstream else "",
        "UPSTREAM": upstream.tls_port if layout.tls_upstream else upstream.port}))
    process = fleet.start("haproxy", ["haproxy", "-db", "-f", configuration],
                          cpu=layout.subject_cpu)
    return Subject("haproxy", process, port, layout.tls_client)


def sluice_configuration(fleet, upstream, layout, port, name, keys, log,
                         speech="openai-compatible"):
    scheme, to = ("https", upstream.tls_port) if layout.tls_upstream else ("http", upstream.port)
    lines = [
        "version: 1",
        "server:",
        f'  listen: ["127.0.0.1:{port}"]',
        "  workers: 1",
        "  limits: { connections: 25k, requests_in_flight: 25k }",
    ]
    if layout.tls_client:
        lines.append(f'  tls: {{ certificate: "{upstream.tls_folder}/cert.pem", '
                     f'private_key: "{upstream.tls_folder}/key.pem" }}')
    lines += [
        f'admin: {{ listen: "127.0.0.1:{free_port()}" }}',
        "providers:",
        "  canned:",
        f"    type: {speech}",
        f'    base_url: "{scheme}://127.0.0.1:{to}/v1"',
        '    keys: ["sk-up"]',
        "    connections: { max: 25k }",
    ]
    if layout.tls_upstream:
        lines.append(f'    tls: {{ ca: "{upstream.tls_folder}/cert.pem" }}')
    lines += ['models: { "canned*": "canned/$0" }', "auth:",
              f"  required: {'true' if keys else 'false'}"]
    if keys:
        lines.append("  keys:")
        lines += [f'    - {{ name: k{number}, secret: "sk-bench-{number}" }}'
                  for number in range(keys)]
    if log:
        lines.append(f'telemetry: {{ log: {{ to: "file:{fleet.folder}/{name}-access.log" }} }}')
    else:
        lines.append('telemetry: { log: { level: error, to: "file:/dev/null" } }')
    folder = fleet.folder / name
    folder.mkdir(exist_ok=True)
    path = folder / "sluice.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def start_sluice(rig, fleet, upstream, layout, name="sluice", keys=KEYS, log=True, wrapper=(),
                 env=None, speech="openai-compatible"):
    port = free_port()
    configuration = sluice_configuration(fleet, upstream, layout, port, name, keys, log, speech)
    process = fleet.start(name, [*wrapper, rig.sluice, "serve", "-c", configuration],
                          cpu=layout.subject_cpu, env=env)
    return Subject(name, process, port, layout.tls_client)


def start_sluice_bare(rig, fleet, upstream, layout):
    """Without keys and access log: what these cost is the difference."""
    return start_sluice(rig, fleet, upstream, layout, "sluice-bare", keys=0, log=False)


def start_sluice_translating(rig, fleet, upstream, layout):
    """Asked as OpenAI is; its provider is asked, and answers, as Anthropic is."""
    subject = start_sluice(rig, fleet, upstream, layout, "sluice-translating", speech="anthropic")
    subject.exact = False
    return subject


STARTERS = {
    "direct": start_direct,
    "raw": start_raw,
    "nginx": start_nginx,
    "nginx-unbuffered": start_nginx_unbuffered,
    "haproxy": start_haproxy,
    "sluice": start_sluice,
    "sluice-bare": start_sluice_bare,
    "sluice-translating": start_sluice_translating,
    "portkey": peers.start_portkey,
    "litellm": peers.start_litellm,
    "bifrost": peers.start_bifrost,
}


def start(rig, fleet, name, upstream, layout):
    """The subject, listening; None when it has no such arrangement."""
    subject = STARTERS[name](rig, fleet, upstream, layout)
    if subject is not None and name != "direct":
        wait_until_listening(subject.port, subject.process, 90)
    return subject


def versions(rig):
    def first_line(*command):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
            line = (done.stdout + done.stderr).strip().splitlines()[0]
            return re.search(r"\d+\.\d+[\w.+~-]*", line).group()
        except (OSError, IndexError, AttributeError, subprocess.TimeoutExpired):
            return "not installed"

    found = {"nginx": first_line("nginx", "-v"), "haproxy": first_line("haproxy", "-v"),
             "wrk": first_line("wrk", "-v"), "openssl": first_line("openssl", "version")}
    if rig.sluice:
        found["sluice"] = first_line(str(rig.sluice), "--version")
    return {**found, **peers.versions(rig.folder)}
