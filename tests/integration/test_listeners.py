"""Where callers connect: TCP, unix sockets, TLS with and without their own certificate."""
import os
import socket
import ssl

import pytest

from support.certificates import Authority
from support.client import Connection, chat, request
from support.upstream import Upstream
from support.wait import eventually


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def trusting(authority, certificate=None):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    if certificate:
        context.load_cert_chain(*map(str, certificate))
    return context


def ask(address, tls=None, path="/v1/models"):
    with Connection(address, tls=tls) as connection:
        return connection.send(request("GET", path)).read_response()


def test_listens_on_a_unix_socket(start, tmp_path_factory):
    path = tmp_path_factory.mktemp("socket") / "s"
    sluice = start({"server": {"listen": ["127.0.0.1:0", f"unix:{path}"], "workers": 2}})

    assert ask(f"unix:{path}").status == 200
    assert ask(sluice.address).status == 200
    with Connection(f"unix:{path}") as connection:
        response = connection.send(request("POST", "/v1/chat/completions", chat("simulator/echo", stream=True))).read_response()
    assert response.events()[-1] == "[DONE]"
    assert sluice.access(response.header("x-request-id"))["client"] == "unix"


def test_a_unix_socket_left_behind_is_no_hindrance(start, tmp_path_factory):
    path = tmp_path_factory.mktemp("socket") / "s"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()

    start({"server": {"listen": ["127.0.0.1:0", f"unix:{path}"]}})

    assert ask(f"unix:{path}").status == 200


def test_admin_may_be_a_unix_socket(start, tmp_path_factory):
    path = tmp_path_factory.mktemp("socket") / "admin"
    sluice = start({"admin": {"listen": f"unix:{path}"}})

    assert sluice.admin == f"unix:{path}" and sluice.get_admin("/readyz").status == 200
    assert os.stat(path).st_mode & 0o007 == 0


def test_listens_on_ipv6(start):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    sluice = start({"server": {"listen": ["[::1]:0"]}})

    assert ask(sluice.address).status == 200


def served_certificate(sluice, authority):
    with Connection(sluice.address, tls=trusting(authority)) as connection:
        return connection.socket.getpeercert(binary_form=True)


def test_speaks_tls_and_picks_up_a_renewed_certificate(start, authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "server.pem", folder / "server.key"

    def install(name):
        made, made_key = authority.sign(name)
        certificate.write_bytes(made.read_bytes())
        key.write_bytes(made_key.read_bytes())

    install("first")
    sluice = start({"server": {"tls": {"certificate": str(certificate), "private_key": str(key)}}})
    context = trusting(authority)
    before = served_certificate(sluice, authority)
    with Connection(sluice.address, tls=context) as kept:
        assert kept.socket.selected_alpn_protocol() == "http/1.1"
        assert kept.send(request("GET", "/v1/models")).read_response().status == 200

        install("second")
        sluice.process.send_signal(1)
        eventually(lambda: served_certificate(sluice, authority) != before, what="the renewed certificate")

        # A connection that stands is not disturbed.
        assert kept.send(request("GET", "/v1/models")).read_response().status == 200

    # Half a pair changes nothing.
    current = served_certificate(sluice, authority)
    key.write_text("not a key")
    failed = sluice.metric("sluice_config_reloads_total", result="error")
    sluice.process.send_signal(1)
    eventually(lambda: sluice.metric("sluice_config_reloads_total", result="error") > failed, what="the refusal")
    assert served_certificate(sluice, authority) == current
    install("third")
    eventually(lambda: served_certificate(sluice, authority) != current, what="the third certificate")


def test_streams_over_tls(start, authority):
    certificate, key = authority.sign("streams")
    sluice = start({"server": {"tls": {"certificate": str(certificate), "private_key": str(key)}}})
    with Connection(sluice.address, tls=trusting(authority)) as connection:
        for _ in range(2):
            connection.send(request("POST", "/v1/chat/completions", chat("simulator/numbered-2000", stream=True)))
            assert len(connection.read_response().events()) >= 2000
        large = chat("simulator/echo", "x" * 3_000_000)
        assert len(connection.send(request("POST", "/v1/chat/completions", large)).read_response().body) > 3_000_000


def test_speaks_no_plain_http_and_no_old_tls_on_a_tls_port(start, authority):
    """H-18"""
    certificate, key = authority.sign("modern")
    sluice = start({"server": {"tls": {"certificate": str(certificate), "private_key": str(key), "min_version": "1.3"}}})
    with Connection(sluice.address) as plain:
        plain.offer(request("GET", "/v1/models"))
        assert b"HTTP/1.1 200" not in plain.read_to_end()
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask(sluice.address, old)
    assert ask(sluice.address, trusting(authority)).status == 200


def test_asks_callers_for_their_certificate(start, authority, tmp_path_factory):
    certificate, key = authority.sign("mutual")
    stranger = Authority(tmp_path_factory.mktemp("stranger"), "stranger")
    sluice = start({"server": {"tls": {"certificate": str(certificate), "private_key": str(key), "client_ca": str(authority.certificate)}}})

    assert ask(sluice.address, trusting(authority, authority.sign("caller"))).status == 200
    for refused in (trusting(authority), trusting(authority, stranger.sign("caller")), trusting(authority, authority.sign("late", days=-1))):
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            ask(sluice.address, refused)
    assert ask(sluice.address, trusting(authority, authority.sign("caller"))).status == 200


def test_reaches_providers_over_tls_and_shows_its_certificate(start, authority):
    provider = Upstream(authority.sign("provider"), str(authority.certificate))
    certificate, key = authority.sign("gateway")
    sluice = start({"providers": {"up": {"tls": {"ca": str(authority.certificate), "certificate": str(certificate), "private_key": str(key)}}}}, upstream=provider)

    assert [sluice.chat(chat("up/x")).status for _ in range(3)] == [200] * 3
    assert len({one.connection for one in provider.requests}) == 1
    provider.stop()


def test_reads_who_calls_from_the_proxy_protocol(start):
    sluice = start({"server": {"proxy_protocol": True}})

    def call(header):
        with sluice.connect() as connection:
            connection.offer(header + request("GET", "/v1/models"))
            try:
                return connection.read_response()
            except (AssertionError, ConnectionError):
                return None

    v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([198, 51, 100, 8, 127, 0, 0, 1]) + b"\x10\0\0\x50"
    for header, address in ((b"PROXY TCP4 198.51.100.7 127.0.0.1 1000 80\r\n", "198.51.100.7"), (v2, "198.51.100.8")):
        response = call(header)
        assert response.status == 200
        assert sluice.access(response.header("x-request-id"))["client"] == address
    for bad in (b"", b"PROXY nonsense\r\n", b"PROXY TCP4 1.2.3.4\r\n", b"\r\n\r\n\0\r\nQUIT\n\xff\xff\0\0"):
        response = call(bad)
        assert response is None or response.status == 400
