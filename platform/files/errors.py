"""Refusals that only uploads know."""

from common.errors import DomainError


class TooLarge(DomainError):
    code = "too_large"
    status = 413


class StorageFull(DomainError):
    """The disk took no more; nothing was kept of the upload (THREATS F13)."""

    code = "storage_full"
    status = 507
