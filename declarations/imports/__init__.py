"""Sheets that people filled in, read into keywords for one action."""
