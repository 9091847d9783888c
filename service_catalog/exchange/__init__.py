"""Import and export of the catalogue: lists and workbooks in, workbooks and linked data out."""
