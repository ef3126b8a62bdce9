"""What answers a request: the guards in front, the handler, and the parameters that it takes."""
