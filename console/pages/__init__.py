"""The pages, one file a screen; each has a `router`."""
