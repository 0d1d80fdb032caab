# METADATA
# title: Who may ask what a system user may do
# description: |
#   The service's owner, of its own service; and an organisation, of what is done in its own name. A machine asks by the scope of Tilgang's own questions, or by that
#   of Altinn's decision point.
# schemas:
#   - input: schema["systembruker-asking-input"]
package systembruker.asking

# METADATA
# title: May the caller ask about the service, for the organisation?
# description: >-
#   reasons is empty, or says why not, the most telling first. A service that is not there looks as one that is another's.
# entrypoint: true
may_ask := {"allowed": count(_reasons) == 0, "reasons": _reasons}

_reasons := [slug | some slug in ["caller_not_machine", "scope_missing", "resource_unknown"]; slug in _faults]

_faults contains "caller_not_machine" if not input.caller.kind == "machine"

_faults contains "scope_missing" if not _has_scope

_faults contains "resource_unknown" if not _is_heard

_has_scope if "ks:fiks" in input.caller.scopes

_has_scope if "altinn:authorization/authorize" in input.caller.scopes

_is_heard if input.caller.consumer == input.resource.owner

_is_heard if input.caller.consumer == input.organisation
