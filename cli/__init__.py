"""The command-line tool of on-call engineers: a client of the HTTP API, and of nothing else."""
