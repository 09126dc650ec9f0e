"""An id of somebody else's answer is as unknown as one that was never given."""

import hashlib

import pytest

from trimtab.journal.truth.entries import TRUTH, Speaker, entries_of
from trimtab.journal.truth.faults import EntriesError
from trimtab.journal.truth.ownership import require_owner

NONCE = "0123456789ab"


class Tags:
    """Keys that make tags, and count how often they are asked."""

    def __init__(self):
        self.asked = 0

    def tag(self, nonce, principal):
        self.asked += 1
        digits = hashlib.sha256(f"{nonce}/{principal}".encode()).digest()
        return "".join("abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in digits[:12])


@pytest.fixture
def keys():
    return Tags()


def check(keys, ids, speaker, **more):
    require_owner(keys, entries_of(TRUTH, [{"id": one, "value": 1} for one in ids], speaker, 0.0), speaker, **more)


def refused(keys, ids, speaker, **more):
    with pytest.raises(EntriesError) as caught:
        check(keys, ids, speaker, **more)
    assert {problem.code for problem in caught.value.problems} == {"P941"}
    return [(fault.place, fault.what) for fault in caught.value.faults.named]


def test_who_got_the_answer_may_say_what_was_so(keys):
    mine = [f"{NONCE}{keys.tag(NONCE, 'key:a')}-{count:x}" for count in range(300)]
    keys.asked = 0
    check(keys, mine, Speaker("key:a"))
    assert keys.asked == 1  # once a process that gave them


def test_nobody_else_may_but_an_operator(keys):
    his = f"{NONCE}{keys.tag(NONCE, 'key:a')}-5"
    assert refused(keys, [his], Speaker("key:b"), alone=True) == [("`id`", "no answer of yours has this id")]
    check(keys, [his], Speaker("key:b", operator=True))


def test_an_id_that_was_never_given_is_refused_in_the_same_words(keys):
    his = f"{NONCE}{keys.tag(NONCE, 'key:a')}-5"
    never = f"{'f' * 12}{'a' * 12}-5"
    assert refused(keys, ["call-7", his, never], Speaker("key:b")) == [
        ("entry 1, `id`", "no answer of yours has this id"),
        ("entry 2, `id`", "no answer of yours has this id"),
    ]


@pytest.mark.parametrize(
    "mine", ["call-7", f"{NONCE}-5", f"{NONCE}{'A' * 12}-5", f"{NONCE}{'a' * 12}-", f" {NONCE}{'a' * 12}-5", "a" * 256]
)
def test_an_id_of_another_form_is_what_the_caller_named_it(keys, mine):
    check(keys, [mine], Speaker("key:b"))
    assert keys.asked == 0


def test_where_nobody_is_asked_who_he_is_everybody_is_the_same(keys):
    check(keys, [f"{NONCE}{keys.tag(NONCE, '')}-1"], Speaker())
