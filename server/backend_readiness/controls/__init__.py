"""Verdicts of the controls: `runner` asks each hook about one flow, whose `context` is all that a hook sees.

`absence` proves that something is not there, `defaults` what a framework does by itself, `roles` who plays a part. `database` knows the
tables, `deployed` how the application is built and run, `protection` who may ask what, `work` what the functions of the flow do.
"""
