# METADATA
# title: Who may ask about kinds that a bundle of the operator's judges
# description: Any machine that may ask about applications, unless the bundle names the organisations that may.
# schemas:
#   - input: schema["kinds-input"]
package tilgang.kinds

# METADATA
# title: May the caller ask the bundle?
# description: >-
#   reasons is empty, or says why not, the most telling first. Without a bundle, for a name that none knows, it is a no as for one that is not for the
#   caller.
# entrypoint: true
may_ask := {"allowed": count(_reasons) == 0, "reasons": _reasons}

_reasons := [slug | some slug in ["caller_not_machine", "scope_missing", "kinds_unknown", "caller_foreign"]; slug in _faults]

_faults contains "caller_not_machine" if not _is_machine

_faults contains "scope_missing" if not _has_scope

_faults contains "kinds_unknown" if not _names_kinds

_faults contains "caller_foreign" if not _is_open

_is_machine if input.caller.kind == "machine"

_has_scope if "ks:fiks" in input.caller.scopes

_is_open if not _names_callers

_is_open if input.caller.consumer in input.kinds.callers

_names_callers if _ = input.kinds.callers

_names_kinds if _ = input.kinds
