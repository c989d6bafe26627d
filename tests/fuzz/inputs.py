"""Inputs that nobody would write: each is made from its number alone, so that a failure is repeated by naming it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.fuzz.doubling import DOUBLINGS

ROOT = Path(__file__).parents[2]
TOKENS = re.compile(r"\s+|\w+|'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*|.", re.S)
WORDS = """
import config let type service action function native python flow annotation on trigger test mock step do return yield
next with after when until every ensure catch undo case as from not and or in is if else for match parallel race repeat
sequence true false none null string int list map any secret url x y lead config.api 1 0.5 30s 1h30m 'a' "b" "{{ x }}"
"{{" }} ''' \"\"\" ( ) [ ] { } , : = == === -> . ?. | ? @ + - * ** / // % ~ < <= && ! ; $ ` \\ # ## ##! @retry
@timeout(1s) http.get http.get("https://a.example.com").json 99999999999999999999 1e999 0x1F é \u202e \u200b \ufeff
\U0001f600 \x00
""".split()
CHARACTERS = "abcxyz_ABC0123456789 \t\n\r'\"{}()[]<>=!|&.,:;@#$%^*+-~/?\\`é€\u202e\u200b\u2028\x00\x1b\ufeff\U0001f600"
OPENERS = (
    "(",
    "[",
    "{",
    "not ",
    "-",
    "{ a: ",
    "f(",
    "x | f(",
    "[x for x in ",
    '"{{ ',
    "x if x else ",
    "a.",
    "x?",
    "list[",
)
BLOCKS = ("if x {{\n{}\n}}", "for i in x {{\n{}\n}}", "parallel {{\n{}\n}}", "step s = sequence {{\n{}\n}}", "x + {}")


@cache
def seeds() -> tuple[str, ...]:
    """Real files, which mutations start from."""
    patterns = ("examples/*/*.flow", "tests/corpus/clean/**/*.flow", "tests/golden/check/*.flow", "stdlib/*.flow")
    return tuple(path.read_text(encoding="utf-8") for pattern in patterns for path in sorted(ROOT.glob(pattern)))


def make(number: int) -> tuple[str, bytes]:
    """The input of a number: which way it was made, and its bytes."""
    rng = random.Random(number)
    way = rng.choice(WAYS)
    made = way(rng)
    return way.__name__, made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")


def random_text(rng: random.Random) -> str:
    return "".join(rng.choices(CHARACTERS, k=rng.randrange(400)))


def random_unicode(rng: random.Random) -> str:
    ranges = ((0, 128), (0, 0xD800), (0xE000, 0x110000))
    return "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(80))


def random_words(rng: random.Random) -> str:
    return "".join(rng.choice(WORDS) + rng.choice((" ", " ", "", "\n")) for _ in range(rng.randrange(1, 120)))


def random_bytes(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(300))


def broken_bytes(rng: random.Random) -> bytes:
    """A real file with some bytes changed."""
    data = bytearray(rng.choice(seeds()).encode())
    for _ in range(rng.randrange(1, 6)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def truncated(rng: random.Random) -> str:
    text = rng.choice(seeds())
    start = rng.choice((0, 0, rng.randrange(len(text))))
    return text[start : rng.randrange(start, len(text) + 1)]


def mutated_tokens(rng: random.Random) -> str:
    tokens = TOKENS.findall(rng.choice(seeds()))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randrange(len(tokens))
        other = rng.randrange(len(tokens))
        match rng.randrange(6):
            case 0:
                tokens[at] = ""
            case 1:
                tokens[at] = tokens[at] * 2
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                tokens[at] = rng.choice(WORDS)
            case 4:
                tokens[at] = tokens[other]
            case _:
                tokens.insert(at, rng.choice(WORDS))
    return "".join(tokens)


def mutated_characters(rng: random.Random) -> str:
    text = rng.choice(seeds())
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(("", *CHARACTERS)) + text[at + rng.randrange(2) :]
    return text


def mutated_lines(rng: random.Random) -> str:
    lines = rng.choice(seeds()).splitlines(keepends=True)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(lines))
        match rng.randrange(4):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, rng.choice(lines))
            case 2:
                lines[at] = rng.choice(rng.choice(seeds()).splitlines(keepends=True))
            case _:
                lines[at] = lines[at].rstrip("\n") + " "
    return "".join(lines)


def spliced(rng: random.Random) -> str:
    first, second = rng.choice(seeds()), rng.choice(seeds())
    return first[: rng.randrange(len(first))] + second[rng.randrange(len(second)) :]


def nested(rng: random.Random) -> str:
    """Brackets, operators or blocks, one in the other, up to a few thousand deep."""
    depth = rng.choice((3, 30, 63, 64, 65, 200, 1000, 3000))
    if rng.random() < 0.5:
        opener = rng.choice(OPENERS)
        closer = "".join({"(": ")", "[": "]", "{": "}"}.get(char, "") for char in reversed(opener))
        inside = opener * depth + "1" + (closer * depth if rng.random() < 0.7 else "")
        return f"flow f(x: any) {{\n  let y = {inside}\n}}\n"
    block, inside = rng.choice(BLOCKS), "yield 1"
    for _ in range(min(depth, 300)):
        inside = block.format(inside)
    return f"flow f(x: any) {{\n{inside}\n}}\n"


def repeated(rng: random.Random) -> str:
    """One thing very often."""
    pieces = (*WORDS, "x + ", "a | f | ", "'a' ~ ", "step s = 1\n", "catch { } ", "{ a: 1 }, ", "x.y", "[0]", "else ")
    piece = rng.choice(pieces)
    body = piece * rng.randrange(1, 1500)
    return rng.choice(("{}", "flow f() {{ {} }}", "flow f() {{ let x = {} }}", 'let x = "{}"')).format(body)


def doubled(rng: random.Random) -> str:
    """Each line names the one before twice."""
    return DOUBLINGS[rng.choice(sorted(DOUBLINGS))](rng.randrange(2, 100))


WAYS: tuple[Callable[[random.Random], str | bytes], ...] = (
    random_text, random_unicode, random_words, random_words, random_bytes, broken_bytes, truncated, truncated,
    mutated_tokens, mutated_tokens, mutated_tokens, mutated_characters, mutated_characters, mutated_lines,
    mutated_lines, spliced, nested, repeated, doubled,
)  # fmt: skip
