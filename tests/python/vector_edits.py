"""The edits of placeholders such as `{t1.token|upper}`: what a vector does to a token before it is presented."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def edited(text: str, edit: str, token_of: Callable[[str], str]) -> str:
    """Apply one edit: its name, then `:` and an argument where it takes one."""
    name, _, argument = edit.partition(":")
    if name == "flip":
        return _flipped(text, int(argument))
    if name == "repeat":
        return text * int(argument)
    if name == "join":
        return summed(text[:-38] + token_of(argument)[-38:-6])
    return _EDITS[name](text)


def summed(text: str) -> str:
    """Give a text and the checksum of it: CRC-32 as six digits of base 62, the most significant first."""
    remainder = zlib.crc32(text.encode())
    digits = ""
    for _ in range(6):
        remainder, digit = divmod(remainder, 62)
        digits = ALPHABET[digit] + digits
    return text + digits


def _flipped(text: str, index: int) -> str:
    at = index % len(text)
    following = ALPHABET[(ALPHABET.index(text[at]) + 1) % len(ALPHABET)]
    return text[:at] + following + text[at + 1 :]


_EDITS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "swapcase_secret": lambda text: text[:-38] + text[-38:-6].swapcase() + text[-6:],
    "drop_last": lambda text: text[:-1],
    "drop_first": lambda text: text[1:],
    "double": lambda text: text + text,
    "checksum": lambda text: summed(text[:-6]),
    "prefix": lambda text: text[:-51],
    "id": lambda text: text[-50:-38],
    "secret": lambda text: text[-38:-6],
    "check": lambda text: text[-6:],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "sha256hex": lambda text: hashlib.sha256(text.encode()).hexdigest(),
}
