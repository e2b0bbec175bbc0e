"""The attacks that still succeed, and why. They are run all the same, and not counted as failed. This list should be empty."""

KNOWN = {}
