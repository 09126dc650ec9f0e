"""Load that does not wait for answers, against servers of our own on loopback."""

import asyncio
import contextlib

import pytest

HEAD = b"HTTP/1.1 %b\r\n%bcontent-length: 2\r\n\r\n{}"


def offered(bench, folder, answer, deadline_ms=500):
    """What a generator makes of a server that answers so."""
    workloads, openloop = bench("workloads"), bench("openloop")
    workloads.write_pool(folder / "pool", [workloads.Body({"Content-Type": "text/x"}, b"one")])

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"one"):
                await answer(writer)
        writer.close()

    async def go():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        found = await openloop.Generator(url, folder / "pool", deadline_ms).run(200.0, 0.5, 0.1)
        server.close()
        await asyncio.sleep(0.3)  # the last answers find nobody
        return found

    return asyncio.run(go())


def test_answers_in_time_are_good(bench, tmp_path):
    async def answer(writer):
        writer.write(HEAD % (b"200 OK", b""))

    found = offered(bench, tmp_path, answer)
    assert found.good > 0
    assert (found.late, found.statuses, found.bare, found.lost, found.unsent) == (0, {}, 0, 0, 0)
    assert 0 < found.p50_ms <= found.p99_ms


@pytest.mark.parametrize(("header", "bare"), [(b"Retry-After: 1\r\n", False), (b"", True)])
def test_a_refusal_without_retry_after_is_found(bench, tmp_path, header, bare):
    async def answer(writer):
        writer.write(HEAD % (b"503 Busy", header))

    found = offered(bench, tmp_path, answer)
    assert found.good == 0
    assert list(found.statuses) == ["503"]
    assert found.bare == (found.statuses["503"] if bare else 0)


def test_requests_leave_whether_or_not_answers_come(bench, tmp_path):
    async def answer(writer):
        await asyncio.sleep(0.2)
        writer.write(HEAD % (b"200 OK", b""))

    found = offered(bench, tmp_path, answer, deadline_ms=100)
    assert found.offered > 50
    assert found.good == 0
    assert found.late > 0
