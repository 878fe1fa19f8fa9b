"""What makes the generated and the vendored files of the console."""
