"""The outside world: how a message is worded and by which way it goes out. Knows no database and no Temporal."""
