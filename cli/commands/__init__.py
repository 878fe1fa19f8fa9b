"""The commands, a module for each part of `payrelay --help`."""
