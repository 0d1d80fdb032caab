# METADATA
# title: Whether a person has logged in at the highest level
# description: |
#   Who may ask, before anything of the person is read (schemas/authlevel-input.json). What is answered idporten.logins says.
# schemas:
#   - input: schema["authlevel-input"]
package idporten.authlevel

import data.idporten.moments
import data.tilgang.grants

# METADATA
# title: May the caller do this, and since when is asked?
# description: |
#   Reasons come the most telling first. since is the moment that the question names, else that of 18 months ago. Without an instant in context.time
#   there is no answer.
# entrypoint: true
may_ask := {
	"allowed": count(_faults) == 0,
	"reasons": [slug | some slug in ["caller_unknown", "action_unknown", "operator_needed", "machine_needed", "scope_missing"]; slug in _faults],
	"since": object.get(input, "since", moments.months_before(input.context.time, 18)),
} if {
	grants.is_instant(input.context.time)
}

_of_operators := {"person.block", "person.unblock"}

_faults contains "caller_unknown" if not _is_known

_faults contains "action_unknown" if not _is_action

_faults contains "operator_needed" if {
	_is_operating
	not _is_operator
}

_faults contains "machine_needed" if {
	not _is_operating
	not _is_machine
}

_faults contains "scope_missing" if {
	not _is_operating
	not _has_scope
}

# Each condition has its own rule: an undefined reference under `not` would otherwise make the fault undefined too.
_is_known if input.caller.kind in {"machine", "person", "operator"}

_is_action if input.action.name in (_of_operators | {"level.read"})

_is_operating if input.action.name in _of_operators

_is_operator if input.caller.kind == "operator"

_is_machine if input.caller.kind == "machine"

_has_scope if "global/idporten.authlevel.read" in input.caller.scopes
