"""What the types that need no declaration are, in the words of the reference: the table at the top of its page.

Asked for by people only, so it is read from the page when it is wanted.
"""

from __future__ import annotations

import re

from flowlang import bundled
from flowlang.types.builtin import GENERIC, PLAIN

PAGE = "docs/language/types.md"
_row = re.compile(r"^\| (`.*`) \| (.*) \|$", re.M)
_code = re.compile(r"`((?:[^`\\]|\\.)*)`")
_link = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def meaning(name: str) -> str:
    """What a type is; '' for a name that is not in the table, or where the page is not installed."""
    page = (bundled.read(PAGE) or b"").decode()
    for codes, values in _row.findall(page):
        names = list(dict.fromkeys(each.partition("[")[0] for each in _code.findall(codes)))
        if name in names and (name in PLAIN or name in GENERIC):
            said = _link.sub(r"\1", values)
            parts = re.split("; " if ";" in said else r", (?![^(]*\))", said)
            return parts[names.index(name)] if len(parts) == len(names) > 1 else said
    return ""
