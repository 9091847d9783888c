"""The hall's knowledge: model, loading, calendar and search. Imports no other room."""
