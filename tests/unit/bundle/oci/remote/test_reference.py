"""What names a place in a registry, and what does not."""

import pytest

from trimtab.bundle.oci.remote.reference import Remote, parse_remote
from trimtab.core.errors import UserError

D = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("registry.example/m", Remote("registry.example", "m")),
        ("registry.example:5000/team/m:v1", Remote("registry.example:5000", "team/m", "v1")),
        ("localhost/m", Remote("localhost", "m")),
        (f"[::1]:5000/a/b__c/d-e@{D}", Remote("[::1]:5000", "a/b__c/d-e", "", D)),
        ("127.0.0.1:1/m:V_1.2-x", Remote("127.0.0.1:1", "m", "V_1.2-x")),
    ],
)
def test_a_host_a_repository_and_a_tag_or_a_digest(text, remote):
    assert parse_remote(text) == remote
    assert str(remote) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("m", "no host"),
        ("team/m:v1", "no host"),
        ("https://registry.example/m", "without a scheme"),
        ("registry.example/", "no repository"),
        ("registry.example/M", "no repository"),
        ("registry.example/a/../b", "no repository"),
        ("registry.example/a//b", "no repository"),
        ("registry.example/m:", "no tag"),
        ("registry.example/m:-v", "no tag"),
        ("registry.example/m@sha256:12", "no digest"),
        (f"registry.example/m:v1@{D}", "both a tag and a digest"),
        ("user:pass@registry.example/m", "no host"),
        ("registry.example:99999/m", "no host"),
        ("registry.example:0/m", "no host"),
        ("[::zz]:1/m", "no host"),
        ("[1.2.3.4]:1/m", "no host"),
        (f"registry.example/{'a' * 250}", "no repository"),
        ("registry.example/m\n:v", "no repository"),
    ],
)
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(UserError, match="P237") as caught:
        parse_remote(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("LOCALHOST:5000/m", "localhost", 5000, True),
        ("127.1.2.3:5/m", "127.1.2.3", 5, True),
        ("[::1]:5/m", "::1", 5, True),
        ("[::1]/m", "::1", None, True),
        ("127.0.0.1.example/m", "127.0.0.1.example", None, False),
        ("localhost.example/m", "localhost.example", None, False),
    ],
)
def test_only_what_is_written_as_this_machine_is_this_machine(text, host, port, loopback):
    remote = parse_remote(text)
    assert (remote.host, remote.port, remote.loopback) == (host, port, loopback)
