"""The shapes of keys and tokens that services hand out, as their makers document them.

A shape is a prefix that is looked for first, and a pattern that is compiled only where the prefix stands.
"""

from __future__ import annotations

from flowlang import patterns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

_SHAPES: Final = (
    ("AKIA", r"\bAKIA[0-9A-Z]{16}\b", "an AWS access key"),
    ("ASIA", r"\bASIA[0-9A-Z]{16}\b", "an AWS access key"),
    *((f"gh{kind}_", rf"\bgh{kind}_[A-Za-z0-9]{{36}}\b", "a GitHub token") for kind in "pousr"),
    ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{40,}", "a GitHub token"),
    ("glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}", "a GitLab token"),
    ("xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}", "a Slack token"),
    ("hooks.slack.com", r"https://hooks\.slack\.com/services/T\w+/B\w+/\w{16,}", "the address of a Slack webhook"),
    ("k_live_", r"\b[rs]k_live_[A-Za-z0-9]{16,}", "a Stripe key"),
    ("k_test_", r"\b[rs]k_test_[A-Za-z0-9]{16,}", "a Stripe key"),
    ("whsec_", r"\bwhsec_[A-Za-z0-9+/=]{20,}", "the secret of a webhook"),
    ("sk-", r"\bsk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_-]{24,}", "the key of a language model"),
    ("AIza", r"\bAIza[0-9A-Za-z_-]{35}\b", "a Google API key"),
    ("SG.", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", "a SendGrid key"),
    (":AA", r"\b(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])", "the token of a Telegram bot"),
    ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b", "an npm token"),
    ("eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", "a JSON web token"),
    ("PRIVATE KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY-----", "a private key"),
    ("@", r"\bhttps?://[^\s/@'\"{}:]+:[^\s/@'\"{}]+@", "a password in a url"),
)


_INSIDE: Final = frozenset((":AA", "hooks.slack.com", "k_live_", "k_test_", "PRIVATE KEY", "@"))
_FIRST: Final = frozenset(prefix for prefix, *_ in _SHAPES) - _INSIDE
"""Prefixes that a shape begins with: no letter or digit stands before them."""


def shapes(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Where credentials stand in a part of a text, and what they are."""
    found: dict[int, tuple[int, int, str]] = {}
    for prefix, pattern, what in _SHAPES:
        at = text.find(prefix, start, end)
        while at >= 0:
            if _may_follow(prefix, text[at - 1]):
                match = _begins(pattern, text, at) if prefix in _FIRST else _around(pattern, text, at, prefix)
                if match is not None:
                    found.setdefault(match[0], (*match, what))
            at = text.find(prefix, at + len(prefix), end)
    yield from (found[first] for first in sorted(found))


def _may_follow(prefix: str, before: str) -> bool:
    """Whether a shape may have its prefix behind a character."""
    if prefix == "@":
        return before != "@" and not before.isspace()
    return before.isdigit() if prefix == ":AA" else prefix in _INSIDE or not before.isalnum()


def _begins(pattern: str, text: str, at: int) -> tuple[int, int] | None:
    """Where a pattern is found at a place."""
    import re

    match = re.compile(pattern).match(text, at, at + 500)
    return None if match is None else match.span()


def _around(pattern: str, text: str, at: int, prefix: str) -> tuple[int, int] | None:
    """Where a pattern is found around a place."""
    import re

    match = re.compile(pattern).search(text, max(0, at - 60), at + (1 if prefix == "@" else 500))
    return None if match is None or not match.start() <= at < match.end() else match.span()


_words: Final = patterns.compile(r"[a-z0-9]+").findall
_STANDING_IN: Final = frozenset(
    "change changeme dummy example fake fixme here insert placeholder redacted replace sample todo your".split()
)
_SAYING_WHAT: Final = frozenset(
    "a access anonymous api auth bearer client credential credentials default empty foo key my no none null password "
    "secret some test the token unset user value".split()
)


def is_placeholder(text: str) -> bool:
    """Whether a text stands in for a credential: `changeme`, `<token>`, `${TOKEN}`, `xxxx`, `my-secret-key`."""
    if not text or text[0] in "$<%{[" or len(set(text)) <= 2:
        return True
    words = set(_words(text.lower()))
    return not words.isdisjoint(_STANDING_IN) or words <= _SAYING_WHAT
