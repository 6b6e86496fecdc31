"""The records: the only place of the program that speaks SQL.

PostgreSQL 15 to 18 by asyncpg, no extension. `ledger` writes what was said and ruled, `views` reads for screens,
`texts` keeps people's words encrypted, `organisation` and `master` know who and what there is. Nothing here knows
Temporal, and nothing here decides: rulings come from `domain`.
"""
