"""What the functions of a flow do: reads, writes, loops, calls to other services, and what happens to errors."""
