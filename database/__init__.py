"""What the backend's rooms keep things with: one database, SQLite or PostgreSQL, no table known."""
