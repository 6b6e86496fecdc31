"""The conversations and standing work that Temporal keeps: thin drivers, no rules, no lock, no SQL."""
