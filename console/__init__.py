"""The desk: staff console, HTTP API and customer pages over one front door."""
