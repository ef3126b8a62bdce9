"""backend-readiness: is this flow of this repository ready for production?"""

__version__ = "0.1.0"
