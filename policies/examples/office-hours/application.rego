# METADATA
# title: Only in office hours in Norway, and only for who is recognised for sure
# description: |
#   Monday to Friday from 08:00 until 16:00 in Oslo, summer time heeded, and at security level high. What is no instant, and a level
#   that nobody has told, are no yes.
# schemas:
#   - input: schema["access-input"]
package application

# METADATA
# title: For which of the organisations may the person use the application now?
# description: Those whose grant carries the role that is asked for.
# entrypoint: true
search contains grant.konsument if {
	_in_office_hours
	_recognised
	some grant in input.grants
	input.action.name in grant.roles
}

# METADATA
# title: Why not, for each organisation that is not among them
# description: A set of slugs for each organisation number; their texts stand in the manifest.
# entrypoint: true
reasons[konsument] contains slug if {
	some grant in input.grants
	konsument := grant.konsument
	some slug in _faults(grant)
}

_faults(grant) := {slug | some slug in _slugs; _has_fault(slug, grant)}

_slugs := {"level_too_low", "outside_office_hours", "role_missing"}

_has_fault("level_too_low", _) if not _recognised

_has_fault("outside_office_hours", _) if not _in_office_hours

_has_fault("role_missing", grant) if not input.action.name in grant.roles

_recognised if input.context.securityLevel == "high"

_in_office_hours if {
	now := time.parse_rfc3339_ns(input.context.time)
	not time.weekday([now, "Europe/Oslo"]) in {"Saturday", "Sunday"}
	[hour, _, _] := time.clock([now, "Europe/Oslo"])
	hour >= 8
	hour < 16
}
