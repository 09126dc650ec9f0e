"""Where the traffic goes is the same for all processes from one moment to the next, and parts are nobody else's."""

import os
import threading

import pytest

from trimtab.core.traffic import Split, Traffic
from trimtab.server.flights.page import Course, Page


def test_the_course_is_the_one_that_was_steered_last():
    page = Page(Course(Traffic("f")), 1, 4)
    assert page.course() == (1, Course(Traffic("f")))
    course = Course(Traffic("f", 0.25, 0.5, Split("header", "x-user")), 12.5)
    page.steer(course)
    assert page.course() == (2, course)
    assert page.number[0] == 2


def test_one_that_is_too_long_changes_nothing():
    page = Page(Course(Traffic("f")), 1, 4)
    with pytest.raises(ValueError, match="too long"):
        page.steer(Course(Traffic("f" * 3000)))
    assert page.course() == (1, Course(Traffic("f")))


def test_who_looks_while_it_changes_sees_one_or_the_other_whole():
    page = Page(Course(Traffic("f" * 500, 0.0)), 1, 4)
    over = threading.Event()

    def steer():
        for at in range(2000):
            page.steer(Course(Traffic(("f" if at % 2 else "g") * 500, at / 2000)))
        over.set()

    steering = threading.Thread(target=steer)
    steering.start()
    seen = []
    while not over.is_set():
        number, course = page.course()
        assert len(set(course.traffic.flight)) == 1
        seen.append(number)
    steering.join()
    assert seen == sorted(seen)


def claimed_by_a_child(page):
    """A part that a process of its own has claimed, and what ends that process."""
    told, tell = os.pipe()
    waits, end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(end)
        part = page.claim()
        part[0] += 1
        os.write(tell, b"x")
        os.read(waits, 1)
        os._exit(0)
    os.close(waits)
    os.read(told, 1)
    os.close(told)
    os.close(tell)

    def ends():
        os.write(end, b"x")
        os.close(end)
        os.waitpid(pid, 0)

    return ends


def test_a_part_is_one_process_s_and_the_next_one_goes_on_where_it_was_left():
    page = Page(Course(Traffic("f")), 2, 4)
    first = claimed_by_a_child(page)
    second = claimed_by_a_child(page)
    assert [part[0] for part in page.parts] == [1.0, 1.0]
    third = claimed_by_a_child(page)  # one more than there should ever be: it shares the last
    assert [part[0] for part in page.parts] == [1.0, 2.0]
    first()
    fourth = claimed_by_a_child(page)
    assert [part[0] for part in page.parts] == [2.0, 2.0]
    for ends in (second, third, fourth):
        ends()
    page.close()
