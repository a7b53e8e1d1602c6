"""The types of the contract, for annotations."""

from ._contract import *  # noqa: F403
