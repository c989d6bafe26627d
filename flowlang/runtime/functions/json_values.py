"""`tojson` and `json`: text to values and back, pointers and patches."""

from __future__ import annotations

from typing import Any, Final

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.caps import allow_text
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import text_of, write_json


def tojson(value: Any, indent: int | None = None) -> str:
    return dump(value, indent)


def dump(value: Any, indent: int | None = None, sort_keys: bool = False) -> str:
    text = write_json(value, indent, sort_keys=sort_keys)
    allow_text(len(text))
    return text


def parse(text: Any) -> Any:
    from flowlang.runtime.functions.json_text import read_json

    try:
        return read_json(text_of(text, "json.parse").encode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise fault(f"the text is not JSON: {error}") from None


def pointer(value: Any, path: str) -> Any:
    """RFC 6901; `-` and what is not there give none."""
    if path and not path.startswith("/"):
        raise fault("a JSON pointer is empty or begins with `/`")
    for token in path.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif value.__class__ is list and key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0"):
            value = value[int(key)] if int(key[:9]) < len(value) and len(key) < 10 else None
        else:
            return None
    return value


def merge_patch(value: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), change)
    return merged


FUNCTIONS: Final[dict[str, Function]] = {
    "tojson": tojson,
    "json.parse": parse,
    "json.dump": dump,
    "json.pointer": pointer,
    "json.merge_patch": merge_patch,
}
