"""The parts `redress up` runs by itself: PostgreSQL, the Temporal server, and the supervisor that keeps them.

Nothing here knows a complaint. A part the user already runs is used as it is; nothing is installed system-wide.
"""
