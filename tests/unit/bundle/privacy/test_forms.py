"""Forms of values: real ones, and what only looks like them."""

from __future__ import annotations

import time

import pytest

from trimtab.bundle.privacy import forms

# numbers that banks and standards publish as examples
RIGHT = {
    "is_email": ["a@b.de", "first.last+tag@sub.example.co.uk", "x_y%z@example.museum", " a@b.de ", "ü@bücher.example"],
    "is_phone": [
        "+49 30 1234567", "+4930123456", "(030) 123 45 67", "030/1234567", "0171-2345678", "(555) 123-4567",
        "555-123-4567", "212.555.0123", "+1-212-555-0123", "06 12 34 56 78",
    ],
    "is_card": ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"],
    "is_iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "FR1420041010050500013M02606",
                "NL91ABNA0417164300", "ES9121000418450200051332"],
    "is_ip": ["192.168.0.1", "8.8.8.8", "255.255.255.255", "::1", "2001:db8::8a2e:370:7334", "::ffff:10.0.0.1"],
    "is_social": ["123-45-6789", "001-01-0001"],
    "is_person": ["Anna Schmidt", "Schmidt, Anna", "Jean-Luc O'Neill", "María José García Pérez", "J. R. Smith",
                  "Braund, Mr. Owen Harris"],
}  # fmt: skip
WRONG = {
    "is_email": ["a@b", "@b.de", "a b@c.de", "a@b.de c@d.de", "a@@b.de", "", "a@b..de", "a@-", "x" * 70 + "@b.de"],
    "is_phone": ["2020-01-02", "01.02.2020", "01-02-2020", "12345", "0012345678", "4006381333931", "1.5", "", "+",
                 "08:15", "0123", "10.0.0.1", "+12 34 56 78 90 12 34 56 78 90 12 34"],
    "is_card": ["4111111111111112", "1234567812345670", "411111111111", "4111-1111-1111-111a", "0" * 16, ""],
    "is_iban": ["DE89370400440532013001", "DE89", "de89370400440532013000", "AB12" + "X" * 40, ""],
    "is_ip": ["256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "10:20:30", "a:b", "1:2:3:4:5:6:7:8:9", "",
              "fe80::1%eth0"],
    "is_social": ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "123456789",
                  "123-45-67890"],
    "is_person": ["Anna", "anna schmidt", "Ford T4", "New York City Is A Town", "12 Monkeys", "", "   ", "- -"],
}  # fmt: skip
CASES = [(name, text, True) for name, texts in RIGHT.items() for text in texts]
CASES += [(name, text, False) for name, texts in WRONG.items() for text in texts]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_a_form_is_known(name, text, expected):
    assert getattr(forms, name)(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to a@b.de, please", True),
        ("<a@b.de>", True),
        ("me @ home", False),
        ("@anna said", False),
        ("a@b", False),
    ],
)
def test_an_address_inside_a_text_is_found(text, expected):
    assert forms.has_email(text) is expected


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "a@" * 50_000, "a@a." * 25_000, "1 " * 50_000, "1" * 100_000, "+1-" * 33_000, "1." * 50_000,
     "A" * 100_000, "DE89" + " 1" * 50_000, ":" * 100_000, "A b" * 33_000, "4 " * 50_000, " " * 100_000, "'" * 100_000],
)  # fmt: skip
@pytest.mark.parametrize("name", [*RIGHT, "has_email"])
def test_no_text_takes_long(name, text):
    began = time.process_time()
    getattr(forms, name)(text)
    assert time.process_time() - began < 0.05
