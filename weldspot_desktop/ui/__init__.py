"""The window: everything that imports Qt. Asks the library through small operations; holds no judgement itself."""
