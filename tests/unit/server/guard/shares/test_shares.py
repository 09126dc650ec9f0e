"""What a principal may take: all of its limits or nothing, and no price for those without any."""

from __future__ import annotations

import threading
import timeit
from math import inf

import pytest

from trimtab.core.errors import UserError
from trimtab.server.guard.settings import GuardSettings, Share
from trimtab.server.guard.shares.shares import Over, Shares, share_of

DAY_S = 86_400


@pytest.fixture
def make(times, said):
    """Shares by one Share for everybody, or by settings."""

    def shares(what=None, **settings):
        settings = GuardSettings(share=what or Share(), **settings)
        made = Shares(settings, 2, said, times.clock, times.monotonic)
        made.attach(0)
        return made

    return shares


def test_requests_beyond_the_rate_are_refused_with_the_limit_and_the_time(make, times):
    shares = make(Share(requests="3/second; 5/day"))
    assert [shares.begin("key:ci") for _ in range(3)] == [None] * 3
    assert shares.begin("key:ci") == Over("requests", "3 per 1 second", pytest.approx(1.001))
    assert shares.begin("key:other") is None
    times.passes(1.001)
    assert shares.begin("key:ci") is None
    assert shares.begin("key:ci").limit == "3 per 1 second"
    times.passes(2)
    assert shares.begin("key:ci") is None
    over = shares.begin("key:ci")
    assert (over.what, over.limit) == ("requests", "5 per 1 day")
    assert over.retry_s > 3600


def test_what_is_refused_by_one_limit_is_counted_against_none(make, times):
    shares = make(Share(requests="10/second; 12/hour", rows="5/second; 8/hour"))
    assert [shares.begin("a") for _ in range(30)].count(None) == 10
    assert [shares.rows("a", 3) for _ in range(30)].count(None) == 1
    times.passes(2)
    assert [shares.begin("a") for _ in range(30)].count(None) == 2
    assert [shares.rows("a", 6), shares.rows("a", 5)] == [Over("rows", "5 per 1 second", inf), None]
    assert shares.rows("a", 1).limit == "8 per 1 hour"


def test_what_a_short_limit_let_pass_is_given_back_when_a_long_one_refuses(make, times):
    shares = make(Share(rows="5/second; 8/hour"))
    assert shares.rows("a", 5) is None
    times.passes(2)
    assert shares.rows("a", 4).limit == "8 per 1 hour"
    assert shares.rows("a", 3) is None


def test_more_rows_than_the_whole_quota_never_pass_and_no_rows_are_free(make):
    shares = make(Share(rows="100/second; 1000/day"))
    assert shares.rows("a", 1001) == Over("rows", "1000 per 1 day", inf)
    assert shares.rows("a", 101) == Over("rows", "100 per 1 second", inf)
    assert shares.rows("a", 0) is None
    assert shares.rows("a", 100) is None
    assert shares.begin("a") is None
    shares.end("a")


def test_as_many_are_answered_at_once_as_may(make):
    shares = make(Share(concurrent=2))
    assert [shares.begin("a") for _ in range(3)] == [None, None, Over("concurrent", "2 at once", 1.0)]
    assert shares.begin("b") is None
    shares.end("a")
    assert shares.begin("a") is None
    assert shares.begin("a") is not None


def test_a_request_over_its_rate_takes_no_place_and_one_without_a_place_counts_for_no_rate(make, times):
    shares = make(Share(requests="2/hour", concurrent=1))
    assert shares.begin("a") is None
    assert [shares.begin("a").what for _ in range(5)] == ["concurrent"] * 5
    shares.end("a")
    assert shares.begin("a") is None
    shares.end("a")
    assert [shares.begin("a").what for _ in range(5)] == ["requests"] * 5
    times.passes(2 * 3600)
    assert shares.begin("a") is None


def test_whose_share_it_is_goes_by_name_then_by_the_first_pattern_then_for_all():
    exact, wide, narrow, others = (Share(concurrent=n) for n in (1, 2, 3, 4))
    settings = GuardSettings(share=others, shares={"key:*": wide, "key:ci-*": narrow, "key:ci-7": exact})
    found = [share_of(settings, name) for name in ("key:ci-7", "key:ci-8", "token:a:b", "key:[ci-7")]
    assert found == [exact, wide, others, wide]


def test_a_principal_without_limits_is_neither_counted_nor_slow(make):
    shares = make(Share(), shares={"key:ci": Share(requests="1/day")})
    for nobody in (make(), shares):
        assert [nobody.begin("key:free"), nobody.rows("key:free", 10**9), nobody.end("key:free")] == [None] * 3
    took_s = min(timeit.repeat(lambda: shares.begin("key:free"), number=1000, repeat=50)) / 1000
    assert took_s < 3e-6  # of which ten times less is the rule
    assert shares.begin("key:ci") is None
    assert shares.begin("key:ci") is not None


def test_limits_that_are_forgotten_are_found_again_with_what_was_taken(make):
    shares = make(Share(requests="3/day", concurrent=3))
    assert [shares.begin("a"), shares.begin("a")] == [None, None]
    for n in range(10_001):
        assert shares.begin(f"n{n}") is None
        shares.end(f"n{n}")
    assert len(shares._known) == 10_000
    shares.end("a")
    assert [shares.begin("a"), shares.begin("a").what] == [None, "requests"]


def test_quotas_go_on_after_a_restart_and_places_do_not(make, tmp_path):
    share, path = Share(requests="5/day", rows="10/day", concurrent=3), tmp_path / "quotas"
    shares = make(share, quotas=path)
    assert [shares.begin("a") for _ in range(3)] == [None] * 3
    assert shares.rows("a", 7) is None
    shares = make(share, quotas=path)
    assert [shares.begin("a"), shares.begin("a"), shares.begin("a").what] == [None, None, "requests"]
    assert [shares.rows("a", 4).what, shares.rows("a", 3)] == ["rows", None]


def test_no_file_is_made_where_nothing_is_to_be_kept(make, tmp_path):
    make(quotas=tmp_path / "quotas")
    make(Share(concurrent=1), quotas=tmp_path / "quotas")
    assert list(tmp_path.iterdir()) == []


def test_names_of_any_kind_are_told_apart(make):
    shares = make(Share(requests="1/day"))
    names = ["a/b", "a", "a/", "/", "", "ä", "\udcff", "\0", "a" * 100_000]
    assert [shares.begin(name) for name in names] == [None] * len(names)
    assert None not in [shares.begin(name) for name in names]


def test_every_limit_that_cannot_be_read_is_named(make):
    shares = {"key:a": Share(rows="many"), "key:b": Share(requests="5/day", concurrent=0)}
    with pytest.raises(UserError) as raised:
        make(Share(requests="1/week", rows="1/day;1/day"), shares=shares)
    found = [(problem.code, problem.where) for problem in raised.value.problems]
    where = ["share.requests", "share.rows", "shares.key:a.rows", "shares.key:b.concurrent"]
    assert found == [("P341", one) for one in where]


def test_threads_lose_nothing(make):
    shares = make(Share(requests="100000/day", concurrent=4))
    passed = []

    def ask():
        count = 0
        for _ in range(2000):
            if shares.begin("a") is None:
                count += 1
                shares.end("a")
        passed.append(count)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [shares.begin("a") for _ in range(5)].count(None) == 4  # nobody is left in there
    assert sum(passed) == 8000
