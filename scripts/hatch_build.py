"""Refuse to build a wheel that lacks the browser's files."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _load_assets() -> ModuleType:
    # The builder runs this file alone, so `scripts` is not importable by name.
    path = Path(__file__).with_name("assets.py")
    spec = importlib.util.spec_from_file_location("assets", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class AssetsHook(BuildHookInterface):
    """Check, before anything is packed, that the copied files are those the tree asks for."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Stop the build with the command to run, except for an editable install."""
        if version != "editable" and not _load_assets().current():
            raise RuntimeError("the browser's files are missing or old: run 'make assets' first")
