# How far the caller's own standing reaches.
# Each assignment that permits the act reaches certain applications, roles that may be given (null: all), and a moment. What is
# asked for must be within one of them as a whole.
package tilgang.admin

import data.tilgang.grants

_in_force contains assignment if {
	some assignment in input.assignments
	_is_in_force(assignment)
}

_is_in_force(assignment) if {
	not grants.withdrawn(assignment)
	grants.begun(assignment, input.context.time)
	grants.lasting(assignment, input.context.time)
}

_reaches contains reach if {
	_is_person
	some assignment in _in_force
	_permits(assignment)
	reach := {
		"applications": _limit(assignment, "applications"),
		"roles": _limit(assignment, "mayGive"),
		"until": _until(assignment),
	}
}

# A machine that is the organisation reaches everything.
_reaches contains _everything if _is_machine

_reaches contains _everything if {
	_is_operator
	_is_operators
}

_everything := {"applications": null, "roles": null, "until": _endless}

_endless := "9999-12-31T23:59:59.999Z"

_permits(assignment) if {
	some role in assignment.roles
	role in _permitting_roles[_row]
}

# A set of texts, null for no limit, or false for an odd shape, which is within nothing and holds nothing.
_limit(thing, name) := texts if {
	is_array(thing[name])
	texts := {text | some text in thing[name]}
} else := false if {
	_ = thing[name]
} else := null

_until(thing) := thing.until if {
	grants.is_instant(thing.until)
} else := false if {
	_ = thing.until
} else := _endless

_within(asked, null) if asked != false

_within(asked, limit) if {
	is_set(asked)
	is_set(limit)
	count(asked - limit) == 0
}

_may_act if count(_reaches) > 0

_may_act if _row == "listing"

_applications := null if {
	some reach in _reaches
	reach.applications == null
} else := null if {
	input.action.name == "logo.read"
} else := sort({id | some reach in _reaches; some id in reach.applications; is_string(id)})

# The chain: one assignment must cover the applications, may give the roles and last as long. The first link to break is the fault.
_chain_fault(covering, roles, until) := "application_outside" if {
	count(covering) == 0
} else := "roles_outside" if {
	count(_giving(covering, roles)) == 0
} else := "longer_than_own" if {
	not _reaching(_giving(covering, roles), until)
}

_covering(applications) := {reach | some reach in _reaches; _within(applications, reach.applications)}

_giving(covering, roles) := {reach | some reach in covering; _within(roles, reach.roles)}

_reaching(giving, until) if {
	is_string(until)
	some reach in giving
	reach.until >= until
}
