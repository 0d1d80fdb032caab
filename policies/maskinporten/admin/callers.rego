# Who asks, and for which organisation.
package maskinporten.admin

import data.tilgang.grants

_is_machine if input.caller.kind == "machine"

_is_person if input.caller.kind == "person"

_is_operator if input.caller.kind == "operator"

_is_identified if _is_machine

_is_identified if _is_person

_is_identified if _is_operator

# What depends on the caller and on the row of the act only; it comes first, and alone.

_caller_faults contains "caller_unknown" if not _is_identified

_caller_faults contains "operator_needed" if {
	_row == "operating"
	not _is_operator
}

_caller_faults contains "scope_missing" if {
	_is_machine
	not _row == "operating"
	not _has_scope
}

# Of such a token the consumer has made no client: whoever acts for it says so by oneself (`iss_onbehalfof`).
_caller_faults contains "supplier_unfit" if {
	_is_machine
	_ = input.caller.supplier
}

_caller_faults contains "person_needed" if {
	_is_machine
	input.action.name == "terms.sign"
}

_caller_faults contains "machine_needed" if {
	_is_person
	not _row == "operating"
	not _row in _for_persons
}

_caller_faults contains "security_level_too_low" if {
	_is_person
	not _is_sure
}

# By itself: what is negated where something is absent would be no fault.
_is_sure if input.caller.acr in {"idporten-loa-high", "Level4"}

# As for all of the systembruker side.
_is_sure if {
	_row == "own systems"
	input.caller.acr in {"idporten-loa-substantial", "Level3"}
}

_has_scope if {
	some scope in _scopes[_row]
	scope in input.caller.scopes
}

# A supplier makes clients for others by a scope of its own.
_has_scope if {
	input.action.name == "client.create"
	"idporten:dcr.supplier" in input.caller.scopes
}

# The organisation that it is done for.

_organisation_faults contains "organisation_unknown" if not _has_organisation

_organisation_faults contains "organisation_foreign" if {
	_is_machine
	not input.caller.consumer == input.organisation.orgnr
}

_organisation_faults contains "organisation_foreign" if {
	_is_person
	count(_assignments) == 0
}

_organisation_faults contains "role_missing" if {
	_is_person
	count(_assignments) > 0
	not _is_administrator
}

_organisation_faults contains "organisation_closed" if {
	not _is_operator
	not _row in _changes_nothing
	not input.organisation.closed == false
}

_organisation_faults contains "terms_unsigned" if {
	not _is_operator
	not _row == "terms"
	not input.organisation.termsSigned == true
}

_has_organisation if _row == "operating"

# What the operator does to something is done for whomever it belongs to.
_has_organisation if {
	_is_operator
	_concerns_object
	not input.action.name == "client.create"
}

_has_organisation if {
	_is_operator
	input.action.name == "client.create"
	is_string(input.object.owner)
}

_has_organisation if {
	is_string(input.organisation.orgnr)
	count(input.organisation.orgnr) == 9
}

_assignments contains assignment if {
	some assignment in input.assignments
	is_object(assignment)
	not grants.withdrawn(assignment)
	grants.begun(assignment, input.context.time)
	grants.lasting(assignment, input.context.time)
}

# One without limits: a scope is of no application, so who is limited to some does not reach it.
_is_administrator if {
	some assignment in _assignments
	some role in assignment.roles
	role in _roles
	object.get(assignment, "applications", null) == null
	object.get(assignment, "mayGive", null) == null
}
