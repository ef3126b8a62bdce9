"""The tables behind a flow: what models, migrations and SQL declare."""
