# Who asks, and for which organisation.
package systembruker.admin

import data.tilgang.grants

_is_machine if input.caller.kind == "machine"

_is_operator if input.caller.kind == "operator"

# By a client, or at a page of ours.
_is_person if input.caller.kind in {"citizen", "person"}

_is_identified if _is_machine

_is_identified if _is_person

_is_identified if _is_operator

# What depends on the caller and on the row of the act only; it comes first, and alone.

_caller_faults contains "caller_unknown" if not _is_identified

_caller_faults contains "operator_needed" if {
	_row == "operating"
	not _is_operator
}

_caller_faults contains "person_needed" if {
	_is_machine
	not _row == "operating"
	not _is_for_machines
}

_caller_faults contains "machine_needed" if {
	_is_person
	not _row == "operating"
	not _is_for_persons
}

_caller_faults contains "scope_missing" if {
	_is_machine
	_is_for_machines
	not _has_scope(_scopes[_row])
}

_caller_faults contains "scope_missing" if {
	input.caller.kind == "person"
	_is_for_persons
	not _has_scope(_person_scopes[_row])
}

# Of such a token the consumer has made no client: whoever acts for it says so by oneself (`iss_onbehalfof`).
_caller_faults contains "supplier_unfit" if {
	_is_machine
	_ = input.caller.supplier
}

_caller_faults contains "security_level_too_low" if {
	_is_person
	not _is_sure
}

_is_for_machines if _ = _scopes[_row]

_is_for_persons if _ = _person_scopes[_row]

_has_scope(enough) if {
	some scope in enough
	scope in input.caller.scopes
}

# By itself: what is negated where something is absent would be no fault.
_is_sure if input.caller.acr in {"idporten-loa-high", "idporten-loa-substantial", "Level3", "Level4"}

# The organisation that it is done for: a machine's own, the one that a person names. Systems are shown to whoever is logged in, for nobody in particular.

_organisation_faults contains "organisation_unknown" if not _has_organisation

_organisation_faults contains "organisation_foreign" if {
	_is_machine
	not input.caller.consumer == input.organisation.orgnr
}

_organisation_faults contains "organisation_foreign" if {
	_is_person
	not _row == "browsing"
	count(_assignments) == 0
}

_organisation_faults contains "role_missing" if {
	_is_person
	not _row in {"browsing", "opening"}
	count(_assignments) > 0
	not _has_role
}

_organisation_faults contains "organisation_closed" if {
	not _is_operator
	not _changes_nothing
	not input.organisation.closed == false
}

_has_organisation if _is_operator

_has_organisation if {
	_is_person
	_row == "browsing"
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

# Without limits: a system user is of no application, so who is limited to some does not reach it.
_has_role if {
	some assignment in _assignments
	some role in assignment.roles
	role in _roles[_row]
	object.get(assignment, "applications", null) == null
	object.get(assignment, "mayGive", null) == null
}
