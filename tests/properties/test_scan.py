"""Numbers that the kernel reads are those that Python reads, to the last bit; what is no number of JSON it leaves."""

import json
import struct
from decimal import Decimal, localcontext
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trimtab.bundle.engines.native import Native
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.forest.layout import Facts
from trimtab.bundle.forest.trees import Tree, tables
from trimtab.bundle.kernels import library
from trimtab.server.express.frames import Frame, Hole
from trimtab.server.express.kernel import Kernel

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)


def scanner(dtype: str):
    """The kernel with one hole of one number in brackets; its model is a forest of one leaf, which takes anything."""
    facts = Facts("none", 1, 1, dtype, casts=False)
    none, one = np.array([-1]), np.zeros(1, np.int64)
    leaf = Tree(one, np.zeros(1), none, none, np.zeros(1, np.int64), one, np.zeros((1, 1)), 0)
    forest = Forest(tables([leaf], facts, np.zeros(1)), facts)
    walk, rows = forest.walk, np.dtype(dtype)
    assert walk is not None
    kernel = Kernel(
        Native(
            "forest", walk.address, 1, rows, 1, np.dtype(np.float64), "y", True, SimpleNamespace(f=forest), walk.scratch
        )
    )
    kernel.know([Frame((b"[", b"]"), (Hole(1, 0, 1),), 1)])

    def read(text: bytes):
        """The number; None for what is left to others."""
        whole = b"[%b]" % text
        return kernel.matrix[0, 0] if kernel(whole, 0, len(whole)) == 0 else None

    return read


if library() is not None:
    DOUBLE, SINGLE = scanner("float64"), scanner("float32")


def holds(text: str) -> bool:
    """Whether the number is read, and read as by Python; as a single number it is the double's nearest."""
    found, single, wanted = DOUBLE(text.encode()), SINGLE(text.encode()), float(text)
    if found is not None:
        assert struct.pack("<d", found) == struct.pack("<d", wanted), text
    with np.errstate(over="ignore"):
        narrow = np.float32(wanted)
    assert (single is None) == (found is None or bool(np.isinf(narrow))), text
    assert single is None or single.tobytes() == narrow.tobytes(), text
    return found is not None


@given(st.integers(0, 2**64 - 1))
@example(0x0000000000000001)
@example(0x000FFFFFFFFFFFFF)
@example(0x0010000000000000)
@example(0x7FEFFFFFFFFFFFFF)
@example(0xFFEFFFFFFFFFFFFF)
def test_any_double(bits):
    (double,) = struct.unpack("<d", struct.pack("<Q", bits))
    if np.isfinite(double):
        for text in (repr(double), f"{double:.17g}", f"{double:.18e}"):
            holds(text)


@given(st.floats(1e-5, 1e15) | st.floats(-1e15, -1e-5))
def test_the_doubles_of_every_day_are_read(double):
    assert holds(repr(double))
    assert holds(f"{double:.16e}")


digits = st.text("0123456789", min_size=1, max_size=25)


@given(
    st.sampled_from(["", "-"]), digits, st.none() | digits, st.none() | st.integers(-345, 345) | st.integers(-30, 30)
)
@example("", "9999999999999999999", None, 27)
@example("", "9999999999999999999", None, -27)
@example("", "9007199254740992", None, 22)
@example("", "9007199254740993", None, -22)
@example("-", "0", "0", None)
@example("-", "0", None, 5)
def test_any_decimal(sign, whole, fraction, power):
    whole = whole.lstrip("0") or "0"
    text = sign + whole + ("" if fraction is None else "." + fraction) + ("" if power is None else f"e{power:+d}")
    if text == "-0":
        assert DOUBLE(b"-0") is None
        return
    taken = holds(text)
    most = len((whole + (fraction or "")).lstrip("0"))
    if most <= 19 and -28 < (power or 0) - len(fraction or "") < 28 and text.strip("-0"):
        assert taken


@given(st.integers(2**52, 2**53 - 1), st.integers(-4, 0) | st.integers(-80, 20), st.integers(-1, 1))
def test_ties_between_neighbours_and_what_is_beside_them(mantissa, power, beside):
    tie = Fraction(2 * mantissa + 1, 2) * Fraction(2) ** power
    with localcontext() as exact:
        exact.prec = 200
        text = format(Decimal(tie.numerator) / Decimal(tie.denominator), "f").rstrip("0").rstrip(".")
    for shown in (text[:19], text[:20], text):
        if shown.strip("0.") and not shown.endswith("."):
            holds(shown)
    short = round(tie * 10**27) + beside if tie < 1e-9 else int(tie) + beside
    holds(f"{short}e-27" if tie < 1e-9 else str(short))


@given(st.integers(2**53, 2**63), st.integers(0, 9))
def test_integers_half_way_between_doubles(start, shift):
    half = (start >> shift << shift) + (1 << shift >> 1)
    for number in (half - 1, half, half + 1):
        assert holds(str(number))
        assert holds(f"-{number}")


@given(st.integers(-(2**70), 2**70))
def test_integers(number):
    if number or number >= 0:
        assert holds(str(number)) is (len(str(abs(number))) <= 19)


def is_json(text: str) -> bool:
    try:
        return type(json.loads(text, parse_constant=lambda _: None)) in (int, float)
    except ValueError:
        return False


@given(st.text("0123456789+-.eE xn", max_size=7) | st.text("01-.e", max_size=6))
@example("01")
@example("-01")
@example("+1")
@example(".5")
@example("1.")
@example("1.e5")
@example("1e")
@example("1e+")
@example("0x10")
@example("1 2")
@example("1e 5")
@example("- 1")
@example("--1")
@example("-")
@example("")
@example("1e5.5")
@example("00")
@example("0e00001")
def test_what_is_no_number_of_json_is_left(text):
    if is_json(text):
        if text.strip() != "-0":
            holds(text)
    else:
        assert DOUBLE(text.encode()) is None
        assert SINGLE(text.encode()) is None


@pytest.mark.parametrize(
    "text",
    ["-0", "NaN", "nan", "Infinity", "-Infinity", "inf", "null", "true", '"1"', "1\0", "\0", "\xa01", "1,", ",1"],
)
def test_words_are_left(text):
    assert DOUBLE(text.encode("latin-1")) is None


@pytest.mark.parametrize(
    "text", ["3.4028235677973366e38", "1000000000000e27", "-999999999999e27", "9999999999999999999e27"]
)
def test_what_is_too_large_for_a_single_number_is_left(text):
    assert DOUBLE(text.encode()) is not None
    assert SINGLE(text.encode()) is None


@given(st.text(" \n\t\r", max_size=5), st.text(" \n\t\r", max_size=5))
def test_blanks_stand_around_a_number(before, behind):
    assert DOUBLE(f"{before}2.5{behind}".encode()) == 2.5
