"""Socialsense: which photo, which hashtags, how much engagement.

Importing the package is light; every model, server and database is loaded by
the module that needs it, when it is needed.
"""

__version__ = "0.1.0"
