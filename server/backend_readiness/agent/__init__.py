"""The auditor that settles with a model what static analysis leaves open; `anthropic` is imported only when it runs."""
