"""How the application is built, configured and run: images, manifests, start commands, setting files."""
