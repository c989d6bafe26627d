"""`python -m benchmarks.peer_environments`: install the peers to measure beside into `.peers/`, from the package
registries, each runner in an environment of its own. One that cannot be installed is said and left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parents[1] / ".peers"
ENVIRONMENTS = {
    "python": ("miniwdl", "cfn-lint", "zizmor", "yamllint", "ty"),
    "dagster": ("dagster",),
    "dbos": ("dbos",),
    "hamilton": ("apache-hamilton",),
}


def program(environment: str, name: str = "python") -> Path:
    """Where a program of an environment is, if it is installed."""
    return PEERS / environment / "bin" / name


def is_missing(peer: str, is_installed: bool) -> bool:
    """Whether a peer has to be left out, which is said."""
    if not is_installed:
        print(f"  {peer} is not installed: make peers", file=sys.stderr)
    return not is_installed


def main() -> int:
    PEERS.mkdir(exist_ok=True)
    (PEERS / ".gitignore").write_text("*\n", encoding="utf-8")
    for environment, packages in ENVIRONMENTS.items():
        if not _install(environment, packages):
            shutil.rmtree(PEERS / environment, ignore_errors=True)
            print(f"left out, for pip could not install it: {' '.join(packages)}", file=sys.stderr)
    if shutil.which("npm") is None:
        print("left out, for npm is not installed: asl-validator", file=sys.stderr)
        return 0
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(PEERS), "asl-validator"]
    if subprocess.run(command, check=False, env={**os.environ, "npm_config_update_notifier": "false"}).returncode:
        print("left out, for npm could not install it: asl-validator", file=sys.stderr)
    return 0


def _install(environment: str, packages: tuple[str, ...]) -> bool:
    subprocess.run([sys.executable, "-m", "venv", PEERS / environment], check=True)
    python = str(program(environment))
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    if subprocess.run(pip, check=False).returncode:
        return False
    subprocess.run([python, "-m", "compileall", "-q", str(PEERS / environment / "lib")], check=False)
    return True


if __name__ == "__main__":
    sys.exit(main())
