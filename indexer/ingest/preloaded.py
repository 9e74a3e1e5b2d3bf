"""What processes that fill windows share: Django set up, and what of the project they need. The process that
forks them imports this, once; it opens no connection and starts no thread.
"""

import gc
import signal
from importlib import import_module

import django

signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the one that has windows filled
django.setup()
import_module("indexer.ingest.filler")
gc.freeze()  # a search for garbage in one of them would copy what they share
