"""What the assistant says. Facts come in as catalogue values; only wording lives here."""
