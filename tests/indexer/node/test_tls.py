"""The client over TLS: certificates are checked, and the bounds hold there too."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from indexer.node.client import NodeClient
from indexer.node.errors import TooSlow, Unreachable
from indexer.node.transport import Limits
from tests.indexer.node.stub import StubNode, answer

Connect = Callable[..., NodeClient]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "node.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_of_unknown_origin_is_no_connection(tls: ssl.SSLContext, connect: Connect) -> None:
    with StubNode(lambda _: answer(b'{"version":5}'), tls=tls) as node:
        with pytest.raises(Unreachable, match=r"CERTIFICATE_VERIFY_FAILED.*SSL_CERT_FILE"):
            connect(node.url).version()
        assert node.requests == []


def test_a_certificate_that_the_operator_trusts_will_do(
    tls: ssl.SSLContext, certificate: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with StubNode(lambda _: answer(b'{"blockHeight":7}'), tls=tls) as node:
        client = connect(node.url)
        assert [client.height(bytes(32)) for _ in range(3)] == [7, 7, 7]
        assert {request.connection for request in node.requests} == {1}


def test_a_node_that_drips_over_tls_is_given_up(
    tls: ssl.SSLContext, certificate: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not over.wait(0.02):
            connection.sendall(b"x")

    with StubNode(lambda _: drip, tls=tls) as node:
        client = connect(node.url, limits=Limits(total_seconds=0.3))
        try:
            with pytest.raises(TooSlow):
                client.version()
        finally:
            over.set()
