"""What containers a deployment wants: names, addresses, and what makes another revision."""

from dataclasses import replace

import pytest

from trimtab.core.deployment import Deployment, Resources, Secret
from trimtab.targets.container.labels import DEPLOYMENT, REVISION, deployment_in
from trimtab.targets.container.wants import (
    Known,
    Layout,
    address_of,
    control_of,
    image_of,
    network_of,
    place_of,
    revision_of,
    router_of,
    routes_of,
)

ONE, TWO = (f"sha256:{letter * 64}" for letter in "ab")
WANTED = Deployment("churn", "prod", ONE, port=8100)
LAYOUT = Layout()


def revision(wanted=WANTED, known=None, layout=LAYOUT):
    return revision_of(wanted, wanted.bundle, layout, known or Known())


def test_names_say_whose_they_are_and_no_two_endpoints_share_one():
    name = revision().name
    assert name.startswith("trimtab-prod-churn-")
    assert "-aaaaaaaaaaaa-" in name
    one, other = replace(WANTED, environment="a-b", name="c"), replace(WANTED, environment="a", name="b-c")
    assert router_of(one, LAYOUT).name != router_of(other, LAYOUT).name
    assert network_of(one, LAYOUT) != network_of(other, LAYOUT)
    assert place_of("c", "a-b") != place_of("b-c", "a")


@pytest.mark.parametrize(
    "change",
    [
        {"server": {"rows": 1}}, {"variables": {"A": "1"}}, {"resources": Resources(1.0)}, {"image": "r.example/x"},
        {"secrets": (Secret("A", "env:A"),)}, {"bundle": TWO}, {"timeout_s": 3.0},
    ],
)  # fmt: skip
def test_whatever_a_server_is_started_with_makes_another_revision(change):
    other = revision(replace(WANTED, **change))
    assert other.name != revision().name
    assert other.labels[REVISION] != revision().labels[REVISION]


@pytest.mark.parametrize("change", [{"port": 9000}, {"challenger": TWO}, {"server": {"admin": 9}}, {"public": True}])
def test_what_is_the_routers_makes_none(change):
    assert revision(replace(WANTED, **change)) == revision()


def test_image_and_secrets_count_too():
    names = {revision(known=one).name for one in (Known(), Known("f"), Known("g"), Known("f", "seal"))}
    assert len(names) == 4


def test_another_container_of_the_same_revision_has_a_name_and_a_port_of_its_own():
    first, again = revision(), revision(known=Known(again=1))
    assert again.name == f"{first.name}-1"
    assert again.labels[REVISION] == first.labels[REVISION]
    assert address_of(again) != address_of(first)


def test_a_revision_is_the_same_as_champion_and_as_challenger():
    flown = revision_of(replace(WANTED, challenger=TWO), TWO, LAYOUT)
    assert flown == revision(replace(WANTED, bundle=TWO))


def test_the_deployment_is_in_the_labels_without_what_is_the_routers():
    wanted = replace(WANTED, resources=Resources(1, 5), server={"admin": 8093, "rows": 2}, challenger=TWO)
    own = deployment_in(revision(wanted).labels)
    assert own == replace(WANTED, port=8080, resources=Resources(1.0, 5), server={"rows": 2})
    assert deployment_in(router_of(wanted, LAYOUT).labels) == Deployment(
        "churn", "prod", "", port=8100, server={"admin": 8093}
    )
    assert deployment_in({DEPLOYMENT: "{"}) is None


def test_a_pinned_image_is_of_its_bundle_and_others_are_found_by_tag():
    assert image_of(WANTED, ONE) == "localhost/trimtab/churn:aaaaaaaaaaaa"
    wanted = replace(WANTED, image="r.example:5000/x@sha256:cc")
    assert image_of(wanted, ONE) == "r.example:5000/x@sha256:cc"
    assert image_of(wanted, TWO) == "r.example:5000/x:bbbbbbbbbbbb"


def test_routes_name_the_champion_and_where_both_are():
    one, two = revision(), revision(replace(WANTED, bundle=TWO))
    routes = routes_of(replace(WANTED, challenger=TWO), one, two)
    assert routes.backends == {ONE: address_of(one), TWO: address_of(two)}
    assert (routes.champion, routes.listen, routes.control) == (ONE, ("127.0.0.1", 8100), ("127.0.0.1", 8101))
    assert control_of(replace(WANTED, server={"admin": 8093})) == 8093


def test_ports_of_revisions_are_where_they_are_wanted():
    ports = {
        revision(replace(WANTED, bundle=f"sha256:{n:064x}"), layout=Layout(first=30_000)).ports[0].outer
        for n in range(50)
    }
    assert min(ports) >= 30_000
    assert max(ports) < 40_000
    assert len(ports) > 40
