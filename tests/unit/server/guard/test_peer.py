"""The other end of a connection."""

from trimtab.server.guard.peer import LOCAL, Peer


def test_a_caller_on_this_machine_has_no_address_and_no_certificate():
    assert Peer("") == LOCAL
    assert LOCAL.certificate is None
