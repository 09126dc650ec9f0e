"""Both arms in the text that Prometheus reads, and nothing where no flight is on."""

from prometheus_client import CollectorRegistry, generate_latest

from trimtab.server.flights.families import flight_families


class Collector:
    def __init__(self, endpoints):
        self.collect = lambda: list(flight_families(endpoints))


def text_of(endpoints):
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(endpoints))
    return generate_latest(registry).decode()


def test_no_flight_has_no_metrics(pair):
    pair.arms.champion.arms = None
    assert text_of({"m": pair.arms.champion}) == ""


def test_both_arms_are_there(pair):
    pair.arms.champion.arms = pair.arms
    pair.assign().ended(200, 0.1)
    pair.steer(0.25)
    pair.arms.tally.answered("challenger", 0.1, error=True, outputs=None)
    pair.arms.tally.dropped(2)
    text = text_of({"m": pair.arms.champion})
    for line in (
        'trimtab_flight_requests_total{arm="challenger",model="m"} 1.0',
        'trimtab_flight_errors_total{arm="challenger",model="m"} 1.0',
        'trimtab_flight_errors_total{arm="champion",model="m"} 0.0',
        'trimtab_flight_share{arm="champion",model="m"} 0.75',
        'trimtab_flight_shadow_total{model="m",outcome="dropped"} 2.0',
    ):
        assert line in text
    pair.steer(promoted=True)
    assert 'trimtab_flight_share{arm="challenger",model="m"} 1.0' in text_of({"m": pair.arms.champion})
