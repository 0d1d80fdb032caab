package idporten.authlevel_test

import data.idporten.authlevel

_time := "2026-11-27T12:00:00.000Z"

_machine := {"kind": "machine", "consumer": "910000000", "clientId": "c", "scopes": ["global/idporten.authlevel.read"]}

_question(caller, action) := {"caller": caller, "action": {"name": action}, "subject": "me", "context": {"time": _time}}

_asked(caller, action) := answer if {
	answer := authlevel.may_ask with input as _question(caller, action)
}

test_without_a_date_it_is_asked_since_eighteen_months_ago if {
	_asked(_machine, "level.read") == {"allowed": true, "reasons": [], "since": "2025-05-27T12:00:00.000Z"}
	since := "2020-01-01T00:00:00.000Z"
	answer := authlevel.may_ask with input as object.union(_question(_machine, "level.read"), {"since": since})
	answer.since == since
}

test_who_may_not_is_told_why if {
	_asked(object.union(_machine, {"scopes": ["krr:global/digitalpost.read"]}), "level.read").reasons == ["scope_missing"]
	_asked(object.union(_machine, {"kind": "person"}), "level.read").reasons == ["machine_needed"]
	_asked({"kind": "operator"}, "level.read").reasons == ["machine_needed", "scope_missing"]
	_asked({"kind": "operator"}, "person.block").allowed
	_asked(_machine, "person.unblock").reasons == ["operator_needed"]
	_asked(_machine, "other").reasons == ["action_unknown"]
	_asked(null, "level.read").reasons == ["caller_unknown", "machine_needed", "scope_missing"]
	not authlevel.may_ask with input as {"caller": _machine, "action": {"name": "level.read"}}
}
