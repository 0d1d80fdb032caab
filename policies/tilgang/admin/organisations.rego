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

# About all organisations in one act; only a plain false says so.
_is_overall if {
	_is_operator
	input.action.name in {"grant.export", "grant.import", "organisation.list", "organisation.register"}
	input.concernsOrganisation == false
}

_met("organisation_not_konsument") if input.organisation.mayBeKonsument == true

_met("organisation_not_konsument") if {
	input.action.name == "administrator.appoint"
	input.organisation.mayBeTilbyder == true
}

_met("organisation_not_tilbyder") if input.organisation.mayBeTilbyder == true
