"""Our `.proto` files become message classes, with every construct that they use."""

import pytest

from trimtab.server.grpc.proto import _Reader, load

FILE = """
syntax = "proto3";  // a comment
package shop.v1;
service Till { rpc Pay(Bill) returns (Receipt); }
message Bill {
  message Item { string name = 1; repeated int64 prices = 2; }
  enum Kind { CASH = 0; CARD = 1; }
  repeated Item items = 1;
  map<string, Item> by_name = 2;
  oneof paid { bool in_full = 3; double part = 4; }
  Kind kind = 5;
}
message Receipt {}
"""


def test_every_call_of_the_protocol_has_its_messages():
    service = load("inference")
    assert service.name == "inference.GRPCInferenceService"
    assert list(service.rpcs) == [
        "ServerLive",
        "ServerReady",
        "ModelReady",
        "ServerMetadata",
        "ModelMetadata",
        "ModelInfer",
    ]
    assert service.rpcs["ModelInfer"].request.DESCRIPTOR.full_name == "inference.ModelInferRequest"


def test_messages_survive_the_wire_with_nested_ones_maps_and_choices():
    request = load("inference").rpcs["ModelInfer"].request
    message = request(model_name="m", inputs=[{"name": "x", "shape": [-1, 2], "contents": {"fp64_contents": [0.5]}}])
    message.parameters["goal"].double_param = 2.5
    message.raw_input_contents.append(b"\0\xff")
    read = request.FromString(message.SerializeToString())
    assert read == message
    assert read.parameters["goal"].WhichOneof("parameter_choice") == "double_param"
    assert list(read.inputs[0].shape) == [-1, 2]


def test_two_loads_do_not_meet_in_one_pool():
    first, second = load("health"), load("health")
    assert first.rpcs["Check"].request is not second.rpcs["Check"].request


def test_only_a_watch_is_answered_more_than_once():
    health = load("health").rpcs
    assert {name: rpc.streams for name, rpc in health.items()} == {"Check": False, "Watch": True}
    assert not any(rpc.streams for rpc in load("inference").rpcs.values())


def test_the_reader_knows_all_that_our_files_say():
    file = _Reader(FILE).file("shop.proto")
    assert file.package == "shop.v1"
    assert [(one.name, one.input_type, one.output_type) for one in file.service[0].method] == [
        ("Pay", ".shop.v1.Bill", ".shop.v1.Receipt")
    ]
    bill = file.message_type[0]
    assert [(field.name, field.number, field.label) for field in bill.field] == [
        ("items", 1, 3),
        ("by_name", 2, 3),
        ("in_full", 3, 1),
        ("part", 4, 1),
        ("kind", 5, 1),
    ]
    assert [field.HasField("oneof_index") for field in bill.field] == [False, False, True, True, False]
    assert [one.name for one in bill.nested_type] == ["Item", "ByNameEntry"]
    assert bill.nested_type[1].options.map_entry
    assert [(one.name, one.number) for one in bill.enum_type[0].value] == [("CASH", 0), ("CARD", 1)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"proto3"', '"proto2"'),
        ("message Receipt {}", "import Receipt;"),
        ("= 5;", "= 5"),
        ("repeated Item items", "repeated group Item items"),
        ("returns", "streams"),
        ("message Receipt {}", "message Receipt {"),
    ],
)
def test_what_it_does_not_understand_is_refused(old, new):
    assert old in FILE
    with pytest.raises(ValueError, match="is wanted"):
        _Reader(FILE.replace(old, new, 1)).file("shop.proto")
