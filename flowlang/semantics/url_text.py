"""The text of a url: how it begins, and what place in it follows a piece of its text."""

from __future__ import annotations


def is_spoken(text: str) -> bool:
    """Whether a text begins with a scheme that calls can go to."""
    return text.lower().startswith(("https://", "http://"))


def begins_url(text: str) -> bool:
    """Whether a text with a hole behind it begins a url: with a scheme, and a host if more follows."""
    return is_spoken(text) and text.partition("://")[2][:1] not in ("/", "?", "#")


def after_text(text: str, place: str) -> str:
    """The place of what follows a text that began in a place."""
    if place == "start":
        head, colon, rest = text.partition("://")
        if colon and "/" not in head:
            place, text = "host", rest
        else:
            place = "segment" if text[:1] in ("/", "?", "#") else "scheme"
    if place == "segment" and "?" not in text and "#" not in text:
        return place  # as most text of a path
    for char in text:
        if char == "#" and place != "fragment":
            place = "fragment"
        elif char == "?" and place in ("host", "segment"):
            place = "query_key"
        elif char == "/" and place in ("host", "scheme"):
            place = "segment"
        elif char == "=" and place == "query_key":
            place = "query_value"
        elif char == "&" and place in ("query_key", "query_value"):
            place = "query_key"
    return place
