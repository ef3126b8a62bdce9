"""From a handler down: who runs whom, and which data and services are touched."""
