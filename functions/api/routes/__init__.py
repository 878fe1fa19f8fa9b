"""One short module for each resource of the API."""
