"""Health that is watched, on real servers: by our own messages, and by the health checks of gRPC's own client."""

import json
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from trimtab.server.grpc.proto import load

HEALTH = load("health")
WATCH, LIVE = HEALTH.rpcs["Watch"], "/inference.GRPCInferenceService/ServerLive"
LONE = ("grpc.use_local_subchannel_pool", 1)  # or channels to one address would share their connection
WAIT_S = 20


@contextmanager
def channel_to(target, *options):
    with grpc.insecure_channel(target, (LONE, *options)) as channel:
        yield channel


def watch(channel, service):
    """The names of what is heard, one after the other."""
    call = channel.unary_stream(f"/{HEALTH.name}/Watch", WATCH.request.SerializeToString, WATCH.response.FromString)
    words = WATCH.response.DESCRIPTOR.enum_types_by_name["ServingStatus"].values_by_number
    heard = call(WATCH.request(service=service), timeout=WAIT_S)
    return heard, (words[answer.status].name for answer in heard)


def checked(service):
    """Options of a channel that sends nothing to a server that does not call this service healthy."""
    config = {"healthCheckConfig": {"serviceName": service}, "loadBalancingConfig": [{"round_robin": {}}]}
    return ("grpc.service_config", json.dumps(config))


def test_a_watch_hears_the_status_at_once_and_the_end_of_a_server_that_drains(serve):
    served = serve(drain_delay_s=1.0)
    with channel_to(served.grpc) as channel:
        _, whole = watch(channel, "")
        _, model = watch(channel, "churn")
        _, unknown = watch(channel, "other")
        assert [next(heard) for heard in (whole, model, unknown)] == ["SERVING", "SERVING", "SERVICE_UNKNOWN"]
        served.process.send_signal(signal.SIGTERM)
        assert [next(heard) for heard in (whole, model)] == ["NOT_SERVING", "NOT_SERVING"]
        for heard in (whole, model, unknown):
            with pytest.raises(grpc.RpcError) as caught:
                next(heard)
            assert (caught.value.code().name, "stopping" in caught.value.details()) == ("UNAVAILABLE", True)
    assert served.process.wait(WAIT_S) == 0


def test_watches_take_no_thread_from_calls_and_those_that_end_make_room(serve):
    served = serve(processes=1, grpc_threads=2)
    with channel_to(served.grpc) as channel:
        watches = [watch(channel, "") for _ in range(256)]
        assert {next(heard) for _, heard in watches} == {"SERVING"}
        assert channel.unary_unary(LIVE)(b"", timeout=WAIT_S)
        with pytest.raises(grpc.RpcError) as caught:
            next(watch(channel, "")[1])
        assert dict(caught.value.trailing_metadata())["trimtab-code"] == "P317"
        for call, _ in watches:
            call.cancel()
        assert first_that_is_let_in(channel) == "SERVING"


def first_that_is_let_in(channel):
    """What a watcher hears who asks until the server has noticed that others have left."""
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return next(watch(channel, "")[1])
        except grpc.RpcError:
            assert time.monotonic() < end


def test_a_client_that_checks_health_calls_whom_it_may(serve):
    served = serve()
    for service in ("", "churn"):
        with channel_to(served.grpc, checked(service)) as channel:
            assert channel.unary_unary(LIVE)(b"", timeout=WAIT_S)
    with channel_to(served.grpc, checked("other")) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(LIVE)(b"", timeout=WAIT_S)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "health" in caught.value.details()


def test_a_client_that_checks_health_notices_nothing_of_a_renewal(serve):
    served = serve(processes=1)
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    with channel_to(served.grpc, checked("churn")) as channel:
        live = channel.unary_unary(LIVE)
        assert live(b"", timeout=WAIT_S)
        old = set(children.read_text().split())
        _, heard = watch(channel, "churn")
        assert next(heard) == "SERVING"
        served.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + WAIT_S
        while not old.isdisjoint(children.read_text().split()):
            assert time.monotonic() < end
            assert live(b"", timeout=WAIT_S)
        with pytest.raises(grpc.RpcError) as caught:
            next(heard)  # no word but of the end
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        _, heard = watch(channel, "churn")
        assert next(heard) == "SERVING"
