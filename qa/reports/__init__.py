"""A run as files: for continuous integration (JUnit), for people (HTML), for comparing (JSON)."""
