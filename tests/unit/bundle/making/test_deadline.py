import signal
import threading

import pytest

from trimtab.bundle.making.deadline import TimeIsUp, deadline

SHORT_S = 0.05


def forever():
    while True:
        pass


def test_code_that_computes_for_ever_is_interrupted():
    with pytest.raises(TimeIsUp), deadline(SHORT_S):
        forever()


def test_code_that_waits_for_ever_is_interrupted():
    with pytest.raises(TimeIsUp), deadline(SHORT_S):
        threading.Event().wait()


def test_code_that_catches_everything_is_told_again():
    caught = []

    def stubborn():
        try:
            forever()
        except BaseException as error:  # noqa: BLE001  # as users write it
            caught.append(type(error))
        forever()

    with pytest.raises(TimeIsUp), deadline(SHORT_S):
        stubborn()
    assert caught == [TimeIsUp]


def test_code_in_time_is_left_alone_and_the_alarm_of_others_is_put_back():
    heard = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: heard.append(number))
    rest = signal.setitimer(signal.ITIMER_REAL, 600)
    try:
        with deadline(60):
            pass
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 60 < left <= 600
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *rest)
    assert heard == [signal.SIGALRM]


def test_an_error_in_the_block_is_the_block_s_own():
    with pytest.raises(ZeroDivisionError), deadline(60):
        raise ZeroDivisionError
    assert signal.getitimer(signal.ITIMER_REAL)[0] != pytest.approx(60, abs=1)


def test_beside_the_main_thread_there_is_no_limit():
    done = []

    def work():
        with deadline(SHORT_S):
            done.append(threading.Event().wait(4 * SHORT_S))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [False]
