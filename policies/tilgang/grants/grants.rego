# METADATA
# title: When a grant covers a request
# description: |
#   One grant against one role at one moment. Instants are 24-character UTC texts whose order is the order of time.
#   A grant of an odd shape never covers: a bound that is there but is no instant counts as not yet valid or expired.
package tilgang.grants

# METADATA
# title: The grant gives the role at that moment
# description: From is inclusive, until exclusive; both may be absent. Any `withdrawn`, whatever its value, ends the grant.
covers(grant, role, time) if {
	grant.activated == true
	grant.mayBeKonsument == true
	_has_role(grant, role)
	not withdrawn(grant)
	begun(grant, time)
	lasting(grant, time)
}

# METADATA
# title: Why the grant does not give the role at that moment
# description: A set of slugs; empty exactly when the grant covers.
faults(grant, role, time) := {slug | some slug in _slugs; _has_fault(slug, grant, role, time)}

# METADATA
# title: The grant was withdrawn
# description: True even for `false` and `null`; only absence is "not withdrawn".
withdrawn(grant) if _ = grant.withdrawn

# METADATA
# title: The grant has begun at that moment
# description: Without `from` it always has; with a `from` that is no instant it never has.
begun(grant, time) if {
	is_instant(grant.from)
	grant.from <= time
} else := false if {
	_ = grant.from
} else if {
	is_object(grant)
}

# METADATA
# title: The grant has not expired at that moment
# description: Without `until` it never does; with an `until` that is no instant it already has.
lasting(grant, time) if {
	is_instant(grant.until)
	time < grant.until
} else := false if {
	_ = grant.until
} else if {
	is_object(grant)
}

# METADATA
# title: The text is an instant
# description: 24 characters ending in Z. The domain writes nothing else; texts of another width would compare wrongly.
is_instant(text) if {
	is_string(text)
	count(text) == 24
	endswith(text, "Z")
}

_slugs := {
	"application_not_activated",
	"grant_expired",
	"grant_not_yet_valid",
	"grant_withdrawn",
	"organisation_not_konsument",
	"role_missing",
}

_has_fault("application_not_activated", grant, _, _) if not grant.activated == true

_has_fault("grant_expired", grant, _, time) if not lasting(grant, time)

_has_fault("grant_not_yet_valid", grant, _, time) if not begun(grant, time)

_has_fault("grant_withdrawn", grant, _, _) if withdrawn(grant)

_has_fault("organisation_not_konsument", grant, _, _) if not grant.mayBeKonsument == true

_has_fault("role_missing", grant, role, _) if not _has_role(grant, role)

_has_role(grant, role) if role in grant.roles
