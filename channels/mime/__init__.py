"""Mail as bytes in our words: ``reading.read`` first, then ``newtext`` and ``kinds`` on what it returns. No
network.

Import from the modules. Nothing here raises for what a mail contains.
"""
