"""Every case of what broke others' syncs, and where it is told: beside this file unless another is named.

*Network* (``test_network.py``): reply lost after the server committed · a captive portal answers 200 · a redirect to another host ·
a 504 after success · 5xx at item 3 of 10 · the failed round retries · ``Retry-After`` · started offline · a timeout is no success ·
a token that expires in the middle · cuts at every kind of byte, and a slow line that breaks or falls silent again and again.
The line that comes back wakes the window: ``tests/ui/test_sync_rhythm.py``. A wrong
password, a server that is down, a portal at the first contact, a pinned certificate: ``tests/sync/test_devices.py``.

*Files* (``tests/sync/test_blobs_cases.py``): a record is accepted and its attachment fails · a 4 MB photo on a slow line blocks nothing ·
a chunk was stuck, the file mangled · a file zeroed by a power cut. With gateways and a dying server: ``test_files.py``.

*Storage* (``test_storage.py``): kill -9 of the client at every write of a sync, and of the server at every write of an apply · a damaged
staging file · a pull cut between its pages · database locked · a copy without its WAL, and set back in place · an edit while syncing.
Power cuts and a full disk, while finalising, typing, pulling: ``tests/faults/power/test_power.py``. A malformed, empty or cut-off
database at start: ``tests/models/test_database.py``.

*Concurrency* (``test_concurrency.py``): disjoint fields · same field · edit against delete in both orders · create and update backwards ·
the middle one missing · delete then undo · the same draft in two windows · two devices of one user · skewed and jumping clocks · the same
visit made twice offline · stale devices. Both delete, different paragraphs: ``tests/sync/test_devices.py``. A relay keeps the first author,
gaps on a stick: ``tests/workflow/test_courier.py``. Many writers while a reader reads on: ``tests/server/test_postgres.py``.

*Life* (``test_life.py``, ``test_versions.py``): an instrument withdrawn with drafts open · a client attached to an empty server · a
restored server brings no erased person back · assignment moved away, account disabled, signed out and reinstalled with unsent work · a
sudden mass deletion · versions older and newer · a batch of 100 MB · an id that comes back. A server set back is offered what it lost, a
copied notebook goes on: ``tests/sync/test_devices.py``; what the two make of each other: ``tests/sync/test_set_back.py``. Restored
notebooks, erasure and then an old backup: ``tests/workflow/test_backup.py``. A failed import from the stick:
``tests/workflow/test_courier.py``.

All of these in random order, three to five devices long: ``tests/sync/test_properties.py``. 500 devices at once: ``benchmarks/crowd.py``.
"""
