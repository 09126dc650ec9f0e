"""User Python in processes of its own, so that its crash, hang or leak costs only its own requests. `pool` is the door.

A nursery process, forked before the event loop starts, loads the model and forks workers from itself when asked. Tables
go to a worker and answers come back through memory that both share.
"""
