"""The appointment backend: rules, slots, store, HTTP server, and the client that others import."""
