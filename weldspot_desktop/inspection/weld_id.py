"""Weld IDs in a row."""

import re


def following(weld_id: str) -> str:
    """The ID after this one: its last number plus one, as wide as before ("W-009" to "W-010").

    An ID without a number has no successor: the result is empty.
    """
    found = re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", weld_id)
    if found is None:
        return ""
    before, number, after = found.groups()
    return f"{before}{int(number) + 1:0{len(number)}d}{after}"
