"""Measurements with ratios against a peer in the same run; run by hand or ``make bench``, never as timed tests."""
