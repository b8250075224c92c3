"""The kinds of load, each a value that is sent to every worker."""
