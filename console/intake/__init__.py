"""The intake desk: one form for whatever comes in by voice, in person or on paper (INT-01…INT-13)."""
