"""The fast path of large captures: a compiled kernel that counts plain packets, and what it shares with the readers.

It gives exactly the table that the other modules of the stage give, which stay the reference: the kernel takes the packets
that it surely knows, and hands every other one back, in the order of the file. Nothing here is imported for small captures.
"""
