"""The rules: what a complaint is, what may be said to it and what follows. Pure: no clock, no I/O, no chance."""
