"""What Prometheus reads: valid text, true counts, and labels from closed sets."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from trimtab.server.metrics import BUCKETS_S, DIALECTS, REASONS, Metrics


def samples(metrics, endpoints):
    """Value by name and labels, as a client of Prometheus parses them."""
    _, text = metrics.text(endpoints)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def request_count(model, dialect, status):
    return ("trimtab_requests_total", ("dialect", dialect), ("model", model), ("status", status))


def bucket(model, bound):
    return ("trimtab_request_seconds_bucket", ("le", bound), ("model", model))


def test_requests_are_counted_by_model_dialect_and_status_class(endpoint):
    metrics = Metrics(["churn"])
    for model, dialect, status in (
        ("churn", "oip", 200), ("churn", "oip", 299), ("churn", "rows", 422), ("", "other", 404), ("churn", "oip", 503),
    ):  # fmt: skip
        metrics.begin()
        metrics.end(model, dialect, status, 0.01)
    found = samples(metrics, {"churn": endpoint})
    counts = {key: value for key, value in found.items() if key[0] == "trimtab_requests_total"}
    assert counts == {
        request_count("churn", "oip", "2xx"): 2,
        request_count("churn", "oip", "5xx"): 1,
        request_count("churn", "rows", "4xx"): 1,
        request_count("", "other", "4xx"): 1,
    }


def test_times_lie_in_the_buckets_up_to_and_with_their_bound(endpoint):
    metrics = Metrics(["churn"])
    for seconds in (0.0001, 0.00010001, 0.5, 31.0):
        metrics.end("churn", "oip", 200, seconds)
    found = samples(metrics, {"churn": endpoint})
    got = [found[bucket("churn", bound)] for bound in ("0.0001", "0.00025", "0.25", "0.5", "30.0", "+Inf")]
    assert got == [1, 2, 2, 3, 3, 4]
    assert found["trimtab_request_seconds_count", ("model", "churn")] == 4
    assert found["trimtab_request_seconds_sum", ("model", "churn")] == pytest.approx(31.50020001)
    assert found[bucket("", "+Inf")] == 0


def test_rows_and_requests_in_flight_are_counted(endpoint):
    metrics = Metrics(["churn"])
    metrics.begin()
    metrics.begin()
    metrics.end("churn", "rows", 200, 0.1)
    metrics.count_rows("churn", 3)
    metrics.count_rows("churn", 4)
    found = samples(metrics, {"churn": endpoint})
    assert (found["trimtab_in_flight",], found["trimtab_rows_total", ("model", "churn")]) == (1, 7)


def test_every_model_says_what_it_is_and_whether_it_can_answer(kit):
    ready, loading = kit.endpoint(name="ready", columns=kit.row), kit.endpoint(name="loading", ready=False)
    found = samples(Metrics(["ready", "loading"]), {"ready": ready, "loading": loading})
    assert [found["trimtab_ready", ("model", name)] for name in ("ready", "loading")] == [1, 0]
    info = ("trimtab_model_info", ("flavour", "python"), ("model", "ready"), ("version", "ab" * 6))
    assert found[info] == 1
    assert found["trimtab_row_seconds", ("model", "ready")] == 0.001
    assert found["trimtab_row_seconds", ("model", "loading")] == float("inf")


def test_all_processes_count_into_one_text_and_a_replaced_one_takes_nothing_with_it(endpoint):
    metrics = Metrics(["churn"], processes=2)
    for process, requests in ((0, 3), (1, 2)):
        metrics.attach(process)
        for _ in range(requests):
            metrics.begin()
            metrics.end("churn", "grpc", 200, 0.01)
        metrics.begin()
        metrics.count_rows("churn", 10)
    found = samples(metrics, {"churn": endpoint})
    assert (found[request_count("churn", "grpc", "2xx")], found["trimtab_rows_total", ("model", "churn")]) == (5, 20)
    assert (found["trimtab_in_flight",], found["trimtab_restarts_total",]) == (2, 0)
    metrics.count_restart(1)
    found = samples(metrics, {"churn": endpoint})
    assert (found["trimtab_in_flight",], found["trimtab_restarts_total",]) == (1, 1)
    assert found[request_count("churn", "grpc", "2xx")] == 5


def test_a_model_that_is_not_served_is_not_counted():
    metrics = Metrics(["churn"])
    with pytest.raises(KeyError):
        metrics.end("made up", "oip", 200, 0.1)
    with pytest.raises(KeyError):
        metrics.count_rows("made up", 1)


def test_the_content_type_is_the_one_of_the_text_format(endpoint):
    content_type, text = Metrics(["churn"]).text({"churn": endpoint})
    assert content_type.startswith(b"text/plain; version=")
    assert text.endswith(b"\n")


seconds = st.one_of(st.sampled_from(BUCKETS_S), st.floats(0, 100))
requests = st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(DIALECTS), st.integers(100, 599), seconds)


@settings(max_examples=30)
@given(st.lists(requests, max_size=30))
def test_whatever_happens_the_text_parses_adds_up_and_has_closed_labels(done):
    metrics = Metrics(["a", "b"])
    for model, dialect, status, took in done:
        metrics.begin()
        metrics.end(model, dialect, status, took)
    found = samples(metrics, {})
    counts = {key: value for key, value in found.items() if key[0] == "trimtab_requests_total"}
    assert sum(counts.values()) == len(done)
    for model in ("", "a", "b"):
        buckets = [found[bucket(model, bound)] for bound in [*map(str, BUCKETS_S), "+Inf"]]
        assert buckets == sorted(buckets)
        of_model = [took for name, _, _, took in done if name == model]
        assert buckets == [sum(took <= bound for took in of_model) for bound in [*BUCKETS_S, float("inf")]]
    labels = {"model": {"", "a", "b"}, "dialect": set(DIALECTS), "status": {f"{first}xx" for first in range(1, 6)}}
    for key in counts:
        assert all(value in labels[name] for name, value in key[1:])
    assert found["trimtab_in_flight",] == 0


def test_who_is_turned_away_is_counted_by_the_reason_from_any_thread():
    metrics = Metrics(["churn"])
    metrics.turned_away("forbidden")
    threads = [threading.Thread(target=lambda: [metrics.turned_away("page") for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {key[1][1]: value for key, value in samples(metrics, {}).items() if key[0] == "trimtab_turned_away_total"}
    assert found == dict.fromkeys(REASONS, 0.0) | {"forbidden": 1.0, "page": 2000.0}


@pytest.mark.parametrize("status", [200, 503])
def test_what_is_answered_at_once_is_counted_as_by_its_steps(endpoint, status):
    found = []
    for quick in (True, False):
        metrics = Metrics({"churn": endpoint})
        place = metrics.place("churn", "oip")
        metrics.begin()
        if quick:
            metrics.answered(place, "churn", 3, 0.25, status)
        else:
            metrics.count_rows("churn", 3)
            metrics.end_at(place, status, 0.25)
        counted = samples(metrics, {"churn": endpoint}).items()
        found.append({key: value for key, value in counted if not key[0].startswith("process_")})
    assert found[0] == found[1]
