"""What the adapters of Java, Kotlin and Scala share: the walk over a tree, its limits, text of literals, and comments."""
