# METADATA
# title: What a system user may do
# description: |
#   One question over one input document (schemas/systembruker-acting-input.json): may it do that, at that service, for that organisation? AuthZEN and XACML ask it.
#   What the service's owner says of its service holds whatever has been given: it is judged at each decision.
# schemas:
#   - input: schema["systembruker-acting-input"]
package systembruker.acting

import data.systembruker.relations
import data.systembruker.standing
import data.tilgang.grants

# METADATA
# title: May it?
# description: >-
#   reasons is ["granted"], or says why not, the most telling first. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"decision": true, "reasons": ["granted"]} if {
	grants.is_instant(input.context.time)
	count(_faults) == 0
} else := {"decision": false, "reasons": [slug | some slug in _slugs; slug in _faults]} if {
	grants.is_instant(input.context.time)
}

_slugs := [
	"system_user_unknown",
	"system_user_deactivated",
	"system_other",
	"organisation_ceased",
	"organisation_foreign",
	"relation_missing",
	"resource_not_in_use",
	"resource_not_for_system_users",
	"resource_not_for_organisation",
	"action_unknown",
	"right_missing",
]

_faults contains "system_user_unknown" if not _is_there

# All else depends on it, and tells nothing of what is none, nor of what is another organisation's affair: whoever asks for its own organisation hears nothing of that one.
_faults contains "organisation_foreign" if {
	_is_there
	not _acts_for
}

_faults contains slug if {
	_is_there
	_acts_for
	some slug in (_standing_faults | _resource_faults)
}

_is_there if standing.is_there(input.systemUser)

_standing_faults contains "system_user_deactivated" if standing.is_stopped(input.systemUser)

_standing_faults contains "system_other" if not _has_system

_has_system if standing.has_system(input.systemUser, input.system)

_goes_on if {
	standing.goes_on(input.owner)
	standing.goes_on(input.organisation)
	standing.goes_on(input.vendor)
}

_standing_faults contains "organisation_ceased" if not _goes_on

_standing_faults contains "relation_missing" if not _is_bound

# For whom: a standard one for its owner, an agent for the clients that its owner has added.

_acts_for if {
	input.systemUser.type == "standard"
	_is_for_owner
}

_acts_for if {
	input.systemUser.type == "agent"
	input.organisation.isClient == true
}

_is_for_owner if input.organisation.orgnr == input.systemUser.party

_is_bound if {
	_is_for_owner
	every name in input.systemUser.has.packages { _packages[name].assignable == true }
}

# Every package, each by a relation that has lasted since the client was added.
_is_bound if {
	not _is_for_owner
	every name in input.systemUser.has.packages { _is_given(name) }
}

_is_given(name) if {
	_packages[name].delegable == true
	relations.gives(input.organisation.relations, name, input.context.time, input.organisation.since)
}

_packages[name] := kept if {
	some name, kept in input.packages
	kept.active == true
}

# What the service's owner says.

_resource_faults contains "resource_not_in_use" if not input.resource.active == true

_resource_faults contains "resource_not_for_system_users" if not input.resource.delegable == true

_resource_faults contains "resource_not_for_organisation" if {
	_ = input.resource.onlyFor
	not input.systemUser.party in input.resource.onlyFor
}

_resource_faults contains "action_unknown" if not input.action.name in input.resource.actions

_resource_faults contains "right_missing" if not _has_right

# What has been given: rights to all actions or one; packages to all of their services.

_has_right if {
	some right in input.systemUser.has.rights
	input.resource.id in right.resources
	_covers(right)
}

_has_right if {
	some name in input.systemUser.has.packages
	input.resource.id in _packages[name].resources
}

_covers(right) if not "action" in object.keys(right)

_covers(right) if right.action == input.action.name
