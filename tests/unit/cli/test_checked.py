from trimtab.cli.checked import lines, plain
from trimtab.core.attestations import Attestation, Measure


def made(kind, verdict, *measures):
    return Attestation(kind, "sha256:1", verdict, 1.0, measures=measures)


def test_a_check_is_a_line_and_each_measure_that_does_not_pass_another():
    load = made(
        "load", "FAIL",
        Measure("p99", 0.0912, "FAIL", 0.08, "s", 3012, "0.09 to 0.093 s"),
        Measure("errors", 0.0, "PASS", 0.01, "", 3012),
        Measure("throughput", 501.23456, "PASS", None, "requests/s"),
        Measure("groups", None, "UNKNOWN", says="not looked at"),
    )  # fmt: skip
    assert list(lines(load)) == [
        (
            "load        FAIL     2 of 4 hold, p99 91.2 ms (limit 80 ms), n 3012, errors 0 (limit 0.01), n 3012, "
            "throughput 501.235 requests/s"
        ),
        "            FAIL     p99 91.2 ms (limit 80 ms), n 3012: 0.09 to 0.093 s",
        "            UNKNOWN  groups: not looked at",
    ]


def test_what_could_not_be_made_says_why_once():
    one = made("replay", "UNKNOWN", Measure("made", None, "UNKNOWN", says="there is no journal"))
    assert list(lines(one)) == ["replay      UNKNOWN  there is no journal"]


def test_a_program_reads_all_of_it():
    found = plain(made("tests", "PASS", Measure("passed", 3.0, "PASS", count=3)))
    assert (found["kind"], found["verdict"], found["measures"][0]["count"]) == ("tests", "PASS", 3)
