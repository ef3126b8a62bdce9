"""What classes are: their bases, parts, types, annotations, and what stands behind an interface or an injected value."""
