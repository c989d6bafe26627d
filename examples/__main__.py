"""`python -m examples [NAME]`: check, plan and run an example against stand-in services, offline, in one command.

The services start on a free loopback port and meet the failures that the example's `example.toml` orders; the
configuration goes to `flowlang` as `FLOW_…` environment variables. Exits with the code of the first command that fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from examples.services import Services
from flowlang.cli.failure import PARKED
from flowlang.engines.local import new_run_id

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Example:
    """An example flow with the inputs, configuration, failures and events it is shown with."""

    name: str
    file: Path
    flow: str
    input: dict[str, Any]
    config: dict[str, str]
    fail: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @classmethod
    def load(cls, name: str) -> Self:
        folder = FOLDER / name
        data = tomllib.loads((folder / "example.toml").read_text(encoding="utf-8"))
        told = data.get("fail", []), data.get("event", [])
        return cls(name, folder / f"{name}.flow", data["flow"], data.get("input", {}), data["config"], *told)

    def environment(self, services: Services) -> dict[str, str]:
        """The variables a `flowlang` process needs to meet these services."""
        return {f"FLOW_{key.upper()}": value.format(services=services.url) for key, value in self.config.items()}

    def order_failures(self, services: Services) -> None:
        for order in self.fail:
            services.fail(order["route"], *order["outcomes"])

    def commands(self, extra: list[str]) -> list[list[str]]:
        """The `flowlang` commands that show the example, in order; `extra` goes to `run`. A run that waits for events
        is parked, told of them and resumed.
        """
        file = os.path.relpath(self.file)
        inputs = [f"--input={k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in self.input.items()]
        first = [["check", file], ["plan", file, "--flow", self.flow]]
        run = ["run", file, "--flow", self.flow, *inputs]
        if not self.events:
            return [*first, [*run, *extra]]
        run_id = new_run_id()
        at = extra.index("--db") if "--db" in extra else len(extra)
        emit = [
            [
                "events",
                "emit",
                event["name"],
                "--key",
                event["key"],
                "--data",
                json.dumps(event["data"]),
                *extra[at:][:2],
            ]
            for event in self.events
        ]
        return [*first, [*run, "--run-id", run_id, "--park", *extra], *emit, ["run", "--resume", run_id, *extra]]


def names() -> list[str]:
    """The examples there are."""
    return sorted(path.parent.name for path in FOLDER.glob("*/example.toml"))


def show(example: Example, extra: list[str]) -> int:
    """Run the example's commands one after another, their output passed through."""
    with Services() as services:
        example.order_failures(services)
        for command in example.commands(extra):
            config = example.environment(services)
            given = [f"{name}={shlex.quote(value)}" for name, value in config.items()] if command[0] == "run" else []
            print("\n$", *given, shlex.join(["flowlang", *command]), file=sys.stderr, flush=True)
            code = subprocess.run(
                [sys.executable, "-m", "flowlang", *command], env={**os.environ, **config}, check=False
            ).returncode
            if code not in (0, PARKED):
                return code
        print("\nWhat the services saw:", file=sys.stderr)
        for call in services.calls:
            print(f"  {call.status or 'cut'}  {call.route}", file=sys.stderr)
    return 0


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m examples", description="Check, plan and run an example, offline.")
    parser.add_argument("name", nargs="?", choices=names(), default="lead_submission")
    options, extra = parser.parse_known_args(argv)
    try:
        return show(Example.load(options.name), extra)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
