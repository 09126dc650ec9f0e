"""The generator that stands in where there is no wrk, against a server of our own on loopback."""

import asyncio

PLAIN = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


def test_every_request_has_another_body_and_wrong_answers_are_counted(bench, tmp_path):
    load, workloads = bench("load"), bench("workloads")
    bodies = [workloads.Body({"Content-Type": "text/x"}, text) for text in (b"one", b"three")]
    workloads.write_pool(tmp_path / "pool", bodies)
    seen = []

    async def serve(reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
            seen.append(await reader.readexactly(length))
            writer.write(CHUNKED if len(seen) % 2 else PLAIN)

    async def go():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        found = await load.own_load(f"http://127.0.0.1:{port}/x", tmp_path / "pool", 1, 0.05)
        server.close()
        return found

    found = asyncio.run(go())
    assert found.requests == len(seen) > 1
    assert found.failed == (len(seen) + 1) // 2
    assert seen[:3] == [b"three", b"one", b"three"]
    assert 0 < found.p50_ms <= found.p99_ms
