# METADATA
# title: What grants give at one moment, and which are over
# description: For the grants of one application, in lists; built on data.tilgang.grants, so that a list agrees with a decision.
# schemas:
#   - input: schema["held-input"]
package tilgang.held

import data.tilgang.grants

# METADATA
# title: The roles that each grant gives, and why not all of them
# description: |
#   One {roles, hindrances} for each of input.grants, in order. Without input.application they give nothing: it is not registered.
#   No answer without an instant in context.time, or if grants is no list.
# entrypoint: true
roles := [_answer(grant, _held(grant)) | some grant in input.grants] if {
	grants.is_instant(input.context.time)
	is_array(input.grants)
}

# METADATA
# title: Which of the grants, or assignments, are over
# description: |
#   True or false for each of input.grants, in order. What is over was withdrawn or has expired: giving in its place is giving anew,
#   and there is nothing of it to remove. No answer without an instant in context.time, or if grants is no list.
# entrypoint: true
over := [_is_over(grant) | some grant in input.grants] if {
	grants.is_instant(input.context.time)
	is_array(input.grants)
}

_is_over(grant) if {
	grants.withdrawn(grant)
} else if {
	not grants.lasting(grant, input.context.time)
} else := false

_answer(grant, held) := {"roles": sort(held), "hindrances": sort(_grant_faults(grant, held) | _application_faults(grant))}

_held(grant) := {role |
	input.application.state == "active"
	some role in grant.roles
	role in input.application.roles
	grants.covers(grant, role, input.context.time)
}

# A grant that gives any role has no other fault; the roles themselves are judged with the application, hence none is asked about.
_grant_faults(grant, held) := set() if {
	count(held) > 0
} else := grants.faults(grant, null, input.context.time) - {"role_missing"}

_application_faults(grant) := {slug | some slug in {"application_not_active", "role_missing"}; not _met(slug, grant)}

_met("application_not_active", _) if input.application.state == "active"

_met("role_missing", grant) if {
	is_array(grant.roles)
	count({role | some role in grant.roles} - {role | some role in input.application.roles}) == 0
}
