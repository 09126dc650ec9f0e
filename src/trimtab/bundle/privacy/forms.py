"""Forms that give away what a text is. Each takes time linear in its length, whatever is in it."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final

__all__ = ["has_email", "is_card", "is_email", "is_iban", "is_ip", "is_person", "is_phone", "is_social"]

_LONGEST: Final = 320  # characters of the longest form, an e-mail address
_MAILBOX: Final = r"[^\s@<>\"'(),:;\[\]]{1,64}+"
_HOST: Final = r"[A-Za-z0-9\u00a1-\uffff-]{1,63}+(?:\.[A-Za-z0-9\u00a1-\uffff-]{1,63}+){1,8}+"
_EMAIL: Final = re.compile(f"{_MAILBOX}@{_HOST}")
_AT: Final = re.compile(rf"[A-Za-z0-9._%+-]@{_HOST}")
_CARD: Final = re.compile(r"[3-6][0-9](?:[ -]?[0-9]){11,17}+", re.ASCII)
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}+", re.ASCII)
_IPV4: Final = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}", re.ASCII)
_IPV6: Final = re.compile(r"(?=.*:.*:)[0-9a-fA-F:.]{2,45}", re.ASCII)
_SOCIAL: Final = re.compile(r"(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}", re.ASCII)
_PHONE: Final = re.compile(
    r"(?:\+|\(\+?|0)[0-9](?:[ ./()-]{0,3}+[0-9]){6,14}+|[2-9][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4}", re.ASCII
)
_DATE: Final = re.compile(r"[0-9]{1,4}+[-./][0-9]{1,2}+[-./][0-9]{1,4}+", re.ASCII)
_MARKS: Final = str.maketrans("", "", "'.-\u2019")  # what a name may have beside letters


def is_email(text: str) -> bool:
    """One e-mail address, and nothing else."""
    return len(text) <= _LONGEST and _EMAIL.fullmatch(text.strip()) is not None


def has_email(text: str) -> bool:
    """An e-mail address somewhere in it."""
    return "@" in text and _AT.search(text) is not None


def is_phone(text: str) -> bool:
    """A phone number as people write them: behind `+` or a bracket, or with something between its digits."""
    text = text.strip()
    if len(text) > 30 or _PHONE.fullmatch(text) is None or _DATE.fullmatch(text):  # noqa: PLR2004 - longer than any
        return False
    return text[0] in "+(" or not text.isdigit()


def is_card(text: str) -> bool:
    """The number of a payment card: ISO/IEC 7812-1, its first digit a bank's and its check digit right (Luhn)."""
    text = text.strip()
    if len(text) > 40 or _CARD.fullmatch(text) is None:  # noqa: PLR2004 - longer than any
        return False
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]  # noqa: PLR2004
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def is_iban(text: str) -> bool:
    """An International Bank Account Number: ISO 13616, its check digits right (modulo 97)."""
    text = text.strip()
    if len(text) > 45 or _IBAN.fullmatch(text) is None:  # noqa: PLR2004 - longer than any
        return False
    plain = text.replace(" ", "")
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def is_ip(text: str) -> bool:
    """An IPv4 or IPv6 address."""
    text = text.strip()
    if len(text) > 45:  # noqa: PLR2004 - longer than any
        return False
    if _IPV4.fullmatch(text):
        return True
    try:
        return _IPV6.fullmatch(text) is not None and bool(IPv6Address(text))
    except ValueError:
        return False


def is_social(text: str) -> bool:
    """A social security number of the United States, as it is written: 123-45-6789."""
    return _SOCIAL.fullmatch(text.strip()) is not None


def is_person(text: str) -> bool:
    """Two to five words without a digit, two with a capital letter: a name of a person, or of many other things."""
    if len(text) > 100:  # noqa: PLR2004 - longer than most
        return False
    words = text.replace(",", " ").split()
    letters = all(word.translate(_MARKS).isalpha() for word in words)
    return 2 <= len(words) <= 5 and letters and sum(word[0].isupper() for word in words) >= 2  # noqa: PLR2004
