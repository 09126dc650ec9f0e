"""Serving processes renewed under gRPC load: callers who keep their channel, and callers who make one for each call."""

import signal
import threading
import time
from collections import Counter
from pathlib import Path

import grpc
import pytest

from trimtab.server.grpc.proto import load

SERVICE = load("inference")
INFER = SERVICE.rpcs["ModelInfer"]
LONE = (("grpc.use_local_subchannel_pool", 1),)  # or channels to one address would share their connection


class Callers:
    """Callers in threads; counts right answers by the version that gave them, and keeps everything else."""

    def __init__(self, target, lasting, fresh, credentials=None):
        self.right = Counter()
        self.versions = set()
        self.wrong = []
        self._target, self._credentials = target, credentials
        self._stop = threading.Event()
        self._lock = threading.Lock()
        kinds = ["lasting"] * lasting + ["fresh"] * fresh
        self._threads = [
            threading.Thread(target=getattr(self, f"_{kind}"), args=(at,)) for at, kind in enumerate(kinds)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, more, seconds=30):
        """Until callers of both kinds were answered so often again."""
        goal, end = {kind: self.right[kind] + more for kind in ("lasting", "fresh")}, time.monotonic() + seconds
        while any(self.right[kind] < count for kind, count in goal.items()):
            assert time.monotonic() < end, (self.right, self.wrong[:3])
            time.sleep(0.01)

    def _channel(self):
        if self._credentials is None:
            return grpc.insecure_channel(self._target, LONE)
        return grpc.secure_channel(self._target, self._credentials, LONE)

    def _lasting(self, number):
        with self._channel() as channel:
            for count in self._counting():
                self._call(channel, number * 1_000_000.0 + count, "lasting")

    def _fresh(self, number):
        for count in self._counting():
            with self._channel() as channel:
                self._call(channel, number * 1_000_000.0 + count, "fresh")

    def _counting(self):
        count = 0
        while not self._stop.wait(0.001):
            count += 1
            yield count

    def _call(self, channel, x, kind):
        request = INFER.request(model_name="m", id=f"{x:.0f}")
        request.inputs.add(name="x", datatype="FP64", shape=[1]).contents.fp64_contents.append(x)
        request.inputs.add(name="do", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"")
        call = channel.unary_unary(
            f"/{SERVICE.name}/ModelInfer", INFER.request.SerializeToString, INFER.response.FromString
        )
        try:
            answer = call(request, timeout=20)
            good = answer.id == request.id and list(answer.outputs[0].contents.fp64_contents) == [2 * x]
            what = answer
        except grpc.RpcError as error:
            good, what = False, (kind, error.code().name, error.details())
        with self._lock:
            if good:
                self.right[kind] += 1
                self.versions.add(answer.model_version)
            else:
                self.wrong.append(what)


def renewed(server):
    return sum(event["event"] == "renewed" for event in server.events())


@pytest.mark.parametrize(("processes", "secure"), [(1, False), (2, True)])
def test_ten_renewals_under_load_change_the_version_and_fail_no_call(
    serve, tmp_path, free_port, pem, processes, secure
):
    version = tmp_path / "version"
    version.write_text("00")
    more = {"tls": pem} if secure else {}
    server = serve(env={"VERSION": str(version), "INLINE": "1"}, processes=processes, grpc_port=free_port, **more)
    trusted = grpc.ssl_channel_credentials(Path(pem[0]).read_bytes()) if secure else None
    with Callers(f"127.0.0.1:{free_port}", 6, 4, trusted) as callers:
        for number in range(1, 11):
            callers.wait_for(10)
            version.write_text(f"{number:02x}")
            server.child.signal(signal.SIGHUP)
            server.child.wait_until(lambda number=number: renewed(server) == number, 60)
            server.child.wait_until(lambda number=number: f"{number:02x}" * 6 in callers.versions)
        callers.wait_for(10)
    assert callers.wrong == []
    assert callers.versions == {f"{number:02x}" * 6 for number in range(11)}
    server.child.wait_until(lambda: len(server.serving()) == processes)
