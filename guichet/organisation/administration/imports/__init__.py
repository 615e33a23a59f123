"""Agents and directions from a spreadsheet: read, shown line by line, and only then written."""
