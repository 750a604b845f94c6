"""What each command of ``geosandbox`` does. A command takes the parsed arguments and returns what is printed.

Nothing is imported here and little at the top of the modules beside: a command loads only what it needs.
"""
