"""What an expression stands for: names, members, calls and parameters, followed through the sources and never run."""
