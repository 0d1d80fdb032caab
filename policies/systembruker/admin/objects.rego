# What the act is about. That there is no such thing, and that it is another one's, are faults of their own: each API says which of them it tells apart.
package systembruker.admin

_object_faults := {"object_unknown"} if {
	_side
	not _is_there
} else := {"object_foreign"} if {
	_side
	not _is_own
} else := set()

# By which of those whom it concerns the caller must be: whoever keeps a service, the vendor of a system, the customer.

_side := "owner" if _row == "keeping resources"

_side := "vendor" if {
	_row in {"keeping systems", "reading requests", "requesting"}
	not input.action.name == "system.list-own"
}

_side := "party" if {
	input.action.name in {
		"agent-client.add",
		"agent-client.list",
		"agent-client.remove",
		"change-request.approve",
		"change-request.open",
		"change-request.reject",
		"own-system.change",
		"request.approve",
		"request.escalate",
		"request.open",
		"request.reject",
		"system-user.activate",
		"system-user.change",
		"system-user.deactivate",
		"system-user.delete",
		"system-user.move",
		"system-user.read",
	}
}

_is_there if input.action.name in {"resource.put", "system.create"}

_is_there if input.object.exists == true

_is_own if _is_operator

_is_own if input.object[_side] == input.organisation.orgnr

# Whoever keeps the register keeps anybody's systems.
_is_own if {
	_row == "keeping systems"
	_is_machine
	"altinn:authentication/systemregister.admin" in input.caller.scopes
}
