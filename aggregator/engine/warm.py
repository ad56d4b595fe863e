"""Imported last by the fork server: what it holds by then is the same in all workers.

The garbage collector writes to every object that it looks at, and the kernel copies each page that is written to: of
30 MB that workers could share they shared 11.
"""

from __future__ import annotations

import gc

gc.collect()
gc.freeze()
