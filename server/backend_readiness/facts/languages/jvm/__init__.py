"""What the adapters of Java and Kotlin share: the walk over a tree, its limits, text of literals, and comments."""
