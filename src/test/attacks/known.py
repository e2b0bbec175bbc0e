"""The attacks that still succeed, and why. They are run all the same, and not counted as failed. This list should be empty."""

_NOT_MENDED = "its mend was not merged when this was written"
_NOT_SEEN = "its mend is merged, but was not attacked since"

KNOWN = {
    "manifests_of_a_million_objects_leave_the_heap_alone": _NOT_MENDED,
    "deep_and_wide_lists_leave_the_heap_alone": _NOT_MENDED,
    "endless_bodies_are_cut": _NOT_MENDED,
    "readers_that_read_nothing_hold_no_thread": _NOT_MENDED,
    "heads_that_never_end_stop_nobody": _NOT_MENDED,
    "heads_that_never_end_are_cut": _NOT_MENDED,
    "one_address_has_only_its_share": _NOT_MENDED,
    "files_are_for_their_owner_alone": _NOT_MENDED,
    "one_resource_that_fails_closes_nothing_else": _NOT_SEEN,
}
