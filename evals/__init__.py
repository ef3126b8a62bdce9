"""The seeded defects: a good app, copies of it with one control broken each, and the scoreboard of what an audit finds in them."""
