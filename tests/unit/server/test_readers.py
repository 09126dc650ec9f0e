"""Who reads, who is idle, who is deaf; and what a real socket says of it."""

import socket
from types import SimpleNamespace

import pytest

from trimtab.server.readers import Reader, unread


@pytest.mark.parametrize(
    ("looks", "does"),
    [
        ([(0, 10)], "idle"),
        ([(5, 10)], "reads"),
        ([(5, 10), (5, 13)], "reads"),
        ([(5, 10), (5, 14)], "deaf"),
        ([(5, 10), (4, 14)], "reads"),
        ([(5, 10), (4, 14), (4, 17)], "reads"),
        ([(5, 10), (0, 20)], "reads"),  # it has just ended: its idle time begins
        ([(5, 10), (0, 20), (0, 21)], "idle"),
    ],
)
def test_what_a_caller_does_is_seen_by_what_is_left(looks, does):
    reader = Reader()
    assert [reader.look(left, now, 4) for left, now in looks][-1] == does


def test_bytes_that_the_kernel_keeps_are_counted():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.connect(server.getsockname())
        ours, _ = server.accept()
        with ours:
            transport = SimpleNamespace(get_extra_info=lambda _: ours, get_write_buffer_size=lambda: 7)
            assert unread(transport) == 7
            ours.setblocking(False)
            sent = ours.send(bytes(2**20))
            assert 7 < unread(transport) <= 7 + sent
            while sent:
                sent -= len(caller.recv(sent))


def test_a_transport_without_a_socket_has_what_it_holds():
    assert unread(SimpleNamespace(get_extra_info=lambda _: None, get_write_buffer_size=lambda: 7)) == 7
