"""The context of a listener is what its files say, and agrees on one protocol."""

import contextlib
import ssl
import subprocess

import pytest

from trimtab.server.settings import Settings
from trimtab.server.tls import tls_of


def test_without_files_there_is_none():
    assert tls_of(Settings(), "h2") is None


def test_files_that_are_no_certificate_are_refused(tmp_path):
    for name in ("chain.pem", "key.pem"):
        (tmp_path / name).write_text("none")
    with pytest.raises(OSError, match="PEM"):
        tls_of(Settings(tls=(tmp_path / "chain.pem", tmp_path / "key.pem")), "http/1.1")


@pytest.mark.parametrize("protocol", ["http/1.1", "h2"])
def test_both_sides_agree_on_the_protocol_and_on_no_old_version(tmp_path, program, protocol):
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    subprocess.run(
        [*command, "-subj", "/CN=a", "-keyout", "key", "-out", "crt"], check=True, capture_output=True, cwd=tmp_path
    )
    context = tls_of(Settings(tls=(tmp_path / "crt", tmp_path / "key")), protocol)
    caller = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    caller.check_hostname, caller.verify_mode = False, ssl.CERT_NONE
    caller.set_alpn_protocols(["h2", "http/1.1"])
    ends = [ssl.MemoryBIO() for _ in range(4)]
    here = context.wrap_bio(ends[0], ends[1], server_side=True)
    there = caller.wrap_bio(ends[2], ends[3])
    for _ in range(4):
        for side in (there, here):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
            ends[0].write(ends[3].read())
            ends[2].write(ends[1].read())
    assert there.selected_alpn_protocol() == protocol
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
