"""Stacks to stages, and stages to a picture."""

import xml.etree.ElementTree as ET

LOOP = "run (asyncio/runners.py:118)"
TAKE = f"{LOOP};Listener.data_received (trimtab/server/listener.py:122)"
LINES = [
    f"{LOOP} 3",
    f"{TAKE};read (trimtab/server/dialects/oip.py:73);loads (json/decoder.py:1) 4",
    f"{TAKE};start (trimtab/server/dataplane.py:128);__call__ (trimtab/core/checker.py:42) 2",
    f"{TAKE};Listener._write (trimtab/server/listener.py:155) 1",
    "_bootstrap (threading.py:1002);_worker (concurrent/futures/thread.py:81) 900",
    "",
]


def test_the_innermost_frame_of_ours_decides(bench):
    shares = bench("stacks").stages(LINES)
    assert shares == {
        "event loop, wait and read": 0.3,
        "decode the body": 0.4,
        "check against the signature": 0.2,
        "write": 0.1,
    }


def test_a_stack_without_a_frame_of_ours_is_other(bench):
    assert bench("stacks").stages(["main (x.py:1) 1"]) == {"other": 1.0}


def test_a_picture_is_svg_and_the_same_each_time(bench):
    costs = {"W1 & <more>": {"model": 30.0, "write": 10.0}}
    drawn = bench("stacks").picture(costs)
    assert drawn == bench("stacks").picture(costs)
    root = ET.fromstring(drawn)  # noqa: S314 - drawn a line above
    wide = [
        float(one.get("width")) for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("height") != "14"
    ]
    assert wide[0] / wide[1] == 3
