# METADATA
# title: Two roles, or grants of several organisations, are needed
# description: |
#   A saksbehandler signs for an organisation only with the role use beside it. Whoever oversees (tilsyn) does it for no single
#   organisation: the role counts once at least two organisations have given it.
# schemas:
#   - input: schema["access-input"]
package application

# METADATA
# title: For which of the organisations may the person use the application now?
# description: By the role that is asked for. Grants that do not count are left out by the gateway's own rule.
# entrypoint: true
search contains grant.konsument if {
	some grant in input.grants
	count(_missing(grant)) == 0
}

# METADATA
# title: Why not, for each organisation that is not among them
# description: A set of slugs for each organisation number.
# entrypoint: true
reasons[konsument] contains slug if {
	some grant in input.grants
	konsument := grant.konsument
	some slug in _missing(grant)
}

_missing(grant) := {slug | some slug in {"role_missing", "role_beside_missing", "second_organisation_missing"}; _lacks(slug, grant)}

_lacks("role_missing", grant) if not input.action.name in grant.roles

_lacks("role_beside_missing", grant) if {
	input.action.name == "saksbehandler"
	not "use" in grant.roles
}

_lacks("second_organisation_missing", _) if {
	input.action.name == "tilsyn"
	count(_overseen) < 2
}

# Only grants that count now: the application is switched on, nothing is withdrawn, and the time is within.
_overseen contains grant.konsument if {
	some grant in input.grants
	"tilsyn" in grant.roles
	grant.activated
	not _withdrawn(grant)
	object.get(grant, "from", "") <= input.context.time
	input.context.time < object.get(grant, "until", "9999-12-31T23:59:59.999Z")
}

_withdrawn(grant) if _ = grant.withdrawn
