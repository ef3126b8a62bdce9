"""Facts joined across files: `trace` draws the chains of one repository (`world`), `locate` and `search` find where they start
(`sentences` takes a text apart, `route_texts` says what names a route).

`evaluation` and `classes` say what an expression stands for; `modules` what an import means; `settings` what files of settings say.
`routes` finds the endpoints, through the forms in `shapes` and the blocks in `nested`; `handling` their guards, handlers and parameters.
`backend` walks from a handler down to its data, `background` knows work that no request starts. `sent` finds the requests of the interface
and the routes that they reach, `interface` the way up from there to the user.
"""
