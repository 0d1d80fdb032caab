package application_test

import data.application

# A question as the gateway asks it. A test changes what it is about.
_question := {
	"application": {"id": "6f8b5a3e-0d6c-4d4c-9d2b-0a4c8f0f7a11", "state": "active", "roles": ["use", "saksbehandler"]},
	"subject": {"type": "person", "id": "person"},
	"action": {"name": "use"},
	"grants": [_grant("910000000", ["use"]), _grant("910000001", ["saksbehandler"])],
	"context": {"time": "2026-11-27T12:00:00.000Z", "securityLevel": "high"},
}

_grant(konsument, roles) := {"konsument": konsument, "roles": roles, "activated": true, "mayBeKonsument": true}

_with(change) := object.union(_question, change)

test_who_has_the_role_may_use_it if {
	application.search == {"910000000"} with input as _question
}

test_who_has_another_role_may_not_and_is_told_why if {
	question := _with({"action": {"name": "saksbehandler"}})
	application.search == {"910000001"} with input as question
	application.reasons == {"910000000": {"role_missing"}} with input as question
}

test_without_grants_there_is_nothing if {
	application.search == set() with input as _with({"grants": []})
}
