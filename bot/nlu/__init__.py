"""Graph components: linking words to services and to times."""
