"""The tables of the documents, made from the code, so that they can't say anything else: `make docs`."""
