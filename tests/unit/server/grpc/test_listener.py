"""The wall between our errors and the status of gRPC, in memory: bytes in, a message or a status out."""

from types import SimpleNamespace

import pytest

from trimtab.core.errors import Problem, UserError
from trimtab.server.faults import GRPC_STATUS, OverloadedError
from trimtab.server.grpc import calls
from trimtab.server.grpc.entrance import Entrance
from trimtab.server.grpc.health import Board
from trimtab.server.grpc.listener import _Door
from trimtab.server.grpc.proto import load
from trimtab.server.guard.make import open_guard
from trimtab.server.guard.peer import Peer
from trimtab.server.settings import Settings

SERVICE = load("inference")
BOARD = Board(lambda service: "SERVING" if service == "m" else "SERVICE_UNKNOWN", limit=1)
STATUS = {name: name for name in (*GRPC_STATUS.values(), "INTERNAL", "UNAUTHENTICATED")}
CALLER = Peer("192.0.2.7")
PEERS = {"linked": CALLER}


class Aborted(Exception):  # noqa: N818 - what grpcio raises has no name either
    pass


class Context:
    """What grpcio gives a handler."""

    def __init__(self, left_s=None, peer="unix-abstract:linked"):
        self.left_s, self.trailer, self.left, self.here = left_s, (), [], True
        self.peer = lambda: peer

    def time_remaining(self):
        return self.left_s

    def add_callback(self, job):
        self.left.append(job)
        return self.here

    def is_active(self):
        return self.here

    def invocation_metadata(self):
        return ()

    def set_trailing_metadata(self, trailer):
        self.trailer = dict(trailer)

    def abort(self, status, details):
        raise Aborted(status, details)


class Asker:
    """An `Asker` on this thread."""

    def __init__(self):
        self.noted = 0

    def __call__(self, *_: object):
        raise AssertionError("the calls of these tests ask nobody")

    def note(self, job):
        self.noted += 1
        job()

    def post(self, job):
        job()
        return True


GRPC = SimpleNamespace(
    unary_stream_rpc_method_handler=lambda handle, response_serializer: (handle, response_serializer),
    unary_unary_rpc_method_handler=lambda handle, response_serializer: (handle, response_serializer),
    method_handlers_generic_handler=lambda name, handlers: (name, handlers),
)


@pytest.fixture
def door(kit):
    """`door(call)`: a handler of ModelInfer that does this; and what the plane has counted and logged."""
    asker, logged = Asker(), []
    plane = kit.plane(kit.endpoint())
    plane.log = lambda event, fields: logged.append((event, fields))
    entrance = Entrance(open_guard(Settings(), plane.log), PEERS.get)

    def open_(call):
        table = {**calls.INFERENCE, "ModelInfer": calls.Way("infer", call)}
        name, handlers = _Door(plane, asker, STATUS, BOARD, entrance).handlers(GRPC, SERVICE, table)
        assert (name, set(handlers)) == ("inference.GRPCInferenceService", set(calls.INFERENCE))
        return handlers["ModelInfer"][0]

    return SimpleNamespace(open=open_, plane=plane, logged=logged, asker=asker, entrance=entrance)


def asked(**values):
    return SERVICE.rpcs["ModelInfer"].request(**values).SerializeToString()


def raising(error):
    def call(_caller, _request, _answer):
        raise error

    return call


def refused_by(handle, raw=None, context=None):
    context = context or Context()
    with pytest.raises(Aborted) as caught:
        handle(asked(model_name="churn") if raw is None else raw, context)
    return (*caught.value.args, context.trailer)


def test_a_message_reaches_its_call_with_the_caller_s_surroundings(door):
    seen = []

    def call(caller, request, answer):
        seen.append((caller.timeout_s, caller.own_id, request.id))
        caller.gone("leave")
        answer.model_name = request.model_name

    context = Context(left_s=2.5)
    assert door.open(call)(asked(model_name="churn", id="mine"), context).model_name == "churn"
    assert (seen[0][0], seen[0][2], context.left, dict(context.trailer)) == (
        2.5,
        "mine",
        ["leave"],
        {"x-request-id": seen[0][1]},
    )
    assert len(seen[0][1]) > 10
    assert door.asker.noted == 1


STRANGERS = ["unix-abstract:other", "unix:", "unix-abstract:", "ipv4:127.0.0.1:80", "linked.", "unix:linked.", ""]


@pytest.mark.parametrize("peer", STRANGERS)
def test_who_did_not_come_through_the_front_is_told_nothing_and_counted_nowhere(door, watch, peer):
    handle = door.open(raising(AssertionError("reached")))
    status, details, trailer = refused_by(handle, context=Context(peer=peer))
    assert (status, "port" in details, trailer) == ("UNAUTHENTICATED", True, ())
    with pytest.raises(Aborted):
        next(watch("m", Context(peer=peer)))
    assert (door.asker.noted, door.logged) == (0, [])


@pytest.mark.parametrize("code", GRPC_STATUS)
def test_each_of_our_codes_has_its_status_and_travels_itself(door, code):
    status, details, trailer = refused_by(door.open(raising(UserError(Problem(code, "what", "where", "do this")))))
    assert (status, trailer["trimtab-code"]) == (GRPC_STATUS[code], code)
    assert "what" in details
    assert details.endswith("(do this)")
    assert ("grpc-retry-pushback-ms" in trailer) is (status == "UNAVAILABLE" or code == "P333")


def test_who_is_refused_for_load_is_told_when_to_come_again(door):
    error = OverloadedError(Problem("P317", "full"))
    assert refused_by(door.open(raising(error)))[2]["grpc-retry-pushback-ms"] == "1000"


def test_a_fault_of_ours_is_logged_whole_and_told_without_its_words(door):
    status, details, _ = refused_by(door.open(raising(KeyError("secret"))))
    assert status == "INTERNAL"
    assert "secret" not in details
    ((event, fields),) = door.logged
    assert event == "request failed"
    assert "secret" in fields["traceback"]


def test_bytes_that_are_no_message_are_the_caller_s_fault(door):
    status, details, trailer = refused_by(door.open(raising(AssertionError("reached"))), raw=b"\xff\xff")
    assert (status, trailer["trimtab-code"]) == ("INVALID_ARGUMENT", "P310")
    assert "ModelInferRequest" in details
    assert door.logged == []


@pytest.mark.parametrize(("given", "told"), [("a:b/ c", "a:b/ c"), ("é\n", "%C3%A9%0A"), ("x" * 500, "x" * 128)])
def test_the_id_comes_back_as_a_header_can_carry_it(door, given, told):
    handle = door.open(raising(UserError(Problem("P310", "no"))))
    assert refused_by(handle, asked(id=given))[2]["trimtab-id"] == told
    assert len(refused_by(handle, asked())[2]["trimtab-id"]) > 10


@pytest.mark.parametrize(("letter", "kept"), [("x", 2048), ("%", 682), ("é", 341), ("\n", 682), ("\U0001f600", 170)])
def test_long_words_are_cut_to_what_a_header_holds(door, letter, kept):
    details = refused_by(door.open(raising(UserError(Problem("P310", letter * 5000)))))[1]
    assert details == letter * kept + "..."


@pytest.fixture
def watch(door):
    """`watch(service, context)`: the answers to a Watch."""
    health = load("health")
    _, handlers = _Door(door.plane, door.asker, STATUS, BOARD, door.entrance).handlers(GRPC, health, calls.HEALTH)
    assert set(handlers) == {"Check", "Watch"}
    handle = handlers["Watch"][0]
    assert handle.experimental_thread_pool is not None  # or watchers would take the threads of calls
    return lambda service, context: handle(health.rpcs["Watch"].request(service=service).SerializeToString(), context)


def test_whoever_watches_is_answered_until_he_leaves(watch):
    context = Context()
    answers = watch("m", context)
    assert next(answers).status == 1
    assert len(context.left) == 1
    context.here = False
    assert list(answers) == []
    other = watch("x", Context())
    assert next(other).status == 3
    other.close()


def test_whoever_has_left_already_is_not_waited_for(watch):
    context = Context()
    context.here = False
    assert list(watch("m", context)) == []


def test_one_watcher_too_many_is_refused(watch):
    first = watch("m", Context())
    next(first)
    context = Context()
    with pytest.raises(Aborted) as caught:
        next(watch("m", context))
    assert (caught.value.args[0], context.trailer["trimtab-code"]) == ("UNAVAILABLE", "P317")
    first.close()
