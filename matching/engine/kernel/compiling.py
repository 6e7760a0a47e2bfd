"""How numba compiles: ahead of everything else that it could do for us, without allocating."""

from __future__ import annotations

from numba import njit

# Nothing is allocated here: without counting references (_nrt) each use of an array costs no
# atomic instruction, which would be half of all time.
compiled = njit(nogil=True, cache=True, error_model="numpy", _nrt=False)
# Calls would otherwise copy the whole index, a hundred arrays, each time.
inlined = njit(nogil=True, cache=True, error_model="numpy", _nrt=False, forceinline=True)
