# Giving and changing grants.
# Each of input.grants is judged by itself; what stands in its way is about it alone.
package tilgang.admin

_grants := [_by_precedence(object.get(_faults_at, i, set())) | some i, _ in input.grants]

_given := input.grants if input.action.name in {"grant.change", "grant.give", "grant.import"}

_faults_at[i] contains "application_not_active" if {
	not _is_operator
	some i, grant in _given
	not grant.state == "active"
}

_faults_at[i] contains "application_not_activated" if {
	not _is_operator
	some i, grant in _given
	not grant.activated == true
}

_faults_at[i] contains "role_unknown" if {
	some i, grant in _given
	not _are_known(grant)
}

_faults_at[i] contains "self_grant" if {
	_four_eyes
	some i, grant in _given
	not _is_for_another(grant)
}

_faults_at[i] contains "longer_than_allowed" if {
	not _is_operator
	some i, grant in _given
	not _short_enough(grant)
}

_faults_at[i] contains slug if {
	some i, grant in _given
	slug := _chain_fault(_covering_of(grant), _limit(grant, "roles"), _until(grant))
}

_are_known(grant) if {
	is_array(grant.roles)
	is_array(grant.knownRoles)
	every role in grant.roles { role in grant.knownRoles }
}

# Once for each application, not for each grant.
_covering_by_application := {application: _covering({application}) |
	some application in {grant.application | some grant in _given}
	is_string(application)
}

_covering_of(grant) := covering if {
	covering := _covering_by_application[grant.application]
} else := set()

# Settings of an odd shape let nothing last.
_short_enough(_) if {
	is_boolean(_settings.fourEyes)
	not _has_longest
}

_short_enough(grant) if {
	is_number(grant.days)
	is_number(_settings.longestGrantDays)
	grant.days <= _settings.longestGrantDays
}

_has_longest if _ = _settings.longestGrantDays

# Four eyes concern persons, and are off only by a plain false.
_four_eyes if {
	_is_person
	not _settings.fourEyes == false
}

_is_for_another(asked) if {
	_is_text(asked.subject)
	_is_text(input.caller.brukerId)
	asked.subject != input.caller.brukerId
}

_is_text(value) if {
	is_string(value)
	value != ""
}
