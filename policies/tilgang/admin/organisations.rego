# For which organisation.
# Whose it is comes second, and alone, so that an unknown and a foreign organisation are refused by the same step.
package tilgang.admin

_organisation_faults contains "organisation_unknown" if {
	not _organisation_known
	not _is_overall
}

_organisation_faults contains "organisation_foreign" if {
	_organisation_known
	not _organisation_own
}

_organisation_known if is_string(input.organisation.orgnr)

# Under delegation the consumer is the organisation; the supplier does not matter.
_organisation_own if {
	_is_machine
	input.caller.consumer == input.organisation.orgnr
}

_organisation_own if {
	_is_person
	count(_in_force) > 0
}

_organisation_own if _is_operator

# About no single organisation; only a plain false says so.

_is_overall if {
	input.action.name == "organisation.list"
	input.concernsOrganisation == false
}

_is_overall if {
	_is_operator
	input.action.name in {
		"grant.export",
		"grant.import",
		"history.read",
		"history.verify",
		"organisation.register",
		"policy-key.list",
		"policy-key.put",
		"policy-key.revoke",
		"policy-source.list",
		"secrets.read",
		"secrets.rotate",
		"standard-bundle.activate",
	}
	input.concernsOrganisation == false
}

_met("organisation_not_konsument") if input.organisation.mayBeKonsument == true

_met("organisation_not_konsument") if {
	input.action.name == "administrator.appoint"
	input.organisation.mayBeTilbyder == true
}

_met("organisation_not_tilbyder") if input.organisation.mayBeTilbyder == true

# Only a plain null says that it has not ceased. Ending it once more in the same way is no fault: an interrupted end is repeated.

_met("organisation_closed") if _is_overall

_met("organisation_closed") if _goes_on(input.organisation)

_met("organisation_closed") if {
	input.action.name == "organisation.close"
	is_string(input.organisation.closed.at)
	not _has_successor
}

_met("organisation_closed") if {
	input.action.name == "organisation.merge"
	input.organisation.closed.into == input.successor.orgnr
}

_goes_on(organisation) if is_null(organisation.closed)

_has_successor if _ = input.organisation.closed.into

_met("successor_unknown") if is_string(input.successor.orgnr)

_met("successor_unfit") if {
	input.successor.orgnr != input.organisation.orgnr
	input.successor.mayBeKonsument == true
}

# Of one that is no konsument no grant goes on: what its APIs and machines have does.
_met("successor_unfit") if {
	input.successor.orgnr != input.organisation.orgnr
	input.organisation.mayBeKonsument == false
}

# Each of the organisations of a list.

_organisations := [sort(object.get(_organisation_faults_at, i, set())) | some i, _ in input.organisations]

_organisation_faults_at[i] contains "role_missing" if {
	_row == "listing"
	some i, organisation in input.organisations
	not _is_listed(organisation)
}

# One that has ceased is given nothing more: neither a role nor access for its people.
_organisation_faults_at[i] contains "organisation_closed" if {
	not _row == "listing"
	some i, organisation in input.organisations
	not _goes_on(organisation)
	not _stays_without_roles(organisation)
}

_stays_without_roles(organisation) if {
	input.action.name == "organisation.register"
	organisation.mayBeKonsument == false
	organisation.mayBeTilbyder == false
}

_is_listed(_) if _is_operator

_is_listed(organisation) if {
	_is_machine
	organisation.orgnr == input.caller.consumer
}

_is_listed(organisation) if {
	_is_person
	some assignment in organisation.assignments
	_is_in_force(assignment)
	some role in assignment.roles
	role in _permitting_roles.reading
}

# The organisation's own settings. Only a plain null says that it has decided nothing: what is missing is the strictest.

_settings := {"fourEyes": false} if {
	is_null(input.settings)
} else := input.settings

_settings_told := _settings if {
	input.action.name in {"settings.change", "settings.confirm", "settings.read", "settings.reject"}
} else := null
