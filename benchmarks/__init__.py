"""Measures Guichet beside a bare Django, in the same run, on a city of any size: `make bench`."""
