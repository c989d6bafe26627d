"""`flowlang explain`: a rule's page, or what the standard library says about one of its names."""

from __future__ import annotations

from flowlang.cli.options import Argument, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.cli.options import Values

COMMAND = Command(
    name="explain",
    help="Explain a rule (unordered-effect), an annotation (@retry), a type (duration), a module of the standard "
    "library (http) or a name of it (http.get).",
    arguments=(Argument("name", "NAME"),),
)


def run(values: Values) -> int:
    from flowlang import bundled
    from flowlang.checks.registry import rules
    from flowlang.cli.failure import UsageError
    from flowlang.semantics.suggest import did_you_mean
    from flowlang.types.documented import meaning

    name = values["name"].removeprefix("@")
    if name in rules():
        page = bundled.read(f"docs/rules/{name}.md")
        if page is None:
            raise UsageError(f"the page of the rule {name} is not installed")
        print(page.decode().rstrip("\n"))
        return 0
    library = list(declarations())
    found = [text for called, text in library if called == name]
    found = found or [text for called, text in library if f"is_{called}" == name and f"function {name}(" in text]
    if any(_is_trigger(text) for text in found):
        found.append(
            "Nothing fires a trigger by itself: `flowlang run` starts the flow, with what the trigger would give."
        )
    found += _module(name, library)
    if said := meaning(name):
        found.append(f"type {name}: {said}")
    if found:
        print("\n\n".join(found))
        return 0
    known = [called for called, _ in library]
    within = [called for called in known if called.endswith(f".{name}")]
    hint = did_you_mean(name, [*rules(), *known]).replace("`", "")
    if within:
        hint = f"did you mean {' or '.join(within)}?"
    raise UsageError(f"nothing is called {values['name']!r}" + (f"; {hint}" if hint else ""))


def _module(name: str, library: list[tuple[str, str]]) -> list[str]:
    """What a module of the standard library is for, and its names, each with the first line of its doc."""
    from flowlang import bundled
    from flowlang.semantics.catalog import HIDDEN

    source = None if name in HIDDEN or not name.isidentifier() else bundled.read(f"stdlib/{name}.flow")
    if source is None:
        return []
    about = [line.removeprefix("##!").strip() for line in source.decode().split("\n") if line.startswith("##!")]
    within = {called: text for called, text in library if called.startswith(f"{name}.")}
    width = max(map(len, within), default=0)
    names = [f"  {called:<{width}}  {_summary(text)}".rstrip() for called, text in within.items()]
    return ["\n".join([f"module {name}", "", *about, "", *names])]


def _is_trigger(text: str) -> bool:
    return any(line.startswith("trigger ") for line in text.split("\n"))


def _summary(text: str) -> str:
    first = text.partition("\n")[0]
    return first.removeprefix("##").strip() if first.startswith("##") else ""


def declarations() -> Iterator[tuple[str, str]]:
    """Every declaration of the standard library with its doc comment, as written, by the name it is used under."""
    import re

    from flowlang import bundled
    from flowlang.semantics.catalog import HIDDEN

    head = re.compile(r"(?:action|function|annotation|trigger|type) (\w+)")
    for file in bundled.names("stdlib"):
        module = file.removesuffix(".flow")
        for block in (bundled.read(f"stdlib/{file}") or b"").decode().split("\n\n"):
            lines = block.strip("\n").split("\n")
            first = next((n for n, line in enumerate(lines) if line.startswith("##") and not line.startswith("##!")), 0)
            found = next((match for line in lines if (match := head.match(line))), None)
            if found is not None:
                name = found[1].removeprefix("is_") if module == "tests" else found[1]
                yield (name if module in HIDDEN else f"{module}.{name}"), "\n".join(lines[first:])
