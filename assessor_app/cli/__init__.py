"""``asesor``: the window, and the same work without one."""
