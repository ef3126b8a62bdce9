"""What the settings of an application say: property files, variables of the environment, settings modules."""
