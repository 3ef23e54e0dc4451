"""A permission and a resource template, checked once at start-up and used for every request."""

from __future__ import annotations

from ._native import Guard

__all__ = ["Guard"]
