"""Packages for the archive: made part by part, checked in twenty years by ``verify.py`` alone."""
