"""The story that `make demo` tells, on a stack of its own."""
