import platform

from trimtab.ops.check.machine import machine


def test_it_says_what_a_number_depends_on_and_not_where_it_is():
    found = machine()
    assert set(found) == {"processor", "processors", "memory", "load", "system", "python"}
    assert found["processors"] > 0
    assert found["memory"] > 2**20
    assert platform.node() not in str(found) or not platform.node()
